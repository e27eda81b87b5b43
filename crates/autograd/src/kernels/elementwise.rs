//! Formulas over tensors. Two ways through memory serve all layouts: whole slices where every operand lies in order
//! under the same shape, else blocks, into which operands that do not are gathered first.

use super::copy::Cursor;
use super::loops::{Messages, times};
use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::{Formula, Lane, Real};
use crate::{Shape, Tensor};
use smallvec::SmallVec;
use std::array::from_fn;
use std::cmp::Ordering;
use std::ops::Range;

/// Elements that a block of gathered operands holds.
const BLOCK: usize = 256;

/// From so many elements on it pays to write a result where an operand lies, or to add it where it belongs: what new memory
/// would be taken for it has left the nearest levels of cache.
pub(crate) const REUSED_ELEMENTS: usize = 1 << 15;

/// Elements that are computed in a place of their own before they go to where they belong.
const PIECE: usize = 1024;

/// So few elements have their place on the stack.
const FEW: usize = 32;

type Slices<'a, T> = SmallVec<[&'a [T]; 5]>;
type Outputs<'a, T> = SmallVec<[&'a mut [T]; 5]>;

/// `y = f(x₀, x₁, …)` over `shape`, to which every input broadcasts.
pub(crate) fn value<T: Real, F: Formula<N>, const N: usize>(f: &F, x: [&Tensor<T>; N], shape: Shape) -> Tensor<T> {
    let mut y = Tensor::unset(shape);
    match at_once(&x, &shape) {
        Some(x) => T::value_loop(f, x, y.padded_mut()),
        None => over_blocks(&shape, &x, [&mut y], &|x, out| T::value_loop(f, from_fn(|k| x[k]), out[0])),
    }
    y
}

/// `x_own = f(x₀, x₁, …)`: the value in the place of an operand that is unshared and has the shape of the result. The loop
/// may count on a result that is none of its operands, so that a piece is computed beside them and then moved.
pub(crate) fn value_over<T: Real, F: Formula<N>, const N: usize>(f: &F, x: &mut [Tensor<T>], own: usize) {
    let (before, rest) = x.split_at_mut(own);
    let Some((result, after)) = rest.split_first_mut() else { return };
    let others: SmallVec<[&Tensor<T>; 5]> = before.iter().chain(after.iter()).collect();
    over_blocks(&result.shape(), &others, [result], &|others, out| {
        let mut room = [T::ZERO; PIECE];
        for at in pieces(out[0].len()) {
            let piece = &mut room[..at.len()];
            let x = from_fn(|k| match k.cmp(&own) {
                Ordering::Less => &others[k][at.clone()],
                Ordering::Equal => &out[0][at.clone()],
                Ordering::Greater => &others[k - 1][at.clone()],
            });
            T::value_loop(f, x, piece);
            out[0][at].copy_from_slice(piece);
        }
    });
}

/// `y = f(y)` on every element.
pub(crate) fn in_place<T: Real, F: Formula<1>>(f: &F, y: &mut [T]) {
    if y.len() >= PARALLEL_ELEMENTS {
        let (left, right) = y.split_at_mut((y.len() / 2).next_multiple_of(BLOCK));
        join(|| in_place(f, left), || in_place(f, right));
        return;
    }
    // A handful is not worth a visit to the pool, nor are many numbers worth being set before they are written.
    let (mut few, mut many);
    let room = if y.len() <= FEW {
        few = [T::ZERO; FEW];
        &mut few[..]
    } else {
        many = Tensor::unset(Shape::from(y.len().min(PIECE)));
        many.make_mut()
    };
    for y in y.chunks_mut(PIECE) {
        let x = &mut room[..y.len()];
        x.copy_from_slice(y);
        T::value_loop(f, [x], y);
    }
}

/// The value and the slope along every input, in one pass: what the recorded forward pass of an automatic slope keeps.
pub(crate) fn recorded<T: Real, F: Formula<N>, const N: usize>(
    f: &F,
    x: [&Tensor<T>; N],
    shape: Shape,
) -> (Tensor<T>, [Tensor<T>; N]) {
    let mut y = Tensor::unset(shape);
    let mut slopes = from_fn(|_| Tensor::unset(shape));
    over_blocks(&shape, &x, std::iter::once(&mut y).chain(&mut slopes), &|x, out| {
        if let Some((y, slopes)) = out.split_first_mut()
            && let Ok(slopes) = <&mut [&mut [T]; N]>::try_from(slopes)
        {
            T::recorded_loop(f, from_fn(|k| x[k]), y, slopes.each_mut().map(|slope| &mut **slope));
        }
    });
    (y, slopes)
}

