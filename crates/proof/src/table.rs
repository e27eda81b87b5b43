//! What is checked of a row of the table: every reading, layout and precision; first and second order; forward mode.

use autograd::check::gradcheck;
use autograd::ops::shape::Permute;
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::collections::BTreeMap;

/// An operation as a program of its inputs.
pub trait Program {
    /// The program.
    fn run<T: Real, A: Array<T>>(x: &[A]) -> A;
}

/// Where inputs are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Anywhere around 0.
    Normal,
    /// From ½ to 2.
    Positive,
    /// From −0.8 to 0.8.
    Inside,
    /// From 1.2 to 3.
    AboveOne,
}

/// How an input lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Row-major.
    InOrder,
    /// A view with the axes reversed.
    Transposed,
    /// Every second element of something wider.
    EverySecond,
    /// A view that runs backwards.
    Backwards,
    /// One slice, stretched along the first axis.
    Stretched,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 5] =
        [Layout::InOrder, Layout::Transposed, Layout::EverySecond, Layout::Backwards, Layout::Stretched];
}

/// One line of the table: an operation, the shapes it is tried on, and where its inputs are drawn from.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the line.
    pub name: &'static str,
    /// Where its inputs are drawn from.
    pub from: From,
    /// The shapes of all inputs, for each time it is tried.
    pub shapes: Vec<&'static [&'static str]>,
    readings: Readings,
}

/// A program under one reading.
type Reading<A> = fn(&[A]) -> A;

/// The program under each reading.
#[derive(Clone, Copy, Debug)]
struct Readings {
    tensor: Reading<Tensor<f64>>,
    single: Reading<Var<f32>>,
    double: Reading<Var<f64>>,
    dual: Reading<Dual<Tensor<f64>>>,
    recorded_dual: Reading<Dual<Var<f64>>>,
    shapes: Reading<Shapes<f64>>,
    symbol: Reading<Symbol<f64>>,
}

/// What a row was seen to do.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The operations on the tapes of its programs.
    pub operations: BTreeMap<&'static str, Met>,
    /// How many times it was tried: shapes × layouts.
    pub tried: usize,
    /// The largest difference between single and double precision, relative to the largest number.
    pub single_precision: f64,
}

/// What an operation met on the tapes of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met {
    /// The most inputs that it took.
    pub inputs: usize,
    /// Whether an input was empty.
    pub empty: bool,
    /// Whether an input was a scalar.
    pub scalar: bool,
    /// Whether inputs of different shapes came together.
    pub shapes_differ: bool,
    /// Whether a row fed it what does not lie in order in memory.
    pub strided: bool,
    /// Whether its derivatives were held against others: the gradient, the second derivative, the forward derivative.
    pub derivatives: [bool; 3],
}

impl Met {
    /// What was met here or there.
    pub fn join(&mut self, other: Met) {
        self.inputs = self.inputs.max(other.inputs);
        self.empty |= other.empty;
        self.scalar |= other.scalar;
        self.shapes_differ |= other.shapes_differ;
        self.strided |= other.strided;
        for (here, there) in self.derivatives.iter_mut().zip(other.derivatives) {
            *here |= there;
        }
    }
}

