//! Convolutions whose window moves a step at a time, without making their patches.
//!
//! In a plane whose rows follow each other, the places that one element of a kernel sees are one run: those of the next
//! element are the same run, shifted. So the patches are a matrix whose rows overlap, and [`blocks`](super::blocks) multiplies
//! it as it lies. A run also covers what lies between two rows of the small side: what is computed there is thrown away, and
//! where the small side is read, zeros stand there.

use super::blocks::{Apart, Samples, TALL, copy_rows, meet, spread};
use super::geometry::{Epilogue, Geometry, begin, part};
use super::matrix::{Matrix, turn};
use super::{Kernel, dispatch, each};
use crate::algebra::Real;
use crate::{Shape, Tensor};

/// About as many elements of samples are laid out at a time.
const LAID_OUT: usize = 1 << 17;

/// Multiplications from which on the filters of a weight's gradient are divided among threads.
const PARALLEL_PRODUCTS: usize = 1 << 23;

/// Into so many pieces at most.
const PIECES: usize = 4;

/// The planes of a convolution with stride 1, laid out with their padding.
struct Planes<'a> {
    at: &'a Geometry,
    /// The extents of the large side with its padding.
    padded: [usize; 2],
    /// How far the last element of the kernel is from the first, along each axis.
    reach: [usize; 2],
}

impl<'a> Planes<'a> {
    fn of(at: &'a Geometry) -> Self {
        let extent = |axis: usize| at.large[axis] + 2 * at.padding[axis];
        let reach = |axis: usize| at.dilation[axis] * (at.kernel[axis] - 1);
        Planes { at, padded: [extent(0), extent(1)], reach: [reach(0), reach(1)] }
    }

    /// The elements of a padded plane.
    fn plane(&self) -> usize {
        self.padded[0] * self.padded[1]
    }

    /// The length of the run that holds the small side, its rows as far apart as those of the large one.
    fn run(&self) -> usize {
        (self.at.small[0] - 1) * self.padded[1] + self.at.small[1]
    }

    /// How far before the place of the window's last element its first one is.
    fn lead(&self) -> usize {
        self.reach[0] * self.padded[1] + self.reach[1]
    }

    fn is_padded(&self) -> bool {
        self.at.padding != [0, 0]
    }

    /// Where each element of the kernel, in each of so many planes so far apart, starts to see.
    fn starts(&self, planes: usize, apart: usize) -> impl Iterator<Item = usize> {
        let ([height, width], [down, across], row) = (self.at.kernel, self.at.dilation, self.padded[1]);
        (0..planes).flat_map(move |plane| {
            (0..height).flat_map(move |i| (0..width).map(move |j| plane * apart + i * down * row + j * across))
        })
    }

    /// One group of a sample's large side with its padding, in `room`, whose rims are zeros already.
    fn pad<T: Real>(&self, large: &[T], room: &mut [T]) {
        let ([height, width], [top, left]) = (self.at.large, self.at.padding);
        for (plane, room) in large.chunks_exact(height * width).zip(room.chunks_exact_mut(self.plane())) {
            let apart = self.padded[1];
            copy_rows([height, width], (plane, width), (&mut room[top * apart + left..], apart));
        }
    }

    /// Rows of the small side, as far apart as those of the large one, each plane from `lead` on; between them are zeros
    /// already.
    fn space<T: Real>(&self, small: &[T], room: &mut [T], plane: usize, lead: usize) {
        let [height, width] = self.at.small;
        for (small, room) in small.chunks_exact(height * width).zip(room.chunks_exact_mut(plane)) {
            copy_rows([height, width], (small, width), (&mut room[lead..], self.padded[1]));
        }
    }
}

