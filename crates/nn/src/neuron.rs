//! A neuron and a net made from scalars: the lessons' smallest network.
//!
//! Everything is written in [`Algebra`], so the same lines run on plain numbers, on scalar variables (which gives
//! gradients) and on small duals.

use autograd::algebra::Algebra;
use rand::{Rng, RngExt};

/// One neuron: `tanh(w · x + b)`, or `w · x + b` if linear.
///
/// ```
/// use nn::neuron::Neuron;
/// let neuron = Neuron { weights: vec![-3.0, 1.0], bias: 6.8813735870195432, linear: false };
/// assert!((neuron.forward(&[2.0, 0.0]) - 0.7071067811865476).abs() < 1e-15);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron<A = f64> {
    /// One weight an input.
    pub weights: Vec<A>,
    /// The bias.
    pub bias: A,
    /// Whether the sum is passed on as it is.
    pub linear: bool,
}

impl Neuron {
    /// With weights uniform in `[−1, 1)` and bias 0.
    pub fn new(inputs: usize, linear: bool, generator: &mut impl Rng) -> Self {
        let weights = (0..inputs).map(|_| 2.0 * generator.random::<f64>() - 1.0).collect();
        Neuron { weights, bias: 0.0, linear }
    }
}

impl<A: Algebra> Neuron<A> {
    /// The output for these inputs, one for each weight.
    pub fn forward(&self, x: &[A]) -> A {
        let sum = self.weights.iter().zip(x).fold(self.bias, |sum, (&w, &x)| sum + w * x);
        if self.linear { sum } else { sum.tanh() }
    }
}

/// Neurons side by side, each with the same inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuronLayer<A = f64> {
    /// The neurons.
    pub neurons: Vec<Neuron<A>>,
}

impl<A: Algebra> NeuronLayer<A> {
    /// One output for each neuron.
    pub fn forward(&self, x: &[A]) -> Vec<A> {
        self.neurons.iter().map(|neuron| neuron.forward(x)).collect()
    }
}

/// Layers one after the other; the last one is linear.
///
/// ```
/// use nn::neuron::Mlp;
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let net = Mlp::new(&[2, 16, 16, 1], &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!(net.parameters().len(), 3 * 16 + 17 * 16 + 17);
/// assert_eq!(net.forward(&[0.5, -0.5]).len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp<A = f64> {
    /// The layers, first to last.
    pub layers: Vec<NeuronLayer<A>>,
}

impl Mlp {
    /// A net with these widths, inputs first.
    pub fn new(widths: &[usize], generator: &mut impl Rng) -> Self {
        let last = widths.len().saturating_sub(2);
        let layers = widths.windows(2).enumerate().map(|(i, pair)| NeuronLayer {
            neurons: (0..pair[1]).map(|_| Neuron::new(pair[0], i == last, generator)).collect(),
        });
        Mlp { layers: layers.collect() }
    }

    /// Every weight and bias, neuron by neuron.
    pub fn parameters(&self) -> Vec<f64> {
        let neurons = self.layers.iter().flat_map(|layer| &layer.neurons);
        neurons.flat_map(|neuron| neuron.weights.iter().copied().chain([neuron.bias])).collect()
    }

    /// The same net with other numbers in it, in the order of [`parameters`](Mlp::parameters): variables of a tape, to
    /// get their gradients.
    ///
    /// # Panics
    /// If there are too few.
    pub fn with<A: Algebra>(&self, parameters: &[A]) -> Mlp<A> {
        let mut next = parameters.iter().copied();
        let mut take = || next.next().expect("one number for each weight and bias");
        let layers = self.layers.iter().map(|layer| {
            let neurons = layer.neurons.iter().map(|neuron| Neuron {
                weights: neuron.weights.iter().map(|_| take()).collect(),
                bias: take(),
                linear: neuron.linear,
            });
            NeuronLayer { neurons: neurons.collect() }
        });
        Mlp { layers: layers.collect() }
    }
}

impl<A: Algebra> Mlp<A> {
    /// The outputs for these inputs.
    pub fn forward(&self, x: &[A]) -> Vec<A> {
        self.layers.iter().fold(x.to_vec(), |x, layer| layer.forward(&x))
    }
}
