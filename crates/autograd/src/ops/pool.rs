//! Pooling: how windows move, what averages over them are made of, their maxima and where these stand.

use super::order::{PutAlong, TakeAlong, check_countable, decisions};
use super::window::{self, Window, check_input, print, resized, with_spatial};
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::pool as kernel;
use crate::kernels::resample::Taps;
use crate::{Array, Error, Shape, Tensor};

/// How a window over `N` axes moves and what it takes in.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::<f32>::ones([1, 3, 9, 9]);
/// assert_eq!(x.avg_pool2d(Pooling::new([3, 3])).shape(), Shape::from([1, 3, 3, 3]));
/// let overlapping = Pooling::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]);
/// assert_eq!(x.avg_pool2d(overlapping).shape(), Shape::from([1, 3, 5, 5]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling<const N: usize> {
    /// How many places the window has along each axis.
    pub kernel: [usize; N],
    /// How far apart the places are at which it stands; the kernel's extents unless said otherwise.
    pub stride: [usize; N],
    /// How many places are added at either end of each axis; 0 unless said otherwise.
    pub padding: [usize; N],
    /// How far apart its own places are; 1 unless said otherwise.
    pub dilation: [usize; N],
    /// Whether an average counts the places that were added, which are 0. A maximum never takes one of them.
    pub count_padding: bool,
}

impl<const N: usize> Pooling<N> {
    /// Windows of these extents, side by side.
    pub fn new(kernel: [usize; N]) -> Self {
        Pooling { kernel, stride: kernel, padding: [0; N], dilation: [1; N], count_padding: true }
    }

    /// With this stride along each axis.
    pub fn with_stride(self, stride: [usize; N]) -> Self {
        Pooling { stride, ..self }
    }

    /// With so many places added at either end of each axis.
    pub fn with_padding(self, padding: [usize; N]) -> Self {
        Pooling { padding, ..self }
    }

    /// With this dilation along each axis.
    pub fn with_dilation(self, dilation: [usize; N]) -> Self {
        Pooling { dilation, ..self }
    }

    /// Averages are over what lies inside alone.
    pub fn without_counting_padding(self) -> Self {
        Pooling { count_padding: false, ..self }
    }

    fn window(&self, axis: usize, extent: usize) -> Window {
        Window {
            extent,
            kernel: self.kernel[axis],
            stride: self.stride[axis],
            padding: self.padding[axis],
            dilation: self.dilation[axis],
        }
    }

    /// The extent of an average along spatial axis `axis`.
    pub(super) fn average_places(&self, axis: usize, extent: usize) -> Result<usize, Error> {
        let window = self.window(axis, extent);
        if self.count_padding { window.places(2 + axis) } else { window.places_that_see(2 + axis) }
    }

    /// The weights of an average along spatial axis `axis`.
    pub(super) fn average_taps<T: Real>(&self, axis: usize, extent: usize) -> Taps<T> {
        let window = self.window(axis, extent);
        Taps::new((0..window.places(2 + axis).unwrap_or_default()).map(|place| {
            let seen = window.seen(place);
            let count = if self.count_padding { window.kernel } else { seen.clone().count() };
            seen.map(move |place| (place, 1.0 / count as f64))
        }))
    }

    pub(super) fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = Vec::new();
        print(&mut constants, "kernel", self.kernel, [0; N]);
        print(&mut constants, "stride", self.stride, self.kernel);
        print(&mut constants, "padding", self.padding, [0; N]);
        print(&mut constants, "dilation", self.dilation, [1; N]);
        if !self.count_padding {
            constants.push(("count_padding", "false".to_string()));
        }
        constants
    }
}

/// Over which windows maxima are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows<const N: usize> {
    /// A window that moves.
    Moving(Pooling<N>),
    /// A division into so many cells along each axis: cell `i` of `n` covers the places from `⌊i extent / n⌋` up to
    /// `⌈(i + 1) extent / n⌉`.
    Cells([usize; N]),
}

impl<const N: usize> Windows<N> {
    /// The number of windows along spatial axis `axis`; each sees something.
    fn places(&self, axis: usize, extent: usize) -> Result<usize, Error> {
        match self {
            Windows::Moving(pooling) => pooling.window(axis, extent).places_that_see(2 + axis),
            Windows::Cells(cells) => resized(cells[axis], axis, extent),
        }
    }

    /// What the windows see along spatial axis `axis`.
    fn seen(&self, axis: usize, extent: usize) -> kernel::Axis {
        match self {
            Windows::Moving(pooling) => {
                let window = pooling.window(axis, extent);
                let seen = (0..window.places(2 + axis).unwrap_or_default()).map(|place| {
                    let seen = window.seen(place);
                    (seen.clone().next().unwrap_or_default(), seen.count())
                });
                kernel::Axis { extent, seen: seen.collect(), step: window.dilation }
            }
            Windows::Cells(cells) => {
                let seen = (0..cells[axis]).map(|cell| window::cell(cell, cells[axis], extent));
                kernel::Axis { extent, seen: seen.map(|cell| (cell.start, cell.len())).collect(), step: 1 }
            }
        }
    }
}

/// The largest element of each window over the plane of a channel; the first NaN if there is one. Padding is never taken.
///
/// Shapes: `[batch, channels, …]`, whose spatial extents become the number of windows. Pull-back: the whole of each `g` goes to
/// the [place](ArgMaxPool) of the maximum, the first of equal ones in row-major order.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([[[3.0_f32, 1.0, 5.0, 5.0]]]));
/// let largest = x.max_pool1d(Pooling::new([2]));
/// assert_eq!(largest.value().to_vec(), [3.0, 5.0]);
/// assert_eq!(largest.sum().backward().of(&x).or_zeros().to_vec(), [1.0, 0.0, 1.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct MaxPool<const N: usize> {
    /// Over which windows.
    pub windows: Windows<N>,
}

