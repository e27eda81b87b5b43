//! Elementwise functions by their names in the files, at every point of their table.

use super::compare::Worst;
use super::json::{Reference, numbers};
use autograd::algebra::Algebra;
use autograd::prelude::*;
use autograd::scalar;

/// One list of names for both vocabularies: formulas of scalars and programs of tensors.
macro_rules! functions {
    (
        unary |$x:ident, $case:ident| { $($name:literal => $value:expr,)* }
        operators { $($operator:literal => $sign:tt,)* }
        methods { $($method:literal => $function:ident,)* }
    ) => {
        /// A function of one array by name, with the constants of the case.
        pub(super) fn unary<T: Real, A: Array<T>>(op: &str, $case: &Reference, $x: A) -> Option<A> {
            Some(match op { $($name => $value,)* _ => return None })
        }
        /// A function of two arrays by name.
        pub(super) fn binary<T: Real, A: Array<T>>(op: &str, a: A, b: A) -> Option<A> {
            Some(match op { $($operator => a $sign b,)* $($method => a.$function(&b),)* _ => return None })
        }
        /// A function of one scalar by name.
        pub(super) fn unary_scalar<A: Algebra>(op: &str, $case: &Reference, $x: A) -> Option<A> {
            Some(match op { $($name => $value,)* _ => return None })
        }
        /// A function of two scalars by name.
        pub(super) fn binary_scalar<A: Algebra>(op: &str, a: A, b: A) -> Option<A> {
            Some(match op { $($operator => a $sign b,)* $($method => a.$function(b),)* _ => return None })
        }
    };
}