impl Row {
    /// A row of the table.
    pub fn of<P: Program>(name: &'static str, from: From, shapes: Vec<&'static [&'static str]>) -> Self {
        let readings = Readings {
            tensor: P::run::<f64, _>,
            single: P::run::<f32, _>,
            double: P::run::<f64, _>,
            dual: P::run::<f64, _>,
            recorded_dual: P::run::<f64, _>,
            shapes: P::run::<f64, _>,
            symbol: P::run::<f64, _>,
        };
        Row { name, from, shapes, readings }
    }

    /// Inputs for each time that it is tried, in order in memory.
    pub fn samples(&self) -> Vec<Vec<Tensor<f64>>> {
        let mut generator = ChaCha8Rng::seed_from_u64(1000);
        let mut draw = |text: &&str| draw(&shape(text), self.from, Layout::InOrder, &mut generator);
        self.shapes.iter().map(|shapes| shapes.iter().map(&mut draw).collect()).collect()
    }

    /// Records the program of the row.
    pub fn record(&self, x: &[Var<f64>]) -> Var<f64> {
        (self.readings.double)(x)
    }

    /// Checks the row on every shape and layout.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<Seen, String> {
        let mut seen = Seen::default();
        for shapes in &self.shapes {
            for (seed, layout) in Layout::ALL.into_iter().enumerate() {
                // Other seeds than those of the gradient check, whose cotangents would repeat the inputs.
                let mut generator = ChaCha8Rng::seed_from_u64(1000 + seed as u64);
                let inputs: Vec<Tensor<f64>> =
                    shapes.iter().map(|text| draw(&shape(text), self.from, layout, &mut generator)).collect();
                self.try_on(&inputs, &mut seen)
                    .map_err(|problem| format!("{} on {shapes:?}, {layout:?}: {problem}", self.name))?;
                seen.tried += 1;
            }
        }
        Ok(seen)
    }

    fn try_on(&self, inputs: &[Tensor<f64>], seen: &mut Seen) -> Result<(), String> {
        let report = gradcheck(inputs, self.readings.double);
        if !report.passed() {
            return Err(report.to_string());
        }
        let mut met = Met { strided: inputs.iter().any(|x| x.as_slice().is_none()), ..Met::default() };
        let nodes = self.readings_agree(inputs, &mut met)?;
        met.derivatives[0] = self.fused_and_recorded_agree(inputs)?;
        met.derivatives[1] = self.reverse_over_forward_agrees(inputs)?;
        for (op, own) in nodes {
            let all = seen.operations.entry(op).or_default();
            all.join(own);
            all.join(met);
        }
        self.precisions_agree(inputs, seen)
    }

