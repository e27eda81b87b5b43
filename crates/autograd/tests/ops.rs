//! Every operation in one table: its row is a line, and each line is checked on every shape, broadcast and layout, in
//! both precisions, in first and second order, forwards and backwards, under every interpretation.

use autograd::check::{Check, gradcheck};
use autograd::ops::index::{Gather, IndexAdd, ScatterAdd};
use autograd::ops::shape::{Permute, Slice, Unslice};
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// An operation as a program of its inputs.
trait Row {
    fn run<T: Real, A: Array<T>>(x: &[A]) -> A;
}

/// Where its inputs are drawn from.
#[derive(Clone, Copy)]
enum From {
    /// Anywhere around 0.
    Normal,
    /// From ½ to 2.
    Positive,
    /// From −0.8 to 0.8.
    Inside,
}

/// How an input lies in memory.
#[derive(Clone, Copy, Debug)]
enum Layout {
    InOrder,
    Transposed,
    EverySecond,
    Backwards,
    Stretched,
}

fn shape(text: &str) -> Vec<usize> {
    text.split('x').filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}

fn draw(extents: &[usize], from: From, layout: Layout, generator: &mut ChaCha8Rng) -> Tensor<f64> {
    let make = |extents: &[usize], generator: &mut ChaCha8Rng| match from {
        From::Normal => Tensor::normal(extents, 0.0, 1.0, generator),
        From::Positive => Tensor::uniform(extents, 0.5, 2.0, generator),
        From::Inside => Tensor::uniform(extents, -0.8, 0.8, generator),
    };
    match layout {
        Layout::Transposed if extents.len() >= 2 => {
            let reversed: Vec<usize> = extents.iter().rev().copied().collect();
            let axes: Vec<isize> = (0..extents.len() as isize).rev().collect();
            Tensor::apply(Permute { axes: axes[..].into() }, &[&make(&reversed, generator)])
        }
        Layout::EverySecond if !extents.is_empty() => {
            let mut wide = extents.to_vec();
            *wide.last_mut().unwrap() *= 2;
            make(&wide, generator).slice_step(-1, .., 2)
        }
        Layout::Backwards if !extents.is_empty() => make(extents, generator).slice_step(0, .., -1),
        Layout::Stretched if extents.len() >= 2 => {
            let mut narrow = extents.to_vec();
            narrow[0] = 1;
            make(&narrow, generator).broadcast_to(extents)
        }
        _ => make(extents, generator),
    }
}

fn check<R: Row>(name: &str, shapes: &[&str], from: From) {
    for (seed, layout) in
        [Layout::InOrder, Layout::Transposed, Layout::EverySecond, Layout::Backwards, Layout::Stretched]
            .into_iter()
            .enumerate()
    {
        let mut generator = ChaCha8Rng::seed_from_u64(seed as u64);
        let inputs: Vec<Tensor<f64>> =
            shapes.iter().map(|text| draw(&shape(text), from, layout, &mut generator)).collect();
        let at = format!("{name} on {shapes:?}, {layout:?}");

        let report = gradcheck(&inputs, |x| R::run(x)).named(&at);
        assert!(report.passed(), "{report}");
        interpretations_agree::<R>(&at, &inputs);
        precisions_agree::<R>(&at, &inputs);
    }
}

fn interpretations_agree<R: Row>(at: &str, inputs: &[Tensor<f64>]) {
    let plain = R::run(inputs);
    let tape = Tape::new();
    let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let recorded = R::run(&vars);
    let duals: Vec<_> = inputs.iter().map(|x| Dual::new(x.clone(), x.clone())).collect();
    let dual = R::run(&duals);
    let shapes: Vec<_> = inputs.iter().map(|x| Shapes::<f64>::new(x.shape())).collect();
    let symbols: Vec<_> = inputs.iter().map(|x| Symbol::<f64>::letter("x", x.shape())).collect();
    let bits = |x: &Tensor<f64>| x.to_vec().into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(&plain), bits(recorded.value()), "{at}: a recorded value differs");
    assert_eq!(bits(&plain), bits(dual.value()), "{at}: the value of a dual differs");
    assert_eq!(plain.shape(), R::run(&shapes).shape(), "{at}: the inferred shape differs");
    let symbol = R::run(&symbols);
    assert_eq!(plain.shape(), symbol.shape(), "{at}: the shape of the symbol differs");
    assert!(symbol.to_string().contains('x'), "{at}: prints as {symbol}");
}