/// For each window over the plane of a channel: the place in the plane, counted in row-major order, of the largest
/// element, the first of equal ones; the first NaN if there is one. Padding is never a place. Nothing flows back.
///
/// Shapes: `[batch, channels, …]`, whose spatial extents become the number of windows.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::pool::{ArgMaxPool, Windows};
/// let x = Tensor::from([[[3.0_f32, 1.0, 5.0, 5.0]]]);
/// let places = ArgMaxPool { windows: Windows::Moving(Pooling::new([2])) };
/// assert_eq!(Tensor::apply(places, &[&x]).to_vec(), [0.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ArgMaxPool<const N: usize> {
    /// Over which windows.
    pub windows: Windows<N>,
}

impl<const N: usize> Windows<N> {
    /// The shape of the maxima over `x`.
    fn shape<T: Real>(&self, x: Shape) -> Result<Shape, Error> {
        check_input(x, N)?;
        let mut extents = [0; N];
        for (axis, extent) in extents.iter_mut().enumerate() {
            *extent = self.places(axis, x[2 + axis])?;
        }
        check_countable::<T>("a plane", "plane", x[2..].iter().product())?;
        with_spatial([x[0], x[1]], &extents)
    }

    /// The maxima over `x`, and their places.
    fn largest<T: Real>(&self, x: &Tensor<T>, shape: Shape) -> (Tensor<T>, Tensor<T>) {
        let x = x.contiguous();
        let columns = self.seen(N - 1, x.shape()[N + 1]);
        let rows = match N {
            1 => kernel::Axis { extent: 1, seen: vec![(0, 1)], step: 1 },
            _ => self.seen(0, x.shape()[2]),
        };
        let (mut values, mut places) = (Tensor::unset(shape), Tensor::unset(shape));
        if let Some(x) = x.as_slice() {
            kernel::largest(&rows, &columns, x, values.make_mut(), places.make_mut());
        }
        (values, places)
    }

    fn constants(&self) -> Vec<(&'static str, String)> {
        match self {
            Windows::Moving(pooling) => pooling.constants(),
            Windows::Cells(cells) => {
                let mut constants = Vec::new();
                print(&mut constants, "size", *cells, [0; N]);
                constants
            }
        }
    }
}

/// Planes as one axis: `[batch, channels, places]`.
fn flat<A: Array<T>, T: Real>(x: &A) -> A {
    let shape = x.shape();
    if shape.rank() == 3 { x.clone() } else { x.reshape(Shape::of(&[shape[0], shape[1], shape[2..].iter().product()])) }
}

/// `x`, planes as one axis, under the shape that it has with planes of its own.
fn unflat<A: Array<T>, T: Real>(x: A, shape: Shape) -> A {
    if shape.rank() == 3 { x } else { x.reshape(shape) }
}

/// Cotangents put where the maxima stand in a plane of this shape.
fn spread<A: Array<T>, T: Real>(g: &A, places: &A, shape: Shape) -> A {
    let put = PutAlong { axis: 2, extent: shape[2..].iter().product() };
    unflat(A::apply(put, &[&flat(g), &flat(places)]), shape)
}

impl<T: Real, const N: usize> Op<T> for MaxPool<N> {
    fn name(&self) -> &'static str {
        match (self.windows, N) {
            (Windows::Moving(_), 1) => "max_pool1d",
            (Windows::Moving(_), _) => "max_pool2d",
            (Windows::Cells(_), 1) => "adaptive_max_pool1d",
            (Windows::Cells(_), _) => "adaptive_max_pool2d",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.windows.shape::<T>(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.windows.largest(x[0], shape).0
    }
    /// The places are kept.
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let (values, places) = self.windows.largest(x[0], shape);
        (values, Few::from_iter([places]))
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        match at.kept(0) {
            Some(places) => at.each(|_| spread(at.cotangent(), places, at.input_shape(0))),
            None => self.vjp(at),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| {
            let places = A::apply(ArgMaxPool { windows: self.windows }, &[at.input(0)]);
            spread(at.cotangent(), &places, at.input_shape(0))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (x, shape) = (at.input(0), at.output().shape());
        let places = flat(&A::apply(ArgMaxPool { windows: self.windows }, &[x]));
        let take = TakeAlong { axis: 2, below: x.shape()[2..].iter().product() };
        at.sum(|_, tangent| unflat(A::apply(take.clone(), &[&flat(tangent), &places]), shape))
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        self.windows.constants()
    }
    fn decisions(&self, x: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        decisions(&self.windows.largest(x[0], y.shape()).1)
    }
}

impl<T: Real, const N: usize> Op<T> for ArgMaxPool<N> {
    fn name(&self) -> &'static str {
        match (self.windows, N) {
            (Windows::Moving(_), 1) => "argmax_pool1d",
            (Windows::Moving(_), _) => "argmax_pool2d",
            (Windows::Cells(_), 1) => "adaptive_argmax_pool1d",
            (Windows::Cells(_), _) => "adaptive_argmax_pool2d",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.windows.shape::<T>(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.windows.largest(x[0], shape).1
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| None)
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.zeros()
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        self.windows.constants()
    }
    fn decisions(&self, _: &[&Tensor<T>], places: &Tensor<T>) -> Vec<u64> {
        decisions(places)
    }
}
