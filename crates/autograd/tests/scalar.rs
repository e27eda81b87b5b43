//! The scalar engine against values that came from elsewhere: closed forms and traps. The
//! reference files are held against it in `crates/proof`.

use autograd::algebra::{Algebra, SmallDual};
use autograd::scalar::{self, Tape, Var};
use proptest::prelude::*;
use std::f64::consts::FRAC_1_SQRT_2;

#[track_caller]
fn close(got: f64, want: f64, relative: f64) {
    assert!((got - want).abs() <= relative * want.abs(), "got {got:?}, want {want:?}");
}

#[track_caller]
fn all_close(got: &[f64], want: &[f64], relative: f64) {
    assert_eq!(got.len(), want.len());
    for (&got, &want) in got.iter().zip(want) {
        close(got, want, relative);
    }
}

// ---- goldens ---------------------------------------------------------------------------------------------

#[test]
#[expect(clippy::misrefactored_assign_op, reason = "as the original has it")]
fn micrograd_readme() {
    let tape = Tape::new();
    let (a, b) = (tape.var(-4.0), tape.var(2.0));
    let mut c = a + b;
    let mut d = a * b + b.powi(3);
    c += c + 1.0;
    c += 1.0 + c + (-a);
    d += d * 2.0 + (b + a).relu();
    d += 3.0 * d + (b - a).relu();
    let e = c - d;
    let f = e.powi(2);
    let mut g = f / 2.0;
    g += 10.0 / f;
    let gradients = g.backward();
    close(g.value(), 24.704081632653061, 1e-15);
    close(gradients.of(a), 138.83381924198251, 1e-15);
    close(gradients.of(b), 645.57725947521866, 1e-15);
}

#[test]
fn lecture_neuron() {
    let tape = Tape::new();
    let (x, w) = (tape.vars(&[2.0, 0.0]), tape.vars(&[-3.0, 1.0]));
    let bias = tape.var(6.8813735870195432);
    let output = (x[0] * w[0] + x[1] * w[1] + bias).tanh();
    let gradients = output.backward();
    let got = [output.value(), gradients[x[0]], gradients[w[0]], gradients[x[1]], gradients[w[1]]];
    all_close(&got, &[FRAC_1_SQRT_2, -1.5, 1.0, 0.5, 0.0], 1e-15);
}

#[test]
fn sigmoid_neuron() {
    let tape = Tape::new();
    let v = tape.vars(&[2.0, -3.0, -3.0, -1.0, -2.0]);
    let output = (v[0] * v[3] + v[1] * v[4] + v[2]).sigmoid();
    let gradients = output.backward();
    close(output.value(), 0.73105857863000488, 1e-15);
    close(gradients.of(v[0]), -0.19661193324148185, 1e-15);
    close(gradients.of(v[3]), 0.39322386648296370, 1e-15);
}

#[test]
fn logarithm_and_exponential_of_a_product() {
    let (value, slope) = scalar::gradient(|v| (v[0] * v[1]).ln() + (v[0] * v[1]).exp(), &[1.5, 0.8]);
    close(value, 3.5024384795305021, 1e-15);
    all_close(&slope, &[3.3227602048559047, 6.2301753841048212], 1e-15);
}

fn rosenbrock<A: Algebra>(x: &[A]) -> A {
    (x[1] - x[0] * x[0]).square() * 100.0 + x[0].rsub(1.0).square()
}

#[test]
fn rosenbrock_to_second_order() {
    let (value, slope) = scalar::gradient(|x| rosenbrock(x), &[-1.2, 1.0]);
    close(value, 24.2, 1e-15);
    all_close(&slope, &[-215.6, -88.0], 1e-15);
    let (value, slope, hessian) = second_order(&|x| rosenbrock(x), &|x| rosenbrock(x), &[-1.2, 1.0]);
    close(value, 24.2, 1e-15);
    all_close(&slope, &[-215.6, -88.0], 1e-15);
    all_close(&hessian.concat(), &[1330.0, 480.0, 480.0, 200.0], 1e-14);
}

type Dual<A> = SmallDual<A, 1>;

/// `x` as duals that move along input `i`.
fn along<A: Algebra>(x: &[A], i: usize) -> Vec<Dual<A>> {
    let moves = |j| A::constant(if i == j { 1.0 } else { 0.0 });
    x.iter().enumerate().map(|(j, &value)| SmallDual { value, slope: [moves(j)] }).collect()
}