/// `small = W patches(large)`, and what it ends with: [`conv::forward`](super::conv::forward).
pub(super) fn forward<T: Real>(at: &Geometry, large: &[T], w: &[T], epilogue: Epilogue<'_, T>, small: &mut [T]) {
    let planes = Planes::of(at);
    let starts: Vec<usize> = planes.starts(at.channels, planes.plane()).collect();
    let (run, apart) = (planes.run(), planes.padded[1]);
    let mut padded = zeros(if planes.is_padded() { at.channels * planes.plane() } else { 0 });
    // Where nothing lies between two rows, the run is the result.
    let mut spaced = Tensor::unset(Shape::from(if apart == at.small[1] { 0 } else { at.filters * run }));
    let (padded, spaced) = (padded.make_mut(), spaced.make_mut());
    if let (Some(bias), true) = (epilogue.bias, spaced.is_empty()) {
        begin(small, run, bias);
    }
    for place in 0..at.batch * at.groups {
        let (large, small) = (&large[part(place, at.large_elements())], &mut small[part(place, at.small_elements())]);
        let group = place % at.groups;
        let w = Matrix::row_major(&w[part(group, at.weight_elements())], at.patch());
        let large = if planes.is_padded() {
            planes.pad(large, padded);
            &*padded
        } else {
            large
        };
        let extents = [at.filters, run, at.patch()];
        if spaced.is_empty() {
            spread(small, run, extents, w, (large, &starts[..]), epilogue.bias.is_some());
        } else {
            spread(spaced, run, extents, w, (large, &starts[..]), false);
            for (plane, spaced) in small.chunks_exact_mut(at.places()).zip(spaced.chunks_exact(run)) {
                copy_rows(at.small, (spaced, apart), (plane, at.small[1]));
            }
            if let Some(bias) = epilogue.bias {
                dispatch(AddBias { small, plane: at.places(), bias: &bias[part(group, at.filters)] });
            }
        }
        if let Some(finish) = epilogue.finish {
            finish(small);
        }
    }
}

/// Adds to each plane of so many elements its bias.
struct AddBias<'a, T> {
    small: &'a mut [T],
    plane: usize,
    bias: &'a [T],
}

impl<T: Real> Kernel for AddBias<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (plane, &bias) in self.small.chunks_exact_mut(self.plane).zip(self.bias) {
            for y in plane {
                *y += bias;
            }
        }
    }
}

/// `large += Wᵀ small`, each patch added to where it came from: [`conv::backward`](super::conv::backward).
pub(super) fn backward<T: Real>(at: &Geometry, small: &[T], w: &[T], large: &mut [T]) {
    let planes = Planes::of(at);
    if planes.is_padded() { planes.gather(small, w, large) } else { planes.scatter(small, w, large) }
}

impl Planes<'_> {
    /// [`backward`] where nothing is padded: each element of the kernel adds a product to the run that it saw.
    fn scatter<T: Real>(&self, small: &[T], w: &[T], large: &mut [T]) {
        let (at, run, elements) = (self.at, self.run(), self.at.kernel[0] * self.at.kernel[1]);
        let starts: Vec<usize> = self.starts(1, 0).collect();
        let mut turned = Tensor::unset(Shape::from(w.len()));
        let turned = turned.make_mut();
        for (w, turned) in w.chunks_exact(at.weight_elements()).zip(turned.chunks_exact_mut(at.weight_elements())) {
            turn(Matrix::row_major(w, at.patch()), [at.filters, at.patch()], turned);
        }
        let mut spaced = zeros(at.filters * run);
        let spaced = spaced.make_mut();
        for place in 0..at.batch * at.groups {
            let (large, small) =
                (&mut large[part(place, at.large_elements())], &small[part(place, at.small_elements())]);
            let turned = &turned[part(place % at.groups, at.weight_elements())];
            self.space(small, spaced, run, 0);
            for (element, &start) in starts.iter().enumerate() {
                // What this element of the kernel makes of every filter, a row for each channel.
                let w = Matrix {
                    data: turned,
                    start: element * at.filters,
                    rows: (elements * at.filters) as isize,
                    columns: 1,
                };
                let extents = [at.channels, run, at.filters];
                spread(&mut large[start..], self.plane(), extents, w, (spaced, Apart(run)), true);
            }
        }
    }

    /// [`backward`] as a convolution, of the small side in a rim of zeros with the kernel read from its end.
    fn gather<T: Real>(&self, small: &[T], w: &[T], large: &mut [T]) {
        let (at, lead, elements) = (self.at, self.lead(), self.at.kernel[0] * self.at.kernel[1]);
        let plane = lead + self.plane();
        let starts: Vec<usize> = (0..at.filters)
            .flat_map(|filter| self.starts(1, 0).map(move |start| filter * plane + lead - start))
            .collect();
        let mut turned = Tensor::unset(Shape::from(w.len()));
        let turned = turned.make_mut();
        for (w, turned) in w.chunks_exact(at.weight_elements()).zip(turned.chunks_exact_mut(at.weight_elements())) {
            for (i, w) in w.chunks_exact(elements).enumerate() {
                let (filter, channel) = (i / at.channels, i % at.channels);
                turned[(channel * at.filters + filter) * elements..][..elements].copy_from_slice(w);
            }
        }
        let (mut spaced, mut padded) =
            (zeros(at.filters * plane), Tensor::unset(Shape::from(at.channels * self.plane())));
        let (spaced, padded) = (spaced.make_mut(), padded.make_mut());
        for place in 0..at.batch * at.groups {
            let (large, small) =
                (&mut large[part(place, at.large_elements())], &small[part(place, at.small_elements())]);
            let turned = &turned[part(place % at.groups, at.weight_elements())];
            let turned = Matrix::row_major(turned, at.filters * elements);
            self.space(small, spaced, plane, lead);
            let extents = [at.channels, self.plane(), at.filters * elements];
            spread(padded, self.plane(), extents, turned, (spaced, &starts[..]), false);
            let ([height, width], [top, left]) = (at.large, at.padding);
            for (large, padded) in large.chunks_exact_mut(height * width).zip(padded.chunks_exact(self.plane())) {
                let rows = padded[top * self.padded[1]..].chunks(self.padded[1]);
                for (row, padded) in large.chunks_exact_mut(width).zip(rows) {
                    row.iter_mut().zip(&padded[left..]).for_each(|(x, &message)| *x += message);
                }
            }
        }
    }
}

