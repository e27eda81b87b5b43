//! Losses of classes, one operation each: the cross-entropy from logits, by labels or by soft targets, and the negative
//! log-likelihood. The fused cross-entropy is both faster than its parts and finite at ±10⁴.

use super::softmax::last;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::softmax::{self as kernel, Targets};
use crate::{Array, Error, Indices, Reductions, Shape, Tensor};
use std::ops::RangeInclusive;

/// How the losses of single rows become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// None: each is kept.
    None,
}

/// How classes count in a loss; without further ado each row counts once, and the result is the mean.
///
/// ```
/// use autograd::prelude::*;
/// let logits = Tensor::from([[0.0_f64, 0.0], [0.0, 3.0], [0.0, 0.0]]);
/// let options = ClassLoss::new().with_ignored(9).with_weights([1.0, 2.0]);
/// let loss = logits.cross_entropy_with([0, 9, 1], options);
/// assert!((loss.item() - 2.0_f64.ln()).abs() < 1e-15); // (1 · ln 2 + 2 · ln 2) / (1 + 2)
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassLoss {
    /// How the rows become one. A mean by labels divides by the weights of those that count, added up; a mean by soft
    /// targets divides by the number of rows.
    pub reduction: Reduction,
    /// `ε` from 0 to 1: a target `t` becomes `(1 − ε) t + ε/classes`. Source: Szegedy and others, 2016.
    pub label_smoothing: f64,
    /// What each class counts; 1 where there are none.
    pub weights: Option<Vec<f64>>,
    /// The label whose rows do not count; it may be one that no class has.
    pub ignored: Option<usize>,
}

impl From<Reduction> for ClassLoss {
    fn from(reduction: Reduction) -> Self {
        ClassLoss { reduction, ..ClassLoss::default() }
    }
}

impl ClassLoss {
    /// The mean over rows that each count once.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another reduction.
    pub fn with_reduction(self, reduction: Reduction) -> Self {
        ClassLoss { reduction, ..self }
    }

    /// With so much of each target spread evenly over the classes, from 0 to 1.
    pub fn with_label_smoothing(self, label_smoothing: f64) -> Self {
        ClassLoss { label_smoothing, ..self }
    }

    /// With a weight for each class.
    pub fn with_weights(self, weights: impl Into<Vec<f64>>) -> Self {
        ClassLoss { weights: Some(weights.into()), ..self }
    }

    /// Without the rows of this label.
    pub fn with_ignored(self, label: usize) -> Self {
        ClassLoss { ignored: Some(label), ..self }
    }

    /// The shape of the rows of `scores`, whose axis 1 (axis 0 of a vector) is that of the classes.
    ///
    /// # Errors
    /// Why these labels or options do not fit.
    pub fn check(&self, labels: &Indices, scores: Shape) -> Result<Shape, Error> {
        let rows = self.rows(scores)?;
        let own = labels.shape();
        if rows.elements() != own.elements() || (own != rows && own.rank() != 1) {
            return Err(Error::shape(
                format!(
                    "labels of shape {own} do not fit scores of shape {scores}: one label for each of {rows} is wanted"
                ),
                "scores are [rows, classes], labels [rows]",
            ));
        }
        let labels = labels.as_slice();
        let classes = scores[axis(&scores)];
        if let Some(place) = labels.iter().position(|&label| label >= classes && Some(label) != self.ignored) {
            return Err(Error::index(
                format!("label {} at position {place} is out of range for {classes} classes", labels[place]),
                match classes {
                    0 => "there are no classes to choose from".to_string(),
                    _ => format!(
                        "labels count from 0; the largest is {}; a cross-entropy leaves out the rows of a label by `ClassLoss::with_ignored`",
                        classes - 1
                    ),
                },
            ));
        }
        if self.reduction == Reduction::Mean && !labels.is_empty() && self.total(labels) == 0.0 {
            let why = if self.counted(labels).next().is_none() { "are ignored" } else { "have weight 0" };
            return Err(Error::value(
                format!("all {} labels {why}, and nothing has no mean", labels.len()),
                "leave such a batch out, or take the sum, which is 0",
            ));
        }
        Ok(rows)
    }