/// Value, gradient and Hessian of one generic function, given twice as a closure: forward over forward, and reverse
/// over forward, which must agree.
#[expect(clippy::type_complexity, reason = "one function at two types")]
fn second_order(
    forward: &dyn Fn(&[Dual<Dual<f64>>]) -> Dual<Dual<f64>>,
    reverse: &dyn for<'t> Fn(&[Dual<Var<'t>>]) -> Dual<Var<'t>>,
    point: &[f64],
) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
    let (mut value, mut slope, mut hessian) = (f64::NAN, vec![], vec![]);
    let tape = Tape::new();
    for i in 0..point.len() {
        let x = tape.vars(point);
        let y = reverse(&along(&x, i));
        value = y.value.value();
        slope.push(y.slope[0].value());
        let row: Vec<f64> = match y.slope[0].value() {
            _ if is_constant(y.slope[0]) => vec![0.0; point.len()],
            _ => {
                let gradients = y.slope[0].backward();
                x.iter().map(|&x| gradients.of(x)).collect()
            }
        };
        for (j, &want) in row.iter().enumerate() {
            let got = forward(&along(&along(point, j), i)).slope[0].slope[0];
            let size = row.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
            assert!((got - want).abs() <= 1e-13 * size, "forward {got}, reverse {want}");
        }
        hessian.push(row);
    }
    (value, slope, hessian)
}

fn is_constant(x: Var<'_>) -> bool {
    format!("{x:?}").contains("constant")
}

// ---- traps -----------------------------------------------------------------------------------------------

/// The derivative by `x[0]`, and that of a wide difference quotient as a second opinion where one is wanted.
fn slope(f: impl for<'t> FnOnce(&[Var<'t>]) -> Var<'t>, point: &[f64]) -> Vec<f64> {
    scalar::gradient(f, point).1
}

#[test]
fn constants_on_either_side() {
    assert_eq!(slope(|x| 3.0 / x[0], &[2.0]), [-0.75]);
    assert_eq!(slope(|x| x[0] / 4.0, &[2.0]), [0.25]);
    assert_eq!(slope(|x| 3.0 - x[0], &[2.0]), [-1.0]);
    assert_eq!(slope(|x| x[0] - 3.0, &[2.0]), [1.0]);
    assert_eq!(slope(|x| 3.0 * x[0], &[2.0]), [3.0]);
    assert_eq!(slope(|x| 3.0 + x[0], &[2.0]), [1.0]);
    assert_eq!(slope(|x| -x[0], &[2.0]), [-1.0]);
}

#[test]
fn constants_without_a_tape() {
    fn mixed<A: Algebra>(x: &[A]) -> A {
        let c = A::constant(3.0);
        c * x[0] + c / x[0] - c * c + x[0] * c + (c - x[0]) + c.ln()
    }
    let (value, slope) = scalar::gradient(|x| mixed(x), &[2.0]);
    assert_eq!(value, mixed(&[2.0]));
    assert_eq!(slope, [3.0 - 0.75 + 3.0 - 1.0]);
    let tape = Tape::new();
    let x = tape.var(2.0);
    let c = Var::constant(5.0);
    assert_eq!((x * c).backward().of(c), 0.0, "a constant has no gradient");
}

#[test]
fn one_variable_used_twice() {
    assert_eq!(slope(|x| x[0] * x[0], &[3.0]), [6.0]);
    assert_eq!(slope(|x| x[0] - x[0], &[3.0]), [0.0]);
    assert_eq!(slope(|x| x[0] / x[0], &[3.0]), [0.0]);
    assert_eq!(slope(|x| x[0] + x[0], &[3.0]), [2.0]);
    assert_eq!(slope(|x| x[0] * (x[0] + 1.0), &[3.0]), [7.0]);
}

#[test]
fn output_is_an_input() {
    assert_eq!(scalar::gradient(|x| x[1], &[3.0, 4.0]), (4.0, vec![0.0, 1.0]));
    assert_eq!(scalar::gradient(|x| x[1] + 1.0, &[3.0, 4.0]), (5.0, vec![0.0, 1.0]));
    let (values, [first, second]) = scalar::jacobian(|x| [x[0], x[0]], &[3.0]);
    assert_eq!((values, first, second), ([3.0, 3.0], vec![1.0], vec![1.0]));
}