/// `message = g · ∂f/∂x_I (x…, y)` over `shape`, to which every operand broadcasts; with `guard` a cotangent of exactly
/// 0 gives 0 whatever the slope.
pub(crate) fn message<T: Real, F: Formula<N>, const N: usize>(
    f: &F,
    input: usize,
    guard: bool,
    g: &Tensor<T>,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    shape: Shape,
) -> Tensor<T> {
    let mut message = Tensor::unset(shape);
    if let (Some([g, y]), Some(x)) = (at_once(&[g, y], &shape), at_once(&x, &shape)) {
        T::message_loop(f, Messages { input, guard, g, x, y }, message.padded_mut());
        return message;
    }
    over_blocks(&shape, &operands_of(g, y, x), [&mut message], &|operands, out| {
        T::message_loop(f, messages(input, guard, operands, 0..out[0].len()), out[0]);
    });
    message
}

/// `sum += g · ∂f/∂x_I (x…, y)`: [`message`], added as it is computed to a sum of its shape.
pub(crate) fn add_message<T: Real, F: Formula<N>, const N: usize>(
    f: &F,
    input: usize,
    guard: bool,
    g: &Tensor<T>,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    sum: &mut Tensor<T>,
) {
    over_blocks(&sum.shape(), &operands_of(g, y, x), [sum], &|operands, out| {
        let mut room = [T::ZERO; PIECE];
        for at in pieces(out[0].len()) {
            let piece = &mut room[..at.len()];
            T::message_loop(f, messages(input, guard, operands, at.clone()), piece);
            add_assign(&mut out[0][at], piece);
        }
    });
}

/// The pieces of a slice of this length.
fn pieces(length: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(PIECE).map(move |start| start..(start + PIECE).min(length))
}

/// What messages are computed from, in one list.
fn operands_of<'a, T: Real, const N: usize>(
    g: &'a Tensor<T>,
    y: &'a Tensor<T>,
    x: [&'a Tensor<T>; N],
) -> SmallVec<[&'a Tensor<T>; 5]> {
    [g, y].into_iter().chain(x).collect()
}

/// A part of that list.
fn messages<'a, T: Real, const N: usize>(
    input: usize,
    guard: bool,
    operands: &[&'a [T]],
    at: Range<usize>,
) -> Messages<'a, T, N> {
    let part = |k: usize| &operands[k][at.clone()];
    Messages { input, guard, g: part(0), y: part(1), x: from_fn(|k| part(2 + k)) }
}

/// `slope · g`, guarded or not: the step of the chain rule with a slope that was kept.
pub(crate) fn times_slope<T: Real>(guard: bool, g: &Tensor<T>, slope: &Tensor<T>, shape: Shape) -> Tensor<T> {
    let mut message = Tensor::unset(shape);
    over_blocks(&shape, &[g, slope], [&mut message], &|x, out| {
        dispatch(TimesKept { guard, g: x[0], slope: x[1], out: out[0] });
    });
    message
}

/// The slices of operands that all lie in order under this shape, where it is small enough to go through at once.
#[inline(always)]
fn at_once<'a, T: Real, const N: usize>(operands: &[&'a Tensor<T>; N], shape: &Shape) -> Option<[&'a [T]; N]> {
    let mut slices: [&[T]; N] = [&[]; N];
    for (slice, operand) in slices.iter_mut().zip(operands) {
        if !operand.has_shape(shape) {
            return None;
        }
        *slice = operand.padded()?;
    }
    slices.iter().all(|slice| slice.len() < PARALLEL_ELEMENTS).then_some(slices)
}

/// Calls `body` with matching pieces of the operands and of the outputs, new tensors of this shape, until all of them are
/// written.
fn over_blocks<'a, T: Real>(
    shape: &Shape,
    operands: &[&Tensor<T>],
    outputs: impl IntoIterator<Item = &'a mut Tensor<T>>,
    body: &(impl Fn(&[&[T]], &mut [&mut [T]]) + Sync),
) {
    let whole: Option<Slices<'_, T>> =
        operands.iter().map(|x| if x.shape() == *shape { x.padded() } else { None }).collect();
    let outputs = outputs.into_iter();
    match whole {
        Some(slices) => over_slices(&slices, outputs.map(Tensor::padded_mut).collect(), body),
        None => {
            let cursors: SmallVec<[Cursor<'_, T>; 5]> = operands.iter().map(|x| Cursor::new(x, shape)).collect();
            over_gathered(cursors, outputs.map(Tensor::make_mut).collect(), body);
        }
    }
}

/// The first part of each slice, and the rest.
fn split_all<'a, T>(outputs: Outputs<'a, T>, place: usize) -> (Outputs<'a, T>, Outputs<'a, T>) {
    outputs.into_iter().map(|output| output.split_at_mut(place)).unzip()
}

