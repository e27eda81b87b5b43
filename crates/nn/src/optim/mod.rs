//! Optimizers: what turns gradients into steps. Each makes one pass over a parameter's memory, writes it where it lies, and
//! gives the same bits on any number of threads.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Optimizer`]: a step, a learning rate, settings, state |
//! | `rule.rs` | [`Rule`] and [`Element`]: what an optimizer has to say; the walk and the one pass that all share |
//! | `settings.rs` | [`optimizer!`](crate::optimizer): settings by name, each in its range |
//! | `state.rs` | what is remembered of each parameter, and how it is kept and brought back |
//! | `sgd.rs` | [`GradientDescent`], [`Sgd`] |
//! | `adam.rs` | [`Adam`], [`AdamW`], with AMSGrad |
//! | `nadam.rs`, `radam.rs`, `adamax.rs`, `lion.rs` | [`NAdam`], [`RAdam`], [`Adamax`], [`Lion`] |
//! | `rmsprop.rs`, `adagrad.rs`, `adadelta.rs` | [`RmsProp`], [`Adagrad`], [`Adadelta`] |
//! | `lbfgs.rs`, `wolfe.rs` | [`Lbfgs`], which evaluates the loss itself, and its search along a line |
//! | `max_norm.rs` | [`max_norm`]: a bound on the weights of each unit |
//! | `clip.rs` | [`clip_norm`], [`clip_value`]: gradients made smaller before a step |
//!
//! Names are alike everywhere: `p` a weight, `g` its gradient, `η` the learning rate, `λ` the weight decay, `t` the number
//! of the step, from 1. What an optimizer remembers is 0 at first unless it says otherwise.
//!
//! Several passes before one step: gradients are added, and divided by the number of passes if the loss is a mean.
//!
//! ```
//! use nn::prelude::*;
//! let mut net = Linear::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
//! let halves = [Tensor::from([[1.0, 2.0]]), Tensor::from([[3.0, 5.0]])];
//! let pass = |x: &Tensor| gradient(|tape| net.forward(tape.constant(x)).square().mean()).1;
//! let gradients = pass(&halves[0]).plus(pass(&halves[1])).map(|gradient| gradient * 0.5);
//! Adam::new(0.01).step(&mut net, &gradients);
//! ```
//!
//! Settings of their own for some parameters, by their paths; what is frozen (`net.freeze("*bias", true)`) is not moved at
//! all.
//!
//! ```
//! use nn::prelude::*;
//! let mut net = Linear::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0));
//! let bias = net.parameters()[1].1.value().clone();
//! let mut optimizer = AdamW::new(0.1).with_group("*bias", AdamW::new(0.1).with_weight_decay(0.0));
//! let (_, gradients) = gradient(|tape| net.forward(tape.constant(&Tensor::from([[1.0]]))).step().sum());
//! optimizer.step(&mut net, &gradients);
//! assert_eq!(*net.parameters()[1].1.value(), bias); // a gradient of zero, and no decay
//! ```

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod clip;
mod lbfgs;
mod lion;
mod max_norm;
mod nadam;
mod radam;
mod rmsprop;
mod rule;
mod settings;
mod sgd;
mod state;
mod wolfe;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use adamax::Adamax;
pub use clip::{clip_norm, clip_value, try_clip_norm};
pub use lbfgs::{Lbfgs, Outcome, Progress};
pub use lion::Lion;
pub use max_norm::max_norm;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use rule::{Element, Rule, Update};
pub use settings::{Range, Settings, WeightDecay};
pub use sgd::{GradientDescent, Sgd};
pub use state::{Kept, OptimizerState};

/// What [`optimizer!`](crate::optimizer) writes into other crates.
#[doc(hidden)]
pub mod __private {
    pub use super::settings::unknown_setting;
    pub use autograd::Error;
    pub use autograd::algebra::Real;
}

use crate::Module;
use autograd::algebra::Real;
use autograd::{Error, Gradients, Tensor};

/// Turns the gradients of one backward pass into one step.
pub trait Optimizer<T: Real = f32> {
    /// Moves every trainable parameter of the model that the gradients reach. A parameter that they do not reach stays;
    /// one that they reach with an exact zero is moved as by a gradient of zeros. Statistics become what they
    /// [learned](Gradients::learned).
    fn step(&mut self, model: &mut dyn Module<T>, gradients: &Gradients<Tensor<T>>);

    /// The learning rate.
    fn learning_rate(&self) -> f64;

    /// Changes the learning rate, for schedules. The rates of groups change in proportion: a group that was given a tenth
    /// of the optimizer's rate keeps a tenth.
    ///
    /// # Panics
    /// If `rate` is negative or not finite.
    fn set_learning_rate(&mut self, rate: f64);

    /// The settings by name, in the order of the documentation, `rate` as it was made; a switch is 0 or 1.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let optimizer: Box<dyn Optimizer> = Box::new(Sgd::new(0.1).with_momentum(0.9));
    /// let settings = [("rate", 0.1), ("weight_decay", 0.0), ("momentum", 0.9), ("dampening", 0.0), ("nesterov", 0.0)];
    /// assert_eq!(optimizer.settings(), settings);
    /// ```
    fn settings(&self) -> Vec<(&'static str, f64)>;

    /// Changes a setting by name: what comes from a file or a command line, or a momentum that follows a schedule. Groups
    /// keep their own.
    ///
    /// # Errors
    /// If there is no such setting, or the value is outside its range.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut optimizer: Box<dyn Optimizer> = Box::new(Adam::new(0.1));
    /// optimizer.set("beta1", 0.8)?;
    /// assert!(optimizer.set("beta1", 1.0).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    fn set(&mut self, setting: &str, value: f64) -> Result<(), Error>;

    /// What it remembers of the model's parameters, by their paths: for a checkpoint.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut net = Linear::<f32>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
    /// let (_, gradients) = gradient(|tape| net.forward(tape.constant(&Tensor::ones([1, 2]))).sum());
    /// let mut optimizer = Adam::new(0.1);
    /// optimizer.step(&mut net, &gradients);
    ///
    /// let state = optimizer.state(&net);
    /// assert_eq!(state.numbers["weight.steps"], 1.0);
    /// assert_eq!(state.tensors["weight.mean"].shape(), Shape::from([1, 2]));
    ///
    /// let mut resumed = Adam::new(0.1);
    /// resumed.load_state(&net, &state)?; // goes on as if nothing had happened, bit for bit
    /// # Ok::<(), Error>(())
    /// ```
    fn state(&self, model: &dyn Module<T>) -> OptimizerState<T>;

    /// Brings back what [`state`](Optimizer::state) gave; what it remembered before is forgotten. Settings are not part of
    /// it, but for the learning rate as it was last set: make the optimizer as it was made then.
    ///
    /// # Errors
    /// If the state is another optimizer's, names a parameter that the model does not have, or has a tensor of another
    /// shape, or not those that this optimizer keeps. Then nothing has changed.
    fn load_state(&mut self, model: &dyn Module<T>, state: &OptimizerState<T>) -> Result<(), Error>;
}