#[test]
fn inputs_without_a_use() {
    assert_eq!(slope(|x| x[1].square(), &[9.0, 2.0, 9.0]), [0.0, 4.0, 0.0]);
}

#[test]
fn a_small_problem_after_a_large_one() {
    let mut tape = Tape::new();
    let mut large = vec![0.0; 5000];
    for _ in 0..2 {
        tape.gradient(&vec![1.0; 5000], &mut large, |x| x.iter().map(|x| x.exp()).sum());
        assert!(large.iter().all(|&slope| slope == 1.0_f64.exp()));
        let mut small = [f64::NAN; 2];
        tape.gradient(&[3.0, 4.0], &mut small, |x| x[0] * x[1]);
        assert_eq!(small, [4.0, 3.0]);
        let mut slopes = [[f64::NAN; 3]; 2];
        tape.jacobian(&[3.0, 4.0], &mut slopes, |x| [x[0] * x[1], x[1], Var::constant(2.0)]);
        assert_eq!(slopes, [[4.0, 0.0, 0.0], [3.0, 1.0, 0.0]]);
    }
}

#[test]
fn a_jacobian_without_rows() {
    assert_eq!(scalar::jacobian(|x| [(); 0].map(|_| x[0]), &[1.0]), ([], []));
}

#[test]
fn a_result_may_lie_below_other_work() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let early = x * x;
    let late = early.exp() * x;
    assert_eq!(early.backward().of(x), 6.0);
    assert_eq!(early.backward().of(late), 0.0);
    let born_later = tape.var(5.0);
    let both = born_later * early;
    let gradients = both.backward();
    assert_eq!((gradients.of(x), gradients.of(born_later), gradients.of(early)), (30.0, 9.0, 5.0));
}

#[test]
fn nothing_accumulates() {
    let tape = Tape::new();
    let x = tape.var(0.7);
    let y = (x.sin() * x).exp();
    let (first, second) = (y.backward(), y.backward());
    assert_eq!(first.of(x).to_bits(), second.of(x).to_bits());
    assert_eq!(first.of(y), 1.0);
}

#[test]
fn branches_follow_the_value() {
    let branch = |x: &[Var<'_>]| if x[0] > 0.0 { 2.0 * x[0] } else { 3.0 * x[0] }.value();
    let tape = Tape::new();
    assert_eq!((branch(&tape.vars(&[2.0])), branch(&tape.vars(&[-2.0]))), (4.0, -6.0));
    let chosen = |x: f64| slope(|v| v[0].if_greater(Var::constant(0.0), 2.0 * v[0], 3.0 * v[0]), &[x])[0];
    assert_eq!((chosen(2.0), chosen(-2.0), chosen(0.0)), (2.0, 3.0, 3.0));
}

#[test]
fn minus_zero() {
    assert_eq!(scalar::gradient(|x| 1.0 / x[0], &[-0.0]), (f64::NEG_INFINITY, vec![f64::NEG_INFINITY]));
    assert_eq!(slope(|x| x[0].abs(), &[-0.0]), [0.0]);
    assert_eq!(slope(|x| x[0].relu(), &[-0.0]), [0.0]);
    let (value, slope) = scalar::gradient(|x| -x[0] * 1.0, &[0.0]);
    assert!(value.is_sign_negative() && slope == [-1.0]);
}

#[test]
fn zero_adjoint_meets_infinite_slope() {
    // Each has 0 · ∞ or 0 · NaN on the way back.
    assert_eq!(slope(|x| x[0].sqrt() * 0.0, &[0.0]), [0.0]);
    assert_eq!(slope(|x| x[0].ln() * 0.0 + x[0], &[0.0]), [1.0]);
    assert_eq!(slope(|x| x[0].sqrt() * 0.0 + 3.0 * x[0], &[-1.0]), [3.0]);
    // An adjoint that is not 0 meets it: infinite, as it should be.
    assert_eq!(slope(|x| x[0].sqrt(), &[0.0]), [f64::INFINITY]);
    // What is not a number stays so where it matters.
    assert!(slope(|x| x[0].sqrt(), &[-1.0])[0].is_nan());
    // Both forms of the call keep the rule, and leaves made late too.
    let tape = Tape::new();
    let x = tape.var(0.0);
    let root = x.sqrt();
    let late = tape.var(0.0);
    let gradients = (root * 0.0 + late.sqrt() * 0.0 + 2.0 * x).backward();
    assert_eq!((gradients.of(x), gradients.of(late), gradients.of(root)), (2.0, 0.0, 0.0));
}

#[test]
fn an_infinite_adjoint_spoils_nobody() {
    // 1/x at 0: the adjoint of the sum below is ∞; the unused operand of a function of one must not see ∞ · 0.
    let tape = Tape::new();
    let (x, y) = (tape.var(0.0), tape.var(2.0));
    let gradients = (x * 1.0 + y * 0.0).sqrt().backward();
    assert_eq!(gradients.of(x), f64::INFINITY);
    let gradients = (x * 2.0).sqrt().backward();
    assert_eq!(gradients.of(x), f64::INFINITY);
    assert_eq!(gradients.of(y), 0.0);
}

#[test]
fn small_adjoints_are_not_lost() {
    let tiny = f64::from_bits(3); // a denormal number
    assert_eq!(slope(|x| x[0] * tiny, &[1.0]), [tiny]);
    assert_eq!(slope(|x| (x[0] * 1e-200) * 1e-120, &[1.0]), [1e-200 * 1e-120]);
}

#[test]
fn deep_chains() {
    let mut tape = Tape::new();
    for length in [1_000_000, 10_000_000] {
        let mut gradient = [0.0];
        let value = tape.gradient(&[1.0], &mut gradient, |x| {
            let mut y = x[0];
            for i in 0..length {
                y = if i % 2 == 0 { y * 2.0 } else { y * 0.5 };
            }
            y
        });
        assert_eq!((value, gradient), (1.0, [1.0]));
    }
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = (0..1_000_000).fold(x, |y, _| -y);
    assert_eq!(tape.len(), 1_000_001);
    assert_eq!(y.backward().of(x), 1.0);
}

#[test]
fn sums_of_variables() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let total: Var = x.iter().sum();
    assert_eq!((total.value(), total.backward().of(x[1])), (6.0, 1.0));
    assert_eq!(std::iter::empty::<Var>().sum::<Var>().value(), 0.0);
}

