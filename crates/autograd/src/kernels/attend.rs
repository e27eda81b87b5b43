//! Scaled dot-product attention, a matrix of queries with its keys and values at a time: what is between the two products
//! never leaves the cache.

use super::attention::Weights;
use super::copy::Cursor;
use super::matmul::product;
use super::matrix::{Matrix, Stack, turn};
use super::{PARALLEL_EXPONENTIALS, join, softmax};
use crate::algebra::Real;
use crate::{Shape, Tensor};
use std::array::from_fn;
use std::ops::Range;

/// Queries or keys whose weights are computed together, so many that they stay in the first level of cache.
const PIECE: usize = 64;

/// The same of causal attention, where what none of them sees is left out: so few that this is most of what is hidden.
const CAUSAL_PIECE: usize = 16;

/// Attention of stacks of matrices, all under the same leading axes.
pub(crate) struct Attend<'a, T> {
    pub queries: Stack<'a, T>,
    pub keys: Stack<'a, T>,
    pub values: Stack<'a, T>,
    /// What is added to the scores.
    pub bias: Option<Cursor<'a, T>>,
    pub extents: Extents,
    /// Whether query `i` sees the keys up to `i` alone.
    pub causal: bool,
    pub scale: T,
    /// How many matrices of what is written lie side by side, row by row.
    pub side_by_side: usize,
}

/// The extents of one matrix of queries `[queries, features]`, of keys `[keys, features]` and of values `[keys, any]`.
#[derive(Clone, Copy)]
pub(crate) struct Extents {
    pub queries: usize,
    pub keys: usize,
    pub features: usize,
    pub any: usize,
}