    /// The shape of the rows of scores, once the options fit their classes.
    fn rows(&self, scores: Shape) -> Result<Shape, Error> {
        if scores.rank() == 0 {
            return Err(Error::shape("a scalar has no class axis", "give scores of shape [rows, classes]"));
        }
        let axis = axis(&scores);
        if let Some(weights) = self.weights.as_ref().filter(|weights| weights.len() != scores[axis]) {
            return Err(Error::shape(
                format!("{} weights for {} classes in scores of shape {scores}", weights.len(), scores[axis]),
                "give one weight for each class; weigh rows by multiplying the losses of `Reduction::None`",
            ));
        }
        let weights = self.weights.iter().flatten();
        if let Some(weight) = weights.copied().find(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::value(
                format!("a class of weight {weight}"),
                "a weight says how often a row of its class counts: a number from 0 up",
            ));
        }
        if !(0.0..=1.0).contains(&self.label_smoothing) {
            return Err(Error::value(
                format!("label smoothing {} is not between 0 and 1", self.label_smoothing),
                "it is the part of each target that is spread over the classes; 0.1 is common",
            ));
        }
        Ok(scores.without(axis))
    }

    fn counted<'a>(&'a self, labels: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        labels.iter().copied().filter(|&label| Some(label) != self.ignored)
    }

    /// The weights of the labels that count, added up.
    fn total(&self, labels: &[usize]) -> f64 {
        self.counted(labels).map(|label| self.weight(label)).sum()
    }

    fn weight(&self, class: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[class])
    }

    /// What the class of a label counts beside its share of what is spread.
    fn sharp(&self, label: usize) -> f64 {
        (1.0 - self.label_smoothing) * self.weight(label)
    }

    /// What each of so many classes counts in every row.
    fn spread(&self, class: usize, classes: usize) -> f64 {
        self.label_smoothing / classes as f64 * self.weight(class)
    }

    /// What a mean divides by, of so many rows or of so much weight.
    fn scale<T: Real>(&self, total: f64) -> T {
        match self.reduction {
            Reduction::Mean => T::ONE / T::from_f64(total),
            _ => T::ONE,
        }
    }

    /// One loss for each row, reduced.
    fn reduce<A: Array<T>, T: Real>(&self, rows: A, total: f64) -> A {
        match self.reduction {
            Reduction::None => rows,
            _ => rows.sum() * self.scale::<T>(total),
        }
    }

    /// The cotangent of each row's loss, to be multiplied with slopes of `shape`.
    fn each_row<A: Array<T>, T: Real>(&self, cotangent: &A, shape: Shape, total: f64) -> A {
        match self.reduction {
            Reduction::None => cotangent.reshape(shape.with_extent(axis(&shape), 1)),
            _ => cotangent.clone() * self.scale::<T>(total),
        }
    }
}

/// The axis of the classes.
fn axis(scores: &Shape) -> usize {
    usize::from(scores.rank() > 1)
}

/// Labels and how they count.
struct Labelled<'a> {
    labels: &'a Indices,
    options: &'a ClassLoss,
    classes: usize,
}

impl<'a> Labelled<'a> {
    fn new(labels: &'a Indices, options: &'a ClassLoss, scores: &Shape) -> Self {
        Labelled { labels, options, classes: scores[axis(scores)] }
    }

    /// The numbers `q` in each row's loss `−Σ q ln p`.
    fn weights<T: Real>(&self, shape: Shape) -> Tensor<T> {
        let mut weights = Tensor::zeros(shape);
        let inner: usize = shape[axis(&shape) + 1..].iter().product();
        let out = weights.make_mut();
        for (row, &label) in self.labels.as_slice().iter().enumerate() {
            if Some(label) == self.options.ignored {
                continue;
            }
            let at = |class: usize| (row / inner * self.classes + class) * inner + row % inner;
            if self.options.label_smoothing > 0.0 {
                for class in 0..self.classes {
                    out[at(class)] = T::from_f64(self.options.spread(class, self.classes));
                }
            }
            out[at(label)] += T::from_f64(self.options.sharp(label));
        }
        weights
    }
}

