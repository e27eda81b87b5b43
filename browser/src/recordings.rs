//! The recordings that are looked at.

use autograd::inspect::Snapshot;
use autograd::scalar;
use nn::prelude::*;

/// `h = ln z + eᶻ, z = x·y` at x = 1.5, y = 0.8.
pub fn tensors() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var(Tensor::scalar(1.5)).named("x");
    let y = tape.var(Tensor::scalar(0.8)).named("y");
    let z = (&x * &y).named("z");
    Snapshot::of_backward(&(z.ln() + z.exp()).named("h"))
}

/// The same from scalars.
pub fn scalars() -> Snapshot {
    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
    let z = (x * y).named("z");
    Snapshot::of_backward(&(z.ln() + z.exp()).named("h"))
}

/// A small net of modules in modules.
pub fn net() -> Snapshot {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f64>::new()
        .with(Linear::new(2, 4, &mut generator))
        .with(Tanh)
        .with(Linear::new(4, 4, &mut generator))
        .with(Relu)
        .with(Linear::new(4, 2, &mut generator));
    net.name_parameters();
    let x = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&x)).cross_entropy([0, 1, 1, 0]).named("loss");
    Snapshot::of_backward(&loss)
}

/// A root of what may be negative, in a branch that is not taken then.
pub fn masked_root() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([-1.0, 0.0, 4.0]).named("x");
    let positive = x.greater(&x.constant(&Tensor::scalar(0.0)));
    let chosen = positive.choose(&x.sqrt(), &(&x * 0.1));
    Snapshot::of_backward(&chosen.sum().named("loss"))
}

/// A thousand nodes from scalars: `y ← w·y + x`, 499 times from y = x. In closed form y = x (1 − w⁵⁰⁰) / (1 − w).
pub fn thousand() -> Snapshot {
    let tape = scalar::Tape::traced();
    let (x, w) = (tape.var(0.5).named("x"), tape.var(0.99).named("w"));
    let y = (1..500).fold(x, |y, _| y * w + x);
    Snapshot::of_backward(&y.named("y"))
}

/// A weight that another network makes, detached from it.
pub fn lost() -> Snapshot {
    let parameter = |path: &str, value: f64| {
        let mut parameter = Param::new(Tensor::from([value]));
        parameter.set_path(path);
        parameter
    };
    let (a, b) = (parameter("encoder.weight", 0.5), parameter("encoder.bias", 0.2));
    let (weight, mut frozen) = (parameter("decoder.weight", 0.7), parameter("decoder.bias", 0.1));
    let unused = parameter("decoder.unused", 0.1);
    frozen.set_frozen(true);
    let tape = Tape::keeping();
    let x = tape.var([1.0]).named("x");
    let out = (&x * tape.param(&a) + tape.param(&b)).tanh().named("hidden");
    tape.param(&unused);
    Snapshot::of_backward(&(x.param(&weight) * out.detach() + tape.param(&frozen)).sum().named("loss"))
}

/// Names as somebody might choose them who wants to run a script in another's page.
pub fn hostile() -> Snapshot {
    let name = "</script><img src=x onerror=alert(1)>";
    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(2.0).named(name), tape.var(3.0).named("\"&'<b>\\"));
    Snapshot::of_backward(&(x * y).named("]]><script>alert(2)</script>"))
}
