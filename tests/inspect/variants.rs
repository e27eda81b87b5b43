//! The same mistakes in other clothes, and some that are not in the gallery.

use autograd::check::{check_op, gradcheck};
use autograd::inspect::{Cause, Fault, Snapshot};
use autograd::ops::elementwise::Elementwise;
use autograd::{elementwise, scalar};
use nn::init::Init;
use nn::prelude::*;

fn generator() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(5)
}

fn data(shape: [usize; 2]) -> Tensor {
    Tensor::normal(shape, 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(9))
}

/// The only finding is this one, at this line.
#[track_caller]
fn found(loss: &Var, fault: Fault, line: u32) -> String {
    let diagnosis = Snapshot::of_backward(loss).diagnose();
    let [finding] = diagnosis.findings.as_slice() else { panic!("one finding: {diagnosis}") };
    assert_eq!((finding.fault, finding.at.line), (fault, line), "{diagnosis}");
    diagnosis.to_string()
}

#[test]
fn softmaxes_over_samples() {
    let (net, x) = (Linear::<f32>::new(5, 3, &mut generator()), data([12, 5]));
    let labels: Vec<usize> = (0..12).map(|i| i % 3).collect();

    let tape = Tape::keeping();
    let log_p = net.forward(tape.constant(&x)).log_softmax(0);
    let text = found(&log_p.nll(&labels, ClassLoss::default()), Fault::WrongAxis, line!() - 1);
    assert!(text.contains("labels pick from") || text.contains("labels pick along axis 1"), "{text}");

    let tape = Tape::keeping();
    let e = net.forward(tape.constant(&x)).exp();
    let p = &e / e.sum_keep(0);
    let text = found(&p.cross_entropy(&labels), Fault::WrongAxis, line!() - 1);
    assert!(text.contains("samples that share one sum: 12, limit 1"), "{text}");

    // In the middle of a net, behind which a layer follows.
    let tape = Tape::keeping();
    let last = Linear::<f32>::new(3, 4, &mut generator());
    let features = net.forward(tape.constant(&x)).softmax(0);
    found(&last.forward(features).cross_entropy(&labels), Fault::WrongAxis, line!() - 1);

    // Attention whose weights add up to 1 over the queries.
    let tape = Tape::keeping();
    let x = tape.constant(&Tensor::normal([2, 6, 5], 0.0, 1.0, &mut generator()));
    let other = Linear::<f32>::new(5, 3, &mut ChaCha8Rng::seed_from_u64(1));
    let (q, k) = (net.forward(x.clone()), other.forward(x.clone()));
    let weights = q.matmul(&k.permute([0, 2, 1])).softmax(-2);
    let text = found(&weights.matmul(&x).square().mean(), Fault::WrongAxis, line!() - 1);
    assert!(text.contains("averages over axis 2") && text.contains("`softmax(-1)`"), "{text}");
}

#[test]
fn columns_and_rows_in_losses() {
    let (net, x, t) = (Linear::<f32>::new(5, 1, &mut generator()), data([12, 5]), Tensor::zeros([12]));
    let tape = Tape::keeping();
    let y = net.forward(tape.constant(&x));
    found(&loss::mse(&y, &tape.constant(&t), Reduction::Mean), Fault::StretchedBoth, line!());
    let tape = Tape::keeping();
    let y = net.forward(tape.constant(&x)).squeeze(-1);
    let t = t.unsqueeze(-1);
    found(&loss::mae(&tape.constant(&t), &y, Reduction::Sum), Fault::StretchedBoth, line!());
    let tape = Tape::keeping();
    let y = net.forward(tape.constant(&x)).squeeze(-1);
    found(&loss::huber(&y, &tape.constant(&t), 1.0, Reduction::Mean), Fault::StretchedBoth, line!());
}

#[test]
fn deep_nets() {
    let x = data([12, 16]);
    let deep = |gain: f64, depth: usize| {
        let mut generator = generator();
        let init = Init::Normal { mean: 0.0, deviation: gain / 4.0 };
        (0..depth).fold(Sequential::<f32>::new(), |net, _| {
            net.with(Linear::with_init(16, 16, init, &mut generator)).with(Relu)
        })
    };
    let tape = Tape::keeping();
    let text = found(&deep(5.0, 8).forward(tape.constant(&x)).mean(), Fault::Exploding, line!());
    assert!(text.contains("decades a layer") && text.contains("over 7 layers"), "{text}");
    let tape = Tape::keeping();
    found(&deep(0.4, 10).forward(tape.constant(&x)).mean(), Fault::Vanishing, line!());
    // A factor of 1.15 a step, a hundred and fifty times.
    let tape = scalar::Tape::traced();
    let (w, x) = (tape.var(1.15).named("w"), tape.var(0.01).named("x"));
    let y = (0..150).fold(x, |state, _| state * w);
    let diagnosis = Snapshot::of_backward(&y).diagnose();
    assert_eq!(diagnosis.findings[0].fault, Fault::Exploding, "{diagnosis}");
    assert!(diagnosis.to_string().contains("through `w`"), "{diagnosis}");
    // A neuron that feeds itself, where it is nearly linear.
    let tape = scalar::Tape::traced();
    let (w, x) = (tape.var(2.5).named("w"), tape.var(1e-8).named("x"));
    let y = (0..16).fold(x, |state, _| (state * w).tanh());
    assert_eq!(Snapshot::of_backward(&y).diagnose().findings[0].fault, Fault::Exploding);
}

