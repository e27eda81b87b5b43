//! Pooling: how windows move, and what averages over them are made of.

use super::window::{Window, print};
use crate::Error;
use crate::algebra::Real;
use crate::kernels::resample::Taps;

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