fn precisions_agree<R: Row>(at: &str, inputs: &[Tensor<f64>]) {
    fn run<R: Row, T: Real>(inputs: &[Tensor<f64>]) -> (Tensor<f64>, Vec<Tensor<f64>>) {
        let tape = Tape::<T>::new();
        let vars: Vec<Var<T>> = inputs.iter().map(|x| tape.var(x.cast::<T>())).collect();
        let y = R::run(&vars);
        let cotangent = Tensor::from_fn(y.shape(), |i| T::from_f64(((i * 7 + 3) % 11) as f64 / 8.0 - 0.5));
        let gradients = y.node().map(|_| y.backward_with(&cotangent));
        let gradient = |x: &Var<T>| match &gradients {
            Some(gradients) => gradients.of(x).or_zeros().cast(),
            None => Tensor::zeros(x.shape()),
        };
        (y.value().cast(), vars.iter().map(gradient).collect())
    }
    let rounded: Vec<Tensor<f64>> = inputs.iter().map(|x| x.cast::<f32>().cast()).collect();
    let (single, double) = (run::<R, f32>(&rounded), run::<R, f64>(&rounded));
    let close = |what: &str, a: &Tensor<f64>, b: &Tensor<f64>, scale: f64| {
        for (a, b) in a.to_vec().into_iter().zip(b.to_vec()) {
            assert!((a - b).abs() <= 1e-5 * scale, "{at}: {what} {a} in single, {b} in double precision");
        }
    };
    let largest = |x: &Tensor<f64>| x.to_vec().iter().fold(1e-30, |m: f64, v| m.max(v.abs()));
    // A sum may cancel: what is lost is measured against what went in.
    let size = rounded.iter().map(largest).fold(largest(&double.0), f64::max);
    close("value", &single.0, &double.0, size);
    let scale = double.1.iter().map(largest).fold(1e-30, f64::max);
    for (a, b) in single.1.iter().zip(&double.1) {
        close("gradient", a, b, scale);
    }
}

macro_rules! operations {
    ($($name:ident $from:ident $([$($shape:literal),*])+ |$x:ident| $body:expr;)*) => {$(
        #[test]
        fn $name() {
            struct This;
            impl Row for This {
                fn run<T: Real, A: Array<T>>($x: &[A]) -> A {
                    $body
                }
            }
            for shapes in [$(&[$($shape),*][..]),+] {
                check::<This>(stringify!($name), shapes, From::$from);
            }
        }
    )*};
}