impl<T: Real> Attend<'_, T> {
    /// Writes the results of these matrices, and keeps their weights if there is room for them.
    pub(crate) fn forward(&self, matrices: Range<usize>, y: &mut [T], mut kept: Option<&mut [T]>) {
        let Extents { queries, keys, features, any } = self.extents;
        if let Some(half) = self.half(&matrices) {
            let (y, middle) = (y.split_at_mut(half * queries * any), matrices.start + half);
            let kept = kept.map(|kept| kept.split_at_mut(half * queries * keys)).unzip();
            join(
                || self.forward(matrices.start..middle, y.0, kept.0),
                || self.forward(middle..matrices.end, y.1, kept.1),
            );
            return;
        }
        let mut turned = unset(keys * features);
        for (at, matrix) in matrices.enumerate() {
            let kept = kept.as_mut().map(|kept| &mut kept[at * queries * keys..][..queries * keys]);
            let keys = turn(self.keys.matrix(matrix), [keys, features], turned.make_mut());
            self.attend(matrix, 0..queries, keys, self.start(y, at, [queries, any]), kept);
        }
    }

    /// Writes the results of these queries by their products with the keys, turned.
    fn attend(
        &self,
        matrix: usize,
        queries: Range<usize>,
        keys: Matrix<'_, T>,
        y: &mut [T],
        mut kept: Option<&mut [T]>,
    ) {
        let (Extents { keys: count, features, any, .. }, width) = (self.extents, self.side_by_side * self.extents.any);
        if let Some(half) = self.half_of(queries.len(), count) {
            let (y, middle) = (y.split_at_mut(half * width), queries.start + half);
            let kept = kept.map(|kept| kept.split_at_mut(half * count)).unzip();
            join(
                || self.attend(matrix, queries.start..middle, keys, y.0, kept.0),
                || self.attend(matrix, middle..queries.end, keys, y.1, kept.1),
            );
            return;
        }
        let (q, v) = (self.queries.matrix(matrix), self.values.matrix(matrix));
        let room = self.piece().min(queries.len()) * count;
        let (mut scores, mut weights) = (unset(room), unset(if kept.is_some() { 0 } else { room }));
        let (scores, weights) = (scores.make_mut(), weights.make_mut());
        for rows in self.pieces(queries.clone()) {
            let (seen, first, elements) = (self.seen_before(rows.end), rows.start - queries.start, rows.len() * count);
            let scores = &mut scores[..elements];
            product(scores, count, [rows.len(), seen, features], q.from(rows.start, 0), keys, false);
            let weights = match &mut kept {
                Some(kept) => &mut kept[first * count..][..elements],
                None => &mut weights[..elements],
            };
            self.weights(matrix * self.extents.queries + rows.start, scores, weights);
            let weights = Matrix::row_major(weights, count);
            product(&mut y[first * width..], width, [rows.len(), any, seen], weights, v, false);
        }
    }

    /// Writes those messages to queries, keys, values and scores `[…, queries, keys]` that there is room for, of these
    /// matrices, from their weights and the cotangent of their results.
    pub(crate) fn backward(
        &self,
        matrices: Range<usize>,
        weights: &[T],
        cotangent: &Stack<'_, T>,
        mut messages: [Option<&mut [T]>; 4],
    ) {
        let Extents { queries, keys, features, any } = self.extents;
        if let Some(half) = self.half(&matrices) {
            let sizes = [queries * features, keys * features, keys * any, queries * keys];
            let [q, k, v, scores] = from_fn(|i| messages[i].take().map(|m| m.split_at_mut(half * sizes[i])).unzip());
            let (first, second) = weights.split_at(half * queries * keys);
            let middle = matrices.start + half;
            join(
                || self.backward(matrices.start..middle, first, cotangent, [q.0, k.0, v.0, scores.0]),
                || self.backward(middle..matrices.end, second, cotangent, [q.1, k.1, v.1, scores.1]),
            );
            return;
        }
        let [mut to_queries, mut to_keys, mut to_values, mut to_scores] = messages;
        let (mut turned, mut slopes) = (unset(keys * any), unset(queries * keys));
        let (turned, slopes) = (turned.make_mut(), slopes.make_mut());
        for (at, matrix) in matrices.enumerate() {
            let (g, elements) = (cotangent.matrix(matrix), at * queries * keys..(at + 1) * queries * keys);
            let weights = &weights[elements.clone()];
            if let Some(message) = &mut to_values {
                self.gather(0..keys, any, self.start(message, at, [keys, any]), weights, g);
            }
            if to_queries.is_none() && to_keys.is_none() && to_scores.is_none() {
                continue;
            }
            let values = turn(self.values.matrix(matrix), [keys, any], turned);
            let flow = Flow {
                weights,
                slopes,
                to_queries: to_queries.as_mut().map(|message| self.start(message, at, [queries, features])),
                to_scores: to_scores.as_mut().map(|message| &mut message[elements]),
            };
            self.pull(0..queries, [g, values, self.keys.matrix(matrix)], flow);
            if let Some(message) = &mut to_keys {
                let message = self.start(message, at, [keys, features]);
                self.gather(0..keys, features, message, slopes, self.queries.matrix(matrix));
            }
        }
    }

    /// What these queries send back through their weights, by the matrices of the cotangent, of the values, turned, and of
    /// the keys.
    fn pull(&self, queries: Range<usize>, through: [Matrix<'_, T>; 3], mut flow: Flow<'_, T>) {
        let (Extents { keys, features, any, .. }, width) = (self.extents, self.side_by_side * self.extents.features);
        if let Some(half) = self.half_of(queries.len(), keys) {
            let (middle, flow) = (queries.start + half, flow.split(half * keys, half * width));
            join(
                || self.pull(queries.start..middle, through, flow.0),
                || self.pull(middle..queries.end, through, flow.1),
            );
            return;
        }
        let [g, values, keys_as_they_lie] = through;
        let mut room = unset(self.piece().min(queries.len()) * keys);
        let to_weights = room.make_mut();
        // What no query of a piece sees is not computed, and stays 0.
        to_weights.fill(T::ZERO);
        for rows in self.pieces(queries.clone()) {
            let (seen, first) = (self.seen_before(rows.end), rows.start - queries.start);
            let elements = first * keys..(first + rows.len()) * keys;
            let to_weights = &mut to_weights[..elements.len()];
            product(to_weights, keys, [rows.len(), seen, any], g.from(rows.start, 0), values, false);
            let (weights, slopes) = (&flow.weights[elements.clone()], &mut flow.slopes[elements.clone()]);
            if let Some(message) = &mut flow.to_scores {
                softmax::project(weights, to_weights, &mut message[elements], keys, T::ONE);
            }
            softmax::project(weights, to_weights, slopes, keys, self.scale);
            if let Some(message) = &mut flow.to_queries {
                let (message, slopes) = (&mut message[first * width..], Matrix::row_major(slopes, keys));
                product(message, width, [rows.len(), features, seen], slopes, keys_as_they_lie, false);
            }
        }
    }

    /// `y = wᵀ x` at these keys, for the matrix `w` `[queries, keys]`, where what is hidden is 0, and `x` `[queries, columns]`.
    fn gather(&self, keys: Range<usize>, columns: usize, y: &mut [T], w: &[T], x: Matrix<'_, T>) {
        let (queries, width) = (self.extents.queries, self.side_by_side * columns);
        if let Some(half) = self.half_of(keys.len(), queries) {
            let (y, middle) = (y.split_at_mut(half * width), keys.start + half);
            join(
                || self.gather(keys.start..middle, columns, y.0, w, x),
                || self.gather(middle..keys.end, columns, y.1, w, x),
            );
            return;
        }
        for places in self.pieces(keys.clone()) {
            // Of causal attention, earlier queries see none of these keys.
            let first = if self.causal { places.start.min(queries) } else { 0 };
            let w = Matrix::row_major(w, self.extents.keys).from(first, places.start).transposed();
            let y = &mut y[(places.start - keys.start) * width..];
            product(y, width, [places.len(), columns, queries - first], w, x.from(first, 0), false);
        }
    }

    /// The softmax of scores whose first row is the given one of all.
    fn weights(&self, row: usize, scores: &[T], out: &mut [T]) {
        let Extents { queries, keys, .. } = self.extents;
        let mut bias = self.bias.clone();
        if let Some(bias) = &mut bias {
            bias.skip(row * keys);
        }
        let (causal, scale) = (self.causal, self.scale);
        Weights { scores, bias, first: row % queries, queries, keys, causal, scale }.write(out);
    }

    /// How many of these matrices another thread may take. Nothing depends on who does.
    fn half(&self, matrices: &Range<usize>) -> Option<usize> {
        let groups = matrices.len() / self.side_by_side;
        let weights = matrices.len() * self.extents.queries * self.extents.keys;
        (groups > 1 && weights >= PARALLEL_EXPONENTIALS).then(|| groups / 2 * self.side_by_side)
    }

    /// The same of the queries, or keys, of one matrix, for so many of the others.
    fn half_of(&self, count: usize, others: usize) -> Option<usize> {
        let (piece, weights) = (self.piece(), count * others);
        (count > piece && weights >= PARALLEL_EXPONENTIALS).then(|| (count / 2).next_multiple_of(piece))
    }

    fn piece(&self) -> usize {
        if self.causal { CAUSAL_PIECE } else { PIECE }
    }

    /// Queries or keys in pieces.
    fn pieces(&self, all: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<T> {
        let piece = self.piece();
        all.clone().step_by(piece).map(move |start| start..all.end.min(start + piece))
    }

    /// How many keys the queries before this one see.
    fn seen_before(&self, query: usize) -> usize {
        if self.causal { query.min(self.extents.keys) } else { self.extents.keys }
    }

    /// What is written, from where the matrix of this number starts.
    fn start<'b>(&self, out: &'b mut [T], at: usize, [rows, columns]: [usize; 2]) -> &'b mut [T] {
        let (group, place) = (at / self.side_by_side, at % self.side_by_side);
        &mut out[(group * rows * self.side_by_side + place) * columns..]
    }
}

/// What is read and written row by row where queries send back through their weights.
struct Flow<'a, T> {
    weights: &'a [T],
    /// What the products of queries and keys get: the message to the scores, times `scale`.
    slopes: &'a mut [T],
    to_queries: Option<&'a mut [T]>,
    to_scores: Option<&'a mut [T]>,
}

impl<T> Flow<'_, T> {
    /// The rows before the element of so many weights, or of queries, and those from there on.
    fn split(self, weights: usize, queries: usize) -> (Self, Self) {
        let (slopes, all) = (self.slopes.split_at_mut(weights), self.weights.split_at(weights));
        let to_queries = self.to_queries.map(|message| message.split_at_mut(queries)).unzip();
        let to_scores = self.to_scores.map(|message| message.split_at_mut(weights)).unzip();
        let upper = Flow { weights: all.0, slopes: slopes.0, to_queries: to_queries.0, to_scores: to_scores.0 };
        (upper, Flow { weights: all.1, slopes: slopes.1, to_queries: to_queries.1, to_scores: to_scores.1 })
    }
}

fn unset<T: Real>(elements: usize) -> Tensor<T> {
    Tensor::unset(Shape::from(elements))
}
