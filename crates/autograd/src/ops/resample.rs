//! Averages over windows and interpolation: along each spatial axis, every result is a weighted sum of a few places.
//!
//! All of it is one linear operation and its adjoint. The weights of two axes are products of those of one, so that the
//! sums go along one axis after the other.

use super::pool::Pooling;
use super::window::{cell, check_input, print, resized, with_spatial};
use super::{Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::kernels::resample::{Taps, along};
use crate::{Array, Error, Shape, Tensor};

/// Which places along the spatial axes a result is made of, and with which weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resampling<const N: usize> {
    /// The mean over each window.
    Average(Pooling<N>),
    /// The mean over each cell of a division into so many cells along each axis: cell `i` of `n` covers the places from
    /// `⌊i extent / n⌋` up to `⌈(i + 1) extent / n⌉`, so that neighbours may share one.
    AdaptiveAverage([usize; N]),
    /// The place `⌊i extent / size⌋`, which lies nearest.
    Nearest([usize; N]),
    /// Linear interpolation between the two places around a coordinate.
    Linear {
        /// The extents of the result.
        size: [usize; N],
        /// Whether the first and the last places of both sides lie on each other, `i (extent − 1) / (size − 1)`; else
        /// places are the middles of cells that fill the same length, `(i + ½) extent / size − ½`, but not below 0.
        align_corners: bool,
    },
}

impl<const N: usize> Resampling<N> {
    /// The extent of the result along spatial axis `axis`.
    fn places(&self, axis: usize, extent: usize) -> Result<usize, Error> {
        let size = match self {
            Resampling::Average(pooling) => return pooling.average_places(axis, extent),
            Resampling::AdaptiveAverage(size) | Resampling::Nearest(size) | Resampling::Linear { size, .. } => {
                size[axis]
            }
        };
        resized(size, axis, extent)
    }

    /// The weights along spatial axis `axis`.
    fn taps<T: Real>(&self, axis: usize, extent: usize) -> Taps<T> {
        match *self {
            Resampling::Average(pooling) => pooling.average_taps(axis, extent),
            Resampling::AdaptiveAverage(cells) => {
                let cells = cells[axis];
                Taps::new((0..cells).map(|i| {
                    let seen = cell(i, cells, extent);
                    let weight = 1.0 / seen.len() as f64;
                    seen.map(move |place| (place, weight))
                }))
            }
            Resampling::Nearest(size) => {
                Taps::new((0..size[axis]).map(|i| std::iter::once((i * extent / size[axis], 1.0))))
            }
            Resampling::Linear { size, align_corners } => Taps::new((0..size[axis]).map(|i| {
                let (extent, size) = (extent as f64, size[axis] as f64);
                let at = match align_corners {
                    true => i as f64 * (extent - 1.0) / (size - 1.0).max(1.0),
                    false => ((i as f64 + 0.5) * extent / size - 0.5).max(0.0),
                };
                // At the last place there is no next one, and all the weight is its own.
                let (below, beyond) = (at.floor().min(extent - 1.0), at - at.floor());
                let beyond = if below + 1.0 < extent { beyond } else { 0.0 };
                [(below as usize, 1.0 - beyond), (below as usize + 1, beyond)].into_iter()
            })),
        }
    }

    fn shape(&self, x: Shape) -> Result<Shape, Error> {
        check_input(x, N)?;
        let mut extents = [0; N];
        for (axis, extent) in extents.iter_mut().enumerate() {
            *extent = self.places(axis, x[2 + axis])?;
        }
        with_spatial([x[0], x[1]], &extents)
    }

    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = Vec::new();
        match *self {
            Resampling::Average(pooling) => return pooling.constants(),
            Resampling::AdaptiveAverage(size) | Resampling::Nearest(size) => {
                print(&mut constants, "size", size, [0; N])
            }
            Resampling::Linear { size, align_corners } => {
                print(&mut constants, "size", size, [0; N]);
                if align_corners {
                    constants.push(("align_corners", "true".to_string()));
                }
            }
        }
        constants
    }
}

/// Sums along each spatial axis of `x` in turn. The innermost axis, whose sums are the slowest, goes first where the
/// data grows and last where it shrinks.
fn along_each<T: Real, const N: usize>(x: &Tensor<T>, to: Shape, taps: impl Fn(usize) -> Taps<T>) -> Tensor<T> {
    let grows = (0..N).any(|axis| to[2 + axis] > x.shape()[2 + axis]);
    let mut y = x.contiguous();
    for turn in 0..N {
        let axis = if grows { N - 1 - turn } else { turn };
        let from = y.shape();
        let mut next = Tensor::unset(from.with_extent(2 + axis, to[2 + axis]));
        let inner = from[3 + axis..].iter().product();
        if let Some(data) = y.as_slice() {
            along(&taps(axis), data, next.make_mut(), from[2 + axis], inner);
        }
        y = next;
    }
    y
}

