//! Convolutions and their transposes.

use super::{Then, fits};
use crate::Module;
use crate::init::Init;
use autograd::algebra::{Formula, Real};
use autograd::{Array, Convolution, Layer, Param, Shape};
use rand::Rng;

/// A weight and a bias, uniform within `±1/√(inputs that an output sees)`, as PyTorch counts them: axis 1 of the weight
/// times the places of the kernel.
fn start<T: Real>(extents: &[usize], outputs: usize, generator: &mut impl Rng) -> (Param<T>, Option<Param<T>>) {
    let init = Init::within(1.0 / (extents[1..].iter().product::<usize>().max(1) as f64).sqrt());
    let weight = Param::new(init.tensor(extents, generator));
    (weight, Some(Param::new(init.tensor([outputs], generator))))
}

/// The extents of a weight: two of channels, then the kernel's.
fn extents<const N: usize>(first: usize, second: usize, kernel: [usize; N]) -> Vec<usize> {
    let mut extents = vec![first, second];
    extents.extend(kernel);
    extents
}

/// Panics unless an input has these channels and so many axes after them.
#[track_caller]
fn check<T: Real>(layer: &'static str, weight: &Param<T>, channels: usize, places: &str, got: Shape) {
    let fits = got.rank() == weight.value().shape().rank() && got[1] == channels;
    fits::takes(
        layer,
        weight,
        fits,
        || format!("inputs [batch, {channels}, {places}]"),
        got,
        || match got.rank() + 1 == weight.value().shape().rank() && got[0] == channels {
            true => "give a single sample a batch axis with `.unsqueeze(0)`".to_string(),
            false => format!("channels are axis 1: make the layer for those of the input, or feed {channels}"),
        },
    );
}

/// The convolutions, which differ in the number of their axes alone.
macro_rules! convolution {
    ($(#[$doc:meta])* $Name:ident, $axes:literal, $places:literal, $method:ident, $then:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Module)]
        pub struct $Name<T: Real = f32> {
            /// `W`, one filter an output channel.
            pub weight: Param<T>,
            /// `b`, if there is one.
            pub bias: Option<Param<T>>,
            /// How the filters move.
            #[module(skip)]
            pub convolution: Convolution<$axes>,
        }

        impl<T: Real> $Name<T> {
            /// Stride 1, no padding, with weights and biases uniform within `±1/√(in · places of the kernel)`, as PyTorch
            /// has it.
            pub fn new(inputs: usize, outputs: usize, kernel: [usize; $axes], generator: &mut impl Rng) -> Self {
                Self::grouped(inputs, outputs, kernel, 1, generator)
            }

            /// With the channels in groups that see nothing of each other: weights `[out, in / groups, …]`.
            ///
            /// # Panics
            /// If the groups do not divide the channels.
            #[track_caller]
            pub fn grouped(
                inputs: usize,
                outputs: usize,
                kernel: [usize; $axes],
                groups: usize,
                generator: &mut impl Rng,
            ) -> Self {
                check_groups(inputs, outputs, groups);
                let (weight, bias) = start(&extents(outputs, inputs / groups, kernel), outputs, generator);
                $Name { weight, bias, convolution: Convolution::new().with_groups(groups) }
            }

            /// The same layer with this stride along each axis.
            pub fn with_stride(self, stride: [usize; $axes]) -> Self {
                $Name { convolution: self.convolution.with_stride(stride), ..self }
            }

            /// The same layer with so many zeros at either end of each axis.
            pub fn with_padding(self, padding: [usize; $axes]) -> Self {
                $Name { convolution: self.convolution.with_padding(padding), ..self }
            }

            /// The same layer with this dilation along each axis.
            pub fn with_dilation(self, dilation: [usize; $axes]) -> Self {
                $Name { convolution: self.convolution.with_dilation(dilation), ..self }
            }

            /// The same layer without its bias.
            pub fn without_bias(self) -> Self {
                $Name { bias: None, ..self }
            }

            /// With an activation as part of it.
            pub fn then<F: Formula<1>>(self, formula: F) -> Then<Self, F> {
                Then { layer: self, formula }
            }

            /// Weight and bias where `x` is read.
            #[track_caller]
            fn on<A: Array<T>>(&self, x: &A) -> (A, Option<A>) {
                let channels = self.weight.value().shape()[1] * self.convolution.groups;
                check(stringify!($Name), &self.weight, channels, $places, x.shape());
                let weight = x.param(&self.weight);
                // In a closure, the bias would get this line and not the caller's.
                match &self.bias {
                    Some(bias) => (weight, Some(x.param(bias))),
                    None => (weight, None),
                }
            }
        }

        impl<T: Real> Layer<T> for $Name<T> {
            #[track_caller]
            fn forward<A: Array<T>>(&self, x: A) -> A {
                let _scope = x.scope(stringify!($Name));
                let (weight, bias) = self.on(&x);
                x.$method(&weight, bias.as_ref(), self.convolution)
            }
        }

        impl<T: Real, F: Formula<1>> Layer<T> for Then<$Name<T>, F> {
            #[track_caller]
            fn forward<A: Array<T>>(&self, x: A) -> A {
                let _scope = x.scope(stringify!($Name));
                let (weight, bias) = self.layer.on(&x);
                x.$then(&weight, bias.as_ref(), self.layer.convolution, self.formula)
            }
        }
    };
}

#[track_caller]
fn check_groups(inputs: usize, outputs: usize, groups: usize) {
    let divided = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
    assert!(divided, "{groups} groups do not divide {inputs} input and {outputs} output channels");
}

convolution! {
    /// A convolution along one axis, without flipping the filter: `y[n, o, t] = Σ W[o, c, k] x[n, c, s t + d k − p] + b[o]`.
    /// Shapes: `[batch, in, length]` → `[batch, out, length′]`, `W` `[out, in / groups, kernel]`, `length′ =
    /// ⌊(length + 2p − d (kernel − 1) − 1)/s⌋ + 1`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let layer = Conv1d::<f32>::new(3, 6, [5], &mut ChaCha8Rng::seed_from_u64(0)).with_padding([2]);
    /// assert_eq!(layer.forward(Tensor::ones([2, 3, 10])).shape(), Shape::from([2, 6, 10]));
    /// ```
    Conv1d, 1, "length", conv1d, conv1d_then
}

convolution! {
    /// A convolution along two axes, without flipping the filter: `y[n, o, i, j] = Σ W[o, c, k, l] x[n, c, s i + d k − p,
    /// s j + d l − p] + b[o]`. Shapes: `[batch, in, height, width]` → `[batch, out, height′, width′]`, `W`
    /// `[out, in / groups, kernel height, kernel width]`; extents as for [`Conv1d`].
    ///
    /// ```
    /// use nn::prelude::*;
    /// let layer = Conv2d::<f32>::new(1, 8, [3, 3], &mut ChaCha8Rng::seed_from_u64(0)).with_stride([2, 2]);
    /// assert_eq!(layer.forward(Tensor::ones([4, 1, 9, 9])).shape(), Shape::from([4, 8, 4, 4]));
    /// ```
    Conv2d, 2, "height, width", conv2d, conv2d_then
}

/// A transposed convolution along two axes: the adjoint of a convolution with the same settings, which spreads every input
/// over the places that the convolution would see. Shapes: `[batch, in, height, width]` → `[batch, out, height′, width′]`,
/// `W` `[in, out / groups, kernel height, kernel width]`, `height′ = s (height − 1) − 2p + d (kernel − 1) + 1 + output
/// padding`.
///
/// ```
/// use nn::prelude::*;
/// let layer = ConvTranspose2d::<f32>::new(8, 1, [2, 2], &mut ChaCha8Rng::seed_from_u64(0)).with_stride([2, 2]);
/// assert_eq!(layer.forward(Tensor::ones([4, 8, 5, 5])).shape(), Shape::from([4, 1, 10, 10]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct ConvTranspose2d<T: Real = f32> {
    /// `W`, one filter an input channel.
    pub weight: Param<T>,
    /// `b`, if there is one.
    pub bias: Option<Param<T>>,
    /// How the filters of the convolution move whose adjoint it is.
    #[module(skip)]
    pub convolution: Convolution<2>,
    /// How many places are added at the end of each axis: which of the inputs of that convolution is meant.
    #[module(skip)]
    pub output_padding: [usize; 2],
}

