//! The handle of a recorded value, and the reading of a program that records it.

use super::node::Node;
use super::{NONE, Tape};
use crate::algebra::{Real, formulas};
use crate::array::operators_by_apply;
use crate::error::Operand;
use crate::ops::any::BoxedOp;
use crate::ops::{Few, Op, Saves, infer};
use crate::{AnyLayer, Draw, Error, Interpretation, Mode, Param, Scope, Shape, Tensor};
use std::array::from_fn;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::Location;
use std::rc::Rc;

/// A value that belongs to a tape. A program fed variables is recorded, so that it can be swept backwards; a value that
/// depends on no tracked input is a constant and is not recorded.
///
/// Not `Copy`: when the last handle goes, the value's memory goes back to the pool, unless an operation saved it.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let (x, y) = (tape.var(Tensor::from([3.0_f32])), tape.var(Tensor::from([4.0])));
/// let z = (&x * &y).sin().sum();
/// let gradients = z.backward();
/// assert_eq!(gradients.of(&x).or_zeros().item(), 4.0 * 12.0_f32.cos());
/// ```
#[derive(Clone)]
pub struct Var<T: Real = f32> {
    pub(super) tape: Tape<T>,
    pub(super) node: u32,
    /// The tape's when it was recorded; of a constant, where tracking stopped.
    pub(super) generation: u32,
    pub(super) value: Tensor<T>,
}

impl<T: Real> Var<T> {
    pub(super) fn of(tape: Tape<T>, node: u32, generation: u32, value: Tensor<T>) -> Self {
        Var { tape, node, generation, value }
    }

    /// The value.
    pub fn value(&self) -> &Tensor<T> {
        &self.value
    }

    /// The tape that it belongs to.
    pub fn tape(&self) -> &Tape<T> {
        &self.tape
    }

    /// Its place on the tape, or `None` for a constant.
    pub fn node(&self) -> Option<usize> {
        (self.node != NONE).then_some(self.node as usize)
    }

    /// The same variable, with a name that messages, tables and pictures show.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tape::<f32>::new().var(Tensor::from([1.0, 2.0])).named("pixels");
    /// let error = x.try_matmul(&x.constant(&Tensor::ones([3, 3]))).unwrap_err();
    /// assert!(error.to_string().contains("`pixels` [2]"));
    /// ```
    pub fn named(self, name: &str) -> Self {
        if self.node != NONE && self.is_recorded() {
            self.tape.0.names.borrow_mut().insert(self.node, name.to_string());
        }
        self
    }

    /// Whether its node is still on the tape.
    pub(super) fn is_recorded(&self) -> bool {
        self.generation == self.tape.0.generation.get()
    }

    /// The error of using this variable after its tape was emptied.
    #[cold]
    pub(super) fn freed(&self) -> Error {
        let emptied = self.tape.0.emptied.borrow();
        let (made, emptied_at) = match emptied.as_ref() {
            Some(emptied) => {
                let made = match emptied.nodes.get(self.node as usize) {
                    Some((op, at)) => format!("`{op}` recorded at {}:{}", at.file(), at.line()),
                    None => "a value recorded earlier".to_string(),
                };
                (made, format!(" at {}:{}", emptied.at.file(), emptied.at.line()))
            }
            None => ("a value recorded earlier".to_string(), String::new()),
        };
        Error::freed(
            format!("uses the output of {made}, whose tape was emptied{emptied_at}"),
            "keep the tape with an explicit `backward()` instead of `gradient(|tape| …)`, or compute the value anew on the tape at hand",
        )
    }

    /// Checks that all variables are on one tape and still there, and returns it.
    pub(crate) fn common_tape<'a>(inputs: &[&'a Self]) -> Result<&'a Tape<T>, Error> {
        let Some(first) = inputs.first() else {
            return Err(Error::value("an operation without inputs belongs to no tape", "give at least one input"));
        };
        let tape = &first.tape;
        for input in inputs {
            if !Rc::ptr_eq(&input.tape.0, &tape.0) {
                return Err(Error::two_tapes(
                    "its operands belong to two different tapes",
                    "record one computation on one tape; bring a plain value in with `x.constant(&y.value().clone())`, or detach it",
                ));
            }
            if input.node != NONE && !input.is_recorded() {
                return Err(input.freed());
            }
        }
        Ok(tape)
    }
}

impl<T: Real> Tape<T> {
    /// What is kept for an operation that asks for this.
    #[inline]
    fn saves(&self, asked: Saves) -> Saves {
        if self.0.keeps_all { Saves::ALL } else { asked }
    }

    /// Whether the value of input `i` is kept.
    #[inline]
    fn keeps(&self, saves: Saves, i: usize, x: &Var<T>) -> bool {
        saves.input(i) || self.enters_segment(x.node)
    }

