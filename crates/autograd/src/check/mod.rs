//! Gradient checking: every derivative against finite differences that come with an error bar.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`gradcheck`], its settings and its [`Report`] |
//! | `op.rs` | [`check_op`]: everything that can be asked of an operation |
//! | `locate.rs` | which recorded operation has a wrong rule |

mod locate;
mod op;

pub use op::check_op;

use crate::shape::coordinates;
use crate::text::{significant, six_digits};
use crate::{Direction, Interpretation, Key, Reductions, Shaping, Tape, Tensor, Var};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::Serialize;
use std::fmt;

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

/// What a check found of one derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Within the error bar.
    Ok,
    /// Outside of it.
    Wrong,
    /// A discrete decision changes within the step: there is no derivative to compare with.
    Kink,
    /// The numeric side is too coarse to tell.
    Precision,
    /// Two backward passes differ.
    Nondeterministic,
}

/// One derivative that was looked at by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Element {
    /// Which input.
    pub input: usize,
    /// Where in it.
    pub index: Vec<usize>,
    /// What the rules say.
    pub analytic: f64,
    /// What differences say.
    pub numeric: f64,
    /// How sure they are.
    pub bar: f64,
    /// The conclusion.
    pub verdict: Verdict,
    /// Which operation changed its decision.
    pub node: Option<String>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What was checked.
    pub name: String,
    /// The number of derivatives of first order.
    pub elements: usize,
    /// The shapes of the inputs.
    pub shapes: Vec<Vec<usize>>,
    /// Every element that was looked at by itself, by input and in row-major order, ok or not: what a heat map is drawn
    /// from. Empty if one random direction said that all is well; [`Check::full`] looks at all.
    pub checked: Vec<Element>,
    /// The elements that are not ok, worst first.
    pub failures: Vec<Element>,
    /// What else is wrong, in words: forward mode, second order, linearity.
    pub faults: Vec<String>,
    /// What the pattern of errors suggests.
    pub hint: Option<String>,
    /// The operation whose rule does not fit its own forward pass, and what is wrong about it.
    pub culprit: Option<Culprit>,
}

/// The operation whose rule does not fit its own forward pass. Printed, it is one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Culprit {
    /// Its node.
    pub node: usize,
    /// Its name.
    pub op: String,
    /// The file that applies it.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// What is wrong.
    pub what: String,
    /// Its message over the right one, where that is the same along every direction.
    pub ratio: Option<f64>,
    /// What such a factor means.
    pub cause: Option<String>,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Culprit { node, op, file, line, what, .. } = self;
        write!(f, "node {node} `{op}` ({file}:{line}): {what}")
    }
}

/// What a factor between an analytic derivative and the right one means.
const FLIPPED: &str = "a flipped sign";
const MISSING: &str = "missing 1/n";
const EXTRA: &str = "an extra 1/n";
const TWICE: &str = "a factor of 2";
const FACTOR: &str = "a constant factor";

impl Report {
    /// Whether nothing is wrong and at least 95 % of the elements are ok.
    pub fn passed(&self) -> bool {
        let wrong = self.count(Verdict::Wrong) + self.count(Verdict::Nondeterministic);
        wrong == 0 && self.faults.is_empty() && self.failures.len() * 20 <= self.elements
    }

    /// What is said of something that cannot be differentiated at all.
    fn fault(fault: String) -> Self {
        Report { faults: vec![fault], ..Report::of(&[]) }
    }

    /// Nothing found yet.
    fn of(inputs: &[Tensor<f64>]) -> Self {
        Report {
            name: String::new(),
            elements: inputs.iter().map(Tensor::elements).sum(),
            shapes: inputs.iter().map(|x| x.shape().to_vec()).collect(),
            checked: Vec::new(),
            failures: Vec::new(),
            faults: Vec::new(),
            hint: None,
            culprit: None,
        }
    }

