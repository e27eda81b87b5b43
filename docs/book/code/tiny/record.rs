//! Chapter 2: numbers that remember how they were computed.

use crate::page::short;
use std::cell::RefCell;
use std::fmt;
use std::ops::{Add, Mul, Sub};

// ANCHOR: step
/// What a step does with the steps that it reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Input, // a number that came from outside
    Add,
    Sub,
    Mul,
    Ln,
    Exp,
    Tanh,
    Max, // the larger of two
}

/// One line of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What was done.
    pub op: Op,
    /// The numbers of the steps that it read.
    pub inputs: Vec<usize>,
    /// What came out.
    pub value: f64,
    /// What the reader calls it; may be empty.
    pub name: String,
}
// ANCHOR_END: step

// ANCHOR: value
impl Op {
    /// What comes out for these inputs.
    pub fn value(self, x: &[f64]) -> f64 {
        match self {
            Op::Input => panic!("an input is given, not computed"),
            Op::Add => x[0] + x[1],
            Op::Sub => x[0] - x[1],
            Op::Mul => x[0] * x[1],
            Op::Ln => x[0].ln(),
            Op::Exp => x[0].exp(),
            Op::Tanh => x[0].tanh(),
            Op::Max => x[0].max(x[1]),
        }
    }
}
// ANCHOR_END: value

// ANCHOR: tape
/// The list of what happened, in the order in which it happened.
#[derive(Debug, Default)]
pub struct Tape {
    steps: RefCell<Vec<Step>>,
}

/// A number that knows which step it is.
#[derive(Clone, Copy, Debug)]
pub struct Number<'t> {
    tape: &'t Tape,
    /// Its place in the list.
    pub step: usize,
}

impl Tape {
    /// A number from outside.
    pub fn input(&self, name: &str, value: f64) -> Number<'_> {
        self.push(Step {
            op: Op::Input,
            inputs: vec![],
            value,
            name: name.to_string(),
        })
    }

    fn push(&self, step: Step) -> Number<'_> {
        self.steps.borrow_mut().push(step);
        Number { tape: self, step: self.steps.borrow().len() - 1 }
    }

    /// The recording so far.
    pub fn steps(&self) -> Vec<Step> {
        self.steps.borrow().clone()
    }
}

impl<'t> Number<'t> {
    /// Computes, and writes down what was computed.
    fn apply(self, op: Op, others: &[Number<'t>]) -> Number<'t> {
        let inputs: Vec<usize> =
            [self].iter().chain(others).map(|number| number.step).collect();
        let values: Vec<f64> =
            inputs.iter().map(|&i| self.tape.steps.borrow()[i].value).collect();
        self.tape.push(Step {
            op,
            inputs,
            value: op.value(&values),
            name: String::new(),
        })
    }

    /// What it is.
    pub fn value(self) -> f64 {
        self.tape.steps.borrow()[self.step].value
    }
}
// ANCHOR_END: tape

impl Number<'_> {
    /// The natural logarithm.
    pub fn ln(self) -> Self {
        self.apply(Op::Ln, &[])
    }

    /// The exponential function.
    pub fn exp(self) -> Self {
        self.apply(Op::Exp, &[])
    }

    /// The hyperbolic tangent.
    pub fn tanh(self) -> Self {
        self.apply(Op::Tanh, &[])
    }

    /// The larger of two numbers.
    pub fn max(self, other: Self) -> Self {
        self.apply(Op::Max, &[other])
    }

    /// The same number under a name.
    pub fn named(self, name: &str) -> Self {
        self.tape.steps.borrow_mut()[self.step].name = name.to_string();
        self
    }
}

// ANCHOR: operators
impl<'t> Add for Number<'t> {
    type Output = Number<'t>;
    fn add(self, other: Number<'t>) -> Number<'t> {
        self.apply(Op::Add, &[other])
    }
}
// ANCHOR_END: operators

impl<'t> Sub for Number<'t> {
    type Output = Number<'t>;
    fn sub(self, other: Number<'t>) -> Number<'t> {
        self.apply(Op::Sub, &[other])
    }
}

impl<'t> Mul for Number<'t> {
    type Output = Number<'t>;
    fn mul(self, other: Number<'t>) -> Number<'t> {
        self.apply(Op::Mul, &[other])
    }
}

impl Step {
    /// The op in small letters.
    pub fn op_name(&self) -> String {
        format!("{:?}", self.op).to_lowercase()
    }
}

// ANCHOR: display
/// A line for each step.
impl fmt::Display for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.borrow().iter().enumerate() {
            let inputs: Vec<String> =
                step.inputs.iter().map(usize::to_string).collect();
            writeln!(
                f,
                "{i:>3}  {:<5}  {:<4}  {:<5}  {}",
                step.op_name(),
                step.name,
                inputs.join(" "),
                short(step.value)
            )?;
        }
        Ok(())
    }
}
// ANCHOR_END: display
