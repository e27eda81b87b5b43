//! Formulas over tensors. Two ways through memory serve all layouts: whole slices where every operand lies in order
//! under the same shape, else blocks into which the operands are gathered first.

use super::copy::Cursor;
use super::loops::{Messages, times};
use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::{Formula, Lane, Real};
use crate::{Shape, Tensor};
use smallvec::SmallVec;
use std::array::from_fn;

/// Elements that a block of gathered operands holds.
const BLOCK: usize = 256;

type Slices<'a, T> = SmallVec<[&'a [T]; 5]>;

/// `y = f(x₀, x₁, …)` over `shape`, to which every input broadcasts.
pub(crate) fn value<T: Real, F: Formula<N>, const N: usize>(f: &F, x: [&Tensor<T>; N], shape: Shape) -> Tensor<T> {
    Tensor::filled_padded(shape, |y| {
        over_blocks(&shape, &x, y, &|x, y| T::value_loop(f, from_fn(|k| x[k]), y));
    })
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
    let mut operands: SmallVec<[&Tensor<T>; 5]> = SmallVec::from_slice(&[g, y]);
    operands.extend(x);
    Tensor::filled_padded(shape, |out| {
        over_blocks(&shape, &operands, out, &|operands, out| {
            let (g, y, x) = (operands[0], operands[1], from_fn(|k| operands[2 + k]));
            T::message_loop(f, Messages { input, guard, g, x, y }, out);
        });
    })
}

/// The value and the slope along every input, in one pass each: what the recorded forward pass of an automatic slope
/// keeps.
pub(crate) fn slope<T: Real, F: Formula<N>, const N: usize>(
    f: &F,
    input: usize,
    x: [&Tensor<T>; N],
    shape: Shape,
) -> Tensor<T> {
    let one = Tensor::scalar(T::ONE);
    message(f, input, false, &one, x, x[0], shape)
}

/// `slope · g`, guarded or not: the step of the chain rule with a slope that was kept.
pub(crate) fn times_slope<T: Real>(guard: bool, g: &Tensor<T>, slope: &Tensor<T>, shape: Shape) -> Tensor<T> {
    Tensor::filled_padded(shape, |out| {
        over_blocks(&shape, &[g, slope], out, &|x, out| {
            dispatch(TimesKept { guard, g: x[0], slope: x[1], out });
        });
    })
}

/// Calls `body` with matching pieces of the operands and of `out` until all of `out` is written.
fn over_blocks<T: Real>(
    shape: &Shape,
    operands: &[&Tensor<T>],
    out: &mut [T],
    body: &(impl Fn(&[&[T]], &mut [T]) + Sync),
) {
    let whole: Option<Slices<'_, T>> =
        operands.iter().map(|x| if x.shape() == *shape { x.padded() } else { None }).collect();
    match whole {
        Some(slices) => over_slices(&slices, out, body),
        None => {
            let cursors: SmallVec<[Cursor<'_, T>; 5]> = operands.iter().map(|x| Cursor::new(x, shape)).collect();
            over_gathered(cursors, &mut out[..shape.elements()], body);
        }
    }
}

fn over_slices<T: Real>(operands: &[&[T]], out: &mut [T], body: &(impl Fn(&[&[T]], &mut [T]) + Sync)) {
    if out.len() < PARALLEL_ELEMENTS {
        return body(operands, out);
    }
    let half = (out.len() / 2).next_multiple_of(BLOCK);
    let (left, right) = out.split_at_mut(half);
    let firsts: Slices<'_, T> = operands.iter().map(|x| &x[..half]).collect();
    let seconds: Slices<'_, T> = operands.iter().map(|x| &x[half..]).collect();
    join(|| over_slices(&firsts, left, body), || over_slices(&seconds, right, body));
}

fn over_gathered<T: Real>(
    mut cursors: SmallVec<[Cursor<'_, T>; 5]>,
    out: &mut [T],
    body: &(impl Fn(&[&[T]], &mut [T]) + Sync),
) {
    if out.len() >= PARALLEL_ELEMENTS {
        let half = (out.len() / 2).next_multiple_of(BLOCK);
        let (left, right) = out.split_at_mut(half);
        let mut seconds = cursors.clone();
        seconds.iter_mut().for_each(|cursor| cursor.skip(half));
        join(|| over_gathered(cursors, left, body), || over_gathered(seconds, right, body));
        return;
    }
    let length = out.len().min(BLOCK);
    let mut blocks: SmallVec<[Tensor<T>; 5]> = cursors.iter().map(|_| Tensor::unset(Shape::from(length))).collect();
    let mut filled: SmallVec<[bool; 5]> = cursors.iter().map(|_| false).collect();
    for piece in out.chunks_mut(BLOCK) {
        for ((cursor, block), filled) in cursors.iter_mut().zip(&mut blocks).zip(&mut filled) {
            if !(*filled && cursor.is_constant()) {
                let end = if cursor.is_constant() { length } else { piece.len() };
                cursor.read(&mut block.make_mut()[..end]);
                *filled = true;
            }
        }
        let slices: Slices<'_, T> = blocks.iter().map(|b| &b.padded().unwrap_or(&[])[..piece.len()]).collect();
        body(&slices, piece);
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
