//! What makes a recurrent layer with gates: the formula of one step, for a row of numbers and as a rule.

use autograd::Array;
use autograd::algebra::Real;
use autograd::kernels::{Kernel, dispatch};
use autograd::ops::{Messages, Pullback, Pushforward};
use std::fmt::Debug;
use std::marker::PhantomData;

/// The formula of a recurrent layer with gates. From what comes of the input, `x`, and of the hidden state, `v = V h + c`, each
/// with all gates side by side, and from what is remembered follow the hidden state and what is remembered next.
///
/// What is remembered is the last of the states: the cell of an LSTM, the hidden state itself of a GRU. Written once, the
/// formula serves a single [`CellStep`](super::CellStep) and a whole [`CellSequence`](super::CellSequence).
///
/// # Example
///
/// A state that goes half of its way at each step, `h′ = (h + tanh(x + v)) / 2`:
///
/// ```
/// use autograd::algebra::{Algebra, Lane};
/// use autograd::check::check_op;
/// use autograd::ops::{Messages, Pullback, Pushforward};
/// use nn::layers::{CellBackward, CellForward, CellSequence, GatedCell};
/// use nn::prelude::*;
///
/// #[derive(Clone, Copy, Debug)]
/// struct Halfway;
/// impl GatedCell for Halfway {
///     const GATES: usize = 1;
///     const STATES: usize = 1;
///     const STEP: &'static str = "halfway_step";
///     const SEQUENCE: &'static str = "halfway";
///     const ADDS: bool = true;
///     #[inline(always)]
///     fn forward<T: Real, const FUSED: bool>(row: CellForward<'_, T>) {
///         for k in 0..row.hidden.len() {
///             row.gates[k] = Lane::<T, FUSED>(row.gates[k] + row.pushed[k]).tanh().0;
///             row.hidden[k] = T::from_f64(0.5) * (row.before[k] + row.gates[k]);
///         }
///     }
///     #[inline(always)]
///     fn backward<T: Real, const FUSED: bool>(row: CellBackward<'_, T>) {
///         for k in 0..row.flow.len() {
///             row.flow[k] *= T::from_f64(0.5);
///             row.to_x[k] = row.flow[k] * (T::ONE - row.gates[k] * row.gates[k]);
///         }
///     }
///     fn vjp<T: Real, A: Array<T>>(at: &Pullback<A>) -> Messages<A> {
///         let slope = (at.input(0).clone() + at.input(1)).tanh().square().rsub(1.0);
///         let half = at.cotangent().clone() * T::from_f64(0.5);
///         at.each(|i| if i < 2 { half.clone() * &slope } else { half.clone() })
///     }
///     fn jvp<T: Real, A: Array<T>>(at: &Pushforward<A>) -> A {
///         let slope = (at.input(0).clone() + at.input(1)).tanh().square().rsub(1.0);
///         at.sum(|i, t| {
///             let half = t.clone() * T::from_f64(0.5);
///             if i < 2 { half * &slope } else { half }
///         })
///     }
/// }
///
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let x = Tensor::<f64>::normal([3, 2, 2], 0.0, 1.0, &mut generator);
/// let [weight, h] = [(); 2].map(|()| Tensor::normal([2, 2], 0.0, 1.0, &mut generator));
/// let report = check_op(CellSequence { cell: Halfway, backward: false }, &[x, weight, h]);
/// assert!(report.passed(), "{report}");
/// ```
pub trait GatedCell: Copy + Debug + 'static {
    /// How many gates there are.
    const GATES: usize;
    /// How many states: 1, the hidden one, or 2, that and what is remembered.
    const STATES: usize;
    /// The name of its step as an operation.
    const STEP: &'static str;
    /// The name of its sequence as an operation.
    const SEQUENCE: &'static str;
    /// Whether `x` and `v` meet in their sum alone: then both get the same message.
    const ADDS: bool;

    /// One row of a step. Mark it `#[inline(always)]`; one loop for each line of the formula becomes vector instructions.
    fn forward<T: Real, const FUSED: bool>(row: CellForward<'_, T>);

    /// One row of a step's pull-back; as [`forward`](GatedCell::forward).
    fn backward<T: Real, const FUSED: bool>(row: CellBackward<'_, T>);

    /// The pull-back of a step in operations, so that it can be differentiated again: inputs are `x`, `v` and what is
    /// remembered, the output all states side by side.
    fn vjp<T: Real, A: Array<T>>(at: &Pullback<A>) -> Messages<A>;

    /// The push-forward of a step in operations.
    fn jvp<T: Real, A: Array<T>>(at: &Pushforward<A>) -> A;
}

/// One row of a step; an example is that of [`GatedCell`].
#[derive(Debug)]
pub struct CellForward<'a, T> {
    /// `x`, which becomes what the pull-back wants to know of the gates.
    pub gates: &'a mut [T],
    /// `v`.
    pub pushed: &'a [T],
    /// What is remembered.
    pub before: &'a [T],
    /// The next hidden state, to be written.
    pub hidden: &'a mut [T],
    /// What is remembered next, to be written; empty where that is the hidden state.
    pub memory: &'a mut [T],
}

