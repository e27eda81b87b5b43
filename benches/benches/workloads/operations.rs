//! Single operations, and chains of small ones.

use autograd::prelude::*;
use autograd::transform::value_and_grad;
use nn::prelude::*;
use std::hint::black_box;

autograd::elementwise! {
    /// `tanh(x) · sigmoid(x) + e^(−x²)`.
    pub struct Wave;
    fn wave(self, x) { x.tanh() * x.sigmoid() + (-(x * x)).exp() }
}

/// The sum of `tanh(x) σ(x) + e^(−x²)` over a million numbers, from single operations.
pub fn composed_curve() -> impl FnMut() {
    curve(|x| x.tanh() * x.sigmoid() + (-x.square()).exp())
}

/// The same as a formula of the user's.
pub fn formula_curve() -> impl FnMut() {
    curve(|x| x.map(Wave))
}

/// The value and the gradient of the sum of a curve over a million numbers.
fn curve(f: impl Fn(&Var) -> Var) -> impl FnMut() {
    let x = Tensor::uniform([1_000_000], -2.0, 2.0, &mut ChaCha8Rng::seed_from_u64(7));
    move || {
        black_box(value_and_grad(|x| f(x).sum(), &x));
    }
}

/// An n × n product and both its gradients: 6n³ operations.
pub fn product(n: usize) -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut matrix = || Tensor::<f32>::uniform([n, n], -1.0, 1.0, &mut generator);
    let (a, b, cotangent) = (matrix(), matrix(), matrix());
    move || {
        let tape = Tape::new();
        let (a, b) = (tape.var(a.clone()), tape.var(b.clone()));
        let gradients = a.matmul(&b).backward_with(&cotangent);
        black_box((gradients.of(&a).value(), gradients.of(&b).value()));
    }
}

/// A thousand times (sin, · 1.01, + 0.001) on one number. The gradient is 4e-14: with 0.1 it would be below the normal
/// numbers, and it would be their handling that is timed.
pub fn chain() -> impl FnMut() {
    move || {
        let tape = Tape::new();
        let x = tape.var([0.3_f32]);
        let mut y = x.clone();
        for _ in 0..1000 {
            y = y.sin() * 1.01 + 0.001;
        }
        black_box(y.sum().backward().of(&x).value());
    }
}
