//! Numbers of twice the digits, for where digits cancel (Dekker, 1971).

use std::ops::{Add, Div, Mul, Neg};

/// The sum of two numbers, of which the second is below the last place of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub high: f64,
    pub low: f64,
}

impl Pair {
    /// `a + b`, exactly.
    pub fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let part = high - a;
        Pair { high, low: (a - (high - part)) + (b - part) }
    }

    /// `a · b`, exactly.
    pub fn product(a: f64, b: f64) -> Self {
        // The products of halves of 26 bits are exact.
        let halves = |x: f64| {
            let upper = f64::from_bits(x.to_bits() & !0x7ff_ffff);
            (upper, x - upper)
        };
        let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
        let high = a * b;
        Pair { high, low: ((a1 * b1 - high) + a1 * b0 + a0 * b1) + a0 * b0 }
    }

    /// `high + low` for a `low` that is not above `high`, tidied.
    fn tidy(high: f64, low: f64) -> Self {
        let sum = high + low;
        Pair { high: sum, low: low - (sum - high) }
    }
}

impl From<f64> for Pair {
    fn from(high: f64) -> Self {
        Pair { high, low: 0.0 }
    }
}

impl Neg for Pair {
    type Output = Self;
    fn neg(self) -> Self {
        Pair { high: -self.high, low: -self.low }
    }
}

impl Add for Pair {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.high, other.high), Self::sum(self.low, other.low));
        let part = Self::tidy(high.high, high.low + low.high);
        Self::tidy(part.high, part.low + low.low)
    }
}

impl Mul for Pair {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        Self::tidy(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

/// Long division.
impl Div for Pair {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let (mut rest, mut quotient) = (self, Pair::from(0.0));
        for _ in 0..3 {
            let digit = Pair::from(rest.high / other.high);
            quotient = quotient + digit;
            rest = rest + -(other * digit);
        }
        quotient
    }
}
