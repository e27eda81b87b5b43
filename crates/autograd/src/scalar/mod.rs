//! Backpropagation at its smallest: numbers that remember how they were computed.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | all of backpropagation: [`Tape`], [`Var`], [`Gradients`], [`gradient`], [`jacobian`] |
//! | `operators.rs` | `+ − · /`, comparisons and the named functions of a [`Var`] |
//! | `nodes.rs` | the list of what was recorded; it grows while it is shared |
//! | `trace.rs` | [`Traced`]: a tape that also keeps names, values and lines, and prints as a table |
//!
//! A [`Tape`] is a list of what happened. Every operation on a [`Var`] computes a value, as on plain numbers, and
//! appends one node: which two slots it read, and its derivative with respect to each. The derivatives come from the
//! same [`Formula`]s that tensors use. Backpropagation then walks the list once, last node first, and gives each
//! operand its share: *gradient of the result × local derivative*, added to what other uses gave it.
//!
//! ```
//! use autograd::scalar::Tape;
//!
//! let tape = Tape::new();
//! let (x, y) = (tape.var(2.0), tape.var(0.5));
//! let z = x * y;
//! let h = z.ln() + z.exp();
//!
//! let gradients = h.backward();
//! assert_eq!(gradients.of(h), 1.0);
//! assert_eq!(gradients.of(z), 1.0 + 1.0_f64.exp()); // 1/z + eᶻ
//! assert_eq!(gradients.of(x), gradients.of(z) * 0.5); // and on, through z = x y
//! ```
//!
//! A program written once for every [`Algebra`] runs on numbers and on variables alike:
//!
//! ```
//! use autograd::{algebra::Algebra, scalar};
//!
//! fn rosenbrock<A: Algebra>(x: &[A]) -> A {
//!     (x[1] - x[0].square()).square() * 100.0 + x[0].rsub(1.0).square()
//! }
//! let (value, slope) = scalar::gradient(|x| rosenbrock(x), &[-1.0, 1.0]);
//! assert_eq!(value, rosenbrock(&[-1.0, 1.0]));
//! assert_eq!(slope, [-4.0, 0.0]);
//! ```

mod nodes;
mod operators;
mod trace;

pub(crate) use trace::{Operand, Row, Steps};
pub use trace::{Plain, Record, Traced};

use crate::algebra::{Algebra, Formula};
use nodes::{Node, Nodes};
use operators::tracked_methods;
use std::cell::Cell;
use std::fmt::{self, Debug};
use std::ops::Index;
use std::panic::Location;
use std::ptr;

/// The list of what was computed, in the order in which it happened.
///
/// Every variable has a *slot*, a number; an operation reads lower slots than its own, so the list needs no sorting.
/// A tape stays on its thread. `Tape<Traced>` (made by [`Tape::traced`]) also keeps names, values and source lines.
///
/// ```
/// use autograd::scalar::Tape;
/// let mut tape = Tape::new();
/// for step in 1..=3 {
///     let x = tape.var(step as f64);
///     assert_eq!((x * x).backward().of(x), 2.0 * step as f64);
///     tape.clear(); // empty, and the memory is used again
/// }
/// ```
pub struct Tape<R: Record = Plain> {
    /// Slot 0 is that of all constants, what arrives there is void; then come the variables made before the first
    /// operation, which need no nodes.
    nodes: Nodes,
    record: R,
    /// Adjoints of an earlier [`gradient`](Tape::gradient), all of them back to 0.
    adjoints: Vec<f64>,
}

/// A number on a tape. Use it like an `f64`; it is as small and as `Copy`.
///
/// What is computed from variables is a variable; constants mixed in are not recorded. `x + c` records nothing either:
/// it is `x`'s slot with another value, since every change of one is the same change of the other.
///
/// ```
/// use autograd::scalar::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0);
/// let y = if x > 0.0 { 2.0 * x - 1.0 } else { x.exp() };
/// assert_eq!((y.value(), y.backward().of(x)), (5.0, 2.0));
/// ```
pub struct Var<'t, R: Record = Plain> {
    value: f64,
    slot: u32,
    tape: Option<&'t Tape<R>>,
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<R: Record> Default for Tape<R> {
    fn default() -> Self {
        Tape { nodes: Nodes::default(), record: R::default(), adjoints: Vec::new() }
    }
}