impl<T: Real> Targets<T> for Labelled<'_> {
    #[inline(always)]
    fn loss(&self, row: usize, surprise: impl Fn(usize) -> T) -> T {
        let label = self.labels.as_slice()[row];
        if Some(label) == self.options.ignored {
            return T::ZERO;
        }
        let sharp = T::from_f64(self.options.sharp(label)) * surprise(label);
        if self.options.label_smoothing == 0.0 {
            return sharp;
        }
        let spread = |class| self.options.spread(class, self.classes) * surprise(class).to_f64();
        sharp + T::from_f64((0..self.classes).map(spread).sum())
    }
}

/// Cross-entropy from logits: `ℓₙ = −ln softmax(xₙ)[tₙ]` along axis 1 (axis 0 of a vector), weighed, smoothed and reduced
/// as the [options](ClassLoss) say: `ℓₙ = −Σ_c q_c ln softmax(xₙ)_c` with `q_c = w_c ((1 − ε) [c = tₙ] + ε/classes)`.
/// Inputs: logits `[n, classes, …]`; the labels have the shape without the class axis. Pull-back:
/// `x ← g (softmax(x) Σ q − q)`, for a mean divided by `Σ w` of the labels.
///
/// ```
/// use autograd::prelude::*;
/// let logits = Tensor::from([[0.0_f64, 0.0], [0.0, 0.0]]);
/// assert_eq!(logits.cross_entropy([0, 1]).item(), 2.0_f64.ln());
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// The right class of each row.
    pub labels: Indices,
    /// How they count.
    pub options: ClassLoss,
}

impl CrossEntropy {
    /// `softmax(x) Σ q − q`, the slope of each row's loss.
    fn slope<A: Array<T>, T: Real>(&self, x: &A, softmax: Option<&A>) -> A {
        let shape = x.shape();
        let axis = axis(&shape) as isize;
        let weights = Labelled::new(&self.labels, &self.options, &shape).weights::<T>(shape);
        let softmax = softmax.cloned().unwrap_or_else(|| x.softmax(axis));
        let softmax = match (&self.options.weights, self.options.ignored) {
            (None, None) => softmax, // then Σ q = 1
            _ => softmax * x.constant(&weights.sum_keep(axis)),
        };
        softmax - x.constant(&weights)
    }

    fn total(&self) -> f64 {
        self.options.total(self.labels.as_slice())
    }
}

/// The losses of all rows, and the softmax in the axes of `x`.
fn surprised<T: Real>(x: &Tensor<T>, targets: &impl Targets<T>) -> (Tensor<T>, Tensor<T>) {
    let from = x.shape();
    let axis = axis(&from);
    let (rows, back) = last(x, axis);
    let (mut softmax, mut losses) = (Tensor::unset(rows.shape()), Tensor::zeros(from.without(axis)));
    if let Some(data) = rows.as_slice() {
        kernel::cross_entropy(data, targets, softmax.make_mut(), losses.make_mut(), from[axis]);
    }
    (losses, if axis + 1 == from.rank() { softmax } else { softmax.permuted(&back) })
}

