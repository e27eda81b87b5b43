//! Where derivatives are taken.

use crate::algebra::Real;
use crate::{Direction, Error, Tape, Tensor, Var};

/// Where a derivative is taken: a tensor, or a tuple (up to six), an array or a vector of points, nested at will. What
/// is taken there, a gradient or a direction, has the same form.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::grad;
/// let t = |x: f64| Tensor::from([x]);
/// let point = (t(2.0), [t(3.0), t(4.0)], vec![(t(5.0), t(6.0))]);
/// let slopes = grad(|(a, [b, c], d)| (a * b * c + &d[0].0 * &d[0].1).sum(), &point);
/// assert_eq!(slopes, (t(12.0), [t(8.0), t(6.0)], vec![(t(6.0), t(5.0))]));
/// ```
pub trait Point<T: Real>: Sized {
    /// The same form, of variables.
    type Vars;
    /// Brings the point onto a tape.
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> Self::Vars;
    /// The same form, of what `of` gives for each variable, asked in order.
    fn collect(vars: &Self::Vars, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self;
    /// The direction in which each variable moves along the tensor at its place.
    ///
    /// # Panics
    /// If a shape or a length differs.
    #[track_caller]
    fn direction(vars: &Self::Vars, tangents: &Self) -> Direction<T>;
}

impl<T: Real> Point<T> for Tensor<T> {
    type Vars = Var<T>;
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> Var<T> {
        tape.var(self.clone())
    }
    fn collect(x: &Var<T>, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
        of(x)
    }
    #[track_caller]
    fn direction(x: &Var<T>, tangent: &Self) -> Direction<T> {
        Direction::new().along(x, tangent.clone())
    }
}

impl<T: Real, P: Point<T>> Point<T> for Vec<P> {
    type Vars = Vec<P::Vars>;
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> Vec<P::Vars> {
        let mut vars = Vec::with_capacity(self.len());
        for x in self {
            vars.push(x.record(tape));
        }
        vars
    }
    fn collect(vars: &Vec<P::Vars>, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
        vars.iter().map(|x| P::collect(x, of)).collect()
    }
    #[track_caller]
    fn direction(vars: &Vec<P::Vars>, tangents: &Self) -> Direction<T> {
        if vars.len() != tangents.len() {
            Error::shape(
                format!("a direction of {} tensors for a point of {}", tangents.len(), vars.len()),
                "a direction has the form of its point",
            )
            .raise::<()>("direction");
        }
        let mut all = Direction::new();
        for (x, t) in vars.iter().zip(tangents) {
            all = all.and(P::direction(x, t));
        }
        all
    }
}

impl<T: Real, P: Point<T>, const N: usize> Point<T> for [P; N] {
    type Vars = [P::Vars; N];
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> [P::Vars; N] {
        // A loop, not a closure: a leaf carries the line of the caller.
        let mut vars = [const { None }; N];
        for (var, x) in vars.iter_mut().zip(self) {
            *var = Some(x.record(tape));
        }
        vars.map(|var| var.unwrap_or_else(|| unreachable!("there is one variable an element")))
    }
    fn collect(vars: &[P::Vars; N], of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
        vars.each_ref().map(|x| P::collect(x, of))
    }
    #[track_caller]
    fn direction(vars: &[P::Vars; N], tangents: &Self) -> Direction<T> {
        let mut all = Direction::new();
        for (x, t) in vars.iter().zip(tangents) {
            all = all.and(P::direction(x, t));
        }
        all
    }
}

macro_rules! tuple_points {
    ($($($name:ident $place:tt),+;)*) => {$(
        impl<T: Real, $($name: Point<T>),+> Point<T> for ($($name,)+) {
            type Vars = ($($name::Vars,)+);
            #[track_caller]
            fn record(&self, tape: &Tape<T>) -> Self::Vars {
                ($(self.$place.record(tape),)+)
            }
            fn collect(vars: &Self::Vars, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
                ($($name::collect(&vars.$place, of),)+)
            }
            #[track_caller]
            fn direction(vars: &Self::Vars, tangents: &Self) -> Direction<T> {
                Direction::new()$(.and($name::direction(&vars.$place, &tangents.$place)))+
            }
        }
    )*};
}
tuple_points! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}