impl<R: Record> Tape<R> {
    /// A new independent variable.
    #[track_caller]
    pub fn var(&self, value: f64) -> Var<'_, R> {
        let slot = self.nodes.skip(1).unwrap_or_else(|| self.late_leaf());
        self.leaf(slot, value, Location::caller())
    }

    /// Independent variables at a point.
    ///
    /// ```
    /// use autograd::scalar::{Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.vars(&[1.0, 2.0, 3.0]);
    /// let length: Var = x.iter().map(|x| x.square()).sum::<Var>().sqrt();
    /// assert_eq!(length.backward().of(x[2]), 3.0 / 14.0_f64.sqrt());
    /// ```
    #[track_caller]
    pub fn vars(&self, values: &[f64]) -> Vec<Var<'_, R>> {
        let location = Location::caller();
        match self.nodes.skip(values.len() as u32) {
            Some(first) => (first..).zip(values).map(|(slot, &value)| self.leaf(slot, value, location)).collect(),
            None => values.iter().map(|&value| self.leaf(self.late_leaf(), value, location)).collect(),
        }
    }

    #[inline(always)]
    fn leaf(&self, slot: u32, value: f64, location: &'static Location<'static>) -> Var<'_, R> {
        self.record.note(|| Row::leaf(slot, value, location));
        Var { value, slot, tape: Some(self) }
    }

    /// The slot of a variable made after the first operation: a node that reads a constant.
    fn late_leaf(&self) -> u32 {
        self.nodes.push(|slot| Node { operands: [0, slot], slopes: [0.0; 2] })
    }

    /// Appends an operation.
    #[inline(always)]
    #[track_caller]
    fn append<F: Formula<N>, const N: usize>(
        &self,
        formula: F,
        x: [Var<'_, R>; N],
        value: f64,
        slopes: [f64; N],
    ) -> u32 {
        // A function of one has the node itself in the place of a second operand: the sweep gives it nothing.
        let mut slot = self.nodes.push(|slot| Node {
            operands: [x[0].slot, x.get(1).map_or(slot, |x| x.slot)],
            slopes: [slopes[0], slopes.get(1).copied().unwrap_or(0.0)],
        });
        // A function of more than two is a chain: each further operand joins what the ones before it made.
        for i in 2..N {
            let chain = slot;
            slot = self.nodes.push(|_| Node { operands: [chain, x[i].slot], slopes: [1.0, slopes[i]] });
        }
        let location = Location::caller();
        self.record.note(|| Row::operation(slot, value, location, formula, x.map(Operand::of), slopes));
        slot
    }

    /// The number of slots: variables and recorded operations.
    ///
    /// ```
    /// use autograd::scalar::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// let _ = 3.0 * x + 1.0; // the sum with a constant records nothing
    /// assert_eq!(tape.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.nodes.next() as usize - 1
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything and keeps the memory for the next recording.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.record.clear();
    }
}

/// The one way in which anything is recorded: a value, and the slopes of the rule at this point.
impl<'t, R: Record> Algebra for Var<'t, R> {
    /// A number that is on no tape.
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Var { value, slot: 0, tape: None }
    }

    /// # Panics
    /// If the variables belong to different tapes.
    #[inline(always)]
    #[track_caller]
    fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
        let values = x.map(|x| x.value);
        let value = formula.value(values);
        let tape = common_tape(F::NAME, &x);
        let slot = match tape {
            Some(tape) => tape.append(formula, x, value, formula.slope(&values, value)),
            None => 0,
        };
        Var { value, slot, tape }
    }

    #[inline(always)]
    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
        if self.value > other.value { then } else { otherwise }
    }

    #[inline(always)]
    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
        if self.value == other.value { then } else { otherwise }
    }

    #[track_caller]
    fn times_slope(self, slope: Self) -> Self {
        if self.value == 0.0 && !slope.value.is_finite() { self } else { self * slope }
    }

    tracked_methods!();
}

