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
            /// `2ˣ`. Rule: [`Exp2`](crate::algebra::formulas::Exp2).
            exp2() => formulas::Exp2;
            /// `eˣ − 1`, accurate near 0. Rule: [`ExpM1`](crate::algebra::formulas::ExpM1).
            exp_m1() => formulas::ExpM1;
            /// `ln x`, natural. Rule: [`Ln`](crate::algebra::formulas::Ln).
            ln() => formulas::Ln;
            /// `ln(1 + x)`, accurate near 0. Rule: [`Ln1p`](crate::algebra::formulas::Ln1p).
            ln_1p() => formulas::Ln1p;
            /// The logarithm to base 2. Rule: [`Log2`](crate::algebra::formulas::Log2).
            log2() => formulas::Log2;
            /// The logarithm to base 10. Rule: [`Log10`](crate::algebra::formulas::Log10).
            log10() => formulas::Log10;
            /// `√x`. Rule: [`Sqrt`](crate::algebra::formulas::Sqrt).
            sqrt() => formulas::Sqrt;
            /// `1/√x`. Rule: [`Rsqrt`](crate::algebra::formulas::Rsqrt).
            rsqrt() => formulas::Rsqrt;
            /// The real cube root. Rule: [`Cbrt`](crate::algebra::formulas::Cbrt).
            cbrt() => formulas::Cbrt;
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
            /// `tan x`, radians. Rule: [`Tan`](crate::algebra::formulas::Tan).
            tan() => formulas::Tan;
            /// The angle whose sine is `x`. Rule: [`Asin`](crate::algebra::formulas::Asin).
            asin() => formulas::Asin;
            /// The angle whose cosine is `x`. Rule: [`Acos`](crate::algebra::formulas::Acos).
            acos() => formulas::Acos;
            /// The angle whose tangent is `x`. Rule: [`Atan`](crate::algebra::formulas::Atan).
            atan() => formulas::Atan;
            /// `sinh x`. Rule: [`Sinh`](crate::algebra::formulas::Sinh).
            sinh() => formulas::Sinh;
            /// `cosh x`. Rule: [`Cosh`](crate::algebra::formulas::Cosh).
            cosh() => formulas::Cosh;
            /// `tanh x`. Rule: [`Tanh`](crate::algebra::formulas::Tanh).
            tanh() => formulas::Tanh;
            /// The number whose hyperbolic sine is `x`. Rule: [`Asinh`](crate::algebra::formulas::Asinh).
            asinh() => formulas::Asinh;
            /// The number whose hyperbolic cosine is `x`. Rule: [`Acosh`](crate::algebra::formulas::Acosh).
            acosh() => formulas::Acosh;
            /// The number whose hyperbolic tangent is `x`. Rule: [`Atanh`](crate::algebra::formulas::Atanh).
            atanh() => formulas::Atanh;
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
            /// `λ x` if `x > 0`, else `λ α(eˣ − 1)`. Rule: [`Selu`](crate::algebra::formulas::Selu).
            selu() => formulas::Selu;
            /// `x Φ(x)`, exact. Rule: [`Gelu`](crate::algebra::formulas::Gelu).
            gelu() => formulas::Gelu;
            /// `x Φ(x)` by the tanh approximation. Rule: [`GeluTanh`](crate::algebra::formulas::GeluTanh).
            gelu_tanh() => formulas::GeluTanh;
            /// `x · sigmoid(x)`. Rule: [`Silu`](crate::algebra::formulas::Silu).
            silu() => formulas::Silu;
            /// `x · tanh(softplus(x))`. Rule: [`Mish`](crate::algebra::formulas::Mish).
            mish() => formulas::Mish;
            /// `x/(1 + |x|)`. Rule: [`Softsign`](crate::algebra::formulas::Softsign).
            softsign() => formulas::Softsign;
            /// `clamp(x + 3, 0, 6)/6`. Rule: [`HardSigmoid`](crate::algebra::formulas::HardSigmoid).
            hard_sigmoid() => formulas::HardSigmoid;
            /// `x · clamp(x + 3, 0, 6)/6`. Rule: [`HardSwish`](crate::algebra::formulas::HardSwish).
            hard_swish() => formulas::HardSwish;
            /// `min(max(x, low), high)`; PyTorch's bounds are −1 and 1 unless given. Rule: [`Clamp`](crate::algebra::formulas::Clamp).
            hard_tanh(low: f64, high: f64) => formulas::Clamp { low, high };
            /// `min(max(x, 0), 6)`. Rule: [`Clamp`](crate::algebra::formulas::Clamp).
            relu6() => formulas::Clamp { low: 0.0, high: 6.0 };
            /// `min(max(x, low), high)`. Rule: [`Clamp`](crate::algebra::formulas::Clamp).
            clamp(low: f64, high: f64) => formulas::Clamp { low, high };
            /// 1 where `x > 0`, else 0. Rule: [`Step`](crate::algebra::formulas::Step).
            step() => formulas::Step;
            /// −1, 0 or 1. Rule: [`Sign`](crate::algebra::formulas::Sign).
            sign() => formulas::Sign;
            /// The next whole number below. Rule: [`Floor`](crate::algebra::formulas::Floor).
            floor() => formulas::Floor;
            /// The next whole number above. Rule: [`Ceil`](crate::algebra::formulas::Ceil).
            ceil() => formulas::Ceil;
            /// The nearest whole number, of two the even one. Rule: [`Round`](crate::algebra::formulas::Round).
            round() => formulas::Round;
            /// The error function. Rule: [`Erf`](crate::algebra::formulas::Erf).
            erf() => formulas::Erf;
            /// `1 − erf x`, accurate in the tail. Rule: [`Erfc`](crate::algebra::formulas::Erfc).
            erfc() => formulas::Erfc;
            /// `e^(−x²/2)`, accurate in the tails. Rule: [`Gaussian`](crate::algebra::formulas::Gaussian).
            gaussian() => formulas::Gaussian;
            /// The normal distribution function, accurate in the tail. Rule: [`NormalCdf`](crate::algebra::formulas::NormalCdf).
            normal_cdf() => formulas::NormalCdf;
            /// `ln |Γ(x)|`; PyTorch's `lgamma`. Rule: [`LnGamma`](crate::algebra::formulas::LnGamma).
            ln_gamma() => formulas::LnGamma;
            /// The derivative of `ln |Γ(x)|`. Rule: [`Digamma`](crate::algebra::formulas::Digamma).
            digamma() => formulas::Digamma;
            /// The derivative of that order of the digamma function. Rule: [`Polygamma`](crate::algebra::formulas::Polygamma).
            polygamma(order: u32) => formulas::Polygamma { order };
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
            /// `√(a² + b²)`, without overflow. Rule: [`Hypot`](crate::algebra::formulas::Hypot).
            hypot => formulas::Hypot;
            /// The angle of the point `(b, a)`. Rule: [`Atan2`](crate::algebra::formulas::Atan2).
            atan2 => formulas::Atan2;
            /// `a − b ⌊a/b⌋`, with the sign of `b`. Rule: [`Remainder`](crate::algebra::formulas::Remainder).
            remainder => formulas::Remainder;
            /// `ln(eᵃ + eᵇ)`, finite everywhere. Rule: [`Logaddexp`](crate::algebra::formulas::Logaddexp).
            logaddexp => formulas::Logaddexp;
            /// `|a|` with the sign of `b`. Rule: [`Copysign`](crate::algebra::formulas::Copysign).
            copysign => formulas::Copysign;
        }
    };
}

pub(crate) use {with_binary, with_unary};