#[test]
fn units() {
    let x = data([16, 6]);
    let labels: Vec<usize> = (0..16).map(|i| i % 3).collect();
    let output = Linear::<f32>::new(8, 3, &mut generator());
    // Weights as plain variables, `[in, out]`, all the same.
    let tape = Tape::keeping();
    let (w, v) = (tape.var(Tensor::full([6, 8], 0.3)).named("w"), tape.var(Tensor::full([8, 3], 0.1)).named("v"));
    let hidden = tape.constant(&x).matmul(&w).tanh();
    let text = found(&hidden.matmul(&v).cross_entropy(&labels), Fault::Twins, line!() - 1);
    assert!(text.contains("8 hidden units") && text.contains("are the same and the same gradient"), "{text}");

    // Inputs that were never scaled.
    let tape = Tape::keeping();
    let hidden = Linear::<f32>::new(6, 8, &mut generator()).forward(tape.constant(&(&x * 1e4))).tanh();
    found(&output.forward(hidden).cross_entropy(&labels), Fault::Saturated, line!() - 1);

    // Three quarters of the units.
    let tape = Tape::keeping();
    let bias = Tensor::from_fn([8], |unit| if unit % 4 == 0 { 9.0 } else { -30.0 });
    let before = Linear::<f32>::new(6, 8, &mut generator()).forward(tape.constant(&x)) + tape.var(bias).named("shift");
    let hidden = before.clamp(0.0, 100.0);
    let text = found(&output.forward(hidden).cross_entropy(&labels), Fault::DeadUnits, line!() - 1);
    assert!(text.contains("6 of 8 units") && text.contains("share of dead units: 0.75, limit 0.5"), "{text}");
}

#[test]
fn parameters_that_are_lost() {
    let tape = Tape::<f32>::keeping();
    let (used, unused) = (tape.var([2.0]).named("used"), tape.var([3.0]).named("unused"));
    found(&used.square().sum(), Fault::Unused, line!() - 1);

    // Read as a plain number.
    let number = unused.exp().value().to_vec()[0];
    let text = found(&(used * number).sum(), Fault::Unused, line!() - 1);
    assert!(text.contains("only as a plain number"), "{text}");

    let tape = Tape::<f32>::keeping();
    let threshold = tape.var([0.5]).named("threshold");
    let x = tape.var([0.2, 0.7, 0.9]).named("x");
    let mask = x.greater(&threshold).into_array();
    found(&(mask * &x).sum(), Fault::BehindStep, line!() - 1);

    // Never brought in at all.
    let (net, forgotten) = (Linear::<f32>::new(5, 1, &mut generator()), Linear::<f32>::new(5, 1, &mut generator()));
    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&data([4, 5]))).square().mean();
    let snapshot = Snapshot::of_backward(&loss);
    assert!(snapshot.diagnose().findings.is_empty());
    let both = [&net, &forgotten].into_iter().flat_map(|net| net.parameters()).map(|(_, parameter)| parameter);
    let diagnosis = snapshot.diagnose_model(both);
    assert_eq!((diagnosis.findings[0].fault, diagnosis.findings[0].value), (Fault::Unused, 2.0), "{diagnosis}");
}

#[test]
fn scalars() {
    let tape = scalar::Tape::traced();
    let (x, _unused) = (tape.var(-2.0).named("x"), tape.var(1.0).named("y"));
    let diagnosis = Snapshot::of_backward(&x.ln()).diagnose();
    let faults: Vec<Fault> = diagnosis.findings.iter().map(|finding| finding.fault).collect();
    assert_eq!(faults, [Fault::NonFinite(Cause::Domain), Fault::Unused], "{diagnosis}");

    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(-2.0).named("x"), tape.var(1.0).named("y"));
    assert!(Snapshot::of_backward(&(x * y)).diagnose().findings.is_empty());
}

elementwise! {
    /// `x²`, whose slope lacks its factor.
    struct Half;
    fn half(self, x) { x.square() }
    slope inputs { [x] }
}

#[test]
fn wrong_rules() {
    let at = Tensor::from([[0.3, -0.7, 1.2], [0.4, 0.9, -0.2]]);
    let diagnosis = check_op(Elementwise(Half), std::slice::from_ref(&at)).diagnose();
    let line = line!() - 1;
    let finding = &diagnosis.findings[0];
    assert_eq!((finding.fault, finding.at.line), (Fault::WrongRule, line), "{diagnosis}");
    assert!(finding.at.file.ends_with("variants.rs") && (finding.value - 0.5).abs() < 1e-6, "{diagnosis}");
    assert!(diagnosis.to_string().contains("a factor of 2"), "{diagnosis}");
    assert!(gradcheck(&[at], |x| x[0].square()).diagnose().findings.is_empty());
}
