//! The backward sweep, step by step.

use crate::example;
use autograd::inspect::{Numbers, Snapshot};
use autograd::prelude::*;

#[test]
fn the_transcript() {
    let transcript = example::tensor::snapshot().player().to_string();
    insta::assert_snapshot!(transcript, @"
    step 1 of 4: node 5 add h   incoming 1   local 1   message 1   v3.grad 0 + 1 = 1   (1st contribution)
                                             local 1   message 1   v4.grad 0 + 1 = 1   (1st contribution)
    step 2 of 4: node 4 exp   incoming 1   local out = 3.32012   message 3.32012   z.grad 0 + 3.32012 = 3.32012   (1st contribution)
    step 3 of 4: node 3 ln   incoming 1   local 1/z = 0.833333   message 0.833333   z.grad 3.32012 + 0.833333 = 4.15345   (2nd contribution)
    step 4 of 4: node 2 mul z   incoming 4.15345   local y = 0.8   message 3.32276   x.grad 0 + 3.32276 = 3.32276   (1st contribution)
                                                   local x = 1.5   message 6.23018   y.grad 0 + 6.23018 = 6.23018   (1st contribution)
    ");
    assert_eq!(example::scalar::snapshot().player().to_string(), transcript);
    let third = transcript.lines().find(|line| line.starts_with("step 3")).unwrap();
    assert_eq!(
        third,
        "step 3 of 4: node 3 ln   incoming 1   local 1/z = 0.833333   message 0.833333   \
         z.grad 3.32012 + 0.833333 = 4.15345   (2nd contribution)"
    );
}

#[test]
fn structural_rules_show_their_pull_back() {
    let tape = Tape::<f64>::keeping();
    let (x, w) = (tape.var([[1.0, 2.0]]).named("x"), tape.var([[0.5], [2.0]]).named("w"));
    let y = (x.matmul(&w).tanh() + x.sum()).sum() * 2.0;
    insta::assert_snapshot!(Snapshot::of_backward(&y).player(), @"
    step 1 of 6: node 7 mul_constant   incoming 1   local 2   message 2   v6.grad 0 + 2 = 2   (1st contribution)
    step 2 of 6: node 6 sum   incoming 2   message reshape(g, to=[1, 1]) = 2   v5.grad 0 + 2 = 2   (1st contribution)
    step 3 of 6: node 5 add   incoming 2   local 1   message 2   v3.grad 0 + 2 = 2   (1st contribution)
                                           local 1   message 2   v4.grad 0 + 2 = 2   (1st contribution)
    step 4 of 6: node 4 sum   incoming 2   message broadcast_to(reshape(g, to=[1, 1]), shape=[1, 2]) = 2 ± 0 [2 .. 2]   x.grad 0 + 2 ± 0 [2 .. 2] = 2 ± 0 [2 .. 2]   (1st contribution)
    step 5 of 6: node 3 tanh   incoming 2   local 1 - out * out = 0.000493517   message 0.000987035   v2.grad 0 + 0.000987035 = 0.000987035   (1st contribution)
    step 6 of 6: node 2 matmul   incoming 0.000987035   message g @ wᵀ = 0.00123 ± 0.00074 [0.000494 .. 0.00197]   x.grad 2 ± 0 [2 .. 2] + 0.00123 ± 0.00074 [0.000494 .. 0.00197] = 2 ± 0.00074 [2 .. 2]   (2nd contribution)
                                                        message xᵀ @ g = 0.00148 ± 0.000494 [0.000987 .. 0.00197]   w.grad 0 + 0.00148 ± 0.000494 [0.000987 .. 0.00197] = 0.00148 ± 0.000494 [0.000987 .. 0.00197]   (1st contribution)
    ");
}

#[test]
fn totals_of_many_uses_are_the_engine_s_own() {
    let tape = Tape::<f32>::keeping();
    let x = tape.var([0.1, 0.2]).named("x");
    let y = (&x * 0.1 + &x * 0.7 + &x * 1e-9 + x.sin()).sum();
    let snapshot = Snapshot::of_backward(&y);
    let to_x = snapshot.player().flat_map(|frame| frame.contributions).filter(|c| c.target == 0);
    let mut sum = [0.0_f32; 2];
    for contribution in to_x {
        let message = contribution.message.as_ref().and_then(Numbers::whole).unwrap().to_vec();
        sum.iter_mut().zip(message).for_each(|(sum, message)| *sum += message as f32);
        assert_eq!(contribution.after.unwrap().whole().unwrap(), sum.map(f64::from));
    }
    assert_eq!(snapshot.nodes[0].gradient.value().unwrap().whole().unwrap(), sum.map(f64::from));
}