impl<T: Real> Op<T> for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let rows = self.options.check(&self.labels, inputs[0])?;
        Ok(if self.options.reduction == Reduction::None { rows } else { Shape::SCALAR })
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(x, shape).0
    }
    fn record(&self, x: &[&Tensor<T>], _: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let (losses, softmax) = surprised(x[0], &Labelled::new(&self.labels, &self.options, &x[0].shape()));
        (self.options.reduce(losses, self.total()), Few::from_iter([softmax]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let g = self.options.each_row(at.cotangent(), at.input_shape(i), self.total());
            self.slope(at.input(i), at.kept(0)) * g
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let x = at.input(i);
            let rows = (self.slope(x, None) * t).sum_axes(axis(&x.shape()) as isize);
            self.options.reduce(rows, self.total())
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        self.options.reduction == Reduction::None && input.rank() > 1
    }
}

/// Cross-entropy from logits against a probability `t` for every class: `ℓₙ = −Σ_c q_c ln softmax(xₙ)_c` along axis 1
/// (axis 0 of a vector) with `q = w ((1 − ε) t + ε/classes)`, reduced; a mean divides by the number of rows. Nothing
/// checks that the targets of a row add up to 1. Inputs: logits and targets, both `[n, classes, …]`. Pull-back:
/// `x ← g (softmax(x) Σ q − q)`, `t ← −g (1 − ε) w log_softmax(x)`.
///
/// ```
/// use autograd::prelude::*;
/// let (logits, targets) = (Tensor::from([[0.0_f64, 0.0]]), Tensor::from([[0.25, 0.75]]));
/// assert_eq!(logits.cross_entropy_soft(&targets, Reduction::Mean).item(), 2.0_f64.ln());
/// ```
#[derive(Clone, Debug)]
pub struct SoftCrossEntropy {
    /// How the classes count; there is no label to ignore.
    pub options: ClassLoss,
}

impl SoftCrossEntropy {
    /// The weights of the classes as an array that broadcasts to `shape`.
    fn weighed<A: Array<T>, T: Real>(&self, x: A, shape: Shape) -> A {
        let Some(weights) = &self.options.weights else { return x };
        let mut extents = vec![1; shape.rank()];
        extents[axis(&shape)] = weights.len();
        let weights = Tensor::from_fn(Shape::of(&extents), |i| T::from_f64(weights[i]));
        let weights = x.constant(&weights);
        x * weights
    }

    /// `q`, the targets smoothed and weighed.
    fn smoothed<A: Array<T>, T: Real>(&self, targets: &A) -> A {
        let (shape, smoothing) = (targets.shape(), self.options.label_smoothing);
        let smoothed = match smoothing {
            0.0 => targets.clone(),
            _ => {
                let spread = T::from_f64(smoothing / shape[axis(&shape)] as f64);
                targets.clone() * T::from_f64(1.0 - smoothing) + spread
            }
        };
        self.weighed(smoothed, shape)
    }

    /// `softmax(x) Σ q − q`, the slope of each row's loss.
    fn slope<A: Array<T>, T: Real>(&self, x: &A, targets: &A, softmax: Option<&A>) -> A {
        let axis = axis(&x.shape()) as isize;
        let weights = self.smoothed(targets);
        let softmax = softmax.cloned().unwrap_or_else(|| x.softmax(axis));
        softmax * weights.sum_keep(axis) - weights
    }

    /// `−(1 − ε) w log_softmax(x)`, the slope of each row's loss by the targets.
    fn surprises<A: Array<T>, T: Real>(&self, x: &A) -> A {
        let (shape, sharp) = (x.shape(), T::from_f64(self.options.label_smoothing - 1.0));
        self.weighed(x.log_softmax(axis(&shape) as isize) * sharp, shape)
    }

    fn total(shape: Shape) -> f64 {
        shape.without(axis(&shape)).elements() as f64
    }
}

/// A number for each class of each row.
struct Soft<'a, T> {
    weights: &'a [T],
    classes: usize,
}

impl<T: Real> Targets<T> for Soft<'_, T> {
    #[inline(always)]
    fn loss(&self, row: usize, surprise: impl Fn(usize) -> T) -> T {
        let row = &self.weights[row * self.classes..][..self.classes];
        // What is not expected does not count, however surprising it is.
        let expected = row.iter().enumerate().filter(|&(_, &weight)| weight != T::ZERO);
        T::from_f64(expected.map(|(class, &weight)| (weight * surprise(class)).to_f64()).sum())
    }
}