    /// Every reading gives the same value, to the bit, and the same shape. Returns the operations on the tape.
    fn readings_agree(&self, inputs: &[Tensor<f64>], met: &mut Met) -> Result<Vec<(&'static str, Met)>, String> {
        let plain = (self.readings.tensor)(inputs);
        let tape = Tape::new();
        let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
        let recorded = (self.readings.double)(&vars);
        let dual = (self.readings.dual)(&inputs.iter().map(|x| Dual::new(x.clone(), x.clone())).collect::<Vec<_>>());
        let shapes = (self.readings.shapes)(&inputs.iter().map(|x| Shapes::new(x.shape())).collect::<Vec<_>>());
        let letters: Vec<_> = inputs.iter().map(|x| Symbol::letter("x", x.shape())).collect();
        let symbol = (self.readings.symbol)(&letters);
        let bits = |x: &Tensor<f64>| x.to_vec().into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let agree = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_string()) };
        agree(bits(&plain) == bits(recorded.value()), "the recorded value differs from the plain one")?;
        agree(bits(&plain) == bits(dual.value()), "the value of the dual differs from the plain one")?;
        agree(plain.shape() == shapes.shape(), "the inferred shape differs from that of the value")?;
        agree(plain.shape() == symbol.shape(), "the shape of the symbol differs from that of the value")?;
        agree(symbol.to_string().contains('x'), "the printed formula lacks its input")?;
        // `gradcheck` held it against the reverse mode.
        met.derivatives[2] = dual.tangent().is_some();
        let nodes = tape.nodes();
        let operations = nodes.iter().filter(|node| node.op != "leaf").map(|node| {
            let shapes: Vec<Shape> = node.inputs.iter().flatten().map(|&input| nodes[input].shape).collect();
            let own = Met {
                inputs: node.inputs.len(),
                empty: shapes.iter().any(|shape| shape.elements() == 0),
                scalar: shapes.iter().any(|shape| shape.rank() == 0),
                shapes_differ: shapes.windows(2).any(|pair| pair[0] != pair[1]),
                ..Met::default()
            };
            (node.op, own)
        });
        Ok(operations.collect())
    }

    /// On a tape that keeps only what the rules announce, the fused backward pass gives what the recorded one gives.
    /// Returns whether there is one.
    fn fused_and_recorded_agree(&self, inputs: &[Tensor<f64>]) -> Result<bool, String> {
        let tape = Tape::new();
        let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
        let y = (self.readings.double)(&vars);
        if y.node().is_none() {
            return Ok(false);
        }
        let cotangent = Tensor::normal(y.shape(), 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(23));
        let fused = y.backward_with(&cotangent);
        let recorded = y.backward_recorded_with(&y.constant(&cotangent));
        for (i, x) in vars.iter().enumerate() {
            let (a, b) = (fused.of(x).or_zeros(), recorded.of(x).or_zeros_on(x));
            let worst = largest(&(&a - b.value()));
            if worst > 1e-12 * largest(&a).max(1.0) {
                return Err(format!("the recorded gradient of input {i} differs from the fused one by {worst:e}"));
            }
        }
        Ok(true)
    }

    /// The gradient of a recorded directional derivative is the directional derivative of the gradient. Returns whether
    /// there is one.
    fn reverse_over_forward_agrees(&self, inputs: &[Tensor<f64>]) -> Result<bool, String> {
        let mut generator = ChaCha8Rng::seed_from_u64(17);
        let directions: Vec<Tensor<f64>> =
            inputs.iter().map(|x| Tensor::normal(x.shape(), 0.0, 1.0, &mut generator)).collect();
        let tape = Tape::keeping();
        let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
        let duals: Vec<_> = vars.iter().zip(&directions).map(|(x, t)| Dual::new(x.clone(), x.constant(t))).collect();
        let moved = (self.readings.recorded_dual)(&duals);
        let cotangent = Tensor::normal(moved.shape(), 0.0, 1.0, &mut generator);
        let y = (self.readings.double)(&vars);
        if y.node().is_none() {
            return Ok(false);
        }
        let along = vars.iter().zip(&directions).fold(Direction::new(), |d, (x, t)| d.along(x, t.clone()));
        let expected = y.curvature_with(&cotangent, &along);
        let slope = moved.tangent().filter(|tangent| tangent.node().is_some());
        let found = slope.map(|tangent| tangent.backward_with(&cotangent));
        for (i, x) in vars.iter().enumerate() {
            let zeros = Tensor::zeros(x.shape());
            let want = expected.of(x).value().map_or(zeros.clone(), |dual| dual.tangent_or_zeros());
            let got = found.as_ref().map_or(zeros, |gradients| gradients.of(x).or_zeros());
            let scale = largest(&want).max(largest(&got)).max(1.0);
            let worst = largest(&(&want - &got));
            if worst > 1e-9 * scale {
                return Err(format!(
                    "reverse over forward differs from forward over reverse by {worst:e} at input {i}"
                ));
            }
        }
        Ok(true)
    }

    /// Single precision gives what double precision gives, rounded.
    fn precisions_agree(&self, inputs: &[Tensor<f64>], seen: &mut Seen) -> Result<(), String> {
        let rounded: Vec<Tensor<f64>> = inputs.iter().map(|x| x.cast::<f32>().cast()).collect();
        let single = value_and_gradients(self.readings.single, &rounded);
        let double = value_and_gradients(self.readings.double, &rounded);
        // A sum may cancel: what is lost is measured against what went in.
        let size = rounded.iter().map(largest).fold(largest(&double.0), f64::max);
        let scale = double.1.iter().map(largest).fold(1e-30, f64::max);
        let pairs = double.1.iter().zip(&single.1).map(|(d, s)| (d, s, scale, "gradient"));
        for (double, single, scale, what) in pairs.chain([(&double.0, &single.0, size, "value")]) {
            let (s, d) = (single.to_vec(), double.to_vec());
            let worst = s.iter().zip(&d).map(|(s, d)| (s - d).abs() / scale).fold(0.0, f64::max);
            let same_kind = s.iter().zip(&d).all(|(s, d)| s.is_finite() == d.is_finite());
            if worst > 1e-5 || !same_kind {
                return Err(format!("the {what} in single precision is off by {worst:e} of the largest: {s:?}, {d:?}"));
            }
            seen.single_precision = seen.single_precision.max(worst);
        }
        Ok(())
    }
}

