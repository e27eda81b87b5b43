//! Pooling.

use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Layer, Pooling};

/// A layer without parameters around what it holds.
macro_rules! pooling {
    ($($(#[$doc:meta])* $Name:ident($(#[$of:meta])* $Held:ty), $method:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $Name($(#[$of])* pub $Held);
        impl<T: Real> Module<T> for $Name {}
        impl<T: Real> Layer<T> for $Name {
            #[track_caller]
            fn forward<A: Array<T>>(&self, x: A) -> A {
                let _scope = x.scope(stringify!($Name));
                x.$method(self.0)
            }
        }
    )*};
}

/// Windows of given extents, side by side.
macro_rules! by_windows {
    ($($Name:ident, $axes:literal;)*) => {$(
        impl $Name {
            /// Windows of these extents, side by side; a [`Pooling`] says how they move otherwise.
            pub fn new(kernel: [usize; $axes]) -> Self {
                $Name(Pooling::new(kernel))
            }
        }
    )*};
}
by_windows! { MaxPool1d, 1; MaxPool2d, 2; AvgPool1d, 1; AvgPool2d, 2; }

pooling! {
    /// The largest element of each window along one axis; padding never is. Shapes: `[batch, channels, length]` →
    /// `[batch, channels, length′]`, `length′ = ⌊(length + 2p − d (kernel − 1) − 1)/s⌋ + 1`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([[[1.0_f32, 3.0, 2.0, 0.0]]]);
    /// assert_eq!(MaxPool1d::new([2]).forward(x).to_vec(), [3.0, 2.0]);
    /// ```
    MaxPool1d(/// How windows move.
        Pooling<1>), max_pool1d;

    /// The largest element of each window over two axes; padding never is. Shapes: `[batch, channels, height, width]` →
    /// `[batch, channels, height′, width′]`, extents as for [`MaxPool1d`].
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::<f32>::arange(16).reshape([1, 1, 4, 4]);
    /// assert_eq!(MaxPool2d::new([2, 2]).forward(x.clone()).to_vec(), [5.0, 7.0, 13.0, 15.0]);
    /// let overlapping = MaxPool2d(Pooling::new([2, 2]).with_stride([1, 1]));
    /// assert_eq!(overlapping.forward(x).shape(), Shape::from([1, 1, 3, 3]));
    /// ```
    MaxPool2d(/// How windows move.
        Pooling<2>), max_pool2d;

    /// The mean of each window along one axis. Shapes: `[batch, channels, length]` → `[batch, channels, length′]`, extents
    /// as for [`MaxPool1d`].
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([[[1.0_f32, 3.0, 2.0, 0.0]]]);
    /// assert_eq!(AvgPool1d::new([2]).forward(x).to_vec(), [2.0, 1.0]);
    /// ```
    AvgPool1d(/// How windows move.
        Pooling<1>), avg_pool1d;

    /// The mean of each window over two axes. Shapes: `[batch, channels, height, width]` →
    /// `[batch, channels, height′, width′]`, extents as for [`MaxPool1d`].
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::<f32>::arange(16).reshape([1, 1, 4, 4]);
    /// assert_eq!(AvgPool2d::new([2, 2]).forward(x).to_vec(), [2.5, 4.5, 10.5, 12.5]);
    /// ```
    AvgPool2d(/// How windows move.
        Pooling<2>), avg_pool2d;

    /// The means over so many cells along one axis, whatever its length. Shapes: `[batch, channels, length]` →
    /// `[batch, channels, cells]`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([[[1.0_f32, 3.0, 2.0, 0.0]]]);
    /// assert_eq!(AdaptiveAvgPool1d([1]).forward(x).to_vec(), [1.5]);
    /// ```
    AdaptiveAvgPool1d(/// How many cells there are.
        [usize; 1]), adaptive_avg_pool1d;

    /// The means over so many cells over two axes, whatever their extents. Shapes: `[batch, channels, height, width]` →
    /// `[batch, channels, rows, columns]`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::<f32>::arange(16).reshape([1, 1, 4, 4]);
    /// assert_eq!(AdaptiveAvgPool2d([1, 1]).forward(x).to_vec(), [7.5]);
    /// ```
    AdaptiveAvgPool2d(/// How many cells there are along each axis.
        [usize; 2]), adaptive_avg_pool2d;
}