/// The tape that all operands are on, if any is on one.
#[inline(always)]
#[track_caller]
fn common_tape<'t, R: Record>(name: &str, x: &[Var<'t, R>]) -> Option<&'t Tape<R>> {
    let address = |tape: Option<&Tape<R>>| tape.map_or(ptr::null(), ptr::from_ref);
    let mut common = x[0].tape;
    for x in &x[1..] {
        if address(x.tape) != address(common) {
            common = match (common, x.tape) {
                (Some(_), Some(_)) => two_tapes(name),
                (one, other) => one.or(other),
            };
        }
    }
    common
}

#[cold]
#[track_caller]
fn two_tapes(name: &str) -> ! {
    panic!("`{name}` mixes variables of two tapes: make them with the same `Tape`")
}

#[cold]
#[track_caller]
fn constant_root() -> ! {
    panic!(
        "the result is a constant: no variable of a tape went into it, so it has no gradient; \
         make the inputs with `tape.var(…)` and compute from those"
    )
}

/// What an operand receives from a node: *the node's adjoint × the slope*, for `K` roots at once.
///
/// With `GUARD`, an adjoint of exactly 0 stays 0 however infinite the slope.
#[inline(always)]
fn add_share<const K: usize, const GUARD: bool>(sum: &mut [f64; K], adjoint: [f64; K], slope: f64) {
    for (sum, adjoint) in sum.iter_mut().zip(adjoint) {
        *sum += if GUARD { adjoint.times_slope(slope) } else { adjoint * slope };
    }
}

impl<R: Record> Tape<R> {
    /// Backpropagation: from the roots' adjoints to everyone's, last node first.
    ///
    /// Returns with the adjoints of all slots, or, unless they are to be kept, of the leaves only and zeros elsewhere.
    fn sweep<const K: usize>(&self, roots: [u32; K], adjoints: &mut [[f64; K]], keep: bool) {
        self.sweep_once::<K, false>(roots, adjoints, keep);
        // Zero times infinity shows up as NaN; only then the sweep is done again, with the guard.
        let readable = if keep { adjoints.len() } else { self.nodes.first() as usize };
        if adjoints[..readable].iter().flatten().any(|adjoint| adjoint.is_nan()) {
            adjoints[..readable].fill([0.0; K]);
            self.sweep_once::<K, true>(roots, adjoints, keep);
        }
    }

    fn sweep_once<const K: usize, const GUARD: bool>(&self, roots: [u32; K], adjoints: &mut [[f64; K]], keep: bool) {
        for (k, root) in roots.into_iter().enumerate() {
            adjoints[root as usize][k] = 1.0;
        }
        // The adjoints of a node and of the two slots below it are summed in registers, since what has only just been
        // stored has to be waited for. Each is stored when the sweep has passed it.
        let mut near = adjoints.last_chunk().copied().unwrap_or([[0.0; K]; 2]);
        self.nodes.backwards(adjoints.len(), |slot, node| {
            // Below every node there are the constants' slot and a variable.
            let [far @ .., two_below, _, own] = &mut adjoints[..=slot] else { return };
            let ([one_below, adjoint], mut two_below) = (&mut near, *two_below);
            let mut give = |operand: u32, slope: f64| match far.get_mut(operand as usize) {
                Some(sum) => add_share::<K, GUARD>(sum, *adjoint, slope),
                None if operand as usize + 1 == slot => add_share::<K, GUARD>(one_below, *adjoint, slope),
                None => add_share::<K, GUARD>(&mut two_below, *adjoint, slope),
            };
            give(node.operands[0], node.slopes[0]);
            if node.operands[1] as usize != slot {
                give(node.operands[1], node.slopes[1]);
            }
            *own = if keep { *adjoint } else { [0.0; K] };
            near = [two_below, *one_below];
        });
        if let Some(leaves) = adjoints[..self.nodes.first() as usize].last_chunk_mut() {
            *leaves = near;
        }
        adjoints[0] = [0.0; K];
    }

