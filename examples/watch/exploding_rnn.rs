//! **The mistake.** The recurrent weights of a linear memory are drawn with deviation 1, whatever the width: a matrix of such
//! numbers stretches by about the root of the width at every time step, forwards and on the way back.
//!
//! **What you should see.** `exploding gradient`, by which factor a time step. The first step of the optimizer then breaks
//! the weights: numbers that are not finite, and where they came from.
//!
//! **The healthy twin** starts at the identity. (Le, Jaitly and Hinton, 2015.)

use crate::gallery::Setting;
use nn::init::Init;
use nn::prelude::*;
use nn::watch::{Log, Watch};

#[derive(Module)]
struct Memory {
    input: Linear,
    recurrent: Param,
    output: Linear,
}

impl Memory {
    /// The sum of a sequence, `[batch, 1]` at each time step.
    fn forward<A: Array>(&self, sequence: Vec<A>) -> A {
        let mut states = sequence.into_iter().map(|x| self.input.forward(x));
        let first = states.next().unwrap_or_else(|| panic!("a sequence has a first step"));
        let state = states.fold(first, |state, pushed| {
            let recurrent = state.param(&self.recurrent);
            pushed + state.matmul(&recurrent)
        });
        self.output.forward(state)
    }
}

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let shape = [at.width, at.width];
    let mut net = Memory {
        input: Linear::with_init(1, at.width, Init::GlorotUniform, &mut generator),
        recurrent: Param::new(match healthy {
            true => Tensor::from_fn(shape, |i| if i % (at.width + 1) == 0 { 1.0 } else { 0.0 }),
            false => Init::Normal { mean: 0.0, deviation: 1.0 }.tensor(shape, &mut generator),
        }),
        output: Linear::with_init(at.width, 1, Init::GlorotUniform, &mut generator),
    };
    let mut optimizer = Adam::new(1e-3);
    let mut watch = Watch::every(at.every).telling(|_| ());
    for _ in 0..at.steps {
        let sequence: Vec<Tensor> =
            (0..at.depth).map(|_| Tensor::normal([at.batch, 1], 0.0, 1.0, &mut generator)).collect();
        let sum = sequence.iter().skip(1).fold(sequence[0].clone(), |sum, x| sum + x);
        let (_, gradients) = watch.gradient(&net, |tape| {
            let answer = net.forward(sequence.iter().map(|x| tape.constant(x)).collect());
            (answer - tape.constant(&sum)).square().mean()
        });
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    watch.log().clone()
}