operations! {
    // arithmetic, with broadcasting
    add Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2x2"] ["0x3", "1x3"] ["300", "300"] ["20x30", "30"] |x| x[0].clone() + &x[1];
    sub Normal ["2x3", "2x3"] ["3", "2x3"] ["2x1x3", "4x1"] ["", ""] ["0", "1"] |x| x[0].clone() - &x[1];
    mul Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "1x3"] ["", "5"] ["0x2", "2"] ["20x30", "20x1"] |x| x[0].clone() * &x[1];
    div Positive ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", ""] ["0", "0"] |x| x[0].clone() / &x[1];
    neg Normal ["2x3"] [""] ["0x2"] |x| -x[0].clone();
    add_constant Normal ["2x3"] [""] |x| x[0].clone() + T::from_f64(1.5);
    sub_constant Normal ["2x3"] [""] |x| x[0].clone() - T::from_f64(1.5);
    mul_constant Normal ["2x3"] [""] |x| x[0].clone() * T::from_f64(-0.75);
    div_constant Normal ["2x3"] [""] |x| x[0].clone() / T::from_f64(3.0);
    rsub Normal ["2x3"] [""] ["0"] |x| x[0].rsub(2.0);
    rdiv Positive ["2x3"] [""] |x| x[0].rdiv(2.0);
    same_twice Normal ["2x3"] |x| x[0].clone() * &x[0] + &x[0];
    // powers, exponentials, logarithms
    recip Positive ["2x3"] [""] |x| x[0].recip();
    square Normal ["2x3"] [""] ["0"] |x| x[0].square();
    sqrt Positive ["2x3"] [""] |x| x[0].sqrt();
    abs Normal ["2x3"] [""] |x| x[0].abs();
    powi Normal ["2x3"] [""] |x| x[0].powi(3);
    powi_negative Positive ["2x3"] |x| x[0].powi(-2);
    powf Positive ["2x3"] [""] |x| x[0].powf(1.7);
    pow Positive ["2x3", "2x3"] ["2x3", "3"] ["", "2"] |x| x[0].pow(&x[1]);
    exp Normal ["2x3"] [""] ["0x3"] ["40x30"] |x| x[0].exp();
    exp_m1 Normal ["2x3"] [""] |x| x[0].exp_m1();
    ln Positive ["2x3"] [""] |x| x[0].ln();
    ln_1p Inside ["2x3"] [""] |x| x[0].ln_1p();
    // trigonometric and error functions
    sin Normal ["2x3"] [""] |x| x[0].sin();
    cos Normal ["2x3"] [""] |x| x[0].cos();
    erf Normal ["2x3"] [""] |x| x[0].erf();
    erfc Normal ["2x3"] [""] |x| x[0].erfc();
    // activations
    tanh Normal ["2x3"] [""] ["0"] ["40x30"] |x| x[0].tanh();
    sigmoid Normal ["2x3"] [""] |x| x[0].sigmoid();
    softplus Normal ["2x3"] [""] |x| x[0].softplus();
    log_sigmoid Normal ["2x3"] [""] |x| x[0].log_sigmoid();
    relu Normal ["2x3"] [""] ["7x5"] |x| x[0].relu();
    leaky_relu Normal ["2x3"] [""] |x| x[0].leaky_relu(0.1);
    elu Normal ["2x3"] [""] |x| x[0].elu(1.3);
    gelu Normal ["2x3"] [""] |x| x[0].gelu();
    gelu_tanh Normal ["2x3"] [""] |x| x[0].gelu_tanh();
    silu Normal ["2x3"] [""] |x| x[0].silu();
    clamp Normal ["2x3"] [""] |x| x[0].clamp(-0.5, 0.7);
    step Normal ["2x3"] [""] |x| x[0].step();
    maximum Normal ["2x3", "2x3"] ["2x3", "3"] ["", "4"] |x| x[0].maximum(&x[1]);
    minimum Normal ["2x3", "2x3"] ["2x3", "3"] ["", "4"] |x| x[0].minimum(&x[1]);
    choose Normal ["2x3", "2x3", "2x3"] ["3", "2x3", "2x1"] ["0", "1", "1"] |x| x[0].greater(&x[1]).choose(&x[1], &x[2]);
    // products
    matmul Normal ["2x3", "3x4"] ["3", "3"] ["2x3", "3"] ["3", "3x4"] ["5x2x3", "3x4"] ["5x2x3", "5x3x4"] ["2x1x2x3", "4x3x2"] ["0x3", "3x2"] ["2x0", "0x3"] ["3", "2x3x2"] |x| x[0].matmul(&x[1]);
    linear Normal ["2x3", "4x3", "4"] ["3", "4x3", "4"] ["2x5x3", "4x3", "4"] ["0x3", "4x3", "4"] |x| x[0].linear(&x[1], Some(&x[2]));
    linear_without_bias Normal ["2x3", "4x3"] |x| x[0].linear(&x[1], None);
    // reductions
    sum Normal ["2x3"] [""] ["0"] ["3x50x4"] |x| x[0].sum();
    sum_axes Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes([0, -1]);
    sum_middle Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes(1);
    sum_keep Normal ["2x3x4"] |x| x[0].sum_keep([-1]);
    sum_to Normal ["4x2x3"] |x| x[0].sum_to([2, 1]);
    mean Normal ["2x3"] [""] |x| x[0].mean();
    mean_axes Normal ["2x3x4"] |x| x[0].mean_axes([1, 2]);
    mean_keep Normal ["2x3x4"] |x| x[0].mean_keep(0);
    max Normal ["2x3"] [""] |x| x[0].max();
    max_axes Normal ["2x3x4"] ["0x2x1"] |x| x[0].max_axes([1, 2]);
    max_keep Normal ["2x3x4"] |x| x[0].max_keep(0);
    min Normal ["2x3"] [""] |x| x[0].min();
    min_axes Normal ["2x3x4"] |x| x[0].min_axes([0, 2]);
    min_keep Normal ["2x3x4"] |x| x[0].min_keep(1);
    softmax Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].softmax(-1);
    softmax_first Normal ["3x2"] ["3x2x4"] |x| x[0].softmax(0);
    log_softmax Normal ["2x3"] ["3x2x4"] |x| x[0].log_softmax(1);
    logsumexp Normal ["2x3"] [""] |x| x[0].logsumexp(..);
    logsumexp_axes Normal ["2x3x4"] |x| x[0].logsumexp([0, 2]);
    logsumexp_axis Normal ["2x3x4"] ["0x3x2"] |x| x[0].logsumexp(1);
    cross_entropy Normal ["3x4"] |x| x[0].cross_entropy([3, 0, 1]);
    cross_entropy_sum Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::Sum);
    cross_entropy_none Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::None);
    cross_entropy_places Normal ["2x3x2"] |x| x[0].cross_entropy(Indices::new(vec![2, 0, 1, 1], [2, 2]));
    cross_entropy_one_row Normal ["4"] |x| x[0].cross_entropy(Indices::new(vec![2], []));
    // shapes
    reshape Normal ["2x6"] ["0x6"] |x| x[0].reshape([-1, 3]);
    permute Normal ["2x3x4"] |x| x[0].permute([2, 0, 1]);
    transpose Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].transpose();
    broadcast_to Normal ["3"] ["1x3"] ["2x1"] [""] |x| x[0].broadcast_to([4, 2, 3]);
    squeeze Normal ["1x3x1"] |x| x[0].squeeze(-1);
    squeeze_all Normal ["1x3x1"] |x| x[0].squeeze(..);
    unsqueeze Normal ["2x3"] [""] |x| x[0].unsqueeze(0);
    slice Normal ["5x3"] |x| x[0].slice(0, 1..4);
    slice_from_the_end Normal ["5x3"] |x| x[0].slice(0, -3..).slice(1, ..-1);
    slice_empty Normal ["5x3"] |x| x[0].slice(0, 3..3);
    slice_step Normal ["7x2"] |x| x[0].slice_step(0, 1.., 3);
    slice_backwards Normal ["7x2"] |x| x[0].slice_step(0, .., -2);
    concat Normal ["2x3", "1x3"] ["0x3", "2x3"] |x| A::concat(&[&x[0], &x[1]], 0);
    concat_last Normal ["2x3", "2x1"] |x| A::concat(&[&x[0], &x[1], &x[0]], -1);
    stack Normal ["2x3", "2x3"] ["", ""] |x| A::stack(&[&x[0], &x[1]], 0);
    unslice Normal ["2x3"] |x| A::apply(Unslice { slice: Slice::new(0, 1..4, 2), shape: Shape::from([5, 3]) }, &[&x[0]]);
    // indices
    index_select Normal ["4x3"] |x| x[0].index_select(0, [3, 1, 3]);
    index_select_last Normal ["2x4"] |x| x[0].index_select(-1, Indices::new(vec![0, 3, 3, 1], [2, 2]));
    index_select_nothing Normal ["4x3"] |x| x[0].index_select(0, Indices::new(vec![], [0]));
    gather Normal ["3x4"] |x| x[0].gather(1, Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]));
    index_add Normal ["3x2"] |x| A::apply(IndexAdd { axis: 0, indices: [1, 1, 3].into(), shape: Shape::from([4, 2]) }, &[&x[0]]);
    scatter_add Normal ["3x2"] |x| {
        let gather = Gather { axis: 1, indices: Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]) };
        A::apply(ScatterAdd { gather, shape: Shape::from([3, 4]) }, &[&x[0]])
    };
    // a user's formula, fused by the automatic slope
    user_formula Normal ["2x3", "3"] ["", ""] |x| x[0].zip(&x[1], Mixed { gain: 0.7 });
    user_formula_of_one Normal ["2x3"] ["40x30"] |x| x[0].map(Wave);
}

