//! A formula that prints itself.

use super::{Algebra, Formula};
use std::cell::RefCell;
use std::fmt::{self, Display};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Where the parts of printed expressions are kept.
///
/// ```
/// use autograd::algebra::{Algebra, Arena, Formula, formulas::{Sigmoid, Tanh}};
/// let arena = Arena::default();
/// let (x, y) = (arena.letter("x"), arena.letter("y"));
/// assert_eq!(Tanh.slope(&[x], y)[0].to_string(), "1 - y * y");
/// assert_eq!(Sigmoid.slope(&[x], y)[0].to_string(), "y * (1 - y)");
/// ```
#[derive(Debug, Default)]
pub struct Arena(RefCell<Vec<Text>>);

#[derive(Clone, Debug)]
struct Text {
    text: String,
    binding: Binding,
    /// What this is the negative of, so that `-x + 1` is written `1 - x`.
    negative_of: Option<usize>,
    /// What this is 1 over, so that `g * (1/x)` is written `g/x`.
    reciprocal_of: Option<usize>,
}

/// How tightly a text holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Choice,
    Sum,
    Product,
    Atom,
}

impl Arena {
    /// A variable with a name.
    pub fn letter(&self, name: &str) -> Expression<'_> {
        self.keep(name.to_string(), Binding::Atom)
    }

    fn keep(&self, text: String, binding: Binding) -> Expression<'_> {
        let mut texts = self.0.borrow_mut();
        texts.push(Text { text, binding, negative_of: None, reciprocal_of: None });
        Expression(Part::Kept(self, texts.len() - 1))
    }
}

/// An operation on single elements in print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPrint {
    /// The value.
    pub value: String,
    /// The local derivative by each input.
    pub slopes: Vec<String>,
    /// The message to each input.
    pub messages: Vec<String>,
}

/// A formula in print, for inputs, an output and a cotangent of these names.
pub(crate) fn in_print<F: Formula<N>, const N: usize>(
    formula: &F,
    inputs: [&str; N],
    output: &str,
    cotangent: &str,
) -> InPrint {
    let arena = Arena::default();
    let x = inputs.map(|name| arena.letter(name));
    let slopes = formula.slope(&x, arena.letter(output));
    let cotangent = arena.letter(cotangent);
    InPrint {
        value: Expression::apply(*formula, x).to_string(),
        slopes: slopes.map(|slope| slope.to_string()).to_vec(),
        messages: slopes.map(|slope| cotangent.times_slope(slope).to_string()).to_vec(),
    }
}

/// A formula under construction, as text: what [`Algebra`] means when it is written down.
#[derive(Clone, Copy, Debug)]
pub struct Expression<'a>(Part<'a>);

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Number(f64),
    Kept(&'a Arena, usize),
}

impl<'a> Expression<'a> {
    fn text(self, at_least: Binding) -> String {
        let (text, binding) = match self.0 {
            Part::Number(c) if c < 0.0 => (c.to_string(), Binding::Sum),
            Part::Number(c) => (c.to_string(), Binding::Atom),
            Part::Kept(arena, id) => {
                let texts = arena.0.borrow();
                (texts[id].text.clone(), texts[id].binding)
            }
        };
        // Products are written close together within parentheses.
        if binding < at_least { format!("({})", text.replace(" * ", "*").replace(" / ", "/")) } else { text }
    }

    fn is_atom(self) -> bool {
        match self.0 {
            Part::Number(c) => c >= 0.0,
            Part::Kept(arena, id) => arena.0.borrow()[id].binding == Binding::Atom,
        }
    }

    /// What this is 1 over.
    fn inverted(self) -> Option<Self> {
        match self.0 {
            Part::Number(_) => None,
            Part::Kept(arena, id) => arena.0.borrow()[id].reciprocal_of.map(|id| Expression(Part::Kept(arena, id))),
        }
    }

    /// What this is the negative of.
    fn negated(self) -> Option<Self> {
        match self.0 {
            Part::Number(c) => (c < 0.0).then_some(Expression(Part::Number(-c))),
            Part::Kept(arena, id) => arena.0.borrow()[id].negative_of.map(|id| Expression(Part::Kept(arena, id))),
        }
    }

    /// Keeps a new text in the arena of whichever part has one; numbers alone have none and stay numbers.
    fn build(parts: &[Self], binding: Binding, number: impl Fn(&[f64]) -> f64, text: impl Fn() -> String) -> Self {
        let arena = parts.iter().find_map(|part| match part.0 {
            Part::Kept(arena, _) => Some(arena),
            Part::Number(_) => None,
        });
        match arena {
            Some(arena) => arena.keep(text(), binding),
            None => {
                let numbers: Vec<f64> = parts
                    .iter()
                    .map(|part| match part.0 {
                        Part::Number(c) => c,
                        Part::Kept(..) => f64::NAN,
                    })
                    .collect();
                Expression(Part::Number(number(&numbers)))
            }
        }
    }

