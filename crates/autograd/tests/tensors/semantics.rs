//! What a gradient means here: the table of the engine's behaviour, one test a row, in the words of the row.

use autograd::check::check_op;
use autograd::ops::{Messages, Op, Pullback};
use autograd::prelude::*;
use autograd::transform::{grad, hvp};
use autograd::{Observer, Reached, Visit};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn t<const N: usize>(x: [f64; N]) -> Tensor<f64> {
    Tensor::from(x)
}

fn bits(x: &Tensor<f64>) -> Vec<u64> {
    x.to_vec().into_iter().map(f64::to_bits).collect()
}

/// The text of a panic.
fn message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("nothing went wrong"),
        Err(payload) => payload.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

/// The line after this call's, as messages name it.
#[track_caller]
fn next_line() -> String {
    let here = std::panic::Location::caller();
    format!("{}:{}", here.file(), here.line() + 1)
}

/// "explicit: a `Var` carries its tape; a `Tensor` records nothing"
#[test]
fn recording() {
    fn model<A: Array<f64>>(x: A) -> A {
        (x.clone() * 2.0 + x.exp()).sum()
    }
    let tape = Tape::new();
    let x = tape.var([1.0, 2.0]);
    let recorded = model(x.clone());
    let nodes = tape.len();
    assert_eq!(nodes, 5);
    // A tensor, or a constant of the tape, through the same program: the same value, and nothing recorded.
    assert_eq!(model(x.value().clone()), *recorded.value());
    assert_eq!(model(tape.constant(x.value())).value(), recorded.value());
    assert_eq!(tape.len(), nodes);
    assert_eq!(recorded.node(), Some(nodes - 1));
}

/// "`backward` returns fresh `Gradients`; adding two of them is an explicit call"
#[test]
fn accumulation() {
    let weight = Param::new(t([3.0]));
    let pass = || gradient(|tape| tape.param(&weight).square().sum()).1;
    let (first, second) = (pass(), pass());
    assert_eq!((first.of(&weight).or_zeros().item(), second.of(&weight).or_zeros().item()), (6.0, 6.0));
    assert_eq!(first.plus(second).of(&weight).or_zeros().item(), 12.0);
}

/// "the repeatable call gives the same bits each time; after the freeing call another use is an error that names the
/// freed op and both lines"
#[test]
fn backward_twice() {
    let tape = Tape::new();
    let x = tape.var([0.1, 0.7, -0.3]);
    let hidden = x.tanh() * &x;
    let loss = hidden.exp().sum();
    let (first, second) = (loss.backward(), loss.backward());
    for source in [&x, &hidden] {
        assert_eq!(bits(&first.of(source).or_zeros()), bits(&second.of(source).or_zeros()));
    }

    let (weight, mut kept) = (Param::new(t([2.0])), None);
    let mut recorded = String::new();
    let freed = next_line();
    gradient(|tape| {
        recorded = next_line();
        let hidden = tape.param(&weight).tanh();
        kept = Some(hidden.clone());
        hidden.sum()
    });
    let text = message(|| kept.unwrap().exp());
    let expected = format!("exp: uses the output of `tanh` recorded at {recorded}, whose tape was emptied at {freed}");
    assert!(text.starts_with(&expected), "{text}\n{expected}");
}

/// "any variable's gradient can be read"
#[test]
fn gradient_of_an_intermediate() {
    let x = Tape::new().var([3.0]);
    let square = x.square();
    let loss = (&square * 5.0).sum();
    let gradients = loss.backward();
    assert_eq!(gradients.of(&square).or_zeros().item(), 5.0);
    assert_eq!(gradients.of(&x).or_zeros().item(), 30.0);
    assert_eq!(gradients.of(&loss).or_zeros().item(), 1.0);
}

/// "an error that names the root, its shape, and both fixes (`.sum()`, or pass a cotangent)"
#[test]
fn root_is_not_a_scalar() {
    let y = Tape::new().var([1.0, 2.0]).exp().named("outputs");
    let Err(error) = y.try_backward() else { panic!("a gradient of two numbers") };
    assert!(matches!(error, Error::NotScalar(_)));
    let report = error.report();
    assert!(report.problem.contains("the root `outputs` (`exp`") && report.problem.contains("shape [2]"), "{error}");
    assert!(report.help.contains("`.sum()`") && report.help.contains("`.backward_with(&cotangent)`"), "{error}");
    // Both fixes are ones.
    assert!(y.sum().try_backward().is_ok() && y.try_backward_with(&t([1.0, 0.0])).is_ok());
}

