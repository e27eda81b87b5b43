//! Gradient checking: every derivative against finite differences that come with an error bar.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`gradcheck`] and its settings: what is compared with what |
//! | `problem.rs` | the function, recorded at points around its inputs |
//! | `differences.rs` | derivatives by differences, with an error bar |
//! | `report.rs` | [`Report`]: what was found, and what its pattern suggests |
//! | `op.rs` | [`check_op`]: everything that can be asked of an operation |
//! | `locate.rs` | which recorded operation has a wrong rule |

mod differences;
mod locate;
mod op;
mod problem;
mod report;

pub use op::check_op;
pub use report::{Culprit, Element, Report, Verdict};

use crate::shape::coordinates;
use crate::{Direction, Interpretation, Reductions, Tensor, Var};
use differences::{Numeric, dot, dot_all, largest, same_bits, step, terms};
use problem::{Problem, Recorded};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use report::{elements, hint};

/// Checks the derivatives of `f` at `inputs` in f64 with the default [`Check`].
///
/// ```
/// use autograd::prelude::*;
/// use autograd::check::gradcheck;
/// let report = gradcheck(&[Tensor::from([0.3, -0.7])], |x| (x[0].tanh() * &x[0]).sum());
/// assert!(report.passed(), "{report}");
/// ```
#[track_caller]
pub fn gradcheck(inputs: &[Tensor<f64>], f: impl Fn(&[Var<f64>]) -> Var<f64>) -> Report {
    Check::default().run(inputs, f)
}

/// How to check. The function is recorded at points around the inputs; its output may have any shape and is weighed by
/// a random cotangent (ones would hide a transposed gradient).
///
/// Each numeric derivative is a central difference with steps `4h, 2h, h`, `h = ∛ε · max(1, |x|)`, extrapolated after
/// Richardson; the spread of the extrapolations and the rounding of the function give its error bar. An analytic
/// derivative is right if it lies within the bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// Fixes the cotangent and the direction.
    pub seed: u64,
    /// Whether every element is checked from the start, and not only when one random direction has failed.
    pub full: bool,
    /// Whether forward mode is checked.
    pub forward: bool,
    /// Whether second derivatives are checked, in both orders of modes.
    pub second_order: bool,
}

impl Default for Check {
    fn default() -> Self {
        Check { seed: 0, full: false, forward: true, second_order: true }
    }
}

impl Check {
    /// Checks the derivatives of `f` at `inputs`.
    #[track_caller]
    pub fn run(&self, inputs: &[Tensor<f64>], f: impl Fn(&[Var<f64>]) -> Var<f64>) -> Report {
        let mut generator = generator(self.seed);
        let mut problem = Problem { inputs, f, cotangent: Tensor::scalar(0.0), seed: self.seed };
        let first = problem.record(inputs);
        problem.cotangent = Tensor::normal(first.y.shape(), 0.0, 1.0, &mut generator);
        let direction: Vec<Tensor<f64>> =
            inputs.iter().map(|x| Tensor::normal(x.shape(), 0.0, 1.0, &mut generator)).collect();
        let mut report = Report::of(inputs);

        let gradient = problem.gradient(inputs, &problem.cotangent);
        if !same_bits(&gradient, &problem.gradient(inputs, &problem.cotangent)) {
            let unsure = |element: &mut Element| element.verdict = Verdict::Nondeterministic;
            report.failures = elements(&gradient, &gradient);
            report.failures.iter_mut().for_each(unsure);
            return report;
        }
        let scale = gradient.iter().map(largest).fold(0.0, f64::max);
        // Rounding of the function: that of its outputs, and that of its inputs as it comes through; and that of all the
        // numbers between, which may be much larger than both.
        let through: f64 = gradient.iter().zip(inputs).map(|(g, x)| terms(g, x)).sum();
        let size = terms(&problem.cotangent, first.y.value()) + through;
        let noise = f64::EPSILON * size.max(first.on_the_way(&problem.cotangent));
        self.check_linearity(&problem, &gradient, noise, &mut generator, &mut report);
        // What a derivative is compared with when it is called coarse: the gradient, or the function where that is 0.
        let scale = scale.max(size).max(f64::MIN_POSITIVE);
        let along = |h: f64| problem.weighed(&problem.moved(&direction, h));
        let whole = Numeric::extrapolate(step(inputs), noise, along);
        let analytic = dot_all(&gradient, &direction);
        let rounding = 64.0 * f64::EPSILON * scale * (report.elements as f64).sqrt();
        let fine = whole.bar <= 1e-5 * scale.max(whole.value.abs());
        if self.full || !fine || (analytic - whole.value).abs() > whole.bar + rounding {
            self.check_elements(&problem, &gradient, scale, noise, &mut report);
        }
        let kinks = report.count(Verdict::Kink) > 0;
        if self.forward && first.y.node().is_some() {
            self.check_forward(&problem, &first, &direction, analytic, rounding, &mut report);
        }
        if self.second_order && first.y.node().is_some() && report.elements > 0 {
            self.check_second_order(&problem, &first, &direction, (kinks, noise), &mut report);
        }
        if report.count(Verdict::Wrong) > 0 || !report.faults.is_empty() {
            report.culprit = locate::culprit(&first.tape, self.seed);
        }
        report.hint = hint(&report, &gradient);
        report
    }