    fn is(self, number: f64) -> bool {
        matches!(self.0, Part::Number(c) if c == number)
    }

    fn choice(self, sign: &str, other: Self, then: Self, otherwise: Self, holds: fn(f64, f64) -> bool) -> Self {
        Self::build(
            &[self, other, then, otherwise],
            Binding::Choice,
            |c| if holds(c[0], c[1]) { c[2] } else { c[3] },
            || {
                format!(
                    "if {} {sign} {} then {} else {}",
                    self.text(Binding::Sum),
                    other.text(Binding::Sum),
                    then.text(Binding::Sum),
                    otherwise.text(Binding::Choice)
                )
            },
        )
    }
}

impl Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Binding::Choice))
    }
}

impl Algebra for Expression<'_> {
    fn constant(value: f64) -> Self {
        Expression(Part::Number(value))
    }

    fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
        // Rules with a notation of their own are written out by their value.
        let notation = ["neg", "add", "sub", "mul", "div", "add_constant", "mul_constant", "div_constant"];
        if notation.contains(&F::NAME) || ["rsub", "rdiv", "recip", "square"].contains(&F::NAME) {
            return formula.value(x);
        }
        Self::build(
            &x,
            Binding::Atom,
            |c| formula.value::<f64>(std::array::from_fn(|i| c[i])),
            || {
                let mut arguments: Vec<String> = x.iter().map(|part| part.text(Binding::Choice)).collect();
                arguments.extend(formula.constants().into_iter().map(|(_, value)| value));
                format!("{}({})", F::NAME, arguments.join(", "))
            },
        )
    }

    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
        self.choice(">", other, then, otherwise, |a, b| a > b)
    }

    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
        self.choice("=", other, then, otherwise, |a, b| a == b)
    }

    fn times_slope(self, slope: Self) -> Self {
        self * slope
    }
}

impl Neg for Expression<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        let negative = Self::build(&[self], Binding::Sum, |c| -c[0], || format!("-{}", self.text(Binding::Product)));
        if let (Part::Kept(arena, id), Part::Kept(_, of)) = (negative.0, self.0) {
            arena.0.borrow_mut()[id].negative_of = Some(of);
        }
        negative
    }
}

impl Add for Expression<'_> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        if other.is(0.0) {
            return self;
        }
        if self.is(0.0) {
            return other;
        }
        if let Some(subtracted) = other.negated() {
            return self - subtracted;
        }
        if let (Some(subtracted), Part::Number(_)) = (self.negated(), other.0) {
            return other - subtracted;
        }
        Self::build(
            &[self, other],
            Binding::Sum,
            |c| c[0] + c[1],
            || format!("{} + {}", self.text(Binding::Sum), other.text(Binding::Product)),
        )
    }
}

impl Sub for Expression<'_> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        if other.is(0.0) {
            return self;
        }
        Self::build(
            &[self, other],
            Binding::Sum,
            |c| c[0] - c[1],
            || format!("{} - {}", self.text(Binding::Sum), other.text(Binding::Product)),
        )
    }
}

impl Mul for Expression<'_> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if other.is(1.0) {
            return self;
        }
        if self.is(1.0) {
            return other;
        }
        if other.is(-1.0) {
            return -self;
        }
        if let (Part::Kept(..), Part::Number(_)) = (self.0, other.0) {
            return other * self;
        }
        if let Some(divisor) = other.inverted() {
            return self / divisor;
        }
        Self::build(
            &[self, other],
            Binding::Product,
            |c| c[0] * c[1],
            || format!("{} * {}", self.text(Binding::Product), other.text(Binding::Atom)),
        )
    }
}

impl Div for Expression<'_> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let quotient = Self::build(
            &[self, other],
            Binding::Product,
            |c| c[0] / c[1],
            || match self.is_atom() && other.is_atom() {
                true => format!("{}/{}", self.text(Binding::Atom), other.text(Binding::Atom)),
                false => format!("{} / {}", self.text(Binding::Product), other.text(Binding::Atom)),
            },
        );
        if let (true, Part::Kept(arena, id), Part::Kept(_, of)) = (self.is(1.0), quotient.0, other.0) {
            arena.0.borrow_mut()[id].reciprocal_of = Some(of);
        }
        quotient
    }
}

macro_rules! with_number {
    ($($Op:ident $op:ident),*) => {$(
        impl $Op<f64> for Expression<'_> {
            type Output = Self;
            fn $op(self, constant: f64) -> Self {
                self.$op(Expression(Part::Number(constant)))
            }
        }
    )*};
}
with_number!(Add add, Sub sub, Mul mul, Div div);
