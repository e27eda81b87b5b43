//! The reading of a program that knows only shapes.

use crate::algebra::{Real, formulas};
use crate::array::{Kind, ScopeState, Scoped, operators_by_apply};
use crate::error::Operand;
use crate::ops::{Few, Op, infer};
use crate::{AnyLayer, Error, Interpretation, Param, ParamId, Scope, Shape, Tensor};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::rc::Rc;

/// A value of which only the shape is known: a program fed `Shapes` tells the shape of its output, and nothing is
/// computed.
///
/// ```
/// use autograd::prelude::*;
/// let x = Shapes::<f32>::new([8, 3]);
/// assert_eq!(x.matmul(&Shapes::new([3, 5])).sum_axes(0).shape(), Shape::from([5]));
/// ```
#[derive(Clone, Debug)]
pub struct Shapes<T = f32> {
    shape: Shape,
    diary: Option<Rc<Diary>>,
    of: PhantomData<T>,
}

/// What a program does that is fed [watched](Shapes::watched) shapes, in order.
#[derive(Debug, Default)]
pub struct Diary(RefCell<Vec<Event>>);

/// One thing that a watched program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It calls a module, for an input of this shape.
    Enter(&'static str, Shape),
    /// It calls what stands at this number of a container.
    Place(usize),
    /// The call that was entered last, or the place, is over.
    Leave,
    /// It brings in a parameter.
    Param(ParamId),
    /// It applies an operation.
    Op {
        /// The operation's name.
        name: &'static str,
        /// The shape of the output.
        output: Shape,
        /// See [`Op::multiply_adds`].
        multiply_adds: usize,
    },
}

impl Diary {
    /// What happened so far.
    pub fn events(&self) -> Vec<Event> {
        self.0.borrow().clone()
    }

    fn note(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

impl Scoped for Diary {
    fn close(&self, _: ScopeState) {
        self.note(Event::Leave);
    }
}

impl<T: Real> Shapes<T> {
    /// A value of this shape.
    pub fn new(shape: impl Into<Shape>) -> Self {
        Shapes { shape: shape.into(), diary: None, of: PhantomData }
    }

    /// A value of this shape, and a diary of what a program does with it.
    ///
    /// ```
    /// use autograd::{Event, prelude::*};
    /// let (x, diary) = Shapes::<f32>::watched([8, 3]);
    /// let _ = x.matmul(&x.constant(&Tensor::ones([3, 5])));
    /// let product = Event::Op { name: "matmul", output: Shape::from([8, 5]), multiply_adds: 8 * 3 * 5 };
    /// assert_eq!(diary.events(), [product]);
    /// ```
    pub fn watched(shape: impl Into<Shape>) -> (Self, Rc<Diary>) {
        let diary = Rc::new(Diary::default());
        (Shapes { diary: Some(diary.clone()), ..Shapes::new(shape) }, diary)
    }

    /// Another value of the same program, of this shape.
    pub fn of_shape(&self, shape: Shape) -> Self {
        Shapes { shape, diary: self.diary.clone(), of: PhantomData }
    }

    fn opened(&self, event: Event) -> Scope {
        match &self.diary {
            Some(diary) => {
                diary.note(event);
                Scope::new(diary.clone(), ScopeState { kind: Kind::Module, outer: 0, generation: 0 })
            }
            None => Scope::none(),
        }
    }
}

impl<T: Real> Interpretation for Shapes<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let shapes: Few<Shape> = inputs.iter().map(|x| x.shape).collect();
        match infer(&op, &shapes) {
            Ok(shape) => {
                let diary = inputs.iter().find_map(|x| x.diary.clone());
                if let Some(diary) = &diary {
                    let multiply_adds = op.multiply_adds(&shapes, shape);
                    diary.note(Event::Op { name: op.name(), output: shape, multiply_adds });
                }
                Ok(Shapes { shape, diary, of: PhantomData })
            }
            Err(error) => Err(error.during(op.name(), shapes.iter().map(|&shape| Operand { name: None, shape }))),
        }
    }
    fn shape(&self) -> Shape {
        self.shape
    }
    fn constant(&self, value: &Tensor<T>) -> Self {
        self.of_shape(value.shape())
    }
    fn param(&self, parameter: &Param<T>) -> Self {
        if let Some(diary) = &self.diary {
            diary.note(Event::Param(parameter.id()));
        }
        self.of_shape(parameter.value().shape())
    }
    fn detach(&self) -> Self {
        self.clone()
    }
    fn scope(&self, module: &'static str) -> Scope {
        self.opened(Event::Enter(module, self.shape))
    }
    fn place(&self, number: usize) -> Scope {
        self.opened(Event::Place(number))
    }
    fn run(layer: &dyn AnyLayer<T>, x: Self) -> Self {
        layer.on_shapes(x)
    }
}

operators_by_apply!([T: Real] Shapes<T>, T);