/// `w = Σ small patches(large)ᵀ` over the samples: [`conv::weight`](super::conv::weight). Samples are laid out and summed over
/// together, as many as stay in the cache; filters go to several threads.
pub(super) fn weight<T: Real>(at: &Geometry, large: &[T], small: &[T], w: &mut [T]) {
    let planes = Planes::of(at);
    let (run, [sample_a, sample_b]) = (planes.run(), [at.filters * planes.run(), at.channels * planes.plane()]);
    let starts: Vec<usize> = planes.starts(at.channels, planes.plane()).collect();
    let together = (LAID_OUT / (sample_a + sample_b).max(1)).clamp(1, at.batch.max(1));
    let rows = match together * sample_a * at.patch() {
        ..PARALLEL_PRODUCTS => at.filters,
        _ => at.filters.div_ceil(PIECES).next_multiple_of(TALL),
    };
    let mut spaced = zeros(together * sample_a);
    let mut padded = zeros(if planes.is_padded() { together * sample_b } else { 0 });
    let (spaced, padded) = (spaced.make_mut(), padded.make_mut());
    for group in 0..at.groups {
        let w = &mut w[part(group, at.weight_elements())];
        for first in (0..at.batch).step_by(together) {
            let count = together.min(at.batch - first);
            for sample in 0..count {
                let place = (first + sample) * at.groups + group;
                planes.space(&small[part(place, at.small_elements())], &mut spaced[part(sample, sample_a)], run, 0);
                if planes.is_padded() {
                    planes.pad(&large[part(place, at.large_elements())], &mut padded[part(sample, sample_b)]);
                }
            }
            let (large, apart) = if planes.is_padded() {
                (&*padded, sample_b)
            } else {
                (&large[(first * at.groups + group) * at.large_elements()..], at.groups * at.large_elements())
            };
            let samples = Samples { count, apart: [sample_a, apart] };
            each(w.chunks_mut(rows * at.patch()).enumerate().collect(), &|(piece, w): (usize, &mut [T])| {
                let extents = [w.len() / at.patch(), at.patch(), run];
                let small = &spaced[piece * rows * run..];
                meet(w, at.patch(), extents, (small, run), (large, &starts[..]), samples, first > 0);
            });
        }
    }
}

fn zeros<T: Real>(elements: usize) -> Tensor<T> {
    Tensor::zeros(Shape::from(elements))
}