    /// The pull-back must be linear in its cotangent, and give exact zeros for an exact zero.
    fn check_linearity<F: Fn(&[Var<f64>]) -> Var<f64>>(
        &self,
        problem: &Problem<'_, F>,
        gradient: &[Tensor<f64>],
        noise: f64,
        generator: &mut ChaCha8Rng,
        report: &mut Report,
    ) {
        let shape = problem.cotangent.shape();
        let other = Tensor::normal(shape, 0.0, 1.0, generator);
        let sum = problem.gradient(problem.inputs, &(&problem.cotangent * 2.0 + &other));
        let parts = problem.gradient(problem.inputs, &other);
        for (i, ((sum, a), b)) in sum.iter().zip(gradient).zip(&parts).enumerate() {
            let expected = a * 2.0 + b;
            // Long programs cancel on the way; a rule that is not linear is off by a whole term.
            let allowed = 1e-9 * largest(sum).max(largest(a)).max(largest(b)) + 64.0 * noise;
            if largest(&(sum - &expected)) > allowed {
                report.faults.push(format!("the gradient of input {i} is not linear in the cotangent"));
            }
        }
        let zeros = problem.gradient(problem.inputs, &Tensor::zeros(shape));
        if zeros.iter().any(|zero| largest(zero) != 0.0) {
            report.faults.push("a zero cotangent gives a gradient that is not zero".to_string());
        }
    }

    fn check_elements<F: Fn(&[Var<f64>]) -> Var<f64>>(
        &self,
        problem: &Problem<'_, F>,
        gradient: &[Tensor<f64>],
        scale: f64,
        noise: f64,
        report: &mut Report,
    ) {
        for (input, x) in problem.inputs.iter().enumerate() {
            let (values, slopes) = (x.to_vec(), gradient[input].to_vec());
            for place in 0..x.elements() {
                let moved = |step: f64| {
                    let mut point = problem.inputs.to_vec();
                    point[input].make_mut()[place] += step;
                    point
                };
                let h = f64::EPSILON.cbrt() * values[place].abs().max(1.0);
                let mut numeric = Numeric::extrapolate(h, noise, |step| problem.weighed(&moved(step)));
                let lies_in =
                    |bar: &Numeric| (slopes[place] - bar.value).abs() <= bar.bar + 64.0 * f64::EPSILON * scale;
                // Of many thousand error bars one is too short by chance: so it takes two, at different steps, to call
                // a derivative wrong.
                if !lies_in(&numeric) {
                    let second = Numeric::extrapolate(1.7 * h, noise, |step| problem.weighed(&moved(step)));
                    numeric = if lies_in(&second) { second } else { numeric };
                }
                let within = lies_in(&numeric);
                let coarse = numeric.bar > 1e-5 * scale.max(numeric.value.abs()).max(slopes[place].abs());
                let mut element = Element {
                    input,
                    index: coordinates(place, &x.shape()),
                    analytic: slopes[place],
                    numeric: numeric.value,
                    bar: numeric.bar,
                    verdict: Verdict::Ok,
                    node: None,
                };
                if within && !coarse {
                    report.checked.push(element);
                    continue;
                }
                let node = problem.flipped(&moved(-4.0 * h), &moved(4.0 * h));
                let verdict = match (&node, coarse) {
                    (Some(_), _) => Verdict::Kink,
                    (None, true) if within || !numeric.value.is_finite() => Verdict::Precision,
                    _ => Verdict::Wrong,
                };
                if verdict == Verdict::Kink {
                    let here = problem.weighed(problem.inputs);
                    let (up, down) = (problem.weighed(&moved(h)) - here, here - problem.weighed(&moved(-h)));
                    numeric.bar = numeric.bar.max((up - down).abs() / (2.0 * h));
                }
                (element.bar, element.verdict, element.node) = (numeric.bar, verdict, node);
                report.checked.push(element.clone());
                report.failures.push(element);
            }
        }
        let badness = |element: &Element| {
            let wrong = matches!(element.verdict, Verdict::Wrong);
            (wrong, (element.analytic - element.numeric).abs())
        };
        report.failures.sort_by(|a, b| badness(b).partial_cmp(&badness(a)).unwrap_or(std::cmp::Ordering::Equal));
    }

    /// `⟨c, J t⟩` by the forward sweep must be `⟨Jᵀ c, t⟩`.
    fn check_forward<F: Fn(&[Var<f64>]) -> Var<f64>>(
        &self,
        problem: &Problem<'_, F>,
        at: &Recorded,
        direction: &[Tensor<f64>],
        analytic: f64,
        rounding: f64,
        report: &mut Report,
    ) {
        let moved = at.y.push_forward(&along(&at.vars, direction));
        let forward = dot(&problem.cotangent, &moved);
        let terms = terms(&problem.cotangent, &moved);
        let off = (forward - analytic).abs();
        if off > rounding + 1e-12 * terms || off.is_nan() && !analytic.is_nan() {
            report.faults.push(format!(
                "forward mode: <c, Jt> = {forward:.6e} where reverse mode has <Jᵀc, t> = {analytic:.6e}"
            ));
        }
    }

