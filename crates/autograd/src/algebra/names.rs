//! The one list of named elementwise functions.
//!
//! A line here gives the name to formulas ([`Algebra`](super::Algebra)), to the scalar engine and to tensor programs
//! ([`Interpretation`](crate::Interpretation)) alike. The rule behind it is in [`formulas`](super::formulas).

/// Functions of one input: `name(constants) => rule;`.
macro_rules! with_unary {
    ($with:ident) => {
        $with! { unary
            /// `eˣ`. Rule: [`Exp`](crate::algebra::formulas::Exp).
            exp() => formulas::Exp;
            /// `eˣ − 1`, accurate near 0. Rule: [`ExpM1`](crate::algebra::formulas::ExpM1).
            exp_m1() => formulas::ExpM1;
            /// `ln x`, natural. Rule: [`Ln`](crate::algebra::formulas::Ln).
            ln() => formulas::Ln;
            /// `ln(1 + x)`, accurate near 0. Rule: [`Ln1p`](crate::algebra::formulas::Ln1p).
            ln_1p() => formulas::Ln1p;
            /// `√x`. Rule: [`Sqrt`](crate::algebra::formulas::Sqrt).
            sqrt() => formulas::Sqrt;
            /// `x²`. Rule: [`Square`](crate::algebra::formulas::Square).
            square() => formulas::Square;
            /// `1/x`. Rule: [`Recip`](crate::algebra::formulas::Recip).
            recip() => formulas::Recip;
            /// `|x|`. Rule: [`Abs`](crate::algebra::formulas::Abs).
            abs() => formulas::Abs;
            /// `xⁿ` for a whole `n`. Rule: [`Powi`](crate::algebra::formulas::Powi).
            powi(exponent: i32) => formulas::Powi { exponent };
            /// `xᶜ` for a constant `c`. Rule: [`Powf`](crate::algebra::formulas::Powf).
            powf(exponent: f64) => formulas::Powf { exponent };
            /// `sin x`, radians. Rule: [`Sin`](crate::algebra::formulas::Sin).
            sin() => formulas::Sin;
            /// `cos x`, radians. Rule: [`Cos`](crate::algebra::formulas::Cos).
            cos() => formulas::Cos;
            /// `tanh x`. Rule: [`Tanh`](crate::algebra::formulas::Tanh).
            tanh() => formulas::Tanh;
            /// `1/(1 + e⁻ˣ)`. Rule: [`Sigmoid`](crate::algebra::formulas::Sigmoid).
            sigmoid() => formulas::Sigmoid;
            /// `ln(1 + eˣ)`, finite everywhere. Rule: [`Softplus`](crate::algebra::formulas::Softplus).
            softplus() => formulas::Softplus;
            /// `ln sigmoid(x)`, finite everywhere. Rule: [`LogSigmoid`](crate::algebra::formulas::LogSigmoid).
            log_sigmoid() => formulas::LogSigmoid;
            /// `max(x, 0)`. Rule: [`Relu`](crate::algebra::formulas::Relu).
            relu() => formulas::Relu;
            /// `x` if `x > 0`, else `slope·x`. Rule: [`LeakyRelu`](crate::algebra::formulas::LeakyRelu).
            leaky_relu(slope: f64) => formulas::LeakyRelu { slope };
            /// `x` if `x > 0`, else `α(eˣ − 1)`. Rule: [`Elu`](crate::algebra::formulas::Elu).
            elu(alpha: f64) => formulas::Elu { alpha };
            /// `x Φ(x)`, exact. Rule: [`Gelu`](crate::algebra::formulas::Gelu).
            gelu() => formulas::Gelu;
            /// `x Φ(x)` by the tanh approximation. Rule: [`GeluTanh`](crate::algebra::formulas::GeluTanh).
            gelu_tanh() => formulas::GeluTanh;
            /// `x · sigmoid(x)`. Rule: [`Silu`](crate::algebra::formulas::Silu).
            silu() => formulas::Silu;
            /// `min(max(x, low), high)`. Rule: [`Clamp`](crate::algebra::formulas::Clamp).
            clamp(low: f64, high: f64) => formulas::Clamp { low, high };
            /// 1 where `x > 0`, else 0. Rule: [`Step`](crate::algebra::formulas::Step).
            step() => formulas::Step;
            /// The error function. Rule: [`Erf`](crate::algebra::formulas::Erf).
            erf() => formulas::Erf;
            /// `1 − erf x`, accurate in the tail. Rule: [`Erfc`](crate::algebra::formulas::Erfc).
            erfc() => formulas::Erfc;
            /// `c − x`. Rule: [`SubtractFrom`](crate::algebra::formulas::SubtractFrom).
            rsub(constant: f64) => formulas::SubtractFrom { constant };
            /// `c / x`. Rule: [`DivideInto`](crate::algebra::formulas::DivideInto).
            rdiv(constant: f64) => formulas::DivideInto { constant };
        }
    };
}

/// Functions of two inputs: `name => rule;`.
macro_rules! with_binary {
    ($with:ident) => {
        $with! { binary
            /// `aᵇ`. Rule: [`Pow`](crate::algebra::formulas::Pow).
            pow => formulas::Pow;
            /// The larger; a tie splits its gradient ½, ½. Rule: [`Maximum`](crate::algebra::formulas::Maximum).
            maximum => formulas::Maximum;
            /// The smaller; a tie splits its gradient ½, ½. Rule: [`Minimum`](crate::algebra::formulas::Minimum).
            minimum => formulas::Minimum;
        }
    };
}

pub(crate) use {with_binary, with_unary};
