//! Standardised values: what the norms of networks are made of.
//!
//! | operation | gives |
//! |---|---|
//! | [`Standardize`] | `(x − mean)/√(variance + ε)`, or `x/√(mean square + ε)` |
//! | [`InverseDeviation`] | the number that it multiplies by |
//!
//! Each is what the other's derivative is written with.

use super::reduce::keeps_first;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::normalize::{self as kernel, Layout, Spread};
use crate::{Array, Axes, Error, Shape, Tensor};
use smallvec::SmallVec;

/// What values are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Their mean.
    Mean,
    /// Zero.
    Zero,
}

/// `y = (x − m)/√(mean((x − m)²) + ε)` over `axes`, with `m` their mean or 0. Shape: that of `x`.
/// Pull-back: `x ← r (g − mean(g) − y mean(g y))` with `r` the [`InverseDeviation`]; about 0 without `mean(g)`.
///
/// Values far from 0 lose nothing: the mean is corrected by that of the differences from it, and squares are summed of
/// those differences.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 3.0], [1e4, 1e4 + 2.0]]);
/// assert_eq!(x.standardize(1, 0.0).to_vec(), [-1.0, 1.0, -1.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Standardize {
    /// The axes that are averaged over.
    pub axes: Axes,
    /// What values are measured from.
    pub about: About,
    /// `ε`, which keeps what is divided by above 0.
    pub epsilon: f64,
}

/// `r = 1/√(mean((x − m)²) + ε)` over `axes`, which stay with extent 1. Pull-back: `x ← −g r² y/n` with `y` the
/// [`Standardize`]d values and `n` their number.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::normalize::{About, InverseDeviation};
/// let op = InverseDeviation { axes: 0.into(), about: About::Mean, epsilon: 0.0 };
/// assert_eq!(Tensor::apply(op, &[&Tensor::from([1.0_f32, 5.0])]).to_vec(), [0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct InverseDeviation {
    /// The axes that are averaged over.
    pub axes: Axes,
    /// What values are measured from.
    pub about: About,
    /// `ε`, which keeps what is divided by above 0.
    pub epsilon: f64,
}

/// A value as a kernel takes it: in order, and which of its elements go together.
struct Arranged<T: Real> {
    x: Tensor<T>,
    layout: Layout,
    /// The permutation that undoes the order, where there is one.
    back: Option<Vec<usize>>,
}

impl<T: Real> Arranged<T> {
    fn of(x: &Tensor<T>, axes: &Axes) -> Self {
        let shape = x.shape();
        let axes = axes.resolve(&shape).unwrap_or_default();
        // Neighbouring axes with the same fate are one.
        let mut runs: SmallVec<[(bool, usize); 8]> = SmallVec::new();
        for (axis, &extent) in shape.iter().enumerate().filter(|&(_, &extent)| extent != 1) {
            let kept = !axes.contains(&axis);
            match runs.last_mut() {
                Some((fate, run)) if *fate == kept => *run *= extent,
                _ => runs.push((kept, extent)),
            }
        }
        let (outer, channels, inner) = match runs[..] {
            [] => (1, 1, 1),
            [(true, channels)] => (1, channels, 1),
            [(false, inner)] => (1, 1, inner),
            [(true, channels), (false, inner)] => (1, channels, inner),
            [(false, outer), (true, channels)] => (outer, channels, 1),
            [(false, outer), (true, channels), (false, inner)] => (outer, channels, inner),
            _ => return Self::reordered(x, &axes),
        };
        Arranged { x: x.contiguous(), layout: Layout { outer, channels, inner }, back: None }
    }

    /// With the kept axes first.
    fn reordered(x: &Tensor<T>, axes: &[usize]) -> Self {
        let shape = x.shape();
        let mut order: Vec<usize> = (0..shape.rank()).filter(|axis| !axes.contains(axis)).collect();
        let channels = order.iter().map(|&axis| shape[axis]).product();
        order.extend(axes);
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
        let inner = axes.iter().map(|&axis| shape[axis]).product();
        Arranged { x: x.permuted(&order).contiguous(), layout: Layout { outer: 1, channels, inner }, back: Some(back) }
    }

    /// A result in the order of the value.
    fn restored(&self, y: Tensor<T>) -> Tensor<T> {
        match &self.back {
            Some(back) => y.permuted(back),
            None => y,
        }
    }
}