#[test]
fn a_tape_moves_to_another_thread() {
    let tape = Tape::new();
    let early = tape.var(3.0).exp(); // opens a segment here, which is filled there
    let value = early.value();
    let slope = std::thread::spawn(move || {
        let x = tape.var(2.0);
        let y = (0..1000).fold(x, |y, _| y * 1.0) * x;
        (tape.len(), y.backward().of(x))
    });
    assert_eq!((value, slope.join().unwrap()), (3.0_f64.exp(), (1004, 4.0)));
}

#[test]
fn gradients_inside_gradients() {
    // The inner call finds the thread's tape in use, and takes another.
    let outer = slope(|x| x[0] * slope(|y| y[0] * y[0], &[5.0])[0], &[1.0]);
    assert_eq!(outer, [10.0]);
}

autograd::elementwise! {
    /// `a b + b c + c a + d`, a rule of four.
    struct Ring;
    fn ring(self, a, b, c, d) { a * b + b * c + c * a + d }
}

#[test]
fn rules_of_four() {
    let (value, slope) = scalar::gradient(|x| Var::apply(Ring, [x[0], x[1], x[2], x[3]]) * 2.0, &[2.0, 3.0, 5.0, 7.0]);
    assert_eq!((value, slope), (76.0, vec![16.0, 14.0, 10.0, 2.0]));
    let (_, slope) = scalar::gradient(|x| Var::apply(Ring, [Var::constant(2.0), x[0], x[0], x[0]]), &[3.0]);
    assert_eq!(slope, [2.0 + 6.0 + 2.0 + 1.0]); // 2x + x² + 2x + x
}

fn message(result: std::thread::Result<()>) -> String {
    let payload = result.expect_err("a panic");
    payload.downcast_ref::<String>().cloned().or(payload.downcast_ref::<&str>().map(|s| s.to_string())).expect("text")
}