/// "an error that says where the tracking stopped"
#[test]
fn root_depends_on_nothing_recorded() {
    let tape = Tape::new();
    let x = tape.var([1.0, 2.0]);
    let text = |root: &Var<f64>| {
        let Err(error) = root.try_backward() else { panic!("a gradient from nothing") };
        assert!(matches!(error, Error::NothingRecorded(_)));
        error.report().problem.clone()
    };
    let stopped = |what: &str| format!("the root depends on nothing recorded: tracking stopped at {what}");
    let line = next_line();
    let detached = x.detach();
    assert_eq!(text(&detached.sum()), stopped(&format!("the `detach` at {line}")));
    // Of several, the likeliest mistake: not the targets, which are meant to be constant.
    let targets = next_line();
    let target = tape.constant(&t([0.0, 1.0]));
    assert_eq!(text(&(&target - &detached).square().sum()), stopped(&format!("the `detach` at {line}")));
    assert_eq!(text(&target.sum()), stopped(&format!("the constant brought in at {targets}")));
    let mut frozen = Param::new(t([1.0]));
    frozen.set_path("encoder.0.weight");
    frozen.set_frozen(true);
    let line = next_line();
    let weight = x.param(&frozen);
    let expected = stopped(&format!("the frozen parameter `encoder.0.weight` brought in at {line}"));
    assert_eq!(text(&(weight * target).sum()), expected);
}

/// "three states: value, exact zero, unreachable; `or_zeros()` materialises"
#[test]
fn unreached_input() {
    let tape = Tape::new();
    let (x, y, z) = (tape.var([1.0]), tape.var([2.0, 3.0]), tape.var([[4.0, 5.0]]));
    let gradients = (x.exp().sum() + y.step().sum()).backward();
    assert!(matches!(gradients.of(&x), Reached::Value(_)));
    assert!(matches!(gradients.of(&y), Reached::Zero(shape) if shape == Shape::from([2])));
    assert!(matches!(gradients.of(&z), Reached::Unreachable(shape) if shape == Shape::from([1, 2])));
    assert_eq!(gradients.of(&y).or_zeros(), Tensor::zeros([2]));
    assert_eq!(gradients.of(&z).or_zeros(), Tensor::zeros([1, 2]));
}

/// "contributions are summed, in a fixed order; bit-identical from run to run and for any number of threads"
#[test]
fn reuse_of_a_value() {
    let run = || {
        let x = Tape::new().var(Tensor::normal([300, 300], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(1)));
        let loss = (x.matmul(&x).tanh() * &x + x.exp() * 1e-8 + x.sum_axes(0) * 0.1).sum();
        bits(&loss.backward().of(&x).or_zeros())
    };
    let first = run();
    assert_eq!(first, run());
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(first, pool.install(run), "{threads} threads");
    }
    // The order is that of the tape, backwards: the later use first. 1 + 1 = 2 is lost in 2⁵³ if added one by one.
    let x = Tape::new().var([1.0]);
    let large = 2.0_f64.powi(53);
    let one_by_one = (&x * 1.0 + &x * 1.0 + &x * large).sum().backward().of(&x).or_zeros().item();
    let together = (&x * large + &x * 1.0 + &x * 1.0).sum().backward().of(&x).or_zeros().item();
    assert_eq!((one_by_one, together), ((large + 1.0) + 1.0, (1.0 + 1.0) + large));
    assert_ne!(one_by_one, together);
}

