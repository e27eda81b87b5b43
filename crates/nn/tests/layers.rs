//! Every layer, by one table: its gradients with respect to all inputs and parameters, in training and in evaluation, to
//! second order; its shapes, its names, its bits; no sample, and one.

#[path = "layers/rows.rs"]
mod rows;

use autograd::check::Check;
use nn::prelude::*;
use rows::{Row, table};

/// Inputs of a row, its batch `times` as large.
fn inputs<T: Real>(row: &Row<T>, times: usize) -> Vec<Tensor<T>> {
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let enlarged = |shape: &Shape| shape.with_extent(row.batch, shape[row.batch] * times);
    row.inputs.iter().map(|shape| Tensor::normal(enlarged(shape), 0.0, 1.0, &mut generator)).collect()
}

/// Moves what starts as 0 or 1 to where a wrong rule shows: weights of norms, biases, statistics.
fn unsettle<T: Real>(row: &mut Row<T>) {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    row.program.module_mut().visit_mut(&mut nn::Path::default(), &mut |path, parameter| {
        let shape = parameter.value().shape();
        let first = parameter.value().to_vec().first().copied().unwrap_or_default();
        if parameter.value().to_vec().iter().all(|&value| value == first) {
            let (low, high) = if path.ends_with("var") { (0.5, 2.0) } else { (-1.0, 1.0) };
            parameter.set(Tensor::uniform(shape, low, high, &mut generator));
        }
    });
}

fn unsettled<T: Real>() -> Vec<Row<T>> {
    let mut rows = table();
    rows.iter_mut().for_each(unsettle);
    rows
}

/// All outputs in one row of numbers.
fn joined<T: Real>(outputs: Vec<Var<T>>) -> Var<T> {
    let flat: Vec<Var<T>> = outputs.iter().map(|y| y.reshape([-1])).collect();
    Var::concat(&flat.iter().collect::<Vec<_>>(), 0)
}

/// The outputs, and the gradients of a weighed sum of them with respect to inputs and parameters.
fn run<T: Real>(row: &Row<T>, x: &[Tensor<T>], tape: Tape<T>) -> (Vec<Tensor<T>>, Vec<Tensor<T>>) {
    let vars: Vec<Var<T>> = x.iter().map(|x| tape.var(x.clone())).collect();
    let outputs = row.program.on_vars(&vars);
    let values = outputs.iter().map(|y| y.value().clone()).collect();
    let y = joined(outputs);
    let weights = Tensor::<f64>::normal(y.shape(), 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(4)).cast::<T>();
    let gradients = y.backward_with(&weights);
    let mut slopes: Vec<Tensor<T>> = vars.iter().map(|x| gradients.of(x).or_zeros()).collect();
    slopes.extend(row.program.module().parameters().into_iter().map(|(_, p)| gradients.of(p).or_zeros()));
    (values, slopes)
}

fn training<T: Real>() -> Tape<T> {
    Tape::new().with_key(Key::new(5))
}

fn bits<T: Real>(tensors: &[Tensor<T>]) -> Vec<u64> {
    tensors.iter().flat_map(Tensor::to_vec).map(|v| v.to_f64().to_bits()).collect()
}

fn largest(x: &[Tensor<f64>]) -> f64 {
    x.iter().flat_map(Tensor::to_vec).fold(0.0, |m, v| m.max(v.abs()))
}

#[track_caller]
fn assert_close(what: &str, got: &[Tensor<f64>], want: &[Tensor<f64>], bound: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (g, w) in got.iter().zip(want) {
        assert_eq!(g.shape(), w.shape(), "{what}");
        let off = largest(&[g - w]);
        assert!(off <= bound * (1.0 + largest(want)), "{what}: off by {off:e}\n{g}\n{w}");
    }
}

/// First and second derivatives, backwards and forwards, against differences.
#[test]
fn gradients() {
    let mut modes = 0;
    for row in unsettled::<f64>() {
        let (x, module) = (inputs(&row, 1), row.program.module());
        let point: Vec<Tensor<f64>> = x.iter().cloned().chain(module.values()).collect();
        let check = |evaluating: bool| {
            let report = Check::default().run(&point, |vars| {
                if evaluating {
                    let _ = vars[0].tape().clone().evaluating();
                }
                let (x, parameters) = vars.split_at(row.inputs.len());
                module.bind(parameters);
                joined(row.program.on_vars(x))
            });
            assert!(report.passed(), "{} (evaluating: {evaluating}): {report}", row.name);
        };
        check(false);
        if bits(&run(&row, &x, training()).0) != bits(&run(&row, &x, Tape::new().evaluating()).0) {
            modes += 1;
            check(true);
        }
    }
    assert_eq!(modes, 8, "batch norms, and what drops");
}