#[test]
fn misuse_is_told() {
    let two_tapes = || {
        let (one, other) = (Tape::new(), Tape::new());
        let _ = one.var(1.0) * other.var(2.0);
    };
    insta::assert_snapshot!(
        message(std::panic::catch_unwind(two_tapes)),
        @"`mul` mixes variables of two tapes: make them with the same `Tape`"
    );
    let foreign_gradient = || {
        let (one, other) = (Tape::new(), Tape::new());
        one.var(1.0).backward().of(other.var(2.0));
    };
    insta::assert_snapshot!(
        message(std::panic::catch_unwind(foreign_gradient)),
        @"`gradients` mixes variables of two tapes: make them with the same `Tape`"
    );
    let constant = || {
        let constant: Var = Var::constant(1.0);
        constant.exp().backward();
    };
    insta::assert_snapshot!(
        message(std::panic::catch_unwind(constant)),
        @"the result is a constant: no variable of a tape went into it, so it has no gradient; make the inputs with `tape.var(…)` and compute from those"
    );
    let length = || {
        Tape::new().gradient(&[1.0, 2.0], &mut [0.0], |x| x[0] * x[1]);
    };
    insta::assert_snapshot!(
        message(std::panic::catch_unwind(length)),
        @r"
    assertion `left == right` failed: one derivative for each input: 1 of 2
      left: 2
     right: 1
    "
    );
}

// ---- the traced tape -------------------------------------------------------------------------------------