pub(super) fn infer(axes: &Axes, epsilon: f64, x: Shape) -> Result<SmallVec<[usize; 4]>, Error> {
    if epsilon.is_finite() && epsilon >= 0.0 {
        return axes.resolve(&x);
    }
    Err(Error::value(
        format!("an epsilon of {epsilon}"),
        "it keeps what is divided by above 0: give 0 or a little more",
    ))
}

fn constants(axes: &Axes, epsilon: f64) -> Vec<(&'static str, String)> {
    let mut constants = super::reduce::constants(axes, false);
    constants.push(("epsilon", format!("{epsilon:?}")));
    constants
}

impl Standardize {
    fn spread(&self) -> Spread {
        Spread { centered: self.about == About::Mean, epsilon: self.epsilon }
    }

    fn inverse_deviation<A: Array<T>, T: Real>(&self, x: &A) -> A {
        let op = InverseDeviation { axes: self.axes.clone(), about: self.about, epsilon: self.epsilon };
        A::apply(op, &[x])
    }

    /// The Jacobian is symmetric: forward and backward are the same `r (v − mean(v) − y mean(v y))`.
    fn project<A: Array<T>, T: Real>(&self, v: &A, y: &A, r: &A) -> A {
        let mean = |x: &A| x.mean_keep(self.axes.clone());
        let centered = match self.about {
            About::Mean => v.clone() - mean(v),
            About::Zero => v.clone(),
        };
        (centered - y.clone() * mean(&(v.clone() * y))) * r
    }
}

impl<T: Real> Op<T> for Standardize {
    fn name(&self) -> &'static str {
        match self.about {
            About::Mean => "standardize",
            About::Zero => "standardize_about_zero",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        infer(&self.axes, self.epsilon, inputs[0]).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(x, shape).0
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let kept = shape.reduced(&self.axes.resolve(&shape).unwrap_or_default(), true);
        let arranged = Arranged::of(x[0], &self.axes);
        let (mut y, mut scales) = (Tensor::unset(arranged.x.shape()), Tensor::zeros(kept));
        if let (Some(x), true) = (arranged.x.as_slice(), shape.elements() > 0) {
            kernel::standardize(arranged.layout, self.spread(), x, y.make_mut(), scales.make_mut());
        }
        (arranged.restored(y), Few::from_iter([scales]))
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let Some(scales) = at.kept(0) else { return self.vjp(at) };
        at.each(|_| {
            let g = Arranged::of(at.cotangent(), &self.axes);
            let (y, scales) = (Arranged::of(at.output(), &self.axes).x, scales.contiguous());
            let mut message = Tensor::unset(g.x.shape());
            if let (Some(data), Some(y), Some(scales)) = (g.x.as_slice(), y.as_slice(), scales.as_slice()) {
                kernel::project(g.layout, self.spread(), data, y, scales, message.make_mut());
            }
            g.restored(message)
        })
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| self.project(at.cotangent(), at.output(), &self.inverse_deviation(at.input(i))))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| self.project(t, at.output(), &self.inverse_deviation(at.input(i))))
    }
    fn saves(&self) -> Saves {
        Saves::ALL
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.epsilon)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}

impl InverseDeviation {
    fn standardized<A: Array<T>, T: Real>(&self, x: &A) -> A {
        let op = Standardize { axes: self.axes.clone(), about: self.about, epsilon: self.epsilon };
        A::apply(op, &[x])
    }
}

impl<T: Real> Op<T> for InverseDeviation {
    fn name(&self) -> &'static str {
        match self.about {
            About::Mean => "inverse_deviation",
            About::Zero => "inverse_deviation_from_zero",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(inputs[0].reduced(&infer(&self.axes, self.epsilon, inputs[0])?, true))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        if x[0].elements() == 0 {
            // Nothing has no spread.
            return Tensor::full(shape, T::from_f64(f64::NAN));
        }
        let arranged = Arranged::of(x[0], &self.axes);
        let spread = Spread { centered: self.about == About::Mean, epsilon: self.epsilon };
        let mut scales = Tensor::unset(shape);
        if let Some(x) = arranged.x.as_slice() {
            kernel::scales(arranged.layout, spread, x, scales.make_mut());
        }
        scales
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let count = super::reduce::count(&self.axes, &at.input_shape(i));
            let share = at.cotangent().clone() * at.output().square() / T::from_f64(-(count as f64));
            self.standardized(at.input(i)) * share
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let mean = (self.standardized(at.input(i)) * t).mean_keep(self.axes.clone());
            -(mean * at.output().square())
        })
    }
    fn saves(&self) -> Saves {
        Saves::ALL
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.epsilon)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}