/// `y = Σ weight · x` over the places that [`Resampling`] says: average pooling, adaptive average pooling and
/// up-sampling, over `N` spatial axes. Shapes: `[batch, channels, …]`, whose spatial extents change. Pull-back: `x ←`
/// [`ResampleAdjoint`] of `g`, the same weights the other way.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[[0.0_f32, 2.0, 4.0, 10.0]]]);
/// assert_eq!(x.avg_pool1d(Pooling::new([2])).to_vec(), [1.0, 7.0]);
/// assert_eq!(x.adaptive_avg_pool1d([1]).to_vec(), [4.0]);
/// assert_eq!(x.upsample_linear1d([7], true).to_vec(), [0.0, 1.0, 2.0, 3.0, 4.0, 7.0, 10.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Resample<const N: usize> {
    /// Which places, with which weights.
    pub resampling: Resampling<N>,
}

/// The adjoint of [`Resample`]: each element is given to the places that it was made of, by their weights. Pull-back:
/// [`Resample`] of `g`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::resample::{ResampleAdjoint, Resampling};
/// let give_back = ResampleAdjoint { resampling: Resampling::Average(Pooling::new([2])), size: [4] };
/// let u = Tensor::from([[[1.0_f32, 6.0]]]);
/// assert_eq!(Tensor::apply(give_back, &[&u]).to_vec(), [0.5, 0.5, 3.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ResampleAdjoint<const N: usize> {
    /// Which places were summed, with which weights.
    pub resampling: Resampling<N>,
    /// The spatial extents of what they were summed from.
    pub size: [usize; N],
}

impl<T: Real, const N: usize> Op<T> for Resample<N> {
    fn name(&self) -> &'static str {
        match (self.resampling, N) {
            (Resampling::Average(_), 1) => "avg_pool1d",
            (Resampling::Average(_), _) => "avg_pool2d",
            (Resampling::AdaptiveAverage(_), 1) => "adaptive_avg_pool1d",
            (Resampling::AdaptiveAverage(_), _) => "adaptive_avg_pool2d",
            (Resampling::Nearest(_), 1) => "upsample_nearest1d",
            (Resampling::Nearest(_), _) => "upsample_nearest2d",
            (Resampling::Linear { .. }, 1) => "upsample_linear1d",
            (Resampling::Linear { .. }, _) => "upsample_bilinear2d",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.resampling.shape(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        along_each::<T, N>(x[0], shape, |axis| self.resampling.taps(axis, x[0].shape()[2 + axis]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let size = std::array::from_fn(|axis| at.input_shape(i)[2 + axis]);
            A::apply(ResampleAdjoint { resampling: self.resampling, size }, &[at.cotangent()])
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        self.resampling.constants()
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}

impl<T: Real, const N: usize> Op<T> for ResampleAdjoint<N> {
    fn name(&self) -> &'static str {
        match (self.resampling, N) {
            (Resampling::Average(_), 1) => "avg_pool1d_adjoint",
            (Resampling::Average(_), _) => "avg_pool2d_adjoint",
            (Resampling::AdaptiveAverage(_), 1) => "adaptive_avg_pool1d_adjoint",
            (Resampling::AdaptiveAverage(_), _) => "adaptive_avg_pool2d_adjoint",
            (Resampling::Nearest(_), 1) => "upsample_nearest1d_adjoint",
            (Resampling::Nearest(_), _) => "upsample_nearest2d_adjoint",
            (Resampling::Linear { .. }, 1) => "upsample_linear1d_adjoint",
            (Resampling::Linear { .. }, _) => "upsample_bilinear2d_adjoint",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        check_input(inputs[0], N)?;
        let shape = with_spatial([inputs[0][0], inputs[0][1]], &self.size)?;
        let expected = self.resampling.shape(shape)?;
        if expected == inputs[0] {
            return Ok(shape);
        }
        Err(Error::shape(
            format!("shape {} where {shape} gives {expected}", inputs[0]),
            "give it the shape of the resampled value",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        along_each::<T, N>(x[0], shape, |axis| self.resampling.taps(axis, self.size[axis]).transposed(self.size[axis]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(Resample { resampling: self.resampling }, &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        self.resampling.constants()
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}