impl<T: Real> ConvTranspose2d<T> {
    /// Stride 1, no padding, with weights and biases uniform within `±1/√(out · places of the kernel)`, as PyTorch has it.
    pub fn new(inputs: usize, outputs: usize, kernel: [usize; 2], generator: &mut impl Rng) -> Self {
        Self::grouped(inputs, outputs, kernel, 1, generator)
    }

    /// With the channels in groups that see nothing of each other: weights `[in, out / groups, …]`.
    ///
    /// # Panics
    /// If the groups do not divide the channels.
    #[track_caller]
    pub fn grouped(inputs: usize, outputs: usize, kernel: [usize; 2], groups: usize, generator: &mut impl Rng) -> Self {
        check_groups(inputs, outputs, groups);
        let (weight, bias) = start(&extents(inputs, outputs / groups, kernel), outputs, generator);
        ConvTranspose2d { weight, bias, convolution: Convolution::new().with_groups(groups), output_padding: [0, 0] }
    }

    /// The same layer with this stride along each axis.
    pub fn with_stride(self, stride: [usize; 2]) -> Self {
        ConvTranspose2d { convolution: self.convolution.with_stride(stride), ..self }
    }

    /// The same layer with so many places cut off at either end of each axis.
    pub fn with_padding(self, padding: [usize; 2]) -> Self {
        ConvTranspose2d { convolution: self.convolution.with_padding(padding), ..self }
    }

    /// The same layer with this dilation along each axis.
    pub fn with_dilation(self, dilation: [usize; 2]) -> Self {
        ConvTranspose2d { convolution: self.convolution.with_dilation(dilation), ..self }
    }

    /// The same layer with so many places added at the end of each axis.
    pub fn with_output_padding(self, output_padding: [usize; 2]) -> Self {
        ConvTranspose2d { output_padding, ..self }
    }

    /// The same layer without its bias.
    pub fn without_bias(self) -> Self {
        ConvTranspose2d { bias: None, ..self }
    }
}

impl<T: Real> Layer<T> for ConvTranspose2d<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("ConvTranspose2d");
        check("ConvTranspose2d", &self.weight, self.weight.value().shape()[0], "height, width", x.shape());
        let (weight, bias) = (x.param(&self.weight), self.bias.as_ref().map(|bias| x.param(bias)));
        x.conv_transpose2d(&weight, bias.as_ref(), self.convolution, self.output_padding)
    }
}
