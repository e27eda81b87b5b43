//! The walk over all steps of a sequence, forward and back: pieces of the batch, each through all of time, so that what is
//! between two steps stays in the cache and several threads need not wait for each other.

use super::cell::{self, CellBackward, CellForward, GatedCell, row, row_mut};
use autograd::Shape;
use autograd::algebra::Real;
use autograd::kernels::{Matrix, each, product};
use autograd::ops::Few;

/// Products of two numbers from which on a sequence is divided: so that a piece takes longer than to wake a thread for it.
const DIVIDED: usize = 4 << 20;

/// A weight of more elements leaves the cache from one step to the next: then all rows meet it at once, and it is products that
/// are divided. Measured: 64 rows meet 4096 × 1024 elements in half the time that eight times 8 rows take.
const LARGE: usize = 1 << 19;

/// The rows of a piece are a multiple of what products sum up at a time.
const ROWS: usize = 8;

/// A batch makes so many pieces at most.
const PIECES: usize = 8;

/// How a sequence is walked through. It depends on shapes alone, and so do the bits of the result.
pub(super) struct Plan {
    steps: usize,
    batch: usize,
    /// Features of a hidden state.
    pub hidden: usize,
    /// All gates of it.
    pub gates: usize,
    /// The rows of one piece of the batch.
    rows: usize,
    /// Whether the walk begins at the end.
    backward: bool,
}

/// What both walks read.
pub(super) struct Given<'a, T> {
    /// What meets a row in a product: on the way forward the weight turned over, on the way back the weight.
    pub weight: Matrix<'a, T>,
    /// The first states, `[batch, hidden]`.
    pub starts: Few<&'a [T]>,
}

/// A piece of the batch, and its rows of several arrays at each step of the walk.
struct Piece<'a, T, const N: usize> {
    /// The first row of the batch, and how many.
    first: usize,
    rows: usize,
    parts: [Vec<&'a mut [T]>; N],
}

impl Plan {
    /// For states `[states, time, batch, hidden]`.
    pub(super) fn new<C: GatedCell>(shape: Shape, backward: bool) -> Self {
        let (steps, batch, hidden) = (shape[1], shape[2], shape[3]);
        let weight = C::GATES * hidden * hidden;
        let whole = steps * batch * weight < DIVIDED || weight > LARGE;
        let rows = if whole { batch } else { batch.div_ceil(PIECES).next_multiple_of(ROWS) };
        Plan { steps, batch, hidden, gates: C::GATES * hidden, rows, backward }
    }

    /// The elements of one state at all times.
    pub(super) fn elements(&self) -> usize {
        self.steps * self.batch * self.hidden
    }