functions! {
    unary |x, case| {
        "neg" => -x,
        "abs" => x.abs(),
        "sign" => x.sign(),
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        "round" => x.round(),
        "square" => x.square(),
        "sqrt" => x.sqrt(),
        "rsqrt" => x.rsqrt(),
        "cbrt" => x.cbrt(),
        "recip" => x.recip(),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "expm1" => x.exp_m1(),
        "ln" => x.ln(),
        "log1p" => x.ln_1p(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "asinh" => x.asinh(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        "erf" => x.erf(),
        "erfc" => x.erfc(),
        "lgamma" => x.ln_gamma(),
        "digamma" => x.digamma(),
        "sigmoid" => x.sigmoid(),
        "log_sigmoid" => x.log_sigmoid(),
        "softplus" => x.softplus(),
        "relu" => x.relu(),
        "relu6" => x.relu6(),
        "leaky_relu" => x.leaky_relu(case.number("slope")),
        "elu" => x.elu(case.number("alpha")),
        "selu" => x.selu(),
        "gelu" => x.gelu(),
        "gelu_tanh" => x.gelu_tanh(),
        "silu" => x.silu(),
        "mish" => x.mish(),
        "softsign" => x.softsign(),
        "hardtanh" => x.hard_tanh(-1.0, 1.0),
        "hardsigmoid" => x.hard_sigmoid(),
        "hardswish" => x.hard_swish(),
        "step" => x.step(),
        "relu_square" => x.relu().square(),
        "abs_pow" => x.abs().powf(case.number("p")),
        "xlogx" => x.ln() * x,
    }
    operators {
        "add" => +,
        "sub" => -,
        "mul" => *,
        "mul_inf" => *,
        "div" => /,
    }
    methods {
        "pow" => pow,
        "hypot" => hypot,
        "atan2" => atan2,
        "remainder" => remainder,
        "logaddexp" => logaddexp,
        "copysign" => copysign,
        "maximum" => maximum,
        "max" => maximum,
        "minimum" => minimum,
        "min" => minimum,
    }
}

/// What a point of a region may be off by: relative to the value, and absolutely.
fn allowance(region: &str, order: usize) -> (f64, f64) {
    match region {
        // Derivatives of saturated tails may be written so that they lose relative accuracy.
        "huge" | "extreme" | "saturated" if order > 0 => (1e-12, 1e-15),
        "near_one" | "near_pole" | "near_zero" | "near_step" | "cancel" if order > 0 => (1e-9, 1e-14),
        "near_one" | "near_pole" | "near_zero" | "near_step" | "cancel" => (1e-13, 0.0),
        "saturated" => (1e-13, 0.0),
        _ if order == 2 => (1e-12, 1e-15),
        _ if order == 1 => (2e-14, 1e-15),
        _ => (2e-14, 1e-300),
    }
}

/// The columns of a table against what was computed; every point that is off is named.
struct Comparison<'a> {
    regions: Vec<&'a str>,
    off: Vec<String>,
    worst: Worst,
}

impl<'a> Comparison<'a> {
    fn new(case: &'a Reference) -> Self {
        let regions = case.get("region").as_array().expect("regions");
        Comparison {
            regions: regions.iter().map(|r| r.as_str().expect("a region")).collect(),
            off: Vec::new(),
            worst: Worst::default(),
        }
    }

    fn column(&mut self, what: &str, got: &[f64], want: &serde_json::Value, order: usize) {
        for (i, (&g, w)) in got.iter().zip(numbers(want)).enumerate() {
            let (relative, absolute) = allowance(self.regions[i], order);
            // Where the value has left the range, its curvature need not stay within it.
            let left = self.regions[i] == "overflow" && order == 2 && g.is_infinite();
            let used = if g == w || (g.is_nan() && w.is_nan()) || left {
                0.0
            } else {
                (g - w).abs() / (relative * w.abs() + absolute)
            };
            if used.is_nan() || used > 1.0 {
                self.off.push(format!("{what} at point {i} ({}): got {g:e}, want {w:e}", self.regions[i]));
            }
            let worst = [&mut self.worst.value, &mut self.worst.first_order, &mut self.worst.second_order];
            let worst = worst.into_iter().nth(order).expect("an order");
            *worst = worst.max(used);
        }
    }

    fn result(self) -> Result<Worst, String> {
        if self.off.is_empty() { Ok(self.worst) } else { Err(self.off.join("\n")) }
    }
}

/// Value, slope and curvature at every point, by the tensor engine and by the scalar engine, in double precision.
pub(super) fn check(case: &Reference) -> Result<Worst, String> {
    let op = case.op();
    let missing = || format!("there is no function `{op}`");
    let mut comparison = Comparison::new(case);
    let column = |name: &str| numbers(case.get(name));
    let tape = Tape::<f64>::keeping();
    if *case.get("arity") == 1 {
        let x = tape.var(column("x"));
        let y = unary(op, case, x.clone()).ok_or_else(missing)?;
        comparison.column("value", &y.value().to_vec(), case.get("f"), 0);
        let slope = y.sum().backward_recorded().of(&x).or_zeros_on(&x);
        comparison.column("slope", &slope.value().to_vec(), case.get("d1"), 1);
        if slope.node().is_some() {
            let curvature = slope.sum().backward().of(&x).or_zeros();
            comparison.column("curvature", &curvature.to_vec(), case.get("d2"), 2);
        }
        let scalars = column("x")
            .into_iter()
            .map(|x| scalar::gradient(|x| unary_scalar(op, case, x[0]).expect("the tensor engine has it"), &[x]));
        let (values, slopes): (Vec<f64>, Vec<Vec<f64>>) = scalars.unzip();
        comparison.column("scalar value", &values, case.get("f"), 0);
        comparison.column("scalar slope", &slopes.concat(), case.get("d1"), 1);
    } else {
        let (a, b) = (tape.var(column("a")), tape.var(column("b")));
        let y = binary(op, a.clone(), b.clone()).ok_or_else(missing)?;
        comparison.column("value", &y.value().to_vec(), case.get("f"), 0);
        let slopes = y.sum().backward_recorded();
        let mut curvature = |along: &str, slope: Var<f64>, first: &str, second: &str| {
            comparison.column(&format!("slope along {along}"), &slope.value().to_vec(), case.get(along), 1);
            let zeros = Tensor::zeros(a.shape());
            let gradients = slope.node().map(|_| slope.sum().backward());
            for (x, key) in [(&a, first), (&b, second)] {
                let got = gradients.as_ref().map_or(zeros.clone(), |gradients| gradients.of(x).or_zeros());
                comparison.column(&format!("curvature {key}"), &got.to_vec(), case.get(key), 2);
            }
        };
        curvature("da", slopes.of(&a).or_zeros_on(&a), "daa", "dab");
        curvature("db", slopes.of(&b).or_zeros_on(&b), "dab", "dbb");
        let scalars = column("a").into_iter().zip(column("b")).map(|(a, b)| {
            scalar::gradient(|x| binary_scalar(op, x[0], x[1]).expect("the tensor engine has it"), &[a, b])
        });
        let (values, slopes): (Vec<f64>, Vec<Vec<f64>>) = scalars.unzip();
        let along = |i: usize| slopes.iter().map(|slope| slope[i]).collect::<Vec<f64>>();
        comparison.column("scalar value", &values, case.get("f"), 0);
        comparison.column("scalar slope along a", &along(0), case.get("da"), 1);
        comparison.column("scalar slope along b", &along(1), case.get("db"), 1);
    }
    comparison.result()
}

/// Value and slope in single precision, at the points that are `f32` numbers and regular.
pub(super) fn check_single(case: &Reference) -> Result<Worst, String> {
    let op = case.op();
    let regular = |i: usize| {
        let region = case.get("region")[i].as_str().expect("a region");
        ["normal", "whole", "signs", "quadrant", "axis", "quarter", "equal"].contains(&region)
    };
    let one = *case.get("arity") == 1;
    let columns: Vec<Vec<f64>> =
        if one { vec![numbers(case.get("x"))] } else { vec![numbers(case.get("a")), numbers(case.get("b"))] };
    let keep: Vec<usize> = (0..columns[0].len())
        .filter(|&i| regular(i) && columns.iter().all(|column| f64::from(column[i] as f32) == column[i]))
        .collect();
    let tape = Tape::<f32>::new();
    let vars: Vec<Var> =
        columns.iter().map(|column| tape.var(keep.iter().map(|&i| column[i] as f32).collect::<Vec<_>>())).collect();
    let y = if one { unary(op, case, vars[0].clone()) } else { binary(op, vars[0].clone(), vars[1].clone()) };
    let y = y.ok_or_else(|| format!("there is no function `{op}`"))?;
    let gradients = y.sum().backward();
    let mut worst = Worst::default();
    let column = |key: &str, got: Vec<f32>, used: &mut f64| -> Result<(), String> {
        let want = numbers(case.get(key));
        for (&i, got) in keep.iter().zip(got) {
            // Eight units in the last place, and an absolute term where the value nearly cancels.
            let bound = 8.0 * f64::from(f32::EPSILON) * want[i].abs() + 1e-7;
            let off = (f64::from(got) - want[i]).abs() / bound;
            if off.is_nan() || off > 1.0 {
                return Err(format!("{key} at point {i}: got {got:e}, want {:e} within {bound:e}", want[i]));
            }
            *used = used.max(off);
        }
        Ok(())
    };
    column("f", y.value().to_vec(), &mut worst.value)?;
    for (x, key) in vars.iter().zip(if one { &["d1"][..] } else { &["da", "db"] }) {
        column(key, gradients.of(x).or_zeros().to_vec(), &mut worst.first_order)?;
    }
    Ok(worst)
}
