//! Transforms: functions of variables turned into their derivatives. Each records the function once and sweeps the
//! tape: backwards for pull-backs, forwards for push-forwards, backwards on duals for curvature.
//!
//! A function takes `&Var` (or a tuple or an array of them) and returns a `Var`; the point has the same form. To
//! differentiate with respect to a model's parameters, let variables stand for them: [`Tape::bind`].

use crate::algebra::Real;
use crate::{Direction, Gradients, Interpretation, Shape, Tape, Tensor, Var};

/// Where a derivative is taken: one tensor, or a tuple or an array of them.
pub trait Point<T: Real> {
    /// The same form, of variables.
    type Vars;
    /// Brings the point onto a tape.
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> Self::Vars;
    /// The same form, of what `of` gives for each variable.
    fn collect(vars: &Self::Vars, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self;
    /// The direction in which each variable moves along the tensor at its place.
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
    fn direction(x: &Var<T>, tangent: &Self) -> Direction<T> {
        Direction::new().along(x, tangent.clone())
    }
}

impl<T: Real> Point<T> for Vec<Tensor<T>> {
    type Vars = Vec<Var<T>>;
    #[track_caller]
    fn record(&self, tape: &Tape<T>) -> Vec<Var<T>> {
        self.iter().map(|x| tape.var(x.clone())).collect()
    }
    fn collect(vars: &Vec<Var<T>>, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
        vars.iter().map(of).collect()
    }
    fn direction(vars: &Vec<Var<T>>, tangents: &Self) -> Direction<T> {
        vars.iter().zip(tangents).fold(Direction::new(), |along, (x, t)| along.along(x, t.clone()))
    }
}

macro_rules! tuple_points {
    ($($($name:ident)+;)*) => {$(
        impl<T: Real, $($name: Point<T>),+> Point<T> for ($($name,)+) {
            type Vars = ($($name::Vars,)+);
            #[allow(non_snake_case)]
            #[track_caller]
            fn record(&self, tape: &Tape<T>) -> Self::Vars {
                let ($($name,)+) = self;
                ($($name.record(tape),)+)
            }
            #[allow(non_snake_case)]
            fn collect(vars: &Self::Vars, of: &mut dyn FnMut(&Var<T>) -> Tensor<T>) -> Self {
                let ($($name,)+) = vars;
                ($($name::collect($name, of),)+)
            }
            fn direction(vars: &Self::Vars, tangents: &Self) -> Direction<T> {
                tuple_points!(@direction vars tangents; $($name)+)
            }
        }
    )*};
    (@direction $vars:ident $tangents:ident; $A:ident $B:ident) => {
        $A::direction(&$vars.0, &$tangents.0).and($B::direction(&$vars.1, &$tangents.1))
    };
    (@direction $vars:ident $tangents:ident; $A:ident $B:ident $C:ident) => {
        $A::direction(&$vars.0, &$tangents.0)
            .and($B::direction(&$vars.1, &$tangents.1))
            .and($C::direction(&$vars.2, &$tangents.2))
    };
}
tuple_points! {
    A B;
    A B C;
}

fn gradient_at<T: Real, P: Point<T>>(vars: &P::Vars, gradients: &Gradients<Tensor<T>>) -> P {
    P::collect(vars, &mut |x| gradients.of(x).or_zeros())
}

/// `∇f(x)` of a function with a scalar result.
///
/// # Panics
/// If the result is not a scalar or depends on nothing recorded.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::grad;
/// let slope = grad(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([2.0]));
/// assert_eq!(slope.to_vec(), [12.0]);
/// ```
#[track_caller]
pub fn grad<T: Real, P: Point<T>>(f: impl FnOnce(&P::Vars) -> Var<T>, x: &P) -> P {
    value_and_grad(f, x).1
}

/// `f(x)` and `∇f(x)` of a function with a scalar result.
///
/// # Panics
/// As [`grad`].
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::value_and_grad;
/// let point = (Tensor::from([3.0_f64]), Tensor::from([4.0]));
/// let (value, (dx, dy)) = value_and_grad(|(x, y)| (x * y).sum(), &point);
/// assert_eq!((value, dx.item(), dy.item()), (12.0, 4.0, 3.0));
/// ```
#[track_caller]
pub fn value_and_grad<T: Real, P: Point<T>>(f: impl FnOnce(&P::Vars) -> Var<T>, x: &P) -> (T, P) {
    let tape = Tape::new();
    let vars = x.record(&tape);
    let y = f(&vars);
    let gradients = y.backward();
    (y.value().item(), gradient_at(&vars, &gradients))
}

/// `f(x)` and its pull-back `c ↦ Jᵀ c`, which may be called again and again.
///
/// # Panics
/// If the result depends on nothing recorded; the pull-back, if its cotangent has another shape than the result.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::vjp;
/// let (y, pull_back) = vjp(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(y.to_vec(), [1.0, 4.0]);
/// assert_eq!(pull_back(&Tensor::from([1.0, 10.0])).to_vec(), [2.0, 40.0]);
/// ```
#[track_caller]
pub fn vjp<T: Real, P: Point<T>, F: FnOnce(&P::Vars) -> Var<T>>(
    f: F,
    x: &P,
) -> (Tensor<T>, impl Fn(&Tensor<T>) -> P + use<T, P, F>) {
    let tape = Tape::new();
    let vars = x.record(&tape);
    let y = f(&vars);
    let value = y.value().clone();
    (value, move |cotangent| gradient_at(&vars, &y.backward_with(cotangent)))
}

/// `f(x)` and its push-forward `J t`, by one forward sweep.
///
/// # Panics
/// If a tangent has another shape than its place of the point.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::jvp;
/// let (y, dy) = jvp(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 0.5]));
/// assert_eq!((y.to_vec(), dy.to_vec()), (vec![1.0, 4.0], vec![2.0, 2.0]));
/// ```
#[track_caller]
pub fn jvp<T: Real, P: Point<T>>(f: impl FnOnce(&P::Vars) -> Var<T>, x: &P, tangent: &P) -> (Tensor<T>, Tensor<T>) {
    let tape = Tape::keeping();
    let vars = x.record(&tape);
    let y = f(&vars);
    let moved = y.push_forward(&P::direction(&vars, tangent));
    (y.value().clone(), moved)
}

/// `∇f(x)` and the Hessian-vector product `H t` of a function with a scalar result: a forward sweep, then a backward
/// sweep on duals, at the cost of a few gradients and without the Hessian.
///
/// # Panics
/// As [`grad`] and [`jvp`].
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::hvp;
/// let (slope, product) = hvp(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 1.0]));
/// assert_eq!((slope.to_vec(), product.to_vec()), (vec![3.0, 12.0], vec![6.0, 12.0]));
/// ```
#[track_caller]
pub fn hvp<T: Real, P: Point<T>>(f: impl FnOnce(&P::Vars) -> Var<T>, x: &P, tangent: &P) -> (P, P) {
    let tape = Tape::keeping();
    let vars = x.record(&tape);
    let curved = f(&vars).curvature(&P::direction(&vars, tangent));
    let zeros = |x: &Var<T>| Tensor::zeros(x.shape());
    let slope = P::collect(&vars, &mut |x| curved.of(x).value().map_or_else(|| zeros(x), |dual| dual.value().clone()));
    let product = P::collect(&vars, &mut |x| curved.of(x).value().map_or_else(|| zeros(x), |d| d.tangent_or_zeros()));
    (slope, product)
}

/// The Jacobian of a function of one tensor: shape of the result, then shape of `x`. By as many sweeps as the smaller
/// side has elements.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::jacobian;
/// let matrix = jacobian(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(matrix, Tensor::from([[2.0, 0.0], [0.0, 4.0]]));
/// ```
#[track_caller]
pub fn jacobian<T: Real>(f: impl FnOnce(&Var<T>) -> Var<T>, x: &Tensor<T>) -> Tensor<T> {
    let tape = Tape::keeping();
    let var = tape.var(x.clone());
    let y = f(&var);
    let (rows, columns) = (y.value().elements(), x.elements());
    let mut data = vec![T::ZERO; rows * columns];
    if rows <= columns {
        for row in 0..rows {
            let slopes = y.backward_with(&one_at(y.shape(), row)).of(&var).or_zeros();
            data[row * columns..][..columns].copy_from_slice(&slopes.to_vec());
        }
    } else {
        for column in 0..columns {
            let moved = y.push_forward(&Direction::new().along(&var, one_at(x.shape(), column)));
            for (row, slope) in moved.to_vec().into_iter().enumerate() {
                data[row * columns + column] = slope;
            }
        }
    }
    Tensor::from_vec(data, together(&y.shape(), &x.shape()))
}

/// The Hessian of a function of one tensor with a scalar result: shape of `x`, twice. By one sweep on duals for each
/// element.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::hessian;
/// let matrix = hessian(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(matrix, Tensor::from([[6.0, 0.0], [0.0, 12.0]]));
/// ```
#[track_caller]
pub fn hessian<T: Real>(f: impl FnOnce(&Var<T>) -> Var<T>, x: &Tensor<T>) -> Tensor<T> {
    let tape = Tape::keeping();
    let var = tape.var(x.clone());
    let y = f(&var);
    let mut data = Vec::with_capacity(x.elements() * x.elements());
    for column in 0..x.elements() {
        let curved = y.curvature(&Direction::new().along(&var, one_at(x.shape(), column)));
        match curved.of(&var).value() {
            Some(dual) => data.extend(dual.tangent_or_zeros().to_vec()),
            None => data.extend(vec![T::ZERO; x.elements()]),
        }
    }
    Tensor::from_vec(data, together(&x.shape(), &x.shape()))
}

/// All zeros but for a one at a place.
fn one_at<T: Real>(shape: Shape, place: usize) -> Tensor<T> {
    Tensor::from_fn(shape, |i| if i == place { T::ONE } else { T::ZERO })
}

/// One shape after the other.
#[track_caller]
fn together(first: &Shape, second: &Shape) -> Shape {
    let extents: Vec<usize> = first.iter().chain(second.iter()).copied().collect();
    Shape::from(&extents[..])
}