    /// Replaces `x` in `gates` by what the cell leaves there and writes all states to `y`. `pushed` has room for `v` of all
    /// steps or of one.
    pub(super) fn forward<C: GatedCell, T: Real>(
        &self,
        given: &Given<'_, T>,
        bias: Option<&[T]>,
        gates: &mut [T],
        pushed: &mut [T],
        y: &mut [T],
    ) {
        let (n, width) = (self.hidden, self.gates);
        let (hidden, memory) = y.split_at_mut(self.elements());
        let pieces = self.cut([(gates, width), (pushed, width), (hidden, n), (memory, n)]);
        each(pieces, &|piece: Piece<'_, T, 4>| {
            let [mut gates, mut pushed, mut hidden, mut memory] = piece.parts;
            let starts = |state: usize| &given.starts[state][piece.first * n..][..piece.rows * n];
            let (last_memory, last_pushed) = (memory.len(), pushed.len().saturating_sub(1));
            for i in 0..self.steps {
                let (past, now) = hidden.split_at_mut(i);
                let (remembered, next) = memory.split_at_mut(i.min(last_memory));
                let h = past.last().map_or(starts(0), |h| h);
                let before = match C::STATES {
                    1 => h,
                    _ => remembered.last().map_or(starts(1), |before| before),
                };
                let v = &mut pushed[i.min(last_pushed)];
                if let Some(bias) = bias {
                    v.chunks_mut(width).for_each(|row| row.copy_from_slice(bias));
                }
                product(v, width, [piece.rows, width, n], Matrix::row_major(h, n), given.weight, bias.is_some());
                let next = next.first_mut().map_or(&mut [][..], |next| next);
                for r in 0..piece.rows {
                    cell::forward::<C, T>(CellForward {
                        gates: row_mut(gates[i], r, width),
                        pushed: row(v, r, width),
                        before: row(before, r, n),
                        hidden: row_mut(now[0], r, n),
                        memory: row_mut(next, r, n),
                    });
                }
            }
        });
    }

    /// Writes the messages to `x`, to `v` where they differ from those, and to the first states. Reads what was kept of the
    /// gates and `v`, the states of all steps, and their cotangents.
    pub(super) fn backward<C: GatedCell, T: Real>(
        &self,
        given: &Given<'_, T>,
        [gates, pushed, y, g]: [&[T]; 4],
        [to_x, to_pushed, to_starts]: [&mut [T]; 3],
    ) {
        let (n, width) = (self.hidden, self.gates);
        let ((hidden, memory), of) = (y.split_at(self.elements()), g.split_at((C::STATES - 1) * self.elements()));
        // The last state is what is remembered, and what comes before it, if anything, the hidden one.
        let (to_hidden, flow) = to_starts.split_at_mut((C::STATES - 1) * self.batch * n);
        let pieces = self.cut([(to_x, width), (to_pushed, width), (to_hidden, n), (flow, n)]);
        each(pieces, &|piece: Piece<'_, T, 4>| {
            let [mut to_x, mut to_pushed, mut to_hidden, mut flow] = piece.parts;
            let (Some(flow), mut to_hidden) = (flow.first_mut(), to_hidden.first_mut()) else { return };
            for i in (0..self.steps).rev() {
                let here = |all, width| self.at(all, i, piece.first, piece.rows, width);
                let (of_hidden, of_memory) = (here(of.0, n), here(of.1, n));
                add(flow, of_memory);
                if let Some(to_hidden) = &mut to_hidden {
                    add(to_hidden, of_hidden);
                }
                let before = match i.checked_sub(1) {
                    Some(last) if C::STATES == 1 => self.at(hidden, last, piece.first, piece.rows, n),
                    Some(last) => self.at(memory, last, piece.first, piece.rows, n),
                    None => &given.starts[C::STATES - 1][piece.first * n..][..piece.rows * n],
                };
                let (kept, pushed, memory) = (here(gates, width), here(pushed, width), here(memory, n));
                let mut to_pushed = to_pushed.get_mut(i).map(|message| &mut **message);
                for r in 0..piece.rows {
                    cell::backward::<C, T>(CellBackward {
                        gates: row(kept, r, width),
                        pushed: row(pushed, r, width),
                        before: row(before, r, n),
                        memory: row(memory, r, n),
                        of_hidden: to_hidden.as_ref().map_or(&[], |of_hidden| row(of_hidden, r, n)),
                        flow: row_mut(flow, r, n),
                        to_x: row_mut(to_x[i], r, width),
                        to_pushed: to_pushed.as_mut().map_or(&mut [], |message| row_mut(message, r, width)),
                    });
                }
                let message = Matrix::row_major(to_pushed.map_or(&*to_x[i], |message| message), width);
                match &mut to_hidden {
                    Some(to_hidden) => product(to_hidden, n, [piece.rows, n, width], message, given.weight, false),
                    None => product(flow, n, [piece.rows, n, width], message, given.weight, true),
                }
            }
        });
    }

    /// Writes the message to the weight, `Σ gᵀ h` over all steps and rows, from that to `v`: `[gates, hidden]`.
    pub(super) fn to_weight<T: Real>(&self, to_pushed: &[T], hidden: &[T], start: &[T], y: &mut [T]) {
        let (n, width, rest) = (self.hidden, self.gates, (self.steps - 1) * self.batch);
        // Each step has the hidden state of the one before; the first step of the walk has the start.
        let (first, later, before) = match self.backward {
            false => (0, self.batch, 0),
            true => (rest, 0, self.batch),
        };
        let times = |y: &mut [T], from: usize, states: &[T], rows: usize, accumulate| {
            let message = Matrix::row_major(&to_pushed[from * width..], width).transposed();
            product(y, n, [width, n, rows], message, Matrix::row_major(states, n), accumulate);
        };
        times(y, later, &hidden[before * n..], rest, false);
        times(y, first, start, self.batch, true);
    }

    /// The rows of a piece at a step of the walk; nothing of what is not there.
    fn at<'a, T>(&self, all: &'a [T], i: usize, first: usize, rows: usize, width: usize) -> &'a [T] {
        let time = if self.backward { self.steps - 1 - i } else { i };
        if all.is_empty() { all } else { &all[(time * self.batch + first) * width..][..rows * width] }
    }

    /// The pieces of the batch, each with its rows of arrays `[time, batch, width]` in the order of the walk.
    fn cut<'a, T, const N: usize>(&self, arrays: [(&'a mut [T], usize); N]) -> Vec<Piece<'a, T, N>> {
        let piece =
            |first| Piece { first, rows: self.rows.min(self.batch - first), parts: [(); N].map(|()| Vec::new()) };
        let mut pieces: Vec<Piece<'a, T, N>> = (0..self.batch).step_by(self.rows).map(piece).collect();
        for (part, (array, width)) in arrays.into_iter().enumerate() {
            for at_time in array.chunks_mut(self.batch * width) {
                for (piece, rows) in pieces.iter_mut().zip(at_time.chunks_mut(self.rows * width)) {
                    piece.parts[part].push(rows);
                }
            }
            if self.backward {
                pieces.iter_mut().for_each(|piece| piece.parts[part].reverse());
            }
        }
        pieces
    }
}

/// `y += x`.
fn add<T: Real>(y: &mut [T], x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x;
    }
}
