//! Tensor workloads as rows `workload,metric,threads,median,best,unit`: `cargo bench -p benches --bench workloads`.
//!
//! | | workload |
//! |---|---|
//! | W1, W2 | perceptrons 784-64-64-10 (batch 32) and 784-512-512-10 (batch 128): softmax cross-entropy, Adam |
//! | W3 | exclusive or, 2-2-1, one row: binary cross-entropy, Adam |
//! | W4 | convolutions 1×28×28 → 3×3×32 → pool → 3×3×64 → pool → 128 → 10, batch 32: Adam |
//! | W5 | an LSTM 32 → 128 over 64 steps, batch 16, its last output → 10: gradient descent |
//! | W6 | two causal transformer blocks of 128 features, 4 heads, 64 places, batch 8, 65 tokens: AdamW |
//! | W7 | Σ tanh(x) σ(x) + e^(−x²) over a million numbers, value and gradient |
//! | W8 | an n × n product and both its gradients |
//! | W9 | a thousand times (sin, · c, + d) on one number, forward and backward |
//! | W10 | a whole process that starts, takes a thousand steps of W3, and ends |
//!
//! Names as arguments run those alone. The number of threads is that of the rayon pool (`RAYON_NUM_THREADS`).

#[path = "workloads/networks.rs"]
mod networks;
#[path = "workloads/operations.rs"]
mod operations;
#[path = "workloads/process.rs"]
mod process;

use benches::{HEADER, measure};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [child, steps] = &arguments[..]
        && child == process::CHILD
    {
        return process::child(steps);
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let threads = rayon::current_num_threads();
    let one = |name: &str, metric: &str, step: &mut dyn FnMut()| {
        let [time] = measure([step]);
        time.print(name, metric, threads);
    };
    println!("{HEADER}");
    if wanted("W1") {
        one("W1", "train step", &mut networks::perceptron(64, 32));
    }
    if wanted("W2") {
        one("W2", "train step", &mut networks::perceptron(512, 128));
    }
    if wanted("W3") {
        one("W3", "train step", &mut networks::exclusive_or());
    }
    if wanted("W4") {
        one("W4", "train step", &mut networks::convolutions());
    }
    if wanted("W5") {
        one("W5", "train step", &mut networks::recurrent());
    }
    if wanted("W6") {
        one("W6", "train step", &mut networks::transformer());
    }
    if wanted("W7") {
        let (mut composed, mut formula) = (operations::composed_curve(), operations::formula_curve());
        let [composed, formula] = measure([&mut composed, &mut formula]);
        composed.print("W7", "value and gradient", threads);
        formula.print("W7", "value and gradient as one formula", threads);
    }
    if wanted("W8") {
        for n in [512, 1024, 2048] {
            one("W8", &format!("matmul {n} forward and backward"), &mut operations::product(n));
        }
    }
    if wanted("W9") {
        one("W9", "1000 triples forward and backward", &mut operations::chain());
    }
    if wanted("W10") {
        process::measure();
    }
}
