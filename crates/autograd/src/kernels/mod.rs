//! The loops that do the arithmetic, and the one place where the instruction set is chosen.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Kernel`] and [`dispatch`]: one loop, compiled for each instruction set |
//! | `copy.rs` | walking a strided view; gathering it into order |
//! | `elementwise.rs` | formulas over tensors, forward and backward: the ways through memory |
//! | `loops.rs` | the loops of a formula over slices, compiled once where the rule is |
//! | `reduce.rs` | sums, products and extremes along axes |
//! | `order.rs` | sorting along an axis; moving elements by places |
//! | `pad.rs` | copying into a larger tensor, and adding back |
//! | `segments.rs` | rows added up where they belong |
//! | `scan.rs` | running sums and products, linear recurrences |
//! | `softmax.rs` | rows of softmax, log-softmax and logsumexp |
//! | `attention.rs` | the weights of attention, masked |
//! | `attend.rs` | attention, one matrix of queries after the other |
//! | `matrix.rs` | matrices as they lie in memory, and turned over |
//! | `matmul.rs` | matrix products |
//! | `series.rs` | whether products follow each other so closely that another thread is awake |
//! | `blocks.rs` | products that are summed up in registers, without packing |
//! | `linalg/` | decompositions of matrices |
//! | `distance.rs` | distances between rows |
//! | `geometry.rs` | the extents of a convolution, and the patches that its window sees |
//! | `conv.rs` | convolutions as products with patches |
//! | `direct.rs` | convolutions without a stride, whose patches need not be made |
//! | `pool.rs` | maxima in windows, and where they stand |
//! | `resample.rs` | weighted sums of a few places along an axis |
//! | `normalize.rs` | standardised values |
//! | `summary.rs` | mean, extremes and what is odd of many numbers, in one pass |
//!
//! A kernel is a struct, never a closure: the instruction set reaches only what is inlined into
//! [`Kernel::run`], and a closure would silently lose it.

pub(crate) mod attend;
pub(crate) mod attention;
pub(crate) mod blocks;
pub(crate) mod conv;
pub(crate) mod copy;
mod direct;
pub(crate) mod distance;
pub(crate) mod elementwise;
pub(crate) mod geometry;
#[cfg(feature = "linalg")]
pub(crate) mod linalg;
#[doc(hidden)]
pub mod loops;
pub(crate) mod matmul;
pub(crate) mod matrix;
pub(crate) mod normalize;
pub(crate) mod order;
pub(crate) mod pad;
pub(crate) mod pool;
pub(crate) mod reduce;
pub(crate) mod resample;
pub(crate) mod scan;
pub(crate) mod segments;
#[cfg(feature = "parallel")]
mod series;
pub(crate) mod softmax;
pub(crate) mod summary;

pub use matmul::product;
pub use matrix::Matrix;

use pulp::{Arch, Simd, WithSimd};
use std::sync::OnceLock;

/// A loop over numbers that is compiled once for each instruction set.
///
/// Write plain loops over slices of [`Lane`](crate::algebra::Lane)s; mark `run` and all that it calls
/// `#[inline(always)]`.
///
/// ```
/// use autograd::kernels::{Kernel, dispatch};
///
/// struct Double<'a>(&'a mut [f32]);
/// impl Kernel for Double<'_> {
///     type Output = ();
///     #[inline(always)]
///     fn run<const FUSED: bool>(self) {
///         for x in self.0 {
///             *x *= 2.0;
///         }
///     }
/// }
/// let mut data = [1.0, 2.0];
/// dispatch(Double(&mut data));
/// assert_eq!(data, [2.0, 4.0]);
/// ```
pub trait Kernel {
    /// What the loop returns.
    type Output;
    /// The loop. `FUSED` says whether the instruction set has a fused multiply-add.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// The instruction set that kernels are run with, once one has been.
static MACHINE: OnceLock<Arch> = OnceLock::new();

/// Forces the instruction set down, so that every level can be tested on one machine: `scalar`, `avx2` or `avx512`. A level
/// that the machine does not have gives the best that it has. (Products of matrices choose for themselves, in `gemm`.)
const LEVEL: &str = "AUTOGRAD_SIMD";

#[cold]
fn machine() -> Arch {
    let level = std::env::var(LEVEL).unwrap_or_default();
    match level.as_str() {
        "" | "avx512" => Arch::new(),
        "scalar" => Arch::Scalar,
        #[cfg(target_arch = "x86_64")]
        "avx2" => pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
        #[cfg(not(target_arch = "x86_64"))]
        "avx2" => Arch::new(),
        other => panic!("{LEVEL}={other} is no level of instructions: set it to scalar, avx2 or avx512, or not at all"),
    }
}

/// Has every kernel of this process run with the instruction set that all machines of its kind have, so that figures
/// from two machines can be compared. Returns whether that holds: not if a kernel ran before.
///
/// ```
/// assert!(autograd::kernels::pin_to_baseline());
/// ```
pub fn pin_to_baseline() -> bool {
    matches!(MACHINE.get_or_init(|| Arch::Scalar), Arch::Scalar)
}

/// Runs a kernel with the best instruction set of this machine.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    on_machine(Dispatched(kernel))
}

