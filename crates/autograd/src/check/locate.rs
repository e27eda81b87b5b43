//! Which recorded operation has a wrong rule: each is held by itself against differences of its own forward pass.

use super::differences::{Numeric, dot, largest, terms};
use super::generator;
use super::report::{self, Culprit};
use crate::ops::{Few, Messages, Pullback, Pushforward};
use crate::tape::Place;
use crate::{Dual, Interpretation, Shape, Tape, Tensor, Var};
use rand::rngs::ChaCha8Rng;

/// What is wrong with a rule.
struct Fault {
    what: String,
    /// How its message compares with the right one.
    cause: Option<Cause>,
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Fault { what, cause: None }
    }
}

/// The right message times a factor.
#[derive(Clone, Copy)]
struct Cause {
    ratio: f64,
    words: &'static str,
}

impl Cause {
    /// What a factor means for an operation that makes `outputs` numbers of `inputs`.
    fn of(ratio: f64, inputs: usize, outputs: usize) -> Self {
        let close = |value: f64| (ratio - value).abs() <= 1e-4 * value.abs();
        let counts = [inputs as f64 / outputs.max(1) as f64, inputs as f64].into_iter().filter(|&n| n > 1.0);
        let words = if close(-1.0) {
            report::FLIPPED
        } else if counts.clone().any(close) {
            report::MISSING
        } else if counts.clone().any(|n| close(1.0 / n)) {
            report::EXTRA
        } else if close(2.0) || close(0.5) {
            report::TWICE
        } else {
            report::FACTOR
        };
        Cause { ratio, words }
    }
}

impl Place<f64> {
    /// The same operation with input `i` moved.
    fn moved(&self, i: usize, direction: &Tensor<f64>, step: f64) -> Self {
        let mut inputs = self.inputs.clone();
        inputs[i] = &inputs[i] + direction * step;
        let (output, kept) = self.op.forward_tensor(&inputs.iter().collect::<Few<_>>(), self.output.shape());
        let (op, tracked) = (self.op.clone(), self.tracked.clone());
        Place { id: self.id, op, at: self.at, inputs, tracked, output, kept, guard: self.guard }
    }

    fn decisions(&self) -> Vec<u64> {
        self.op.decisions(&self.inputs.iter().collect::<Vec<_>>(), &self.output)
    }

    /// What a pull-back sees, on any reading of the values.
    fn pull<A: Interpretation>(
        &self,
        inputs: &[A],
        output: &A,
        kept: &[A],
        cotangent: &A,
        rule: impl Fn(&Pullback<A>) -> Messages<A>,
    ) -> Messages<A> {
        let shapes: Few<Shape> = self.inputs.iter().map(|x| x.shape()).collect();
        let wanted: Few<Option<&Shape>> =
            shapes.iter().zip(&self.tracked).map(|(shape, &tracked)| tracked.then_some(shape)).collect();
        let inputs: Few<Option<A>> = inputs.iter().cloned().map(Some).collect();
        rule(&Pullback {
            op: self.op.name(),
            inputs: &inputs,
            shapes: &wanted,
            output: Some(output),
            kept,
            cotangent,
            guard: self.guard,
        })
    }

    fn messages(&self, cotangent: &Tensor<f64>) -> Messages<Tensor<f64>> {
        self.pull(&self.inputs, &self.output, &self.kept, cotangent, |at| self.op.vjp_tensor(at))
    }