autograd::elementwise! {
    /// A formula of two inputs without a given slope.
    pub struct Mixed { gain: f64 }
    fn mixed(self, a, b) { (a * self.gain).sin() * b.exp() + (a * a + 1.0).ln() / (b * b + 2.0) }
}
autograd::elementwise! {
    /// A formula of one input without a given slope.
    pub struct Wave;
    fn wave(self, x) { x.tanh() * x.sigmoid() + (-(x * x)).exp() }
}

/// A slope may read only what its rule announces: everything else is NaN here, and must not show.
#[test]
fn slopes_read_what_they_announce() {
    use autograd::algebra::{Formula, Slope, formulas::*};
    fn check<F: Formula<N>, const N: usize>(f: F) {
        let x: [f64; N] = std::array::from_fn(|i| 0.6 + 0.3 * i as f64);
        let y = f.value(x);
        let hidden = [f64::NAN; N];
        let seen = match F::SLOPE {
            Slope::Constant => f.slope(hidden, f64::NAN),
            Slope::Inputs | Slope::Automatic => f.slope(x, f64::NAN),
            Slope::Output => f.slope(hidden, y),
            Slope::InputsAndOutput => f.slope(x, y),
        };
        assert_eq!(seen, f.slope(x, y), "{} reads more than it announces", F::NAME);
    }
    check(Neg);
    check(Add);
    check(Sub);
    check(Mul);
    check(Div);
    check(Recip);
    check(Square);
    check(Sqrt);
    check(Abs);
    check(Powi { exponent: 3 });
    check(Powf { exponent: 1.5 });
    check(Pow);
    check(Exp);
    check(ExpM1);
    check(Ln);
    check(Ln1p);
    check(Sin);
    check(Cos);
    check(Erf);
    check(Erfc);
    check(Tanh);
    check(Sigmoid);
    check(Softplus);
    check(Relu);
    check(LeakyRelu { slope: 0.1 });
    check(Elu { alpha: 1.0 });
    check(Gelu);
    check(GeluTanh);
    check(Silu);
    check(Clamp { low: 0.0, high: 1.0 });
    check(Maximum);
    check(Minimum);
    check(TimesSlope);
    check(Mixed { gain: 0.7 });
}

/// The full check of every element agrees with the fast one on a random direction.
#[test]
fn the_full_check_agrees() {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let inputs = [Tensor::normal([3, 4], 0.0, 1.0, &mut generator), Tensor::normal([4, 2], 0.0, 1.0, &mut generator)];
    let report = Check { full: true, ..Check::default() }.run(&inputs, |x| x[0].matmul(&x[1]).tanh());
    assert!(report.passed() && report.elements == 20, "{report}");
}