    /// Records `f` at a point and returns its value; `gradient` is filled with the derivative by each input.
    ///
    /// The tape is cleared first. Nothing is allocated once the tape has seen a problem of this size, except the
    /// variables that `f` is given.
    ///
    /// # Panics
    /// If the gradient has another length than the point, or if the result does not depend on any variable.
    ///
    /// ```
    /// use autograd::scalar::Tape;
    /// let (mut tape, mut slope) = (Tape::new(), [0.0; 2]);
    /// let value = tape.gradient(&[3.0, 4.0], &mut slope, |x| x[0] * x[0] * x[1]);
    /// assert_eq!((value, slope), (36.0, [24.0, 9.0]));
    /// ```
    #[track_caller]
    pub fn gradient<F>(&mut self, point: &[f64], gradient: &mut [f64], f: F) -> f64
    where
        F: for<'t> FnOnce(&[Var<'t, R>]) -> Var<'t, R>,
    {
        let [value] = self.jacobian(point, gradient.as_chunks_mut().0, |x| {
            let y = f(x);
            if y.tape.is_none() {
                constant_root();
            }
            [y]
        });
        value
    }

    /// Records `f` at a point and returns its `K` values; row `i` of `slopes` is filled with the derivatives of all
    /// values by input `i` (the transposed Jacobian), in one sweep for all of them.
    ///
    /// # Panics
    /// If `slopes` has another length than the point.
    ///
    /// ```
    /// use autograd::scalar::Tape;
    /// let (mut tape, mut slopes) = (Tape::new(), [[0.0; 2]; 2]);
    /// let values = tape.jacobian(&[3.0, 4.0], &mut slopes, |x| [x[0] * x[1], x[0] - x[1]]);
    /// assert_eq!((values, slopes), ([12.0, -1.0], [[4.0, 1.0], [3.0, -1.0]]));
    /// ```
    #[track_caller]
    pub fn jacobian<const K: usize, F>(&mut self, point: &[f64], slopes: &mut [[f64; K]], f: F) -> [f64; K]
    where
        F: for<'t> FnOnce(&[Var<'t, R>]) -> [Var<'t, R>; K],
    {
        assert_eq!(point.len(), slopes.len(), "one derivative for each input: {} of {}", slopes.len(), point.len());
        self.clear();
        if K == 0 {
            return f(&self.vars(point)).map(|y| y.value); // nothing to go back from
        }
        let mut memory = std::mem::take(&mut self.adjoints);
        let outputs = f(&self.vars(point));
        common_tape("jacobian", &outputs);
        if self.record.is_alarmed() {
            outputs.iter().filter(|y| y.tape.is_some()).for_each(|y| drop(y.backward()));
        }
        let roots = outputs.map(|y| y.slot);
        let first = self.nodes.first() as usize;
        let slots = roots.iter().fold(first, |slots, &root| slots.max(root as usize + 1));
        if memory.len() < slots * K {
            memory.resize(slots * K, 0.0);
        }
        let adjoints = &mut memory.as_chunks_mut().0[..slots];
        self.sweep(roots, adjoints, false);
        slopes.copy_from_slice(&adjoints[1..=point.len()]);
        adjoints[..first].fill([0.0; K]);
        let values = outputs.map(|y| y.value);
        self.adjoints = memory;
        values
    }
}

impl<'t, R: Record> Var<'t, R> {
    /// The number.
    #[inline(always)]
    pub fn value(self) -> f64 {
        self.value
    }

    /// A name for the table of a [`Traced`] tape; elsewhere it is not kept.
    ///
    /// ```
    /// use autograd::scalar::Tape;
    /// let tape = Tape::traced();
    /// let x = tape.var(2.0).named("x");
    /// assert!(tape.to_string().contains("leaf  x"));
    /// # let _ = x;
    /// ```
    pub fn named(self, name: &str) -> Self {
        if let Some(tape) = self.tape {
            tape.record.name(self.slot, name);
        }
        self
    }

    /// The gradient of this number with respect to every variable, by one sweep over the tape.
    ///
    /// Fresh at each call: nothing is added to an earlier one, and nothing has to be set to zero.
    ///
    /// # Panics
    /// If this is a constant.
    ///
    /// ```
    /// use autograd::scalar::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(0.5);
    /// let y = (x * x).sin();
    /// assert_eq!(y.backward().of(x), 0.25_f64.cos() * 1.0);
    /// ```
    #[track_caller]
    pub fn backward(self) -> Gradients<'t, R> {
        let (Some(tape), Some(adjoints)) = (self.tape, self.adjoints()) else { constant_root() };
        tape.record.swept(self.slot, &adjoints);
        Gradients { tape, root: self.slot, adjoints }
    }

    /// The adjoints of all slots; nothing for a constant.
    fn adjoints(self) -> Option<Vec<f64>> {
        let tape = self.tape?;
        let mut adjoints = vec![0.0; (self.slot + 1).max(tape.nodes.first()) as usize];
        tape.sweep([self.slot], adjoints.as_chunks_mut().0, true);
        Some(adjoints)
    }
}