    /// What is wrong with its rules, if anything is.
    fn fault(&self, generator: &mut ChaCha8Rng) -> Option<Fault> {
        let cotangent = Tensor::normal(self.output.shape(), 0.0, 1.0, generator);
        let messages = self.messages(&cotangent);
        for i in (0..self.inputs.len()).filter(|&i| self.tracked[i]) {
            let direction = Tensor::normal(self.inputs[i].shape(), 0.0, 1.0, generator);
            let h = f64::EPSILON.cbrt() * largest(&self.inputs[i]).max(1.0);
            let (below, above) = (self.moved(i, &direction, -4.0 * h), self.moved(i, &direction, 4.0 * h));
            if below.decisions() != above.decisions() {
                continue;
            }
            let message = messages[i].clone().unwrap_or_else(|| Tensor::zeros(self.inputs[i].shape()));
            let size = terms(&cotangent, &self.output) + terms(&message, &self.inputs[i]);
            let noise = f64::EPSILON * size;
            let differs = |what: &str, got: f64, numeric: Numeric, size: f64| {
                let off = (got - numeric.value).abs();
                let allowed = numeric.bar + 64.0 * f64::EPSILON * size;
                (off > allowed).then(|| {
                    format!(
                        "{what}: along a random direction it gives {got:.6e}, differences give {:.6e} +- {:.0e}",
                        numeric.value, numeric.bar
                    )
                })
            };

            let numeric =
                Numeric::extrapolate(h, noise, |step| dot(&cotangent, &self.moved(i, &direction, step).output));
            let pulled = dot(&message, &direction);
            if let Some(what) = differs(&format!("the message to input {i} is wrong"), pulled, numeric, size) {
                return Some(Fault { what, cause: self.factor(i, &cotangent, &message, h, generator) });
            }

            let mut tangents: Few<Option<&Tensor<f64>>> = self.inputs.iter().map(|_| None).collect();
            tangents[i] = Some(&direction);
            let inputs: Few<&Tensor<f64>> = self.inputs.iter().collect();
            let at = Pushforward { inputs: &inputs, output: &self.output, tangents: &tangents, guard: self.guard };
            let tangent = self.op.jvp_tensor(&at);
            let what = format!("the push-forward of input {i} is wrong");
            if let Some(fault) = differs(&what, dot(&cotangent, &tangent), numeric, size) {
                return Some(fault.into());
            }
            if let Some(fault) = self.second_order(i, &direction, &tangent, &cotangent, &messages, h) {
                return Some(fault.into());
            }
        }
        self.pushes_sums(&cotangent, generator).map(Fault::from)
    }

    /// The factor by which a message is too large, if it is the same along every direction.
    fn factor(
        &self,
        i: usize,
        cotangent: &Tensor<f64>,
        message: &Tensor<f64>,
        h: f64,
        generator: &mut ChaCha8Rng,
    ) -> Option<Cause> {
        let mut ratio = || {
            let direction = Tensor::normal(self.inputs[i].shape(), 0.0, 1.0, generator);
            let moved = |step| dot(cotangent, &self.moved(i, &direction, step).output);
            dot(message, &direction) / Numeric::extrapolate(h, 0.0, moved).value
        };
        let first = ratio();
        let same = (0..3).all(|_| (ratio() - first).abs() <= 1e-4 * first.abs());
        let (inputs, outputs) = (self.inputs[i].elements(), self.output.elements());
        (same && first.is_finite() && first != 0.0).then(|| Cause::of(first, inputs, outputs))
    }

    /// The push-forward of all tangents together is the sum of what each gives alone.
    fn pushes_sums(&self, cotangent: &Tensor<f64>, generator: &mut ChaCha8Rng) -> Option<String> {
        let inputs: Few<&Tensor<f64>> = self.inputs.iter().collect();
        let directions: Vec<Tensor<f64>> =
            self.inputs.iter().map(|x| Tensor::normal(x.shape(), 0.0, 1.0, generator)).collect();
        let push = |moves: &dyn Fn(usize) -> bool| {
            let tangents: Few<Option<&Tensor<f64>>> =
                directions.iter().enumerate().map(|(i, t)| (self.tracked[i] && moves(i)).then_some(t)).collect();
            let at = Pushforward { inputs: &inputs, output: &self.output, tangents: &tangents, guard: self.guard };
            tangents.iter().any(Option::is_some).then(|| self.op.jvp_tensor(&at))
        };
        let weigh = |tangent: Option<Tensor<f64>>| tangent.map_or(0.0, |t| dot(cotangent, &t));
        let alone: Vec<f64> = (0..inputs.len()).map(|i| weigh(push(&|j| j == i))).collect();
        let (together, sum) = (weigh(push(&|_| true)), alone.iter().sum::<f64>());
        let size: f64 = alone.iter().map(|a| a.abs()).sum::<f64>().max(terms(cotangent, &self.output));
        ((together - sum).abs() > 1e-9 * size).then(|| {
            format!(
                "the push-forward of all inputs together, {together:.6e}, is not the sum over its inputs, {sum:.6e}"
            )
        })
    }