    /// Records what an operation gave for inputs of this tape.
    #[track_caller]
    pub(crate) fn record(
        &self,
        op: BoxedOp<T>,
        inputs: &[&Var<T>],
        output: Tensor<T>,
        kept: Few<Tensor<T>>,
    ) -> Result<Var<T>, Error> {
        if inputs.iter().all(|x| x.node == NONE) {
            return Ok(self.computed(inputs, output));
        }
        let saves = self.saves(op.saves());
        let saved = |(i, x): (usize, &&Var<T>)| self.keeps(saves, i, x).then(|| x.value.clone());
        let node = Node {
            inputs: inputs.iter().map(|x| x.node).collect(),
            saved: inputs.iter().enumerate().map(saved).collect(),
            output: saves.output.then(|| output.clone()),
            kept,
            shape: output.shape(),
            at: Location::caller(),
            scope: NONE,
            segment: NONE,
            op: Some(op),
        };
        let node = self.push(node);
        if self.0.keeps_all {
            let constants = inputs.iter().enumerate().filter(|(_, x)| x.node == NONE);
            self.0.constants.borrow_mut().extend(constants.map(|(i, x)| ((node, i as u32), x.generation)));
            if let Some(error) = self.alarm([&output], None) {
                return Err(error);
            }
        }
        Ok(self.handle(node, output))
    }
}

impl<T: Real> Tape<T> {
    /// What is wrong if one of these is not finite, on a tape that looks out for that.
    pub(super) fn alarm<'a>(
        &self,
        values: impl IntoIterator<Item = &'a Tensor<T>>,
        root: Option<&Var<T>>,
    ) -> Option<Error> {
        let alarm = self.0.alarm?;
        let is_odd = |value: &Tensor<T>| value.to_vec().iter().any(|x| !x.to_f64().is_finite());
        if values.into_iter().any(is_odd) { alarm(self, root) } else { None }
    }
}

impl<T: Real> fmt::Debug for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node() {
            Some(node) => write!(f, "Var {node} = {:?}", self.value),
            None => write!(f, "Var constant = {:?}", self.value),
        }
    }
}

impl<T: Real> Interpretation for Var<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let prepared = Self::common_tape(inputs).and_then(|tape| {
            let shapes: Few<Shape> = inputs.iter().map(|x| x.value.shape()).collect();
            Ok((tape, infer(&op, &shapes)?))
        });
        let (tape, shape) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Err(error.during(op.name(), inputs.iter().map(|x| x.operand()))),
        };
        let values: Few<&Tensor<T>> = inputs.iter().map(|x| &x.value).collect();
        if inputs.iter().all(|x| x.node == NONE) {
            return Ok(tape.computed(inputs, op.forward(&values, shape)));
        }
        let (output, kept) = op.record(&values, shape);
        tape.record(BoxedOp::new(op), inputs, output, kept)
    }
    #[track_caller]
    fn try_apply_owned<O: Op<T>, const N: usize>(op: O, mut inputs: [Self; N]) -> Result<Self, Error> {
        let shapes: Few<Shape> = inputs.iter().map(|x| x.value.shape()).collect();
        let (Ok(tape), Ok(shape)) = (Self::common_tape(&inputs.each_ref()).cloned(), infer(&op, &shapes)) else {
            // It says what is wrong.
            return Self::try_apply(op, &inputs.each_ref());
        };
        let saves = tape.saves(op.saves());
        // What is kept has two holders here, and is not written over.
        let mut values: [Tensor<T>; N] = from_fn(|i| match tape.keeps(saves, i, &inputs[i]) {
            true => inputs[i].value.clone(),
            false => std::mem::replace(&mut inputs[i].value, Tensor::scalar(T::ZERO)),
        });
        let (output, kept) = match op.forward_over(&mut values, &shape) {
            Some(own) => (values[own].clone(), Few::new()),
            None => op.record(&values.each_ref(), shape),
        };
        drop(values);
        tape.record(BoxedOp::new(op), &inputs.each_ref(), output, kept)
    }
    fn shape(&self) -> Shape {
        self.value.shape()
    }
    #[track_caller]
    fn constant(&self, value: &Tensor<T>) -> Self {
        self.tape.constant(value)
    }
    #[track_caller]
    fn param(&self, parameter: &Param<T>) -> Self {
        self.tape.param(parameter)
    }
    #[track_caller]
    fn detach(&self) -> Self {
        match self.node {
            NONE => self.clone(),
            _ => self.tape.detached(self, Location::caller()),
        }
    }
    fn learn(&self, statistic: &Param<T>, keep: f64, added: &Self) {
        self.tape.learn(statistic, keep, added.value.clone());
    }
    fn mode(&self) -> Mode {
        self.tape.mode()
    }
    fn draw(&self) -> Option<Draw> {
        self.tape.draw()
    }
    #[track_caller]
    fn scope(&self, module: &'static str) -> Scope {
        self.tape.scope_at(module, Location::caller())
    }
    fn numbers(&self) -> Option<&Tensor<T>> {
        Some(&self.value)
    }
    fn operand(&self) -> Operand {
        let name = if self.node != NONE && self.is_recorded() { self.tape.name_of(self.node) } else { None };
        Operand { name, shape: self.value.shape() }
    }
    fn open_segment(&self) -> Scope {
        self.tape.open_segment()
    }
    fn run(layer: &dyn AnyLayer<T>, x: Self) -> Self {
        layer.on_var(x)
    }
}

operators_by_apply!([T: Real] Var<T>, T);