#[test]
fn table_of_a_trace() {
    let tape = Tape::traced();
    let x = tape.var(1.5).named("x");
    let y = tape.var(0.8).named("y");
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    insta::assert_snapshot!(lines_from(&h.backward().to_string(), "let x = tape.var(1.5)"), @"
    tape: 6 nodes, 4 ops, 32 B saved                               scalar.rs
     id  op    name  args    value      grad       saved   where
      0  leaf  x             1.5        3.32276    -       :+0
      1  leaf  y             0.8        6.23018    -       :+1
      2  mul   z     0 1     1.2        4.15345    x,y     :+2
      3  ln          2       0.182322   1          z       :+3
      4  exp         2       3.32012    1          out     :+3
      5  add   h     3 4     3.50244    1 (seed)   -       :+3
    ");
    insta::assert_snapshot!(lines_from(&tape.to_string(), "let x = tape.var(1.5)"), @"
    tape: 6 nodes, 4 ops, 32 B saved                               scalar.rs
     id  op    name  args    value      grad   saved   where
      0  leaf  x             1.5        -      -       :+0
      1  leaf  y             0.8        -      -       :+1
      2  mul   z     0 1     1.2        -      x,y     :+2
      3  ln          2       0.182322   -      z       :+3
      4  exp         2       3.32012    -      out     :+3
      5  add   h     3 4     3.50244    -      -       :+3
    ");
}

#[test]
fn trace_of_constants_and_generic_code() {
    let tape = Tape::traced();
    fn generic<A: Algebra>(x: A) -> A {
        (A::constant(2.0) / x + 1e-7).powi(3) - x.clamp(0.0, 1.0) * 1e9
    }
    let y = generic(tape.var(4.0));
    insta::assert_snapshot!(lines_from(&y.backward().to_string(), "(A::constant(2.0)"), @"
    tape: 7 nodes, 6 ops, 24 B saved                                   scalar.rs
     id  op            name  args               value   grad       saved   where
      0  leaf                                   4       -0.09375   -       :+2
      1  div                 (2) 0              0.5     0.75       2,v0    :+0
      2  add_constant        1 constant=1e-7    0.5     0.75       -       :+0
      3  powi                2 exponent=3       0.125   1          v2      :+0
      4  clamp               0 low=0 high=1     1       -1e9       v0      :+0
      5  mul_constant        4 constant=1e9     1e9     -1         -       :+0
      6  sub                 3 5                -1e9    1 (seed)   -       :+0
    ");
    // On this tape `x + c` is a step of its own, so that its gradient is its own.
    let tape = Tape::traced();
    let x = tape.var(3.0);
    let shifted = x + 1.0;
    let gradients = (x * shifted).backward();
    assert_eq!((gradients.of(x), gradients.of(shifted)), (7.0, 3.0));
}

/// The table with lines counted from that of `mark`, so that editing this file does not change it.
fn lines_from(table: &str, mark: &str) -> String {
    let first = 1 + include_str!("scalar.rs").lines().position(|line| line.contains(mark)).expect("the mark");
    let relative = |line: &str| match line.rsplit_once(':') {
        Some((rest, number)) => match number.parse::<i64>() {
            Ok(number) => format!("{rest}:{:+}", number - first as i64),
            Err(_) => line.to_string(),
        },
        None => line.to_string(),
    };
    table.lines().map(relative).collect::<Vec<_>>().join("\n")
}

// ---- identities ------------------------------------------------------------------------------------------

/// A random program: each step takes two earlier values and one of six functions.
fn random_program<A: Algebra>(steps: &[(u8, u8, u8)], x: &[A]) -> A {
    let mut values = x.to_vec();
    for &(op, i, j) in steps {
        let (a, b) = (values[i as usize % values.len()], values[j as usize % values.len()]);
        values.push(match op % 6 {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            3 => a / (b.square() + 1.0),
            4 => a.sin(),
            _ => b.tanh() * 0.5,
        });
    }
    values[x.len()..].iter().fold(x[0] * 1.0, |sum, &value| sum + value)
}

/// One operation of a program: which one, and the places of its operands.
type Step = (u8, usize, usize);

fn run<A: Algebra>(steps: &[Step], x: &[A]) -> Vec<A> {
    let mut values = x.to_vec();
    for &(op, i, j) in steps {
        let (a, b) = (values[i], values[j]);
        values.push(match op {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            _ => a * 0.25,
        });
    }
    values
}

/// Operands that are mostly among the last few values. What would be large becomes a quarter of its first operand, so that
/// nothing overflows: a textbook does not say that zero times infinity is zero here.
fn near_by(choices: &[(u8, usize, usize)], x: &[f64]) -> Vec<Step> {
    let mut steps = Vec::new();
    for &(op, i, j) in choices {
        let last = x.len() + steps.len() - 1;
        let back = |far: usize| last.saturating_sub(if far < 6 { far } else { far * far * last / 64 });
        steps.push((op, back(i), back(j)));
        if run(&steps, x)[last + 1].abs() > 2.0 {
            steps.pop();
            steps.push((3, back(i), back(i)));
        }
    }
    steps
}

/// Backpropagation as a textbook has it: last node first, each gives to its operands in turn.
fn textbook(steps: &[Step], x: &[f64]) -> Vec<f64> {
    let values = run(steps, x);
    let mut adjoints = vec![0.0; values.len()];
    adjoints[values.len() - 1] = 1.0;
    for (step, &(op, i, j)) in steps.iter().enumerate().rev() {
        let adjoint = adjoints[x.len() + step];
        let shares = match op {
            0 => vec![(i, 1.0), (j, 1.0)],
            1 => vec![(i, 1.0), (j, -1.0)],
            2 => vec![(i, values[j]), (j, values[i])],
            _ => vec![(i, 0.25)],
        };
        shares.into_iter().for_each(|(operand, slope)| adjoints[operand] += adjoint * slope);
    }
    adjoints
}

proptest! {
    // To the last bit: what the views of a tape show is added up in this order, too.
    #[test]
    fn shares_are_added_last_node_first(choices in prop::collection::vec((0..4_u8, 0..9_usize, 0..9_usize), 1..300),
                                        x in prop::collection::vec(0.5..1.5, 1..4)) {
        let steps = near_by(&choices, &x);
        let want: Vec<u64> = textbook(&steps, &x).into_iter().map(f64::to_bits).collect();
        let tape = Tape::new();
        let variables = run(&steps, &tape.vars(&x));
        let gradients = variables.last().unwrap().backward();
        let got: Vec<u64> = variables.iter().map(|&x| gradients.of(x).to_bits()).collect();
        prop_assert_eq!(&got, &want);
        let mut slopes = vec![[f64::NAN; 2]; x.len()];
        Tape::new().jacobian(&x, &mut slopes, |x| [*run(&steps, x).last().unwrap(); 2]);
        let got: Vec<[u64; 2]> = slopes.into_iter().map(|row| row.map(f64::to_bits)).collect();
        prop_assert_eq!(got, want[..x.len()].iter().map(|&bits| [bits; 2]).collect::<Vec<_>>());
    }

    #[test]
    fn reverse_is_forward(steps in prop::collection::vec(any::<(u8, u8, u8)>(), 1..20),
                          x in prop::collection::vec(-1.0..1.0, 3)) {
        let (value, slope) = scalar::gradient(|x| random_program(&steps, x), &x);
        prop_assert_eq!(value.to_bits(), random_program(&steps, &x).to_bits());
        let size = slope.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
        for (i, &reverse) in slope.iter().enumerate() {
            let forward = random_program(&steps, &along(&x, i)).slope[0];
            prop_assert!((forward - reverse).abs() <= 1e-13 * size.max(value.abs()));
        }
    }
}