    /// The same report under a name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_string();
        self
    }

    /// How many elements have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Ok => self.elements - self.failures.len(),
            _ => self.failures.iter().filter(|element| element.verdict == verdict).count(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { String::new() } else { format!(" `{}`", self.name) };
        let (pattern, cause) = match self.hint.as_ref().map(|hint| hint.rsplit_once(": ").unwrap_or(("", hint))) {
            Some(("", cause)) => (String::new(), Some(cause)),
            Some((pattern, cause)) => (format!(", {pattern}"), Some(cause)),
            None => (String::new(), None),
        };
        let wrong = self.count(Verdict::Wrong);
        if wrong == self.elements && wrong > 0 {
            write!(f, "gradcheck{name}: {wrong} of {wrong} wrong{pattern}")?;
        } else {
            write!(f, "gradcheck{name} f64, {} elements: {} ok", self.elements, self.count(Verdict::Ok))?;
            for (verdict, word) in [
                (Verdict::Kink, "kink"),
                (Verdict::Precision, "too coarse"),
                (Verdict::Nondeterministic, "nondeterministic"),
            ] {
                if self.count(verdict) > 0 {
                    write!(f, ", {} {word}", self.count(verdict))?;
                }
            }
            write!(f, ", {wrong} wrong{pattern}")?;
        }
        if let Some(cause) = cause {
            write!(f, "  -> {cause}")?;
        }
        for element in self.failures.iter().take(10) {
            let index: Vec<String> = element.index.iter().map(usize::to_string).collect();
            write!(
                f,
                "\n  in[{}][{}]   analytic {}   numeric {} +- {}",
                element.input,
                index.join(","),
                six_digits(element.analytic),
                six_digits(element.numeric),
                significant(element.bar, 2)
            )?;
            if let Some(node) = &element.node {
                write!(f, "   {node} changed side between x-h and x+h")?;
            }
        }
        if self.failures.len() > 10 {
            write!(f, "\n  and {} more", self.failures.len() - 10)?;
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if let Some(culprit) = &self.culprit {
            write!(f, "\n  culprit: {culprit}")?;
        }
        Ok(())
    }
}

/// A derivative by differences, and how sure it is.
#[derive(Clone, Copy, Debug)]
struct Numeric {
    value: f64,
    bar: f64,
}

impl Numeric {
    /// From central differences of a function whose values are good to `noise`.
    fn extrapolate(h: f64, noise: f64, mut at: impl FnMut(f64) -> f64) -> Self {
        let mut difference = |h: f64| (at(h) - at(-h)) / (2.0 * h);
        let (coarse, middle, fine) = (difference(4.0 * h), difference(2.0 * h), difference(h));
        let (first, second) = (middle + (middle - coarse) / 3.0, fine + (fine - middle) / 3.0);
        let best = second + (second - first) / 15.0;
        let spread = (best - second).abs().max((second - fine).abs().min((best - first).abs()));
        Numeric { value: best, bar: 2.0 * spread + 3.0 * noise / h }
    }
}

struct Problem<'a, F> {
    inputs: &'a [Tensor<f64>],
    f: F,
    cotangent: Tensor<f64>,
    seed: u64,
}

/// A recording of the function at a point.
struct Recorded {
    tape: Tape<f64>,
    vars: Vec<Var<f64>>,
    y: Var<f64>,
}

impl Recorded {
    /// `√Σ (ḡ v)²` over every number `v` of the recording and its gradient `ḡ`: how far the result moves if each of them is
    /// off by its own size, independently of the others.
    fn on_the_way(&self, cotangent: &Tensor<f64>) -> f64 {
        if self.y.node().is_none() {
            return 0.0;
        }
        let gradients = self.y.backward_with(cotangent);
        let squares = self.tape.look(|look| {
            let moved = |id: usize| Some((look.nodes[id].output.as_ref()?, gradients.at_node(id).value()?));
            let square = |(value, gradient)| squares(value, gradient);
            (0..look.nodes.len()).filter_map(moved).map(square).sum::<f64>()
        });
        squares.sqrt()
    }
}

impl<F: Fn(&[Var<f64>]) -> Var<f64>> Problem<'_, F> {
    fn record(&self, point: &[Tensor<f64>]) -> Recorded {
        let tape = Tape::keeping().with_key(Key::new(self.seed));
        let vars: Vec<Var<f64>> = point.iter().map(|x| tape.var(x.clone())).collect();
        let y = (self.f)(&vars);
        Recorded { tape, vars, y }
    }

    /// `⟨c, f⟩` at a point.
    fn weighed(&self, point: &[Tensor<f64>]) -> f64 {
        dot(&self.cotangent, self.record(point).y.value())
    }

    /// The gradient of `⟨c, f⟩` at a point.
    fn gradient(&self, point: &[Tensor<f64>], cotangent: &Tensor<f64>) -> Vec<Tensor<f64>> {
        let Recorded { vars, y, .. } = self.record(point);
        match y.node() {
            Some(_) => {
                let gradients = y.backward_with(cotangent);
                vars.iter().map(|x| gradients.of(x).or_zeros()).collect()
            }
            None => vars.iter().map(|x| Tensor::zeros(x.shape())).collect(),
        }
    }

    /// The inputs, moved by `step` along a direction.
    fn moved(&self, direction: &[Tensor<f64>], step: f64) -> Vec<Tensor<f64>> {
        self.inputs.iter().zip(direction).map(|(x, t)| x + t * step).collect()
    }

    /// The first operation whose decision differs between two points.
    fn flipped(&self, below: &[Tensor<f64>], above: &[Tensor<f64>]) -> Option<String> {
        let (a, b) = (self.record(below), self.record(above));
        let (first, second) = (a.tape.decisions(), b.tape.decisions());
        let node = (0..first.len().max(second.len())).find(|&i| first.get(i) != second.get(i))?;
        let nodes = a.tape.nodes();
        Some(nodes.get(node).map_or("the recording".to_string(), |view| format!("node {node} {}", view.op)))
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

/// The step for a point as a whole.
fn step(inputs: &[Tensor<f64>]) -> f64 {
    f64::EPSILON.cbrt() * inputs.iter().map(largest).fold(1.0, f64::max)
}

fn largest(x: &Tensor<f64>) -> f64 {
    x.to_vec().iter().fold(0.0, |max, v| if v.is_nan() { f64::NAN } else { f64::max(max, v.abs()) })
}

fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| a * b).sum()
}