/// "gradient is summed over the added and the stretched axes, in one function; a gradient has its operand's shape,
/// always; empty axes give exact zeros of the right shape"
#[test]
fn broadcasting() {
    let tape = Tape::new();
    for (shape, slope) in [(&[][..], 24.0), (&[4], 6.0), (&[3, 1], 8.0), (&[1, 3, 4], 2.0), (&[2, 1, 1], 12.0)] {
        let (x, b) = (tape.var(Tensor::<f64>::ones([2, 3, 4])), tape.var(Tensor::ones(shape)));
        let gradients = (&x * &b).sum().backward();
        // Each element of b meets this many ones.
        assert_eq!(gradients.of(&b).or_zeros(), Tensor::full(shape, slope));
        assert_eq!(gradients.of(&x).or_zeros().shape(), x.shape());
    }
    let (empty, b) = (tape.var(Tensor::<f64>::ones([0, 4])), tape.var(t([1.0, 2.0, 3.0, 4.0])));
    let gradients = (&empty * &b).sum().backward();
    assert_eq!(gradients.of(&b).or_zeros(), Tensor::zeros([4]));
    assert_eq!(gradients.of(&empty).or_zeros().shape(), Shape::from([0, 4]));
}

/// "values are immutable; a parameter that is updated leaves an older tape's values as they were, so an older tape still
/// gives the right gradient"
#[test]
fn mutation() {
    let mut weight = Param::new(t([2.0, 3.0]));
    let tape = Tape::new();
    let y = tape.param(&weight).powi(3).sum();
    let before = weight.value().clone();
    weight.make_mut().fill(100.0);
    assert_eq!(before.to_vec(), [2.0, 3.0]);
    assert_eq!(y.backward().of(&weight).or_zeros().to_vec(), [12.0, 27.0]);
}

/// "a chain of 10⁶ nodes records, differentiates and drops"
#[test]
fn depth() {
    let tape = Tape::<f64>::new();
    let x = tape.var([1.0]);
    let mut y = x.clone();
    for _ in 0..1_000_000 {
        y = -y;
    }
    assert_eq!(tape.len(), 1_000_001);
    assert_eq!(y.sum().backward().of(&x).or_zeros().item(), 1.0);
    drop((tape, x, y));
}

/// A rule that is written for numbers alone.
#[derive(Clone, Debug)]
struct OnlyOnce;

impl<T: Real> Op<T> for OnlyOnce {
    fn name(&self) -> &'static str {
        "only_once"
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        Ok(x[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].square()
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        at.each(|_| at.cotangent() * at.input(0) * T::from_f64(2.0))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.only_once()
    }
}

/// "any order of reverse, and forward over reverse, reverse over forward, by the listed interpretations; an op whose rule
/// cannot be differentiated again says so by name"
#[test]
fn higher_order() {
    // The derivatives of x⁵ at 2: 80, 160, 240, 240, 120, 0.
    let x = Tape::new().var([2.0]);
    let mut y = x.powi(5);
    for expected in [80.0, 160.0, 240.0, 240.0, 120.0] {
        y = y.sum().backward_recorded().of(&x).or_zeros_on(&x);
        assert_eq!(y.value().item(), expected);
    }
    assert_eq!(hvp(|x: &Var<f64>| x.powi(5).sum(), &t([2.0]), &t([1.0])).1.item(), 160.0);
    let dual = Dual::new(x.clone(), x.constant(&t([1.0]))).powi(5).sum();
    assert_eq!(dual.tangent_or_zeros().backward().of(&x).or_zeros().item(), 160.0);

    assert_eq!(grad(|x: &Var<f64>| Var::apply(OnlyOnce, &[x]).sum(), &t([3.0])).item(), 6.0);
    let text = message(|| Var::apply(OnlyOnce, &[&x]).sum().backward_recorded());
    assert!(text.starts_with("only_once: its pull-back cannot be differentiated again"), "{text}");
    let text = message(|| Dual::apply(OnlyOnce, &[&Dual::new(t([3.0]), t([1.0]))]));
    assert!(text.starts_with("only_once: has no forward-mode rule"), "{text}");
}

/// Halves what leaves receive, and counts what it sees.
#[derive(Default)]
struct Halve {
    seen: Vec<&'static str>,
}
impl Observer<Tensor<f64>> for Halve {
    fn before(&mut self, _: Visit) {
        self.seen.push("before");
    }
    fn gradient(&mut self, _: Visit, gradient: Tensor<f64>) -> Tensor<f64> {
        self.seen.push("gradient");
        gradient
    }
    fn leaf(&mut self, _: Visit, gradient: Tensor<f64>) -> Tensor<f64> {
        self.seen.push("leaf");
        gradient * 0.5
    }
    fn message(&mut self, _: autograd::Edge, _: Option<&Tensor<f64>>) {
        self.seen.push("message");
    }
}