impl<T: Real> Op<T> for SoftCrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy_soft"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (logits, targets) = (inputs[0], inputs[1]);
        let rows = self.options.rows(logits)?;
        if logits != targets {
            return Err(Error::shape(
                format!("soft targets of shape {targets} do not fit logits of shape {logits}"),
                "give a probability for each class of each row; for one label a row use `cross_entropy`",
            ));
        }
        if let Some(label) = self.options.ignored {
            return Err(Error::value(
                format!("there is no label {label} to ignore in soft targets"),
                "set the targets of a row to 0: it then adds nothing to the sum",
            ));
        }
        Ok(if self.options.reduction == Reduction::None { rows } else { Shape::SCALAR })
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(x, shape).0
    }
    fn record(&self, x: &[&Tensor<T>], _: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let shape = x[0].shape();
        let (weights, _) = last(&self.smoothed(x[1]), axis(&shape));
        let targets = Soft { weights: weights.as_slice().unwrap_or_default(), classes: shape[axis(&shape)] };
        let (losses, softmax) = surprised(x[0], &targets);
        (self.options.reduce(losses, Self::total(shape)), Few::from_iter([softmax]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (x, targets) = (at.input(0), at.input(1));
        let g = self.options.each_row(at.cotangent(), x.shape(), Self::total(x.shape()));
        at.each(|i| {
            let slope = if i == 0 { self.slope(x, targets, at.kept(0)) } else { self.surprises(x) };
            slope * &g
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (x, targets) = (at.input(0), at.input(1));
        at.sum(|i, t| {
            let slope = if i == 0 { self.slope(x, targets, None) } else { self.surprises(x) };
            let rows = (slope * t).sum_axes(axis(&x.shape()) as isize);
            self.options.reduce(rows, Self::total(x.shape()))
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        self.options.reduction == Reduction::None && input.rank() > 1
    }
}

/// The negative log-likelihood `ℓₙ = −w[tₙ] xₙ[tₙ]` of labels under log-probabilities, along axis 1 (axis 0 of a vector),
/// with the same [options](ClassLoss) as [`CrossEntropy`], which is this of the log-softmax. Inputs: `[n, classes, …]`;
/// the labels have the shape without the class axis. Pull-back: `x ← −g q`, for a mean divided by `Σ w` of the labels.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[-0.5_f32, -2.0], [-3.0, -0.25]]);
/// assert_eq!(x.nll([1, 1], Reduction::Sum).item(), 2.25);
/// ```
#[derive(Clone, Debug)]
pub struct NegativeLogLikelihood {
    /// The right class of each row.
    pub labels: Indices,
    /// How they count.
    pub options: ClassLoss,
}

impl NegativeLogLikelihood {
    fn total(&self) -> f64 {
        self.options.total(self.labels.as_slice())
    }
    fn weights<T: Real>(&self, shape: Shape) -> Tensor<T> {
        -Labelled::new(&self.labels, &self.options, &shape).weights::<T>(shape)
    }
}

impl<T: Real> Op<T> for NegativeLogLikelihood {
    fn name(&self) -> &'static str {
        "nll"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let rows = self.options.check(&self.labels, inputs[0])?;
        Ok(if self.options.reduction == Reduction::None { rows } else { Shape::SCALAR })
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        let from = x[0].shape();
        let targets = Labelled::new(&self.labels, &self.options, &from);
        let (rows, _) = last(x[0], axis(&from));
        let mut losses = Tensor::zeros(from.without(axis(&from)));
        if let Some(data) = rows.as_slice().filter(|data| !data.is_empty()) {
            for (i, (row, loss)) in data.chunks_exact(targets.classes).zip(losses.make_mut()).enumerate() {
                *loss = targets.loss(i, |class| -row[class]);
            }
        }
        self.options.reduce(losses, self.total())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let shape = at.input_shape(i);
            let g = self.options.each_row(at.cotangent(), shape, self.total());
            g.constant(&self.weights(shape)) * g
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        self.options.reduction == Reduction::None && input.rank() > 1
    }
}
