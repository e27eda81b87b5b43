//! The benchmarks of the workspace: the timing harness. The programs are in `benches/`.
//!
//! Every program prints rows `workload,metric,threads,median,best,unit` under [`HEADER`], so that runs can be joined
//! and compared by any tool that reads CSV.
#![deny(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The first line of every benchmark's output.
pub const HEADER: &str = "workload,metric,threads,median,best,unit";

/// How long one call took, in microseconds; the median and the least of any other figure, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The median over the samples.
    pub median: f64,
    /// The shortest sample.
    pub best: f64,
}

impl Timing {
    /// Of samples, which are sorted.
    pub fn of(samples: &mut [f64]) -> Self {
        samples.sort_by(f64::total_cmp);
        Timing { median: samples[samples.len() / 2], best: samples[0] }
    }

    /// Prints the row of a metric in microseconds.
    pub fn print(self, workload: &str, metric: &str, threads: usize) {
        print_row(workload, metric, threads, self.median, self.best, "us");
    }
}

/// Prints one row.
pub fn print_row(workload: &str, metric: &str, threads: usize, median: f64, best: f64, unit: &str) {
    println!("{workload},{metric},{threads},{median:.4},{best:.4},{unit}");
}

/// The time that is spent on one measurement: the environment variable `BENCH_SECS`, else one second.
pub fn budget() -> Duration {
    let seconds = std::env::var("BENCH_SECS").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    Duration::from_secs_f64(seconds)
}

/// Exactly how often every function is called, for those who count instructions instead of seconds: the environment
/// variable `BENCH_CALLS`.
pub fn calls() -> Option<usize> {
    std::env::var("BENCH_CALLS").ok().and_then(|text| text.parse().ok())
}

/// Times several functions in turn, so that whatever slows the machine down slows all of them alike: that is what
/// makes their ratios repeatable. A sample repeats its function until it lasts a millisecond. With [`calls`], each is
/// called that often and no more.
pub fn measure<const N: usize>(mut functions: [&mut dyn FnMut(); N]) -> [Timing; N] {
    if let Some(calls) = calls() {
        return functions.map(|function| {
            let time = sample(function, calls).as_secs_f64() * 1e6 / calls as f64;
            Timing { median: time, best: time }
        });
    }
    let repeats = std::array::from_fn::<usize, N, _>(|i| calibrate(functions[i]));
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    let start = Instant::now();
    while samples[0].len() < 5 || start.elapsed() < budget() * N as u32 {
        for i in 0..N {
            samples[i].push(sample(functions[i], repeats[i]).as_secs_f64() * 1e6 / repeats[i] as f64);
        }
    }
    samples.map(|mut times| Timing::of(&mut times))
}

/// How many calls last a millisecond, after a warm-up.
fn calibrate(function: &mut dyn FnMut()) -> usize {
    sample(function, 3);
    let mut repeats = 1;
    loop {
        let time = sample(function, repeats);
        if time >= Duration::from_millis(1) {
            return repeats;
        }
        repeats *= 2;
    }
}

fn sample(function: &mut dyn FnMut(), repeats: usize) -> Duration {
    let start = Instant::now();
    for _ in 0..repeats {
        black_box(&mut *function)();
    }
    start.elapsed()
}