/// One row of a step's pull-back; an example is that of [`GatedCell`].
#[derive(Debug)]
pub struct CellBackward<'a, T> {
    /// What [`CellForward::gates`] became.
    pub gates: &'a [T],
    /// `v`; empty if the cell [adds](GatedCell::ADDS).
    pub pushed: &'a [T],
    /// What was remembered.
    pub before: &'a [T],
    /// What was remembered next; empty where that is the hidden state.
    pub memory: &'a [T],
    /// The cotangent of the hidden state; empty where that is what is remembered.
    pub of_hidden: &'a [T],
    /// The cotangent of what was remembered next, to become the message to what was remembered.
    pub flow: &'a mut [T],
    /// The message to `x`, to be written.
    pub to_x: &'a mut [T],
    /// The message to `v`, to be written; empty if the cell [adds](GatedCell::ADDS).
    pub to_pushed: &'a mut [T],
}

/// Runs [`GatedCell::forward`] with the best instruction set of this machine.
pub(super) fn forward<C: GatedCell, T: Real>(row: CellForward<'_, T>) {
    dispatch(Compiled::<C, _>(row, PhantomData));
}

/// Runs [`GatedCell::backward`] with the best instruction set of this machine.
pub(super) fn backward<C: GatedCell, T: Real>(row: CellBackward<'_, T>) {
    dispatch(Compiled::<C, _>(row, PhantomData));
}

struct Compiled<C, R>(R, PhantomData<C>);

impl<C: GatedCell, T: Real> Kernel for Compiled<C, CellForward<'_, T>> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        C::forward::<T, FUSED>(self.0);
    }
}

impl<C: GatedCell, T: Real> Kernel for Compiled<C, CellBackward<'_, T>> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        C::backward::<T, FUSED>(self.0);
    }
}

/// Row `i` of rows of this width; empty of what is not there.
pub(super) fn row<T>(data: &[T], i: usize, width: usize) -> &[T] {
    if data.is_empty() { data } else { &data[i * width..][..width] }
}

/// [`row`], to be written.
pub(super) fn row_mut<T>(data: &mut [T], i: usize, width: usize) -> &mut [T] {
    if data.is_empty() { data } else { &mut data[i * width..][..width] }
}

/// The slope of a sigmoid from its value.
pub(super) fn sigmoid_slope<A: Array<T>, T: Real>(y: &A) -> A {
    y.clone() * y.rsub(1.0)
}

/// The sum of what is there.
pub(super) fn sum<A: Array<T>, T: Real>([a, b]: [Option<A>; 2]) -> Option<A> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + &b),
        (a, b) => a.or(b),
    }
}
