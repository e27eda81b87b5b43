//! The batch norm, and the statistics that it learns on the side.

use super::fits;
use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Layer, Mode, Param, Shape, Tensor};

/// The batch norms, which differ in the shapes that they take alone.
macro_rules! batch_norm {
    ($(#[$doc:meta])* $Name:ident, $ranks:pat, $takes:literal) => {
        $(#[$doc])*
        ///
        /// In training the batch's own mean and (biased) variance, and the running ones learn: `running ← (1 − μ) running +
        /// μ batch`, with the unbiased variance. They are no parameters: the tape records what they learned, it comes back
        /// with the gradients, and the optimizer's step applies it. In evaluation, and on plain tensors, the running ones.
        /// Source: Ioffe and Szegedy, 2015.
        #[derive(Clone, Debug, Module)]
        pub struct $Name<T: Real = f32> {
            /// What standardised values are multiplied by, one number a channel.
            pub weight: Param<T>,
            /// What is added, one number a channel.
            pub bias: Param<T>,
            /// A statistic: the mean of each channel.
            pub running_mean: Param<T>,
            /// A statistic: the variance of each channel.
            pub running_var: Param<T>,
            /// A statistic: how many batches taught the others. PyTorch's files hold it; nothing reads it here.
            pub num_batches_tracked: Param<T>,
            /// `μ`, what a batch teaches the running statistics.
            pub momentum: f64,
            /// `ε`, what keeps the division finite.
            pub epsilon: f64,
        }

        impl<T: Real> $Name<T> {
            /// With weights 1, biases 0, running means 0 and variances 1, μ = 0.1 and ε = 10⁻⁵, as PyTorch has it.
            pub fn new(channels: usize) -> Self {
                $Name {
                    weight: Param::new(Tensor::ones([channels])),
                    bias: Param::new(Tensor::zeros([channels])),
                    running_mean: Param::statistic(Tensor::zeros([channels])),
                    running_var: Param::statistic(Tensor::ones([channels])),
                    num_batches_tracked: Param::statistic(Tensor::scalar(T::ZERO)),
                    momentum: 0.1,
                    epsilon: 1e-5,
                }
            }

            /// The same layer with this μ.
            pub fn with_momentum(self, momentum: f64) -> Self {
                $Name { momentum, ..self }
            }

            /// The same layer with this ε.
            pub fn with_epsilon(self, epsilon: f64) -> Self {
                $Name { epsilon, ..self }
            }
        }

        impl<T: Real> Layer<T> for $Name<T> {
            #[track_caller]
            fn forward<A: Array<T>>(&self, x: A) -> A {
                let _scope = x.scope(stringify!($Name));
                let (shape, channels) = (x.shape(), self.weight.value().elements());
                let fits = matches!(shape.rank(), $ranks) && shape[1] == channels;
                fits::takes(stringify!($Name), &self.weight, fits, || $takes.replace("C", &channels.to_string()), shape, || {
                    "channels are axis 1: make the layer for those of the input".to_string()
                });
                let (weight, bias) = (x.param(&self.weight), x.param(&self.bias));
                if x.mode() == Mode::Evaluation {
                    let (mean, variance) = (x.param(&self.running_mean), x.param(&self.running_var));
                    return x.batch_norm_with(&mean, &variance, Some(&weight), Some(&bias), self.epsilon);
                }
                check_batch(stringify!($Name), &self.weight, shape);
                let batch = x.batch_norm(Some(&weight), Some(&bias), self.epsilon);
                let count = (shape.elements() / channels) as f64;
                let mean = batch.mean * T::from_f64(self.momentum);
                let variance = batch.variance * T::from_f64(self.momentum * count / (count - 1.0));
                x.learn(&self.running_mean, 1.0 - self.momentum, &mean);
                x.learn(&self.running_var, 1.0 - self.momentum, &variance);
                x.learn(&self.num_batches_tracked, 1.0, &x.constant(&Tensor::scalar(T::ONE)));
                batch.value
            }
        }
    };
}

/// Panics unless there are two elements a channel at least.
#[track_caller]
fn check_batch<T: Real>(layer: &'static str, weight: &Param<T>, shape: Shape) {
    let count = shape.iter().enumerate().filter(|&(axis, _)| axis != 1).map(|(_, extent)| extent).product::<usize>();
    let takes = || "inputs with two or more elements a channel in training".to_string();
    fits::takes(layer, weight, count >= 2, takes, shape, || {
        "one element has no spread: train on batches of 2 or more, or evaluate by `Tape::new().evaluating()`"
            .to_string()
    });
}

batch_norm! {
    /// `(x − mean)/√(variance + ε) · weight + bias`, each channel standardised over the batch and the length. Shapes:
    /// `[batch, channels]` or `[batch, channels, length]`, kept.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut norm = BatchNorm1d::<f32>::new(1);
    /// let x = Tensor::from([[1.0], [5.0]]);
    /// let (_, gradients) = gradient(|tape| norm.forward(tape.constant(&x)).square().sum());
    /// GradientDescent::new(0.1).step(&mut norm, &gradients);
    /// assert_eq!(norm.running_mean.value().to_vec(), [0.3]);
    /// assert_eq!(norm.running_var.value().to_vec(), [0.9 + 0.8]);
    /// ```
    BatchNorm1d, 2..=3, "inputs [batch, C] or [batch, C, length]"
}

batch_norm! {
    /// `(x − mean)/√(variance + ε) · weight + bias`, each channel standardised over the batch and all places. Shapes:
    /// `[batch, channels, height, width]`, kept.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let norm = BatchNorm2d::<f32>::new(3);
    /// assert_eq!(norm.forward(Tensor::ones([2, 3, 4, 4])).shape(), Shape::from([2, 3, 4, 4]));
    /// ```
    BatchNorm2d, 4, "inputs [batch, C, height, width]"
}