    /// `H t` by reverse over reverse and by forward over reverse, against each other and against differences of the
    /// gradient.
    fn check_second_order<F: Fn(&[Var<f64>]) -> Var<f64>>(
        &self,
        problem: &Problem<'_, F>,
        at: &Recorded,
        direction: &[Tensor<f64>],
        (kinks, rounding): (bool, f64),
        report: &mut Report,
    ) {
        let curved = at.y.curvature_with(&problem.cotangent, &along(&at.vars, direction));
        let forward: Vec<Tensor<f64>> = at
            .vars
            .iter()
            .map(|x| curved.of(x).value().map_or_else(|| Tensor::zeros(x.shape()), |dual| dual.tangent_or_zeros()))
            .collect();

        let again = problem.record(problem.inputs);
        let recorded = again.y.backward_recorded_with(&again.y.constant(&problem.cotangent));
        let gradient = problem.gradient(problem.inputs, &problem.cotangent);
        let first_scale = gradient.iter().map(largest).fold(0.0, f64::max);
        for (i, (x, plain)) in again.vars.iter().zip(&gradient).enumerate() {
            let off = largest(&(recorded.of(x).or_zeros_on(x).value() - plain));
            if off > 1e-10 * first_scale + 64.0 * rounding {
                report
                    .faults
                    .push(format!("the recorded gradient of input {i} differs from the plain one by {off:.1e}"));
            }
        }
        let terms = again
            .vars
            .iter()
            .zip(direction)
            .filter_map(|(x, t)| recorded.of(x).value().map(|slope| (slope.clone() * x.constant(t)).sum()));
        let slope = terms.reduce(|a, b| a + b);
        let reverse: Vec<Tensor<f64>> = match slope.filter(|slope| slope.node().is_some()) {
            Some(slope) => {
                let second = slope.backward();
                again.vars.iter().map(|x| second.of(x).or_zeros()).collect()
            }
            None => again.vars.iter().map(|x| Tensor::zeros(x.shape())).collect(),
        };
        let scale = forward.iter().chain(&reverse).map(largest).fold(0.0, f64::max);
        for (i, (a, b)) in forward.iter().zip(&reverse).enumerate() {
            if largest(&(a - b)) > 1e-9 * scale + 1e3 * rounding {
                report.faults.push(format!(
                    "second order: forward over reverse and reverse over reverse differ by {:.1e} in input {i}",
                    largest(&(a - b))
                ));
            }
        }
        if kinks || self.crosses_kink(problem, direction) {
            return;
        }
        let noise = 8.0 * f64::EPSILON * first_scale.max(scale) + rounding;
        let h = step(problem.inputs);
        let mut cache: Vec<(f64, Vec<Tensor<f64>>)> = Vec::new();
        for (i, product) in forward.iter().enumerate() {
            for (place, analytic) in product.to_vec().into_iter().enumerate() {
                let numeric = Numeric::extrapolate(h, noise, |step| {
                    if !cache.iter().any(|(at, _)| *at == step) {
                        cache.push((step, problem.gradient(&problem.moved(direction, step), &problem.cotangent)));
                    }
                    let found = cache.iter().find(|(at, _)| *at == step);
                    found.map_or(f64::NAN, |(_, gradient)| gradient[i].to_vec()[place])
                });
                let coarse = numeric.bar > 1e-3 * scale.max(first_scale);
                if !coarse && (analytic - numeric.value).abs() > numeric.bar + 1e-9 * scale + 1e3 * rounding {
                    report.faults.push(format!(
                        "second order: (Ht) of input {i} at {:?} is {analytic:e}, differences of the gradient give {:e} +- {:.1e}",
                        coordinates(place, &product.shape()),
                        numeric.value,
                        numeric.bar
                    ));
                    return;
                }
            }
        }
    }

    fn crosses_kink<F: Fn(&[Var<f64>]) -> Var<f64>>(
        &self,
        problem: &Problem<'_, F>,
        direction: &[Tensor<f64>],
    ) -> bool {
        let h = 4.0 * step(problem.inputs);
        problem.flipped(&problem.moved(direction, -h), &problem.moved(direction, h)).is_some()
    }
}

/// What a check draws its cotangents and directions with: a stream apart, because inputs that the caller drew from the same
/// seed would be the cotangent itself, at which a wrong rule can look right.
fn generator(seed: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::MAX);
    generator
}

fn along(vars: &[Var<f64>], direction: &[Tensor<f64>]) -> Direction<f64> {
    vars.iter().zip(direction).fold(Direction::new(), |all, (x, t)| all.along(x, t.clone()))
}
