//! Layers: functions of one input and one output, and the door through which boxed ones go.

use crate::algebra::Real;
use crate::{Array, Dual, Shapes, Symbol, Tensor, Var};

/// What has one input and one output. Written once, generic over what it runs on.
///
/// The input comes by value, so that `x + y` and `x * 0.5` just work; a second use is one cheap clone.
///
/// ```
/// use autograd::prelude::*;
/// struct Residual<L>(L);
/// impl<L: Layer> Layer for Residual<L> {
///     fn forward<A: Array>(&self, x: A) -> A {
///         self.0.forward(x.clone()) + x
///     }
/// }
/// ```
pub trait Layer<T: Real = f32> {
    /// The output for the input `x`.
    ///
    /// A library layer marks its implementation `#[track_caller]`, so that its nodes carry the line that called it; a
    /// model's own forward does not, so that they carry the lines inside.
    fn forward<A: Array<T>>(&self, x: A) -> A;
}

/// The closed list of interpretations, written once: the object-safe twin of [`Layer`] has one method for each.
macro_rules! any_layer {
    ($($(#[$doc:meta])* $name:ident $Type:ty;)*) => {
        /// The object-safe twin of [`Layer`], which every layer is: what a box of layers holds.
        pub trait AnyLayer<T: Real = f32> {
            $($(#[$doc])* #[track_caller] fn $name(&self, x: $Type) -> $Type;)*
        }
        impl<T: Real, L: Layer<T>> AnyLayer<T> for L {
            $(#[track_caller] fn $name(&self, x: $Type) -> $Type { self.forward(x) })*
        }
    };
}

any_layer! {
    /// The prediction.
    on_tensor Tensor<T>;
    /// The recording.
    on_var Var<T>;
    /// The directional derivative.
    on_dual Dual<Tensor<T>>;
    /// The recorded directional derivative.
    on_dual_var Dual<Var<T>>;
    /// The shape.
    on_shapes Shapes<T>;
    /// The formula in print.
    on_symbol Symbol<T>;
}