/// Runs what is written in vectors of the instruction set itself.
#[inline]
fn on_machine<K: WithSimd>(kernel: K) -> K::Output {
    MACHINE.get_or_init(machine).dispatch(kernel)
}

struct Dispatched<K>(K);

impl<K: Kernel> WithSimd for Dispatched<K> {
    type Output = K::Output;
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        let fused = const { !S::IS_SCALAR && cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) };
        if fused { self.0.run::<true>() } else { self.0.run::<false>() }
    }
}

/// Elements from which on a cheap elementwise loop gains from a second thread: measured, 35 µs on one, about as long as it
/// takes to wake another up.
pub(crate) const PARALLEL_ELEMENTS: usize = 1 << 18;

/// Elements from which on a loop with an exponential or more for each of them gains from a second thread.
pub(crate) const PARALLEL_EXPONENTIALS: usize = 1 << 16;

/// Runs two independent halves, on two threads where that is possible. What they compute may not depend on where.
///
/// The main thread, and the first other one that calls this from outside of a pool, are from then on members of a pool of as
/// many threads as `rayon`'s own: what they ask of `rayon` runs there.
///
/// ```
/// let numbers = [1.0, 2.0, 3.0, 4.0];
/// let (left, right) = numbers.split_at(2);
/// let sums = autograd::kernels::join(|| left.iter().sum::<f64>(), || right.iter().sum::<f64>());
/// assert_eq!(sums, (3.0, 7.0));
/// ```
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(feature = "parallel")]
    if has_helpers() {
        return rayon::join(a, b);
    }
    (a(), b())
}

/// What is done with results in place, some at a time, while these are near.
pub type Finish<'a, T> = &'a (dyn Fn(&mut [T]) + Sync);

/// Runs the same on each of several pieces, on as many threads as there are. What it computes may not depend on where.
///
/// ```
/// let mut numbers = [1.0, 2.0, 3.0, 4.0, 5.0];
/// autograd::kernels::each(numbers.chunks_mut(2).collect(), &|piece| piece.reverse());
/// assert_eq!(numbers, [2.0, 1.0, 4.0, 3.0, 5.0]);
/// ```
pub fn each<P: Send>(mut pieces: Vec<P>, work: &(impl Fn(P) + Sync)) {
    if pieces.len() < 2 {
        return pieces.into_iter().for_each(work);
    }
    let others = pieces.split_off(pieces.len().div_ceil(2));
    join(|| each(pieces, work), || each(others, work));
}

/// Whether another thread may take a half. The main thread, and the first other one that asks from outside of any pool, become
/// one of a pool of their own: then they do one half themselves, and take the other back if nobody came for it. Standing
/// outside, a thread would wait while two others are woken up, which takes longer than most halves.
#[cfg(feature = "parallel")]
fn has_helpers() -> bool {
    static HELPERS: [OnceLock<Option<rayon::ThreadPool>>; 2] = [OnceLock::new(), OnceLock::new()];
    let threads = rayon::current_num_threads();
    if threads > 1 && rayon::current_thread_index().is_none() {
        let place = usize::from(std::thread::current().name() == Some("main"));
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build().ok();
        HELPERS[place].get_or_init(pool);
    }
    threads > 1
}