/// A tensor is evaluated as a variable on an evaluating tape is, to the bit; shapes fit; the names are PyTorch's.
#[test]
fn readings_and_names() {
    for row in unsettled::<f64>() {
        let (x, name) = (inputs(&row, 1), row.name);
        let y = row.program.on_tensors(&x);
        assert_eq!(bits(&y), bits(&run(&row, &x, Tape::new().evaluating()).0), "{name}");
        let shapes: Vec<Shapes<f64>> = x.iter().map(|x| Shapes::new(x.shape())).collect();
        let inferred: Vec<Shape> = row.program.on_shapes(&shapes).iter().map(|y| y.shape()).collect();
        assert_eq!(inferred, y.iter().map(Tensor::shape).collect::<Vec<_>>(), "{name}");
        let state = row.program.module().state();
        assert_eq!(state.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), row.names, "{name}");
    }
}

/// The same bits again and on any number of threads, of batches that are worth them.
#[cfg(feature = "parallel")]
#[test]
fn bits_on_one_thread_and_on_two() {
    fn same<T: Real>() {
        for row in unsettled::<T>() {
            let x = inputs(&row, 400);
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.in_place_scope(|_| {
                    let (y, slopes) = run(&row, &x, training());
                    [bits(&y), bits(&slopes)]
                })
            };
            let once = on(1);
            assert!(once == on(2), "{} in {}", row.name, T::NAME);
            assert!(once == on(2), "{} in {}, again", row.name, T::NAME);
        }
    }
    same::<f32>();
    same::<f64>();
}

/// No sample gives nothing, and gradients of exactly 0; one sample gives what it gives among others.
#[test]
fn no_sample_and_one() {
    for row in unsettled::<f64>() {
        let (name, batch) = (row.name, row.batch as isize);
        let whole = inputs(&row, 1);
        let y = row.program.on_tensors(&whole);
        let cut = |x: &[Tensor<f64>], samples: isize| -> Vec<Tensor<f64>> {
            x.iter().map(|x| x.slice(batch, ..samples).contiguous()).collect()
        };
        let (one, slopes) = run(&row, &cut(&whole, 1), Tape::new().evaluating());
        assert!(slopes.iter().all(|slope| slope.to_vec().iter().all(|v| v.is_finite())), "{name}");
        assert_close(name, &one, &cut(&y, 1), 1e-14);
        let (none, slopes) = run(&row, &cut(&whole, 0), Tape::new().evaluating());
        assert_eq!(bits(&none), bits(&cut(&y, 0)), "{name}");
        let shapes = |x: &[Tensor<f64>]| x.iter().map(Tensor::shape).collect::<Vec<_>>();
        assert_eq!(shapes(&none), shapes(&cut(&y, 0)), "{name}");
        assert!(largest(&slopes) == 0.0, "{name}: {slopes:?}");
    }
}

/// Single precision gives what double precision gives, but for its rounding.
#[test]
fn single_precision() {
    for (double, mut single) in unsettled::<f64>().into_iter().zip(table::<f32>()) {
        let mut values = double.program.module().state().into_iter().map(|(_, p)| p.value().cast::<f32>());
        let set = &mut |_: &str, parameter: &mut Param<f32>| parameter.set(values.next().unwrap());
        single.program.module_mut().visit_mut(&mut nn::Path::default(), set);
        let x = inputs(&double, 1);
        let (y, slopes) = run(&double, &x, training());
        let x: Vec<Tensor<f32>> = x.iter().map(Tensor::cast).collect();
        let (got, got_slopes) = run(&single, &x, training());
        let cast = |x: Vec<Tensor<f32>>| x.iter().map(Tensor::cast::<f64>).collect::<Vec<_>>();
        assert_close(double.name, &cast(got), &y, 1e-5);
        assert_close(double.name, &cast(got_slopes), &slopes, 1e-5);
    }
}
