//! Single operations by criterion, forward alone and with their backward: `cargo bench -p benches --bench operations`.
//!
//! Sizes are those of small and of middling models; `-- NAME` runs those whose name has it.

use autograd::prelude::*;
use criterion::{Criterion, criterion_group, criterion_main};
use nn::prelude::*;
use std::hint::black_box;

/// A program of one variable.
type Program = fn(&Var) -> Var;

fn elementwise(criterion: &mut Criterion) {
    let programs: [(&str, Program); 6] = [
        ("relu", |x| x.relu()),
        ("tanh", |x| x.tanh()),
        ("gelu", |x| x.gelu()),
        ("exp", |x| x.exp()),
        ("times itself", |x| x * x),
        ("plus a row", |x| x + x.slice(0, ..1)),
    ];
    run(criterion, "elementwise", &programs, &[&[32, 64], &[512, 1024]]);
}

fn rows(criterion: &mut Criterion) {
    let programs: [(&str, Program); 5] = [
        ("sum of all", |x| x.sum()),
        ("sum of rows", |x| x.sum_axes(-1)),
        ("sum of columns", |x| x.sum_axes(0)),
        ("softmax", |x| x.softmax(-1)),
        ("log-softmax", |x| x.log_softmax(-1)),
    ];
    run(criterion, "rows", &programs, &[&[32, 10], &[512, 1024]]);
}

fn products(criterion: &mut Criterion) {
    let programs: [(&str, Program); 2] =
        [("x xᵀ", |x| x.matmul(&x.transpose())), ("xᵀ x", |x| x.transpose().matmul(x))];
    run(criterion, "products", &programs, &[&[32, 64], &[256, 256]]);
}

fn shapes(criterion: &mut Criterion) {
    let programs: [(&str, Program); 3] = [
        ("transpose", |x| x.transpose() + 0.0),
        ("slice", |x| x.slice(0, 1..)),
        ("concatenate", |x| Var::concat(&[x, x], 0)),
    ];
    run(criterion, "shapes", &programs, &[&[32, 64], &[512, 1024]]);
}

/// Times each program on each shape, forward alone and with its backward.
fn run(criterion: &mut Criterion, group: &str, programs: &[(&str, Program)], shapes: &[&[usize]]) {
    let mut group = criterion.benchmark_group(group);
    for shape in shapes {
        let x = Tensor::<f32>::uniform(*shape, -1.0, 1.0, &mut ChaCha8Rng::seed_from_u64(1));
        for (name, program) in programs {
            group.bench_function(format!("{name} of {shape:?}, forward"), |bencher| {
                bencher.iter(|| {
                    let tape = Tape::new();
                    black_box(program(&tape.var(x.clone())));
                });
            });
            group.bench_function(format!("{name} of {shape:?}, forward and backward"), |bencher| {
                bencher.iter(|| {
                    let tape = Tape::new();
                    let x = tape.var(x.clone());
                    black_box(program(&x).sum().backward().of(&x).value());
                });
            });
        }
    }
}

criterion_group!(benches, elementwise, rows, products, shapes);
criterion_main!(benches);
