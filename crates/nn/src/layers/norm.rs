//! Norms of single samples: layer, RMS and group norm.

use super::fits;
use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Layer, Param, Shape, Tensor};

/// `(x − mean)/√(variance + ε) · weight + bias` over the last axes, of each sample by itself. Shape: that of `x`, whose last
/// axes are the layer's. Source: Ba, Kiros and Hinton, 2016.
///
/// ```
/// use nn::prelude::*;
/// let y = LayerNorm::<f32>::new([2]).forward(Tensor::from([[1.0, 3.0], [8.0, 4.0]]));
/// assert!((y.to_vec()[0] + 1.0).abs() < 1e-4 && (y.to_vec()[2] - 1.0).abs() < 1e-4);
/// ```
#[derive(Clone, Debug, Module)]
pub struct LayerNorm<T: Real = f32> {
    /// What standardised values are multiplied by, one number each.
    pub weight: Param<T>,
    /// What is added, if anything is.
    pub bias: Option<Param<T>>,
    /// `ε`, what keeps the division finite.
    pub epsilon: f64,
}

impl<T: Real> LayerNorm<T> {
    /// Over last axes of these extents, with weights 1, biases 0 and ε = 10⁻⁵, as PyTorch has it.
    pub fn new(extents: impl Into<Shape>) -> Self {
        let shape = extents.into();
        let bias = Some(Param::new(Tensor::zeros(shape)));
        LayerNorm { weight: Param::new(Tensor::ones(shape)), bias, epsilon: 1e-5 }
    }

    /// The same layer with this ε.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        LayerNorm { epsilon, ..self }
    }

    /// The same layer without its bias.
    pub fn without_bias(self) -> Self {
        LayerNorm { bias: None, ..self }
    }
}

/// Panics unless the last axes of an input are those of a weight.
#[track_caller]
fn check_last<T: Real>(layer: &'static str, weight: &Param<T>, got: Shape) {
    let own = weight.value().shape();
    let list = own.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    fits::takes(
        layer,
        weight,
        got.ends_with(&own),
        || format!("inputs […, {list}]"),
        got,
        || "its extents are the last axes: make the layer for those of the input".to_string(),
    );
}

impl<T: Real> Layer<T> for LayerNorm<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("LayerNorm");
        check_last("LayerNorm", &self.weight, x.shape());
        let (weight, bias) = (x.param(&self.weight), self.bias.as_ref().map(|bias| x.param(bias)));
        x.layer_norm(weight.shape().rank(), Some(&weight), bias.as_ref(), self.epsilon)
    }
}

/// `x/√(mean(x²) + ε) · weight` over the last axes, of each sample by itself. Shape: that of `x`, whose last axes are the
/// layer's. Source: Zhang and Sennrich, 2019.
///
/// ```
/// use nn::prelude::*;
/// let y = RmsNorm::<f32>::new([2]).forward(Tensor::from([[1.0, 7.0]]));
/// assert!((y.to_vec()[0] - 0.2).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, Module)]
pub struct RmsNorm<T: Real = f32> {
    /// What is multiplied by, one number each.
    pub weight: Param<T>,
    /// `ε`, what keeps the division finite.
    pub epsilon: f64,
}

impl<T: Real> RmsNorm<T> {
    /// Over last axes of these extents, with weights 1 and the number type's own ε (2⁻²³ or 2⁻⁵²), as PyTorch has it.
    pub fn new(extents: impl Into<Shape>) -> Self {
        RmsNorm { weight: Param::new(Tensor::ones(extents)), epsilon: T::EPSILON.to_f64() }
    }

    /// The same layer with this ε.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        RmsNorm { epsilon, ..self }
    }
}

impl<T: Real> Layer<T> for RmsNorm<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("RmsNorm");
        check_last("RmsNorm", &self.weight, x.shape());
        let weight = x.param(&self.weight);
        x.rms_norm(weight.shape().rank(), Some(&weight), self.epsilon)
    }
}

/// Each sample standardised over each of some groups of channels, then `· weight + bias`, one number a channel. Shapes:
/// `[batch, channels, …]`, kept. One group is a layer norm over everything, as many as channels the instance norm. Source:
/// Wu and He, 2018.
///
/// ```
/// use nn::prelude::*;
/// let y = GroupNorm::<f32>::new(2, 4).forward(Tensor::from([[1.0, 3.0, 10.0, 20.0]]));
/// assert!((y.to_vec()[0] + 1.0).abs() < 1e-4 && (y.to_vec()[3] - 1.0).abs() < 1e-4);
/// ```
#[derive(Clone, Debug, Module)]
pub struct GroupNorm<T: Real = f32> {
    /// What standardised values are multiplied by, one number a channel.
    pub weight: Param<T>,
    /// What is added, one number a channel.
    pub bias: Param<T>,
    /// How many groups there are.
    pub groups: usize,
    /// `ε`, what keeps the division finite.
    pub epsilon: f64,
}

impl<T: Real> GroupNorm<T> {
    /// So many groups of so many channels, with weights 1, biases 0 and ε = 10⁻⁵, as PyTorch has it.
    ///
    /// # Panics
    /// If the groups do not divide the channels.
    #[track_caller]
    pub fn new(groups: usize, channels: usize) -> Self {
        assert!(groups > 0 && channels.is_multiple_of(groups), "{groups} groups do not divide {channels} channels");
        let (weight, bias) = (Param::new(Tensor::ones([channels])), Param::new(Tensor::zeros([channels])));
        GroupNorm { weight, bias, groups, epsilon: 1e-5 }
    }

    /// The same layer with this ε.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        GroupNorm { epsilon, ..self }
    }
}

impl<T: Real> Layer<T> for GroupNorm<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("GroupNorm");
        let channels = self.weight.value().elements();
        let fits = x.shape().get(1) == Some(&channels);
        fits::takes(
            "GroupNorm",
            &self.weight,
            fits,
            || format!("inputs [batch, {channels}, …]"),
            x.shape(),
            || "channels are axis 1: make the layer for those of the input".to_string(),
        );
        x.group_norm(self.groups, Some(&x.param(&self.weight)), Some(&x.param(&self.bias)), self.epsilon)
    }
}
