//! How cost grows, as rows `law,size,value,unit`: `cargo bench -p benches --bench laws`.
//!
//! * `scalar time`, `scalar memory`: value and gradient of Rosenbrock's valley, to ten million nodes.
//! * `scalar ratio`: that time over the time of the function on plain numbers.
//! * `product`: GFLOP/s of an n × n product, on one thread.
//! * `speed-up`: time on one thread over time on two, of products and of elementwise passes, by their size.
//! * `steps memory`: resident memory after so many steps of a small net.

#[path = "workloads/networks.rs"]
#[allow(dead_code, reason = "one of the workloads is enough here")]
mod networks;
#[path = "scalar/problems.rs"]
#[allow(dead_code, reason = "one of the problems is enough here")]
mod problems;

use autograd::prelude::*;
use autograd::scalar;
use benches::measure;
use nn::prelude::*;
use problems::{Problem, Rosenbrock};
use std::hint::black_box;

fn main() {
    println!("law,size,value,unit");
    // Before anything large has been in memory.
    steps();
    scalar_nodes();
    threads();
}

fn row(law: &str, size: usize, value: f64, unit: &str) {
    println!("{law},{size},{value:.4},{unit}");
}

/// The resident memory of this process in MiB, where the system tells it.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
}

fn scalar_nodes() {
    let before = memory();
    for exponent in 6..=14 {
        // 1e3 · 2^k, and last as many variables as make ten million nodes.
        let variables = if exponent == 14 { 1_250_000 } else { 1000 << (exponent - 6) };
        let problem = Rosenbrock::new(variables);
        let x = problem.point();
        let mut tape = scalar::Tape::new();
        let mut slope = vec![0.0; variables];
        let [plain, gradient] = measure([
            &mut || {
                black_box(problem.value(black_box(x)));
            },
            &mut || {
                tape.gradient(black_box(x), &mut slope, |x| problem.value(x));
            },
        ]);
        let leaves = tape.vars(x);
        problem.value(&leaves);
        let nodes = tape.len();
        row("scalar time", nodes, gradient.median / 1e3, "ms");
        row("scalar ratio", nodes, gradient.median / plain.median, "times the function");
        row("scalar memory", nodes, memory() - before, "MiB");
    }
}

/// The time of a call in microseconds where there are so many threads; it is called on one of them.
fn time_on(threads: usize, call: &(impl Fn() + Sync)) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
    let [time] = pool.install(|| measure([&mut || call()]));
    time.median
}

fn threads() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut uniform = |shape: &[usize]| Tensor::<f32>::uniform(shape, -1.0, 1.0, &mut generator);
    for n in [8, 16, 32, 64, 128, 256, 512, 1024, 2048] {
        let (a, b) = (uniform(&[n, n]), uniform(&[n, n]));
        let [single, double] = [1, 2].map(|threads| time_on(threads, &|| drop(black_box(a.matmul(&b)))));
        row("product", n, 2.0 * (n as f64).powi(3) / single / 1e3, "GFLOP/s");
        row("speed-up of a product", n, single / double, "times");
    }
    for exponent in 10..=24 {
        let x = uniform(&[1 << exponent]);
        let [single, double] = [1, 2].map(|threads| time_on(threads, &|| drop(black_box(x.tanh()))));
        row("speed-up of tanh", 1 << exponent, single / double, "times");
    }
}

fn steps() {
    let mut step = networks::exclusive_or();
    let mut done = 0;
    for exponent in 0..=6 {
        while done < 10_usize.pow(exponent) {
            step();
            done += 1;
        }
        row("steps memory", done, memory(), "MiB");
    }
}
