//! **The mistake.** The recurrent weights of a linear memory are drawn with deviation 1, whatever the width. Each time step
//! multiplies by them, and a matrix of such numbers stretches by about the root of the width: the state grows, and on the way
//! back the gradient grows by the same factor at every step. The first steps of the sequence get a gradient that is millions of
//! times that of the last.
//!
//! **What you should see.** `exploding gradient`, by which factor a time step, over how many, and at which line. Over long
//! sequences the numbers overflow as well; then that is found too.
//!
//! **The healthy twin** starts at the identity, which passes the state on as it is. (Le, Jaitly and Hinton, 2015.)

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::init::Init;
use nn::prelude::*;

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let width = at.width;
    let input = Linear::new(4, width, &mut generator).without_bias();
    let output = Linear::new(width, 1, &mut generator);
    let mut recurrent = Param::new(if healthy {
        Tensor::from_fn([width, width], |i| if i % (width + 1) == 0 { 1.0 } else { 0.0 })
    } else {
        Init::Normal { mean: 0.0, deviation: 1.0 }.tensor([width, width], &mut generator)
    });
    recurrent.set_path("recurrent");

    let tape = Tape::<f32>::keeping();
    let mut state = tape.constant(&Tensor::zeros([at.batch, width]));
    for _ in 0..at.steps {
        let seen = tape.constant(&Tensor::normal([at.batch, 4], 0.0, 1.0, &mut generator));
        let pushed = input.forward(seen);
        let remembered = state.matmul(&tape.param(&recurrent)); // <- here
        state = pushed + remembered;
    }
    let loss = output.forward(state.relu()).square().mean();
    Snapshot::of_backward(&loss).diagnose()
}
