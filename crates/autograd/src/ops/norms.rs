//! The layer, group, batch and RMS norms: standardised values, scaled and shifted.

use super::Few;
use super::normalize::{About, Standardize, infer};
use super::reduce::count;
use crate::algebra::Real;
use crate::{Array, Axes, Error, Shape, elementwise};

elementwise! {
    /// `y = x w + b`. Derivatives `w`, `x`, 1. Shapes broadcast. What follows the standardised values of a norm.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::ops::norms::ScaleShift;
    /// let (x, w, b) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([10.0, 10.0]), Tensor::from([0.5, 0.5]));
    /// assert_eq!(Tensor::elementwise(ScaleShift, [&x, &w, &b]).to_vec(), [10.5, 20.5]);
    /// ```
    pub struct ScaleShift;
    fn scale_shift(self, x, w, b) { x * w + b }
    slope inputs {
        let _ = b;
        [w, x, A::constant(1.0)]
    }
}

/// A batch norm's value, and the statistics of the batch that a layer averages for evaluation.
#[derive(Clone, Debug)]
pub struct BatchNormalized<A> {
    /// The normalised value.
    pub value: A,
    /// The mean of each channel, `[channels]`; no derivative flows through it.
    pub mean: A,
    /// The mean square difference from it, `[channels]`; no derivative flows through it. Times `n/(n − 1)` for `n`
    /// elements a channel it is the unbiased estimate.
    pub variance: A,
}

/// What a norm's weight and bias belong to.
#[derive(Clone, Copy)]
enum Parameters {
    /// The last so many axes: one number for each of their elements.
    Last(usize),
    /// The channels, axis 1: one number each.
    Channels,
}

impl Parameters {
    /// Checks that a parameter has the shape that belongs to an input of shape `x`.
    fn check<A: Array<T>, T: Real>(self, what: &str, parameter: Option<&A>, x: Shape) -> Result<(), Error> {
        let (wanted, each) = match self {
            Parameters::Last(axes) => (Shape::of(&x[x.rank() - axes..]), "normalised element"),
            Parameters::Channels => (Shape::of(&[x[1]]), "channel, axis 1"),
        };
        match parameter.map(|parameter| parameter.shape()) {
            Some(shape) if shape != wanted => Err(Error::shape(
                format!("a {what} of shape {shape} for an input of shape {x}"),
                format!("it has one number for each {each}: {wanted}"),
            )),
            _ => Ok(()),
        }
    }

    /// A parameter in a shape that broadcasts to `x`.
    #[track_caller]
    fn stretched<A: Array<T>, T: Real>(self, parameter: &A, x: Shape) -> A {
        match self {
            Parameters::Channels if x.rank() > 2 => {
                let mut extents: Few<isize> = std::iter::repeat_n(1, x.rank() - 1).collect();
                extents[0] = x[1] as isize;
                parameter.reshape(&extents[..])
            }
            _ => parameter.clone(),
        }
    }

    /// `x w + b`, or why the shapes do not fit.
    #[track_caller]
    fn apply<A: Array<T>, T: Real>(self, x: A, weight: Option<&A>, bias: Option<&A>) -> Result<A, Error> {
        self.check("weight", weight, x.shape())?;
        self.check("bias", bias, x.shape())?;
        let stretched = |parameter: &A| self.stretched(parameter, x.shape());
        Ok(match (weight.map(stretched), bias.map(stretched)) {
            (Some(weight), Some(bias)) => A::elementwise(ScaleShift, [&x, &weight, &bias]),
            (Some(weight), None) => x * weight,
            (None, Some(bias)) => x + bias,
            (None, None) => x,
        })
    }
}

