//! Random programs: graphs of 5 to 60 operations with values used again, broadcasts and views, held to what must be
//! true of every program.
//!
//! A program is a list of choices, so that a failing one shrinks; it prints as Rust that can be run.

use autograd::check::{Check, Verdict};
use autograd::prelude::*;
use autograd::transform;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestRunner};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::cell::Cell;
use std::fmt;

/// An operation of random programs: where it fits, what it does, and the same as text.
struct Step {
    fits: fn(&Shape, &Shape) -> bool,
    run: fn(&Var<f64>, &Var<f64>) -> Var<f64>,
    text: &'static str,
}

/// The program and its text come from the same tokens.
macro_rules! steps {
    (|$a:ident, $b:ident| { $($fits:expr => $run:expr;)* }) => {
        const STEPS: &[Step] = &[$(Step {
            fits: { #[allow(unused_variables)] |$a, $b| $fits },
            run: { #[allow(unused_variables)] |$a, $b| $run },
            text: stringify!($run),
        }),*];
    };
}

/// Nothing random grows beyond this many elements or axes.
const ELEMENTS: usize = 64;
const RANK: usize = 4;

fn joined(a: &Shape, b: &Shape) -> bool {
    a.broadcast(b).is_some_and(|shape| shape.elements() <= ELEMENTS)
}

steps! { |a, b| {
    // formulas of one value, tame everywhere
    true => a.tanh();
    true => a.sin() * 0.7;
    true => a.sigmoid();
    true => (a * 0.3).exp() * 0.5;
    true => (a.square() + 1.0).ln();
    true => (a.square() + 0.5).sqrt();
    true => a.softplus() * 0.5;
    true => a.gelu();
    true => a.silu();
    true => a.relu() + a * 0.1;
    true => (a.square() + 1.0).recip();
    true => 1.0 - a.cos();
    true => a.erf();
    true => a.abs() * 0.5;
    // of two, with broadcasting
    joined(a, b) => (a + b) * 0.6;
    joined(a, b) => a - b * 0.5;
    joined(a, b) => (a * b).tanh();
    joined(a, b) => a / (b.square() + 1.0);
    joined(a, b) => (a.square() + 0.5).pow(&b.tanh());
    joined(a, b) => a.maximum(b);
    joined(a, b) => a.greater(b).choose(&a.sin(), b);
    // products
    a.rank() == 2 && b.rank() == 2 && a[1] == b[0] => a.matmul(b) * 0.4;
    a.rank() == 2 && b.rank() == 2 && a[1] == b[1] => a.matmul(&b.transpose()) * 0.4;
    a.rank() == 2 && b.rank() == 2 && a[1] == b[1] => a.linear(b, None) * 0.4;
    a.rank() == 3 && b.rank() == 2 && a[2] == b[0] => a.matmul(b) * 0.4;
    // reductions
    a.rank() >= 1 => a.sum_keep(-1) * 0.4;
    a.rank() >= 1 => a.mean_axes(0);
    true => a.mean();
    a.rank() >= 1 && a.elements() > 0 => a.max_keep(0);
    a.rank() >= 1 => a.softmax(-1);
    a.rank() >= 1 => a.log_softmax(0) * 0.3;
    a.rank() >= 2 => a.logsumexp([0, -1]);
    // views, shapes, parts
    a.rank() >= 2 => a.transpose();
    a.rank() == 3 => a.permute([2, 0, 1]);
    true => a.reshape([-1]);
    a.rank() < RANK => a.unsqueeze(0);
    a.rank() >= 1 && a[0] > 1 => a.slice(0, 1..);
    a.rank() >= 1 => a.slice_step(-1, .., -1);
    a.rank() >= 1 && a[a.rank() - 1] > 2 => a.slice_step(-1, .., 2);
    a.rank() < RANK && a.elements() * 3 <= ELEMENTS => a.unsqueeze(0).broadcast_to(&[&[3], &a.shape()[..]].concat()[..]) * 0.5;
    a == b && a.rank() >= 1 && 2 * a.elements() <= ELEMENTS => Var::concat(&[a, b], 0);
    a == b && a.rank() < RANK && 2 * a.elements() <= ELEMENTS => Var::stack(&[a, b], -1);
    // elements by number
    a.rank() >= 1 && a[0] > 1 && 2 * a.elements() <= ELEMENTS => a.index_select(0, [1, 0, 1]);
    a.rank() == 2 && a[1] > 1 => a.gather(1, Indices::new(vec![1; a.shape()[0]], [a.shape()[0], 1]));
} }

/// A program: which operation and which earlier values, step by step.
#[derive(Clone)]
pub struct Program {
    inputs: Vec<Tensor<f64>>,
    steps: Vec<(&'static Step, usize, usize)>,
}

impl Step {
    /// The operation of a choice, turned on until one fits.
    fn fitting(choice: u16, a: &Shape, b: &Shape) -> &'static Step {
        let start = usize::from(choice) % STEPS.len();
        let mut from_there = STEPS[start..].iter().chain(&STEPS[..start]);
        from_there.find(|step| (step.fits)(a, b)).unwrap_or(&STEPS[0])
    }
}

impl Program {
    /// The program of these choices: any list gives one.
    pub fn new(choices: &[(u16, u16, u16)], seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = |shape: &[usize]| Tensor::normal(shape, 0.0, 0.8, &mut generator);
        let inputs = vec![normal(&[3, 4]), normal(&[4]), normal(&[2, 1, 3])];
        let tape = Tape::new();
        let mut values: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
        let mut steps = Vec::new();
        for &(choice, a, b) in choices {
            // Mostly what is new, so that programs grow deep and not only wide.
            let pick = |choice: u16| {
                let back = usize::from(choice) % values.len();
                if choice.is_multiple_of(3) { back } else { values.len() - 1 - back % values.len().min(4) }
            };
            let (a, b) = (pick(a), pick(b));
            let step = Step::fitting(choice, &values[a].shape(), &values[b].shape());
            values.push((step.run)(&values[a], &values[b]));
            steps.push((step, a, b));
        }
        Program { inputs, steps }
    }

    /// The result on variables: the last value, and the mean of what nothing else uses, so that no step is in vain.
    pub fn run(&self, x: &[Var<f64>]) -> Var<f64> {
        let mut values = x.to_vec();
        for (step, a, b) in &self.steps {
            values.push((step.run)(&values[*a], &values[*b]));
        }
        let used = |i: usize| self.steps.iter().any(|(_, a, b)| *a == i || *b == i);
        let mut ends: Vec<&Var<f64>> = values.iter().enumerate().filter(|(i, _)| !used(*i)).map(|(_, v)| v).collect();
        let last = ends.pop().unwrap_or(&values[0]).clone();
        ends.into_iter().fold(last, |sum, end| sum + end.mean() * 0.3)
    }

    /// What goes in.
    pub fn inputs(&self) -> &[Tensor<f64>] {
        &self.inputs
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether it has no steps.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "use autograd::prelude::*;\nlet tape = Tape::<f64>::keeping();")?;
        for (i, x) in self.inputs.iter().enumerate() {
            let shape = x.shape();
            writeln!(f, "let v{i} = tape.var(Tensor::from_vec(vec!{:?}, {shape}));", x.to_vec())?;
        }
        for (i, (step, a, b)) in self.steps.iter().enumerate() {
            let text = step.text.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(f, "let v{} = {{ let (a, b) = (&v{a}, &v{b}); let _ = b; {text} }};", i + self.inputs.len())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// What a run of random programs found, over all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Programs.
    pub programs: u32,
    /// Operations in all of them.
    pub operations: usize,
    /// Derivatives that were compared with differences.
    pub derivatives: usize,
    /// Those where differences could not tell, or a decision lay within the step.
    pub undecided: usize,
}

/// Holds `count` random programs to what must be true of each.
///
/// # Errors
/// A program for which something is not true, shrunk, as Rust that can be run, and what is not true of it.
pub fn run(count: u32, seed: u64) -> Result<Tally, String> {
    let tally = Cell::new(Tally::default());
    each(count, seed, |program| {
        let mut sum = tally.get();
        check(program, &mut sum)?;
        tally.set(sum);
        Ok(())
    })?;
    let tally = tally.get();
    if tally.undecided * 20 > tally.derivatives {
        return Err(format!("too much is undecided: {tally:?}"));
    }
    Ok(tally)
}

/// Holds `count` random programs to what `check` says.
///
/// # Errors
/// As [`run`].
pub fn each(count: u32, seed: u64, check: impl Fn(&Program) -> Result<(), String>) -> Result<(), String> {
    let choices = proptest::collection::vec(any::<(u16, u16, u16)>(), 5..=60);
    let strategy = (choices, any::<u64>()).prop_map(|(choices, seed)| Program::new(&choices, seed));
    let config = Config {
        cases: count,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&strategy, |program| check(&program).map_err(TestCaseError::fail))
        .map_err(|failure| failure.to_string())
}

fn check(program: &Program, tally: &mut Tally) -> Result<(), String> {
    // Central differences with error bars against reverse mode; forward mode; both orders of second derivatives;
    // linearity in the cotangent; the same bits twice.
    let report = Check { full: true, ..Check::default() }.run(&program.inputs, |x| program.run(x));
    if report.count(Verdict::Wrong) + report.count(Verdict::Nondeterministic) > 0 || !report.faults.is_empty() {
        return Err(format!("{report}\n{program}"));
    }
    // The Hessian is symmetric.
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let mut direction =
        || program.inputs.iter().map(|x| Tensor::normal(x.shape(), 0.0, 1.0, &mut generator)).collect::<Vec<_>>();
    let (s, t) = (direction(), direction());
    let along = |t: &Vec<Tensor<f64>>| transform::hvp(|x: &Vec<Var<f64>>| program.run(x).sum(), &program.inputs, t).1;
    let weigh =
        |a: &[Tensor<f64>], b: &[Tensor<f64>]| -> f64 { a.iter().zip(b).map(|(a, b)| (a * b).sum().item()).sum() };
    let (one, other) = (weigh(&s, &along(&t)), weigh(&t, &along(&s)));
    if (one - other).abs() > 1e-9 * (1.0 + one.abs()) {
        return Err(format!("the Hessian is not symmetric: {one:e}, {other:e}\n{program}"));
    }
    tally.programs += 1;
    tally.operations += program.len();
    tally.derivatives += report.elements;
    tally.undecided += report.failures.len();
    Ok(())
}
