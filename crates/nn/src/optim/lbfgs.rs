//! L-BFGS: Newton's method with a curvature that is learned from the last few steps.

use super::OptimizerState;
use super::state::name;
use super::wolfe::{Point, search};
use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Error, Gradients, Param, Tensor};
use std::collections::{BTreeMap, VecDeque};

/// L-BFGS, for losses of all data at once: the direction is `−H g`, in which `H`, the inverse of the second derivative, is
/// made from the last `m` moves `s = p⁺ − p` and changes of gradient `y = g⁺ − g` by
/// `H⁺ = (1 − ρ s yᵀ) H (1 − ρ y sᵀ) + ρ s sᵀ`, `ρ = 1/(yᵀ s)`, from `(sᵀ y)/(yᵀ y)` on; a search along it finds a point that
/// fulfils the strong Wolfe conditions. It evaluates the loss itself, a few times a step, so the loss must be the same function
/// each time: no mini-batches, no dropout.
///
/// Remembers `s` and `y` of the last `m` moves. It computes in double precision whatever the parameters are. Source: Liu,
/// Nocedal, 1989; Nocedal, Wright, Numerical Optimization, second edition, algorithm 7.4.
///
/// ```
/// use nn::optim::Outcome;
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([-1.2_f64, 1.0]));
/// let mut optimizer = Lbfgs::new();
/// // Rosenbrock's valley, which takes plain descent thousands of steps.
/// let loss = |p: &Param<f64>| gradient(|tape| {
///     let p = tape.param(p);
///     let (x, y) = (p.slice(0, 0..1), p.slice(0, 1..2));
///     ((1.0 - &x).square() + (y - x.square()).square() * 100.0).sum()
/// });
/// let mut progress = optimizer.step(&mut p, loss)?;
/// while progress.outcome == Outcome::Moving {
///     progress = optimizer.step(&mut p, loss)?;
/// }
/// assert!(progress.loss < 1e-15);
/// assert!(p.value().to_vec().iter().all(|p| (p - 1.0).abs() < 1e-7));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lbfgs {
    history: usize,
    iterations: usize,
    tolerance: f64,
    pairs: VecDeque<Pair>,
}

/// A move, the change of the gradient over it, and `1/(yᵀ s)`.
#[derive(Clone, Debug)]
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    rho: f64,
}

/// What a step of [`Lbfgs`] came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The loss after the step.
    pub loss: f64,
    /// The largest magnitude in its gradient.
    pub slope: f64,
    /// How often the loss and its gradient were evaluated.
    pub evaluations: usize,
    /// Whether it is worth to go on.
    pub outcome: Outcome,
}

/// How a step of [`Lbfgs`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The loss is lower than before, and it may go on.
    Moving,
    /// The gradient is within the tolerance.
    Flat,
    /// No lower point was found, along the steepest descent either: the numbers of this precision do not tell losses here apart, or
    /// the loss is not the same function each time, or its gradient is wrong.
    Stuck,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Lbfgs { history: 10, iterations: 20, tolerance: 1e-10, pairs: VecDeque::new() }
    }
}

impl Lbfgs {
    /// With the last 10 moves, up to 20 iterations a step, and a tolerance of 10⁻¹⁰.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the last `m` moves. None is steepest descent.
    pub fn with_history(self, history: usize) -> Self {
        Lbfgs { history, ..self }
    }

    /// With up to so many iterations a step, each of which moves once.
    pub fn with_iterations(self, iterations: usize) -> Self {
        Lbfgs { iterations, ..self }
    }