/// The terms of a scalar product, without their signs: what its rounding is measured by.
fn terms(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| (a * b).abs()).sum()
}

/// The squares of the terms of a scalar product, summed.
fn squares(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| (a * b).powi(2)).sum()
}

fn dot_all(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).map(|(a, b)| dot(a, b)).sum()
}

fn same_bits(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> bool {
    let bits = |x: &[Tensor<f64>]| -> Vec<u64> { x.iter().flat_map(Tensor::to_vec).map(f64::to_bits).collect() };
    bits(a) == bits(b)
}

/// Every element of the gradients, unjudged.
fn elements(analytic: &[Tensor<f64>], numeric: &[Tensor<f64>]) -> Vec<Element> {
    let mut all = Vec::new();
    for (input, (a, n)) in analytic.iter().zip(numeric).enumerate() {
        for (place, (a_value, n_value)) in a.to_vec().into_iter().zip(n.to_vec()).enumerate() {
            all.push(Element {
                input,
                index: coordinates(place, &a.shape()),
                analytic: a_value,
                numeric: n_value,
                bar: 0.0,
                verdict: Verdict::Ok,
                node: None,
            });
        }
    }
    all
}

/// What the pattern of wrong elements suggests.
fn hint(report: &Report, gradient: &[Tensor<f64>]) -> Option<String> {
    let wrong: Vec<&Element> = report.failures.iter().filter(|e| e.verdict == Verdict::Wrong).collect();
    let first = wrong.first()?;
    let inputs: Vec<usize> = {
        let mut inputs: Vec<usize> = wrong.iter().map(|e| e.input).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    };
    if wrong.iter().all(|e| e.analytic == 0.0) {
        return Some(format!("input {}: the gradient is 0 where the function changes: a missing term", first.input));
    }
    let ratio = first.analytic / first.numeric;
    // A rule that is right but for its last digits has no pattern to speak of.
    if (ratio - 1.0).abs() <= 1e-4 {
        return None;
    }
    if wrong.iter().all(|e| (e.analytic / e.numeric - ratio).abs() <= 1e-4 * ratio.abs()) {
        let elements = gradient[first.input].elements() as f64;
        let close = |value: f64| (ratio - value).abs() <= 1e-4 * value.abs();
        // The culprit knows of how many numbers it makes one.
        let known = report.culprit.as_ref().filter(|culprit| culprit.ratio.is_some_and(close));
        let cause = match known.and_then(|culprit| culprit.cause.as_deref()) {
            Some(cause) => cause,
            None if close(-1.0) => FLIPPED,
            None if close(2.0) || close(0.5) => TWICE,
            None if elements > 1.0 && close(elements) => MISSING,
            None if elements > 1.0 && close(1.0 / elements) => EXTRA,
            None => FACTOR,
        };
        return Some(format!("analytic/numeric = {ratio:.6} everywhere: {cause}"));
    }
    for &input in &inputs {
        let shape = gradient[input].shape();
        if shape.rank() == 2 && shape[0] == shape[1] && shape[0] > 1 {
            let transposed = gradient[input].transpose();
            let fits = |e: &&&Element| {
                let there = transposed.at(&e.index).unwrap_or(f64::NAN);
                (there - e.numeric).abs() <= e.bar + 1e-6 * e.numeric.abs()
            };
            let here: Vec<&&Element> = wrong.iter().filter(|e| e.input == input).collect();
            if here.iter().all(fits) {
                return Some(format!("the gradient of input {input} is transposed"));
            }
        }
    }
    Some(format!("inputs {inputs:?} are wrong, the others right: a missing term in their messages"))
        .filter(|_| inputs.len() < gradient.len())
}
