//! The list of runs that go wrong, and what they have in common.

pub mod dead_rectifiers;
pub mod exploding_rnn;
pub mod far_logits;
pub mod forgotten_layer;
pub mod rate_too_high;
pub mod rate_too_low;
pub mod saturated_tanh;
pub mod tiny_inputs;
pub mod vanishing_sigmoids;
pub mod zero_twins;

use autograd::inspect::Fault;
use nn::data;
use nn::optim::Optimizer;
use nn::prelude::*;
use nn::watch::{Log, Watch};

/// What a run is made of.
pub struct Setting {
    /// Fixes initial weights and the order of the data.
    pub seed: u64,
    /// Samples of a batch.
    pub batch: usize,
    /// Units of a layer.
    pub width: usize,
    /// Layers or time steps, of what is deep.
    pub depth: usize,
    /// Steps of the run.
    pub steps: usize,
    /// From one watched step to the next.
    pub every: usize,
}

/// A run that goes wrong, with its healthy twin.
pub struct Case {
    /// The name, which is that of its file.
    pub name: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// What the watch is to call it.
    pub fault: Fault,
    /// The run, with the mistake or healthy.
    pub run: fn(&Setting, bool) -> Log,
}

macro_rules! cases {
    ($($name:ident $title:literal $fault:ident;)*) => {
        /// All of them.
        pub const GALLERY: &[Case] =
            &[$(Case { name: stringify!($name), title: $title, fault: Fault::$fault, run: $name::run }),*];
    };
}

cases! {
    rate_too_high "a learning rate that is a hundred times too high" RateTooHigh;
    rate_too_low "a learning rate in the wrong unit" RateTooLow;
    vanishing_sigmoids "a deep stack of sigmoids" Vanishing;
    exploding_rnn "a memory whose weights stretch at every time step" Exploding;
    dead_rectifiers "rectifiers that never open" DeadUnits;
    far_logits "a last layer that is sure of itself before it has seen anything" InitialLoss;
    saturated_tanh "pixels from 0 to 255 into tanh" Saturated;
    zero_twins "hidden weights that all start at 0" Twins;
    tiny_inputs "micrometres in metres" IgnoresInput;
    forgotten_layer "a layer that is made and never called" Unused;
}

/// Trains a classifier of handwritten digits, whose pixels are first changed by `prepare`, and watches.
pub fn train<M: Module + Layer>(
    mut net: M,
    mut optimizer: impl Optimizer,
    at: &Setting,
    prepare: impl Fn(Tensor) -> Tensor,
) -> Log {
    let digits = data::digits();
    let mut watch = Watch::every(at.every).telling(|_| ());
    let epochs = (0..).flat_map(|epoch| data::batches(&digits, at.batch, at.seed << 32 | epoch));
    for (x, labels) in epochs.take(at.steps) {
        let x = prepare(x);
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    watch.log().clone()
}

/// A net of two layers for the digits, started as it should be.
#[derive(Module)]
pub struct Net {
    pub hidden: Linear,
    pub output: Linear,
}

impl Net {
    pub fn new(at: &Setting) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
        Net {
            hidden: Linear::with_init(64, at.width, nn::init::Init::KaimingUniform, &mut generator),
            output: Linear::with_init(at.width, 10, nn::init::Init::GlorotUniform, &mut generator),
        }
    }
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        self.output.forward(self.hidden.forward(x).relu())
    }
}
