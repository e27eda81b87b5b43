//! The reading of a program that writes it down.

use crate::algebra::{Real, formulas};
use crate::array::operators_by_apply;
use crate::error::Operand;
use crate::ops::{Few, Op, infer};
use crate::{AnyLayer, Error, Interpretation, Param, Shape, Tensor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

/// A value that is written down instead of computed: a program fed symbols prints itself. Shapes are checked on the
/// way.
///
/// ```
/// use autograd::prelude::*;
/// let (x, w) = (Symbol::<f32>::letter("x", [4, 3]), Symbol::letter("w", [3, 2]));
/// assert_eq!((x.matmul(&w) + 1.0).tanh().to_string(), "tanh(x @ w + 1)");
/// ```
#[derive(Clone, Debug)]
pub struct Symbol<T = f32> {
    text: Arc<str>,
    binding: Binding,
    shape: Shape,
    of: PhantomData<T>,
}

/// How tightly a text holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Atom,
}

impl<T: Real> Symbol<T> {
    /// A variable with a name and a shape.
    pub fn letter(name: &str, shape: impl Into<Shape>) -> Self {
        Self::new(name.to_string(), Binding::Atom, shape.into())
    }

    fn new(text: String, binding: Binding, shape: Shape) -> Self {
        Symbol { text: text.into(), binding, shape, of: PhantomData }
    }

    fn within(&self, at_least: Binding) -> String {
        if self.binding < at_least { format!("({})", self.text) } else { self.text.to_string() }
    }
}

impl<T> fmt::Display for Symbol<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An operation as mathematics writes it.
fn write<T: Real>(name: &str, x: &[&Symbol<T>], constants: &[(&'static str, String)]) -> (String, Binding) {
    let constant = || {
        let text = constants.first().map_or(String::new(), |(_, value)| value.trim_end_matches(".0").to_string());
        if text.starts_with('-') { format!("({text})") } else { text }
    };
    let sign = |sign: &str, binding: Binding, left: Binding, right: Binding| {
        (format!("{} {sign} {}", x[0].within(left), x[1].within(right)), binding)
    };
    match name {
        "add" => sign("+", Binding::Sum, Binding::Sum, Binding::Sum),
        "sub" => sign("-", Binding::Sum, Binding::Sum, Binding::Product),
        "mul" => sign("*", Binding::Product, Binding::Product, Binding::Product),
        "div" if x.iter().all(|x| x.binding == Binding::Atom) => (format!("{}/{}", x[0], x[1]), Binding::Product),
        "div" => sign("/", Binding::Product, Binding::Product, Binding::Atom),
        "matmul" => sign("@", Binding::Product, Binding::Product, Binding::Atom),
        "neg" => (format!("-{}", x[0].within(Binding::Product)), Binding::Sum),
        "add_constant" => (format!("{} + {}", x[0].within(Binding::Sum), constant()), Binding::Sum),
        "mul_constant" => (format!("{} * {}", x[0].within(Binding::Product), constant()), Binding::Product),
        "div_constant" => (format!("{} / {}", x[0].within(Binding::Product), constant()), Binding::Product),
        "rsub" => (format!("{} - {}", constant(), x[0].within(Binding::Product)), Binding::Sum),
        "rdiv" if x[0].binding == Binding::Atom => (format!("{}/{}", constant(), x[0]), Binding::Product),
        "rdiv" => (format!("{} / {}", constant(), x[0].within(Binding::Atom)), Binding::Product),
        "recip" if x[0].binding == Binding::Atom => (format!("1/{}", x[0]), Binding::Product),
        "recip" => (format!("1 / {}", x[0].within(Binding::Atom)), Binding::Product),
        "transpose" => (format!("{}ᵀ", x[0].within(Binding::Atom)), Binding::Atom),
        _ => {
            let mut arguments: Vec<String> = x.iter().map(|x| x.text.to_string()).collect();
            let all = |(name, value): &&(&str, String)| (*name, value.as_str()) != ("axes", "all");
            arguments.extend(constants.iter().filter(all).map(|(name, value)| format!("{name}={value}")));
            (format!("{name}({})", arguments.join(", ")), Binding::Atom)
        }
    }
}

impl<T: Real> Interpretation for Symbol<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let shapes: Few<Shape> = inputs.iter().map(|x| x.shape).collect();
        let shape = infer(&op, &shapes).map_err(|error| error.during(op.name(), inputs.iter().map(|x| x.operand())))?;
        let (text, binding) = write(op.name(), inputs, &op.constants());
        Ok(Symbol::new(text, binding, shape))
    }
    fn shape(&self) -> Shape {
        self.shape
    }
    fn constant(&self, value: &Tensor<T>) -> Self {
        let text = if value.elements() == 1 { value.item().to_string() } else { format!("constant{}", value.shape()) };
        Symbol::new(text, Binding::Atom, value.shape())
    }
    fn param(&self, parameter: &Param<T>) -> Self {
        Symbol::new(parameter.label(), Binding::Atom, parameter.value().shape())
    }
    fn detach(&self) -> Self {
        Symbol::new(format!("detach({})", self.text), Binding::Atom, self.shape)
    }
    fn operand(&self) -> Operand {
        Operand { name: Some(self.text.to_string()), shape: self.shape }
    }
    fn run(layer: &dyn AnyLayer<T>, x: Self) -> Self {
        layer.on_symbol(x)
    }
}

operators_by_apply!([T: Real] Symbol<T>, T);
