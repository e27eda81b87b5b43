//! **The mistake.** The slope of the cosine is `−sin x`. Here it was written without the sign, as the slope of a formula of
//! one's own. Every weight before it walks uphill.
//!
//! **What you should see.** A gradient check finds that analytic and numeric derivatives have the ratio −1 everywhere, and
//! which operation it is: `flipped sign`.
//!
//! **The healthy twin** has the sign. (Without a slope, the engine finds it itself.)

use crate::gallery::Setting;
use autograd::check::gradcheck;
use autograd::elementwise;
use autograd::inspect::Diagnosis;
use nn::prelude::*;

elementwise! {
    /// `cos x`.
    struct Cosine;
    fn cosine(self, x) { x.cos() }
    slope inputs { [-x.sin()] }
}

elementwise! {
    /// `cos x`, with the wrong slope.
    struct WrongCosine;
    fn wrong_cosine(self, x) { x.cos() }
    slope inputs { [x.sin()] }
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let (x, w) = (
        Tensor::normal([3, at.width], 0.0, 1.0, &mut generator),
        Tensor::normal([at.width, 2], 0.0, 0.3, &mut generator),
    );
    let report = gradcheck(&[x, w], |inputs| {
        let angle = inputs[0].matmul(&inputs[1]);
        if healthy {
            angle.map(Cosine)
        } else {
            angle.map(WrongCosine) // <- here
        }
    });
    report.named("waves").diagnose()
}
