//! Activations as layers, and the flattening of axes.

use crate::Module;
use autograd::algebra::{Real, formulas};
use autograd::{Array, Layer};

/// A layer without parameters from the method that it calls.
macro_rules! activation {
    ($(#[$doc:meta])* $Name:ident $body:tt, |$layer:ident, $x:ident| $forward:expr) => {
        activation! { @struct [$(#[$doc])* #[derive(Clone, Copy, Debug, PartialEq)] pub struct $Name] $body }
        impl<T: Real> Module<T> for $Name {}
        impl<T: Real> Layer<T> for $Name {
            #[track_caller]
            fn forward<A: Array<T>>(&self, $x: A) -> A {
                let _scope = $x.scope(stringify!($Name));
                let $layer = self;
                let _ = $layer;
                $forward
            }
        }
    };
    (@struct [$($head:tt)*] ;) => { $($head)*; };
    (@struct [$($head:tt)*] { $($fields:tt)* }) => { $($head)* { $($fields)* } };
}

activation! {
    /// `max(x, 0)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Relu.forward(x.clone()), x.relu());
    /// ```
    Relu ;, |layer, x| x.map_owned(formulas::Relu)
}

activation! {
    /// `x Φ(x)`, exact on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Gelu.forward(x.clone()), x.gelu());
    /// ```
    Gelu ;, |layer, x| x.gelu()
}

activation! {
    /// `x Φ(x)` by the tanh approximation on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(GeluTanh.forward(x.clone()), x.gelu_tanh());
    /// ```
    GeluTanh ;, |layer, x| x.gelu_tanh()
}

activation! {
    /// `x · sigmoid(x)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Silu.forward(x.clone()), x.silu());
    /// ```
    Silu ;, |layer, x| x.silu()
}

activation! {
    /// `1/(1 + e⁻ˣ)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Sigmoid.forward(x.clone()), x.sigmoid());
    /// ```
    Sigmoid ;, |layer, x| x.map_owned(formulas::Sigmoid)
}

activation! {
    /// `tanh x` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Tanh.forward(x.clone()), x.tanh());
    /// ```
    Tanh ;, |layer, x| x.map_owned(formulas::Tanh)
}

activation! {
    /// `ln(1 + eˣ)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Softplus.forward(x.clone()), x.softplus());
    /// ```
    Softplus ;, |layer, x| x.softplus()
}

activation! {
    /// `min(max(x, 0), 6)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Relu6.forward(x.clone()), x.relu6());
    /// ```
    Relu6 ;, |layer, x| x.relu6()
}

activation! {
    /// `λ x` if `x > 0`, else `λ α (eˣ − 1)`, with the `λ` and `α` of Klambauer et al., 2017, on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Selu.forward(x.clone()), x.selu());
    /// ```
    Selu ;, |layer, x| x.selu()
}

activation! {
    /// `x · tanh(ln(1 + eˣ))` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Mish.forward(x.clone()), x.mish());
    /// ```
    Mish ;, |layer, x| x.mish()
}

activation! {
    /// `x/(1 + |x|)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(Softsign.forward(x.clone()), x.softsign());
    /// ```
    Softsign ;, |layer, x| x.softsign()
}

activation! {
    /// `ln sigmoid(x)`, finite everywhere, on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(LogSigmoid.forward(x.clone()), x.log_sigmoid());
    /// ```
    LogSigmoid ;, |layer, x| x.log_sigmoid()
}

activation! {
    /// `clamp(x + 3, 0, 6)/6` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(HardSigmoid.forward(x.clone()), x.hard_sigmoid());
    /// ```
    HardSigmoid ;, |layer, x| x.hard_sigmoid()
}

activation! {
    /// `x · clamp(x + 3, 0, 6)/6` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(HardSwish.forward(x.clone()), x.hard_swish());
    /// ```
    HardSwish ;, |layer, x| x.hard_swish()
}

activation! {
    /// `min(max(x, low), high)` on every element. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let x = Tensor::from([-3.0_f32, 0.5, 2.0]);
    /// assert_eq!(HardTanh::default().forward(x).to_vec(), [-1.0, 0.5, 1.0]);
    /// ```
    HardTanh {
        /// The lower bound.
        pub low: f64,
        /// The upper bound.
        pub high: f64,
    }, |layer, x| x.hard_tanh(layer.low, layer.high)
}

impl Default for HardTanh {
    /// Bounds −1 and 1, as PyTorch has it.
    fn default() -> Self {
        HardTanh { low: -1.0, high: 1.0 }
    }
}

activation! {
    /// `x` if `x > 0`, else `slope·x`. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let (layer, x) = (LeakyRelu { slope: 0.1 }, Tensor::from([-1.0_f32, 2.0]));
    /// assert_eq!(layer.forward(x.clone()), x.leaky_relu(layer.slope));
    /// ```
    LeakyRelu {
        /// The slope on the negative side.
        pub slope: f64,
    }, |layer, x| x.leaky_relu(layer.slope)
}

activation! {
    /// `x` if `x > 0`, else `α (eˣ − 1)`. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let (layer, x) = (Elu { alpha: 0.1 }, Tensor::from([-1.0_f32, 2.0]));
    /// assert_eq!(layer.forward(x.clone()), x.elu(layer.alpha));
    /// ```
    Elu {
        /// `α`.
        pub alpha: f64,
    }, |layer, x| x.elu(layer.alpha)
}

activation! {
    /// Positive numbers that add up to 1 along an axis. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let (layer, x) = (Softmax { axis: -1 }, Tensor::from([-1.0_f32, 2.0]));
    /// assert_eq!(layer.forward(x.clone()), x.softmax(layer.axis));
    /// ```
    Softmax {
        /// The axis.
        pub axis: isize,
    }, |layer, x| x.softmax(layer.axis)
}

activation! {
    /// The logarithm of the softmax along an axis. Shape: that of `x`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let (layer, x) = (LogSoftmax { axis: -1 }, Tensor::from([-1.0_f32, 2.0]));
    /// assert_eq!(layer.forward(x.clone()), x.log_softmax(layer.axis));
    /// ```
    LogSoftmax {
        /// The axis.
        pub axis: isize,
    }, |layer, x| x.log_softmax(layer.axis)
}

activation! {
    /// All axes but the first made one. Shapes: `[n, …]` → `[n, product]`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// assert_eq!(Flatten.forward(Tensor::<f32>::zeros([2, 3, 4])).shape(), Shape::from([2, 12]));
    /// ```
    Flatten ;, |layer, x| {
        let shape = x.shape();
        let rows = shape.first().copied().unwrap_or(1);
        x.reshape([rows as isize, shape.iter().skip(1).product::<usize>() as isize])
    }
}