fn over_slices<T: Real>(
    operands: &[&[T]],
    mut outputs: Outputs<'_, T>,
    body: &(impl Fn(&[&[T]], &mut [&mut [T]]) + Sync),
) {
    let length = outputs[0].len();
    if length < PARALLEL_ELEMENTS {
        return body(operands, &mut outputs);
    }
    let half = (length / 2).next_multiple_of(BLOCK);
    let (left, right) = split_all(outputs, half);
    let firsts: Slices<'_, T> = operands.iter().map(|x| &x[..half]).collect();
    let seconds: Slices<'_, T> = operands.iter().map(|x| &x[half..]).collect();
    join(|| over_slices(&firsts, left, body), || over_slices(&seconds, right, body));
}

/// An operand that is gathered a block at a time, in room of its own where it does not lie side by side.
struct Gathered<'a, T: Real> {
    cursor: Cursor<'a, T>,
    room: Tensor<T>,
    constant: bool,
}

impl<'a, T: Real> Gathered<'a, T> {
    fn new(cursor: Cursor<'a, T>, room: usize) -> Self {
        let mut gathered = Gathered { constant: cursor.is_constant(), cursor, room: Tensor::unset(Shape::from(room)) };
        if gathered.constant {
            gathered.cursor.read(gathered.room.make_mut());
        }
        gathered
    }

    /// The next elements.
    fn next(&mut self, count: usize) -> &[T] {
        if !self.constant {
            if let Some(slice) = self.cursor.next_slice(count) {
                return slice;
            }
            self.cursor.read(&mut self.room.make_mut()[..count]);
        }
        &self.room.padded().unwrap_or(&[])[..count]
    }
}

fn over_gathered<T: Real>(
    cursors: SmallVec<[Cursor<'_, T>; 5]>,
    mut outputs: Outputs<'_, T>,
    body: &(impl Fn(&[&[T]], &mut [&mut [T]]) + Sync),
) {
    let length = outputs[0].len();
    if length >= PARALLEL_ELEMENTS {
        let half = (length / 2).next_multiple_of(BLOCK);
        let (left, right) = split_all(outputs, half);
        let mut seconds = cursors.clone();
        seconds.iter_mut().for_each(|cursor| cursor.skip(half));
        join(|| over_gathered(cursors, left, body), || over_gathered(seconds, right, body));
        return;
    }
    let room = length.min(BLOCK);
    let mut operands: SmallVec<[Gathered<'_, T>; 5]> =
        cursors.into_iter().map(|cursor| Gathered::new(cursor, room)).collect();
    for start in (0..length).step_by(BLOCK) {
        let count = BLOCK.min(length - start);
        let slices: Slices<'_, T> = operands.iter_mut().map(|operand| operand.next(count)).collect();
        let mut now: Outputs<'_, T> = outputs.iter_mut().map(|output| &mut output[start..start + count]).collect();
        body(&slices, &mut now);
    }
}

struct TimesKept<'a, T> {
    guard: bool,
    g: &'a [T],
    slope: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for TimesKept<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.out.len();
        let (g, slope) = (&self.g[..n], &self.slope[..n]);
        for i in 0..n {
            self.out[i] = times::<T, FUSED>(self.guard, Lane(g[i]), Lane(slope[i]));
        }
    }
}

/// `sum += message`, the accumulation of contributions.
pub(crate) fn add_assign<T: Real>(sum: &mut [T], message: &[T]) {
    if sum.len() >= PARALLEL_ELEMENTS && sum.len() == message.len() {
        let half = sum.len() / 2;
        let ((s1, s2), (m1, m2)) = (sum.split_at_mut(half), message.split_at(half));
        join(|| add_assign(s1, m1), || add_assign(s2, m2));
        return;
    }
    dispatch(AddAssign { sum, message });
}

struct AddAssign<'a, T> {
    sum: &'a mut [T],
    message: &'a [T],
}

impl<T: Real> Kernel for AddAssign<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (sum, &message) in self.sum.iter_mut().zip(self.message) {
            *sum += message;
        }
    }
}