    /// With the largest magnitude in a gradient that counts as flat.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        match super::Range::NotNegative.check("tolerance", tolerance, 1e-10) {
            Ok(tolerance) => Lbfgs { tolerance, ..self },
            Err(error) => error.raise("Lbfgs"),
        }
    }

    /// Moves every trainable parameter, up to as many times as there are iterations; `evaluate` gives the loss and its
    /// gradients at the model as it is then. In the end statistics become what they [learned](Gradients::learned) in the
    /// evaluation where the step began, one each step as with any optimizer.
    ///
    /// # Errors
    /// If the loss or its gradient is not finite where the step begins; then nothing has moved.
    pub fn step<T: Real, M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        mut evaluate: impl FnMut(&M) -> (T, Gradients<Tensor<T>>),
    ) -> Result<Progress, Error> {
        let (mut evaluations, mut lessons) = (0, None);
        let mut look = |model: &M| {
            evaluations += 1;
            let (loss, gradients) = evaluate(model);
            lessons.get_or_insert_with(|| learned(model, &gradients));
            (loss.to_f64(), slopes(model, &gradients))
        };
        let mut x = numbers(model);
        let (mut loss, mut g) = look(model);
        if !loss.is_finite() || g.iter().any(|g| !g.is_finite()) {
            let problem = format!("the loss is {loss}, and the largest magnitude in its gradient {}", largest(&g));
            return Err(Error::non_finite(problem, "begin where the loss is finite").during("Lbfgs::step", []));
        }
        if self.pairs.front().is_some_and(|pair| pair.s.len() != x.len()) {
            self.pairs.clear(); // something was frozen or thawed
        }
        let before = loss;
        for _ in 0..self.iterations {
            if largest(&g) <= self.tolerance {
                break;
            }
            let mut d = self.direction(&g);
            let downhill = dot(&g, &d) < 0.0;
            if !downhill {
                self.pairs.clear();
                d = self.direction(&g);
            }
            // Without a curvature the length of the first move is a guess.
            let first = if self.pairs.is_empty() { (1.0 / size(&g)).min(1.0) } else { 1.0 };
            let start = Point { at: 0.0, value: loss, slope: dot(&g, &d), gradient: Vec::new() };
            let found = search(&start, first, |at| {
                place(model, &moved::<T>(&x, at, &d));
                let (value, gradient) = look(model);
                let slope = dot(&gradient, &d);
                Point { at, value: if slope.is_finite() { value } else { f64::NAN }, slope, gradient }
            });
            let Some(point) = found else {
                place(model, &x);
                if self.pairs.is_empty() {
                    break;
                }
                // Once more, along the steepest descent.
                self.pairs.clear();
                continue;
            };
            let there = moved::<T>(&x, point.at, &d);
            place(model, &there);
            self.learn::<T>(&x, &there, &g, &point.gradient);
            (x, loss, g) = (there, point.value, point.gradient);
        }
        for (path, value) in lessons.into_iter().flatten() {
            model.visit_mut(&mut Path::default(), &mut |of, statistic| {
                if of == path {
                    statistic.set(value.clone());
                }
            });
        }
        let outcome = match () {
            () if largest(&g) <= self.tolerance => Outcome::Flat,
            () if loss < before => Outcome::Moving,
            () => Outcome::Stuck,
        };
        Ok(Progress { loss, slope: largest(&g), evaluations, outcome })
    }

    /// `−H g`, by two loops over the moves.
    fn direction(&self, g: &[f64]) -> Vec<f64> {
        let mut d: Vec<f64> = g.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let share = pair.rho * dot(&pair.s, &d);
            add(&mut d, -share, &pair.y);
            shares.push(share);
        }
        if let Some(last) = self.pairs.back() {
            let scale = 1.0 / (last.rho * dot(&last.y, &last.y));
            d.iter_mut().for_each(|d| *d *= scale);
        }
        for (pair, share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let other = pair.rho * dot(&pair.y, &d);
            add(&mut d, share - other, &pair.s);
        }
        d
    }

    /// Remembers a move, if the gradient says that the curvature along it is positive. In the precision of the parameters,
    /// so that a state that was saved in it is the same.
    fn learn<T: Real>(&mut self, x: &[f64], there: &[f64], g: &[f64], g_there: &[f64]) {
        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| rounded::<T>(b - a)).collect::<Vec<_>>();
        let (s, y) = (difference(x, there), difference(g, g_there));
        if let Some(pair) = Pair::new(s, y).filter(|_| self.history > 0) {
            if self.pairs.len() == self.history {
                self.pairs.pop_front();
            }
            self.pairs.push_back(pair);
        }
    }

    /// What it remembers, by the paths of the model's parameters: `weight.move.0`, `weight.change.0`, from the oldest.
    pub fn state<T: Real>(&self, model: &dyn Module<T>) -> OptimizerState<T> {
        let (mut tensors, mut at) = (BTreeMap::new(), 0);
        trainable(model, &mut |path, value| {
            let here = at..at + value.elements();
            at = here.end;
            for (number, pair) in self.pairs.iter().enumerate() {
                for (of, all) in [("move", &pair.s), ("change", &pair.y)] {
                    let part = all.get(here.clone()).unwrap_or_default().iter().map(|&v| T::from_f64(v)).collect();
                    tensors.insert(name(path, &format!("{of}.{number}")), Tensor::from_vec(part, value.shape()));
                }
            }
        });
        let numbers = BTreeMap::from([("pairs".to_string(), self.pairs.len() as f64)]);
        OptimizerState { optimizer: "Lbfgs".to_string(), numbers, tensors }
    }

    /// Brings back what [`state`](Lbfgs::state) gave; what it remembered before is forgotten.
    ///
    /// # Errors
    /// If the state is another optimizer's, or does not have exactly the tensors of this model's trainable parameters. Then
    /// nothing has changed.
    pub fn load_state<T: Real>(&mut self, model: &dyn Module<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        let damaged = |problem: String| {
            Error::value(problem, "give the state of this model; or it is damaged").during("Lbfgs", [])
        };
        let count = state.numbers.get("pairs").copied().filter(|_| state.optimizer == "Lbfgs");
        let count =
            count.ok_or_else(|| damaged(format!("this is the state of another optimizer, `{}`", state.optimizer)))?;
        let (mut pairs, mut used, mut failed) = (Vec::new(), 0, None);
        // No more than there can be tensors for.
        let count = (0..state.tensors.len()).take_while(|&number| (number as f64) < count).count();
        for number in 0..count {
            let [mut s, mut y] = [Vec::new(), Vec::new()];
            trainable(model, &mut |path, value| {
                for (of, all) in [("move", &mut s), ("change", &mut y)] {
                    let name = name(path, &format!("{of}.{number}"));
                    match state.tensors.get(&name) {
                        Some(tensor) if tensor.shape() == value.shape() => {
                            used += 1;
                            all.extend(tensor.to_vec().into_iter().map(T::to_f64));
                        }
                        Some(tensor) => {
                            let (is, wanted) = (tensor.shape(), value.shape());
                            failed.get_or_insert(format!("`{name}` has shape {is}, not {wanted}"));
                        }
                        None => _ = failed.get_or_insert(format!("the state has no `{name}`")),
                    }
                }
            });
            match Pair::new(s, y).filter(|_| failed.is_none()) {
                Some(pair) => pairs.push(pair),
                None => failed = failed.or(Some(format!("move {number} is not one along a positive curvature"))),
            }
        }
        if let Some(problem) = failed {
            return Err(damaged(problem));
        }
        if used != state.tensors.len() || state.numbers["pairs"] != count as f64 {
            return Err(damaged(format!("the state has {} tensors, of which {used} are wanted", state.tensors.len())));
        }
        let surplus = pairs.len().saturating_sub(self.history);
        self.pairs = pairs.into_iter().skip(surplus).collect();
        Ok(())
    }
}

