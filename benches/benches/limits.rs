//! What the machine itself can do: `cargo bench -p benches --bench limits`. Figures of other benchmarks are told beside these.
//!
//! * `fused multiply-adds`: sixteen independent chains of them in registers, f32, on one core and on all.
//! * `triad`: `a[i] = b[i] + 3 c[i]` on arrays that fill a first-level cache, a second-level one, and nothing but memory;
//!   three numbers move for each element.

use benches::{HEADER, measure, print_row};
use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;

fn main() {
    println!("{HEADER}");
    let threads = rayon::current_num_threads();
    let arch = Arch::new();
    for threads in 1..=threads {
        let [time] = measure([&mut || {
            on_all(threads, || {
                black_box(arch.dispatch(Chains { rounds: 20_000, factor: black_box(0.999) }));
            });
        }]);
        let operations = threads as f64 * 20_000.0 * arch.dispatch(OperationsOfARound) / 1e3;
        print_row("limit", "fused multiply-adds", threads, operations / time.median, operations / time.best, "GFLOP/s");
    }
    for (name, bytes) in [("24 KiB", 24 << 10), ("384 KiB", 384 << 10), ("192 MiB", 192 << 20)] {
        let count = bytes / 12;
        let (mut a, b, c) = (vec![0.0_f32; count], vec![1.0_f32; count], vec![2.0_f32; count]);
        let [time] = measure([&mut || {
            arch.dispatch(Triad { a: &mut a, b: &b, c: &c });
            black_box(&mut a);
        }]);
        let (median, best) = (bytes as f64 / 1e3 / time.median, bytes as f64 / 1e3 / time.best);
        print_row("limit", &format!("triad in {name}"), 1, median, best, "GB/s");
    }
}

/// Runs a function on so many threads at once.
fn on_all(threads: usize, work: impl Fn() + Sync) {
    match threads {
        1 => work(),
        _ => rayon::scope(|scope| (0..threads).for_each(|_| scope.spawn(|_| work()))),
    }
}

/// Independent chains of fused multiply-adds: as many as hide the latency of one.
struct Chains {
    rounds: usize,
    factor: f32,
}

const CHAINS: usize = 16;

impl WithSimd for Chains {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let (factor, shift) = (simd.splat_f32s(self.factor), simd.splat_f32s(1e-3));
        let mut sums = [simd.splat_f32s(1.0); CHAINS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, shift);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// How many additions and multiplications a round of [`Chains`] makes.
struct OperationsOfARound;

impl WithSimd for OperationsOfARound {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        (2 * CHAINS * S::F32_LANES) as f64
    }
}

struct Triad<'a> {
    a: &'a mut [f32],
    b: &'a [f32],
    c: &'a [f32],
}

impl WithSimd for Triad<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((a, b), c) in self.a.iter_mut().zip(self.b).zip(self.c) {
            *a = b + 3.0 * c;
        }
    }
}