fn value_and_gradients<T: Real>(run: Reading<Var<T>>, inputs: &[Tensor<f64>]) -> (Tensor<f64>, Vec<Tensor<f64>>) {
    let tape = Tape::<T>::new();
    let vars: Vec<Var<T>> = inputs.iter().map(|x| tape.var(x.cast::<T>())).collect();
    let y = run(&vars);
    let cotangent = Tensor::from_fn(y.shape(), |i| T::from_f64(((i * 7 + 3) % 11) as f64 / 8.0 - 0.5));
    let gradients = y.node().map(|_| y.backward_with(&cotangent));
    let gradient = |x: &Var<T>| match &gradients {
        Some(gradients) => gradients.of(x).or_zeros().cast(),
        None => Tensor::zeros(x.shape()),
    };
    (y.value().cast(), vars.iter().map(gradient).collect())
}

fn largest(x: &Tensor<f64>) -> f64 {
    x.to_vec().iter().fold(1e-30, |m: f64, v| m.max(v.abs()))
}

/// Extents from a text such as `2x3`; nothing for a scalar.
fn shape(text: &str) -> Vec<usize> {
    text.split('x').filter(|part| !part.is_empty()).map(|part| part.parse().expect("a whole number")).collect()
}

fn draw(extents: &[usize], from: From, layout: Layout, generator: &mut ChaCha8Rng) -> Tensor<f64> {
    let make = |extents: &[usize], generator: &mut ChaCha8Rng| match from {
        From::Normal => Tensor::normal(extents, 0.0, 1.0, generator),
        From::Positive => Tensor::uniform(extents, 0.5, 2.0, generator),
        From::Inside => Tensor::uniform(extents, -0.8, 0.8, generator),
        From::AboveOne => Tensor::uniform(extents, 1.2, 3.0, generator),
    };
    match layout {
        Layout::Transposed if extents.len() >= 2 => {
            let reversed: Vec<usize> = extents.iter().rev().copied().collect();
            let axes: Vec<isize> = (0..extents.len() as isize).rev().collect();
            Tensor::apply(Permute { axes: axes[..].into() }, &[&make(&reversed, generator)])
        }
        Layout::EverySecond if !extents.is_empty() => {
            let mut wide = extents.to_vec();
            wide[extents.len() - 1] *= 2;
            make(&wide, generator).slice_step(-1, .., 2)
        }
        Layout::Backwards if !extents.is_empty() => make(extents, generator).slice_step(0, .., -1),
        Layout::Stretched if extents.len() >= 2 => {
            let mut narrow = extents.to_vec();
            narrow[0] = 1;
            make(&narrow, generator).broadcast_to(extents)
        }
        _ => make(extents, generator),
    }
}

/// Writes rows: `name From ["shape of input 0", …] […] |x| program;`, where `T` is the number type and `A` the reading.
macro_rules! operations {
    ($($name:ident $from:ident $([$($shape:literal),*])+ |$x:ident| $body:expr;)*) => {
        /// The rows of this family.
        pub fn rows() -> Vec<$crate::table::Row> {
            vec![$({
                struct This;
                impl $crate::table::Program for This {
                    fn run<T: Real, A: Array<T>>($x: &[A]) -> A {
                        $body
                    }
                }
                $crate::table::Row::of::<This>(
                    stringify!($name),
                    $crate::table::From::$from,
                    vec![$(&[$($shape),*][..]),+],
                )
            }),*]
        }
    };
}
pub(crate) use operations;