/// What [`Var::backward`] returns: the derivative of the root with respect to every variable.
///
/// Printed, the gradients of a [`Traced`] tape are its table.
///
/// ```
/// use autograd::scalar::Tape;
/// let tape = Tape::new();
/// let (x, unused) = (tape.var(3.0), tape.var(1.0));
/// let gradients = (x * x).backward();
/// assert_eq!((gradients.of(x), gradients[x], gradients.of(unused)), (6.0, 6.0, 0.0));
/// ```
pub struct Gradients<'t, R: Record = Plain> {
    tape: &'t Tape<R>,
    root: u32,
    adjoints: Vec<f64>,
}

impl<'t, R: Record> Gradients<'t, R> {
    /// The derivative of the root with respect to `x`; 0 for what it does not depend on.
    ///
    /// Of `x + c` it is that of `x`, since both are one slot (a [`Traced`] tape keeps them apart).
    ///
    /// # Panics
    /// If `x` belongs to another tape.
    #[track_caller]
    pub fn of(&self, x: Var<'t, R>) -> f64 {
        self[x]
    }
}

impl<'t, R: Record> Index<Var<'t, R>> for Gradients<'t, R> {
    type Output = f64;

    #[track_caller]
    fn index(&self, x: Var<'t, R>) -> &f64 {
        if x.tape.is_some_and(|tape| !ptr::eq(tape, self.tape)) {
            two_tapes("gradients");
        }
        self.adjoints.get(x.slot as usize).unwrap_or(&0.0)
    }
}

impl<R: Record> Debug for Gradients<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gradients").field("root", &self.root).field("adjoints", &self.adjoints).finish()
    }
}

impl<R: Record> Debug for Tape<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} slots)", self.len())
    }
}

thread_local! {
    /// The tape of [`gradient`] and [`jacobian`], empty while it is in use.
    static TAPE: Cell<Tape> = Cell::default();
}

fn with_tape<T>(f: impl FnOnce(&mut Tape) -> T) -> T {
    let mut tape = TAPE.take();
    let result = f(&mut tape);
    TAPE.set(tape);
    result
}

/// The value of a function of several numbers, and its derivative by each of them.
///
/// Each thread keeps one tape for this, with the memory of the largest problem it has seen.
///
/// # Panics
/// If the result does not depend on any variable.
///
/// ```
/// use autograd::scalar;
/// let (value, slope) = scalar::gradient(|x| x[0] * x[1] + x[0].exp(), &[0.0, 3.0]);
/// assert_eq!((value, slope), (1.0, vec![4.0, 0.0]));
/// ```
#[track_caller]
pub fn gradient(f: impl for<'t> FnOnce(&[Var<'t>]) -> Var<'t>, point: &[f64]) -> (f64, Vec<f64>) {
    let mut slope = vec![0.0; point.len()];
    let value = with_tape(|tape| tape.gradient(point, &mut slope, f));
    (value, slope)
}

/// The values of `K` functions of several numbers, and the derivatives of each value by each of them (a row a value).
///
/// A value that does not depend on any variable has a row of zeros.
///
/// ```
/// use autograd::scalar;
/// let (values, [first, second]) = scalar::jacobian(|x| [x[0] * x[1], x[0].square()], &[3.0, 4.0]);
/// assert_eq!((values, first, second), ([12.0, 9.0], vec![4.0, 3.0], vec![6.0, 0.0]));
/// ```
#[track_caller]
pub fn jacobian<const K: usize>(
    f: impl for<'t> FnOnce(&[Var<'t>]) -> [Var<'t>; K],
    point: &[f64],
) -> ([f64; K], [Vec<f64>; K]) {
    let mut slopes = vec![[0.0; K]; point.len()];
    let values = with_tape(|tape| tape.jacobian(point, &mut slopes, f));
    (values, std::array::from_fn(|k| slopes.iter().map(|row| row[k]).collect()))
}