/// Standardised over the last `axes` axes, scaled and shifted.
#[track_caller]
pub(crate) fn over_last<A: Array<T>, T: Real>(
    x: &A,
    about: About,
    axes: usize,
    weight: Option<&A>,
    bias: Option<&A>,
    epsilon: f64,
) -> Result<A, Error> {
    let rank = x.shape().rank();
    if axes == 0 || axes > rank {
        return Err(Error::axis(
            format!("the last {axes} axes of an input of shape {}", x.shape()),
            if rank == 0 { "a scalar has no axes".to_string() } else { format!("normalise over 1 to {rank} axes") },
        ));
    }
    let last: Few<isize> = (1..=axes as isize).rev().map(|axis| -axis).collect();
    let y = A::try_apply(Standardize { axes: last[..].into(), about, epsilon }, &[x])?;
    Parameters::Last(axes).apply(y, weight, bias)
}

/// Standardised over groups of channels of each sample, scaled and shifted.
#[track_caller]
pub(crate) fn over_groups<A: Array<T>, T: Real>(
    x: &A,
    groups: usize,
    weight: Option<&A>,
    bias: Option<&A>,
    epsilon: f64,
) -> Result<A, Error> {
    let shape = x.shape();
    check_channels(shape)?;
    if groups == 0 || !shape[1].is_multiple_of(groups) {
        return Err(Error::shape(
            format!("the {} channels of an input of shape {shape} do not divide into {groups} groups", shape[1]),
            "the number of channels must be a multiple of the number of groups",
        ));
    }
    let together = shape[1..].iter().product::<usize>() / groups;
    let grouped = x.try_reshape([shape[0] as isize, groups as isize, together as isize])?;
    let y = A::try_apply(Standardize { axes: 2.into(), about: About::Mean, epsilon }, &[&grouped])?;
    Parameters::Channels.apply(y.try_reshape(shape)?, weight, bias)
}

/// Standardised over everything but the channels, scaled and shifted.
#[track_caller]
pub(crate) fn over_batch<A: Array<T>, T: Real>(
    x: &A,
    weight: Option<&A>,
    bias: Option<&A>,
    epsilon: f64,
) -> Result<BatchNormalized<A>, Error> {
    let shape = x.shape();
    check_channels(shape)?;
    let axes = Axes::from(&(0..shape.rank() as isize).filter(|&axis| axis != 1).collect::<Few<isize>>()[..]);
    let count = count(&axes, &shape);
    if count < 2 {
        return Err(Error::shape(
            format!("an input of shape {shape} has fewer than two elements a channel, which have no spread"),
            "train on batches of 2 or more; to predict, use running statistics: `batch_norm_with`",
        ));
    }
    let y = A::try_apply(Standardize { axes: axes.clone(), about: About::Mean, epsilon }, &[x])?;
    let plain = x.detach();
    Ok(BatchNormalized {
        value: Parameters::Channels.apply(y, weight, bias)?,
        mean: plain.mean_axes(axes.clone()),
        variance: plain.var_axes(axes, 0),
    })
}

/// Standardised by given statistics of each channel, scaled and shifted.
#[track_caller]
pub(crate) fn by_statistics<A: Array<T>, T: Real>(
    x: &A,
    mean: &A,
    variance: &A,
    weight: Option<&A>,
    bias: Option<&A>,
    epsilon: f64,
) -> Result<A, Error> {
    let shape = x.shape();
    check_channels(shape)?;
    infer(&Axes::All, epsilon, shape)?;
    let channels = Parameters::Channels;
    channels.check("mean", Some(mean), shape)?;
    channels.check("variance", Some(variance), shape)?;
    channels.check("weight", weight, shape)?;
    let scale = (variance.clone() + T::from_f64(epsilon)).sqrt().recip();
    let scale = if let Some(weight) = weight { scale * weight } else { scale };
    // The mean first: far from 0, a mean that is scaled already would round the difference away.
    channels.apply(x.clone() - channels.stretched(mean, shape), Some(&scale), bias)
}

fn check_channels(x: Shape) -> Result<(), Error> {
    if x.rank() >= 2 {
        return Ok(());
    }
    Err(Error::shape(
        format!("an input of shape {x} has no channel axis"),
        "inputs are [batch, channels] and then any axes; give a single sample a batch axis with `.unsqueeze(0)`",
    ))
}