    /// The pull-back on variables and on duals: the same messages, and how they change along input `i`.
    fn second_order(
        &self,
        i: usize,
        direction: &Tensor<f64>,
        tangent: &Tensor<f64>,
        cotangent: &Tensor<f64>,
        messages: &Messages<Tensor<f64>>,
        h: f64,
    ) -> Option<String> {
        let tape = Tape::keeping();
        let vars: Vec<Var<f64>> = self.inputs.iter().map(|x| tape.var(x.clone())).collect();
        let (output, g) = (tape.var(self.output.clone()), tape.constant(cotangent));
        let recorded = self.pull(&vars, &output, &[], &g, |at| self.op.vjp_var(at));

        let moving =
            |k: usize, x: &Tensor<f64>| Dual::of(x.clone(), (k == i && self.tracked[i]).then(|| direction.clone()));
        let duals: Vec<_> = self.inputs.iter().enumerate().map(|(k, x)| moving(k, x)).collect();
        let output = Dual::of(self.output.clone(), Some(tangent.clone()));
        let bent = self.pull(&duals, &output, &[], &Dual::fixed(cotangent.clone()), |at| self.op.vjp_dual(at));

        for j in (0..self.inputs.len()).filter(|&j| self.tracked[j]) {
            let zeros = || Tensor::zeros(self.inputs[j].shape());
            let fused = messages[j].clone().unwrap_or_else(zeros);
            let values = [
                recorded[j].as_ref().map_or_else(zeros, |message| message.value().clone()),
                bent[j].as_ref().map_or_else(zeros, |message| message.value().clone()),
            ];
            for value in &values {
                if largest(&(value - &fused)) > 1e-9 * largest(&fused).max(1e-300) {
                    return Some(format!(
                        "its pull-back, recorded, gives input {j} another message than the fused one"
                    ));
                }
            }
            let weight = Tensor::from_fn(self.inputs[j].shape(), |k| ((k * 7 + 3) % 11) as f64 / 8.0 - 0.6);
            let curvature = bent[j].as_ref().map_or_else(zeros, |message| message.tangent_or_zeros());
            let got = dot(&weight, &curvature);
            let numeric = Numeric::extrapolate(h, 8.0 * f64::EPSILON * terms(&weight, &fused), |step| {
                let message = self.moved(i, direction, step).messages(cotangent)[j].clone();
                dot(&weight, &message.unwrap_or_else(zeros))
            });
            let size = terms(&weight, &curvature) + terms(&weight, &fused);
            if (got - numeric.value).abs() > numeric.bar + 1e-8 * size {
                return Some(format!(
                    "how its message to input {j} changes with input {i} is wrong: {got:.6e}, differences give {:.6e} +- {:.0e}",
                    numeric.value, numeric.bar
                ));
            }
        }
        None
    }
}

/// The first recorded operation whose own rules do not fit its own forward pass, with what is wrong about it. The tape
/// must keep every value.
pub(super) fn culprit(tape: &Tape<f64>, seed: u64) -> Option<Culprit> {
    let mut generator = generator(seed);
    tape.places().iter().find_map(|place| {
        let Fault { what, cause } = place.fault(&mut generator)?;
        Some(Culprit {
            node: place.id,
            op: place.op.name().to_string(),
            file: place.at.file().to_string(),
            line: place.at.line(),
            what,
            ratio: cause.map(|cause| cause.ratio),
            cause: cause.map(|cause| cause.words.to_string()),
        })
    })
}
