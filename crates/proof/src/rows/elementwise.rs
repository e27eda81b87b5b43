//! Formulas of elements, with broadcasting.

use crate::table::operations;
use autograd::prelude::*;

operations! {
    // arithmetic, with broadcasting
    add Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2x2"] ["0x3", "1x3"] ["300", "300"] ["20x30", "30"] |x| x[0].clone() + &x[1];
    sub Normal ["2x3", "2x3"] ["3", "2x3"] ["2x1x3", "4x1"] ["", ""] ["0", "1"] |x| x[0].clone() - &x[1];
    mul Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "1x3"] ["", "5"] ["0x2", "2"] ["20x30", "20x1"] |x| x[0].clone() * &x[1];
    div Positive ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", ""] ["0", "0"] |x| x[0].clone() / &x[1];
    neg Normal ["2x3"] [""] ["0x2"] |x| -x[0].clone();
    add_constant Normal ["2x3"] [""] ["0x3"] |x| x[0].clone() + T::from_f64(1.5);
    sub_constant Normal ["2x3"] [""] ["0x3"] |x| x[0].clone() - T::from_f64(1.5);
    mul_constant Normal ["2x3"] [""] ["0x3"] |x| x[0].clone() * T::from_f64(-0.75);
    div_constant Normal ["2x3"] [""] ["0x3"] |x| x[0].clone() / T::from_f64(3.0);
    rsub Normal ["2x3"] [""] ["0"] |x| x[0].rsub(2.0);
    rdiv Positive ["2x3"] [""] ["0x3"] |x| x[0].rdiv(2.0);
    same_twice Normal ["2x3"] |x| x[0].clone() * &x[0] + &x[0];
    // powers, exponentials, logarithms
    recip Positive ["2x3"] [""] ["0x3"] |x| x[0].recip();
    square Normal ["2x3"] [""] ["0"] |x| x[0].square();
    sqrt Positive ["2x3"] [""] ["0x3"] |x| x[0].sqrt();
    rsqrt Positive ["2x3"] [""] ["0x3"] |x| x[0].rsqrt();
    cbrt Positive ["2x3"] [""] ["0x3"] |x| x[0].cbrt();
    abs Normal ["2x3"] [""] ["0x3"] |x| x[0].abs();
    powi Normal ["2x3"] [""] ["0x3"] |x| x[0].powi(3);
    powi_negative Positive ["2x3"] |x| x[0].powi(-2);
    powf Positive ["2x3"] [""] ["0x3"] |x| x[0].powf(1.7);
    pow Positive ["2x3", "2x3"] ["2x3", "3"] ["", "2"] |x| x[0].pow(&x[1]);
    hypot Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2"] ["0", "1"] |x| x[0].hypot(&x[1]);
    exp Normal ["2x3"] [""] ["0x3"] ["40x30"] |x| x[0].exp();
    exp2 Normal ["2x3"] [""] ["0x3"] |x| x[0].exp2();
    exp_m1 Normal ["2x3"] [""] ["0x3"] |x| x[0].exp_m1();
    ln Positive ["2x3"] [""] ["0x3"] |x| x[0].ln();
    ln_1p Inside ["2x3"] [""] ["0x3"] |x| x[0].ln_1p();
    log2 Positive ["2x3"] [""] ["0x3"] |x| x[0].log2();
    log10 Positive ["2x3"] [""] ["0x3"] |x| x[0].log10();
    logaddexp Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2"] ["0", "1"] |x| x[0].logaddexp(&x[1]);
    // trigonometric and hyperbolic functions
    sin Normal ["2x3"] [""] ["0x3"] |x| x[0].sin();
    cos Normal ["2x3"] [""] ["0x3"] |x| x[0].cos();
    tan Inside ["2x3"] [""] ["0x3"] |x| x[0].tan();
    asin Inside ["2x3"] [""] ["0x3"] |x| x[0].asin();
    acos Inside ["2x3"] [""] ["0x3"] |x| x[0].acos();
    atan Normal ["2x3"] [""] ["0x3"] |x| x[0].atan();
    atan2 Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2"] ["0", "1"] |x| x[0].atan2(&x[1]);
    sinh Normal ["2x3"] [""] ["0x3"] |x| x[0].sinh();
    cosh Normal ["2x3"] [""] ["0x3"] |x| x[0].cosh();
    asinh Normal ["2x3"] [""] ["0x3"] |x| x[0].asinh();
    acosh AboveOne ["2x3"] [""] ["0x3"] |x| x[0].acosh();
    atanh Inside ["2x3"] [""] ["0x3"] |x| x[0].atanh();
    // the error function and the gamma function
    erf Normal ["2x3"] [""] ["0x3"] |x| x[0].erf();
    erfc Normal ["2x3"] [""] ["0x3"] |x| x[0].erfc();
    gaussian Normal ["2x3"] [""] ["0x3"] |x| x[0].gaussian();
    normal_cdf Normal ["2x3"] [""] ["0x3"] |x| x[0].normal_cdf();
    ln_gamma Positive ["2x3"] [""] ["0x3"] |x| x[0].ln_gamma();
    digamma Positive ["2x3"] [""] ["0x3"] |x| x[0].digamma();
    polygamma Positive ["2x3"] [""] ["0x3"] |x| x[0].polygamma(2);
    // activations
    tanh Normal ["2x3"] [""] ["0"] ["40x30"] |x| x[0].tanh();
    sigmoid Normal ["2x3"] [""] ["0x3"] |x| x[0].sigmoid();
    softplus Normal ["2x3"] [""] ["0x3"] |x| x[0].softplus();
    log_sigmoid Normal ["2x3"] [""] ["0x3"] |x| x[0].log_sigmoid();
    relu Normal ["2x3"] [""] ["7x5"] ["0x3"] |x| x[0].relu();
    leaky_relu Normal ["2x3"] [""] ["0x3"] |x| x[0].leaky_relu(0.1);
    elu Normal ["2x3"] [""] ["0x3"] |x| x[0].elu(1.3);
    gelu Normal ["2x3"] [""] ["0x3"] |x| x[0].gelu();
    gelu_tanh Normal ["2x3"] [""] ["0x3"] |x| x[0].gelu_tanh();
    silu Normal ["2x3"] [""] ["0x3"] |x| x[0].silu();
    mish Normal ["2x3"] [""] ["0x3"] |x| x[0].mish();
    selu Normal ["2x3"] [""] ["0x3"] |x| x[0].selu();
    softsign Normal ["2x3"] [""] ["0x3"] |x| x[0].softsign();
    hard_sigmoid Normal ["2x3"] [""] ["0x3"] |x| x[0].hard_sigmoid();
    hard_swish Normal ["2x3"] [""] ["0x3"] |x| x[0].hard_swish();
    hard_tanh Normal ["2x3"] [""] ["0x3"] |x| x[0].hard_tanh(-0.5, 0.7);
    relu6 Normal ["2x3"] [""] ["0x3"] |x| x[0].relu6();
    clamp Normal ["2x3"] [""] ["0x3"] |x| x[0].clamp(-0.5, 0.7);
    step Normal ["2x3"] [""] ["0x3"] |x| x[0].step();
    sign Normal ["2x3"] [""] ["0x3"] |x| x[0].sign();
    floor Normal ["2x3"] [""] ["0x3"] |x| x[0].floor();
    ceil Normal ["2x3"] [""] ["0x3"] |x| x[0].ceil();
    round Normal ["2x3"] [""] ["0x3"] |x| x[0].round();
    remainder Positive ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2"] ["0", "1"] |x| x[0].remainder(&x[1]);
    copysign Normal ["2x3", "2x3"] ["2x3", "3"] ["4x1", "3"] ["", "2"] ["0", "1"] |x| x[0].copysign(&x[1]);
    maximum Normal ["2x3", "2x3"] ["2x3", "3"] ["", "4"] |x| x[0].maximum(&x[1]);
    minimum Normal ["2x3", "2x3"] ["2x3", "3"] ["", "4"] |x| x[0].minimum(&x[1]);
    choose Normal ["2x3", "2x3", "2x3"] ["3", "2x3", "2x1"] ["0", "1", "1"] |x| x[0].greater(&x[1]).choose(&x[1], &x[2]);
    // a user's formula, fused by the automatic slope
    user_formula Normal ["2x3", "3"] ["", ""] |x| x[0].zip(&x[1], Mixed { gain: 0.7 });
    user_formula_of_one Normal ["2x3"] ["40x30"] ["0x3"] |x| x[0].map(Wave);
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