impl Pair {
    /// If the curvature along it is positive.
    fn new(s: Vec<f64>, y: Vec<f64>) -> Option<Pair> {
        let (along, square) = (dot(&s, &y), dot(&y, &y));
        let rho = 1.0 / along;
        (along > f64::EPSILON * square && rho.is_finite()).then_some(Pair { s, y, rho })
    }
}

/// What the statistics learned, by path.
fn learned<T: Real, M: Module<T> + ?Sized>(model: &M, gradients: &Gradients<Tensor<T>>) -> Vec<(String, Tensor<T>)> {
    let mut learned = Vec::new();
    model.visit(&mut Path::default(), &mut |path, parameter| {
        if parameter.is_statistic() && !parameter.is_frozen() {
            learned.extend(gradients.learned(parameter).map(|value| (path.to_string(), value)));
        }
    });
    learned
}

/// Whether it is one of the numbers that move.
fn moves<T: Real>(parameter: &Param<T>) -> bool {
    !parameter.is_frozen() && !parameter.is_statistic()
}

/// Visits the parameters that are not frozen.
fn trainable<T: Real, M: Module<T> + ?Sized>(model: &M, visit: &mut dyn FnMut(&str, &Tensor<T>)) {
    model.visit(&mut Path::default(), &mut |path, parameter| {
        if moves(parameter) {
            visit(path, parameter.value());
        }
    });
}

/// All trainable numbers, in order.
fn numbers<T: Real, M: Module<T> + ?Sized>(model: &M) -> Vec<f64> {
    let mut numbers = Vec::new();
    trainable(model, &mut |_, value| numbers.extend(value.to_vec().into_iter().map(T::to_f64)));
    numbers
}

/// The gradients of all trainable numbers, in order.
fn slopes<T: Real, M: Module<T> + ?Sized>(model: &M, gradients: &Gradients<Tensor<T>>) -> Vec<f64> {
    let mut slopes = Vec::new();
    model.visit(&mut Path::default(), &mut |_, parameter| {
        if moves(parameter) {
            slopes.extend(gradients.of(parameter).or_zeros().to_vec().into_iter().map(T::to_f64));
        }
    });
    slopes
}

/// Gives all trainable numbers these values.
fn place<T: Real, M: Module<T> + ?Sized>(model: &mut M, numbers: &[f64]) {
    let mut numbers = numbers.iter();
    model.visit_mut(&mut Path::default(), &mut |_, parameter| {
        if moves(parameter) {
            parameter.make_mut().iter_mut().zip(&mut numbers).for_each(|(weight, &to)| *weight = T::from_f64(to));
        }
    });
}

/// `x + at · d`, in the precision of the parameters.
fn moved<T: Real>(x: &[f64], at: f64, d: &[f64]) -> Vec<f64> {
    x.iter().zip(d).map(|(x, d)| rounded::<T>(x + at * d)).collect()
}

fn rounded<T: Real>(value: f64) -> f64 {
    T::from_f64(value).to_f64()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], share: f64, x: &[f64]) {
    to.iter_mut().zip(x).for_each(|(to, x)| *to += share * x);
}

/// The sum of magnitudes.
fn size(x: &[f64]) -> f64 {
    x.iter().map(|x| x.abs()).sum()
}

/// The largest magnitude, not a number if one is not.
fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |largest, x| if largest >= x.abs() { largest } else { x.abs() })
}