/// "one observer: before a node, each contribution, a node's finished gradient, a leaf's finished gradient; it may
/// replace the gradient; order documented and tested" (more in `observe.rs`)
#[test]
fn hooks() {
    let x = Tape::new().var([3.0]);
    let mut observer = Halve::default();
    let gradients = x.square().sum().backward_observed(&mut observer);
    assert_eq!(gradients.of(&x).or_zeros().item(), 3.0);
    let expected = ["before", "gradient", "message", "before", "gradient", "message", "before", "leaf"];
    assert_eq!(observer.seen, expected);
}

/// `y = a b c …`, of any number of inputs.
#[derive(Clone, Debug)]
struct Product {
    /// Whether it forgets a message, or reshapes one.
    forgets: bool,
    reshapes: bool,
}

impl<T: Real> Op<T> for Product {
    fn name(&self) -> &'static str {
        "product"
    }
    fn arity(&self) -> std::ops::RangeInclusive<usize> {
        1..=usize::MAX
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        Ok(x[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x.iter().fold(Tensor::ones(shape), |product, x| &product * *x)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let count = at.count();
        let others = |i| (0..count).filter(move |&k| k != i);
        let messages = at.each(|i| {
            let message = others(i).fold(at.cotangent().clone(), |g, k| g * at.input(k));
            if self.reshapes { message.unsqueeze(0) } else { message }
        });
        let returned = if self.forgets { count - 1 } else { count };
        messages.into_iter().take(returned).collect()
    }
    fn is_multilinear(&self) -> bool {
        true
    }
}

/// "one trait, any arity; count and shapes of returned gradients are checked; the op can be gradient-checked in one call"
#[test]
fn custom_op() {
    let right = || Product { forgets: false, reshapes: false };
    for arity in 1..=5 {
        let inputs: Vec<Tensor<f64>> = (0..arity).map(|i| t([0.3 + i as f64, -1.2, 0.5 * i as f64 - 0.7])).collect();
        let report = check_op(right(), &inputs);
        assert!(report.passed(), "{arity}: {report}");
    }
    let x = Tape::new().var([1.0, 2.0]);
    let text = |op: Product| message(|| Var::apply(op, &[&x, &x]).sum().backward());
    let forgets = text(Product { forgets: true, ..right() });
    assert!(forgets.starts_with("product: its pull-back returned 1 messages for 2 inputs"), "{forgets}");
    let reshapes = text(Product { reshapes: true, ..right() });
    let expected = "product: its pull-back returned a message of shape [1, 2] for input 0 of shape [2]";
    assert!(reshapes.starts_with(expected), "{reshapes}");
}

/// "recompute a segment in backward, as a closure; recomputation gives the same bits because randomness is a function of
/// (seed, node)" (more in `recompute.rs`)
#[test]
fn recomputation() {
    let weight = Param::new(Tensor::normal([50], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(1)));
    let run = |recomputed: bool| {
        let ((loss, tape), gradients) = gradient_at(Key::new(5), |tape| {
            let f = |x: Var<f64>| x.tanh().dropout(0.5).exp().dropout(0.3);
            let w = tape.param(&weight);
            let y = if recomputed { w.recompute(f) } else { f(w) };
            (y.sum(), tape.clone())
        });
        (loss.to_bits(), bits(&gradients.of(&weight).or_zeros()), tape.recomputation().nodes)
    };
    let (plain, recomputed) = (run(false), run(true));
    assert_eq!((plain.0, plain.1), (recomputed.0, recomputed.1));
    assert_eq!((plain.2, recomputed.2), (0, 4));
}

/// "`detach()`; and a straight-through variant"
#[test]
fn detach() {
    let x = Tape::new().var([0.3, 0.8]);
    let cut = (x.detach() * &x).sum();
    assert_eq!(cut.backward().of(&x).or_zeros().to_vec(), [0.3, 0.8]);
    let passed = x.straight_through(&x.step());
    assert_eq!(passed.value().to_vec(), [1.0, 1.0]);
    assert_eq!((passed * 2.0).sum().backward().of(&x).or_zeros().to_vec(), [2.0, 2.0]);
}

/// "out of scope for now; say so"
#[test]
fn complex_numbers() {
    let map = include_str!("../../src/lib.rs");
    assert!(map.contains("Complex numbers are out of scope for now"));
}
