//! **The mistake.** A speed is the root of an energy where that is positive, and 0 elsewhere. The choice is made *after* the
//! root: where the energy is negative the root is NaN, and nobody sees it, because the choice takes the other branch. The
//! way back goes through both branches: there a cotangent of 0 meets an infinite or undefined slope. Most systems make NaN
//! of that; this one makes 0 of it, and says so.
//!
//! **What you should see.** `not finite, masked branch`: where the NaN arose, what hides it, what the backward pass did there,
//! and the root rewritten so that it never sees a negative number.
//!
//! **The healthy twin** chooses inside the root as well.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let mass = Param::new(Tensor::uniform([1], 0.5, 2.0, &mut generator));
    let heights = Tensor::from_fn([at.batch], |i| i as f32 / (at.batch - 1) as f32 - 0.5);

    let tape = Tape::<f32>::keeping();
    let energy = (tape.constant(&heights) * tape.param(&mass)).named("energy");
    let (zero, one) = (tape.constant(&Tensor::scalar(0.0)), tape.constant(&Tensor::scalar(1.0)));
    let positive = energy.greater(&zero);
    let root = if healthy {
        positive.choose(&energy, &one).sqrt()
    } else {
        energy.sqrt() // <- here
    };
    let speed = positive.choose(&root, &zero);
    Snapshot::of_backward(&speed.square().mean()).diagnose()
}
