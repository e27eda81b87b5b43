//! The rules: what an operation is, and each operation's own.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Op`], the trait of a rule; what a rule sees ([`Pullback`], [`Pushforward`]) |
//! | `any.rs` | the object-safe twin that a tape stores |
//! | `few.rs` | [`Few`], the short list that inputs and messages come in |
//! | `per_sample.rs` | pull-backs that keep the samples of a batch apart |
//! | `elementwise.rs` | formulas as operations: broadcasting, fused passes, replay for higher derivatives |
//! | `reduce.rs` | sum, mean, product, max, min, and stretching back |
//! | `order.rs` | sorting, the place of an extreme, taking along places |
//! | `scan.rs` | running sums and products, linear recurrences |
//! | `variance.rs` | variance, standard deviation, centring |
//! | `vector_norm.rs` | norms of vectors |
//! | `shape.rs` | reshape, permute, broadcast, slice, concat, … |
//! | `rearrange.rs`, `pad.rs` | flip and roll; rims around arrays |
//! | `diagonal.rs` | diagonals and triangles of matrices |
//! | `index.rs` | index-select (embedding), gather and their adjoints |
//! | `choose.rs` | the choice between two values by a mask |
//! | `matmul.rs` | products: matmul, linear |
//! | `then.rs` | a product or a convolution and its activation as one |
//! | `custom.rs` | a function with a pull-back of one's own, straight through |
//! | `dropout.rs` | dropout, whose mask is drawn again wherever it is needed |
//! | `mutation.rs` | rules made wrong on purpose, for the proof that checks would notice |
//! | `einsum.rs` | products by an equation, made of other operations |
//! | `distance.rs` | distances between rows |
//! | `window.rs` | how a window moves over an axis, and how one is divided into cells |
//! | `conv.rs` | convolutions and their adjoints |
//! | `pool.rs` | pooling |
//! | `resample.rs` | averages over windows, interpolation |
//! | `normalize.rs` | standardised values |
//! | `norms.rs` | layer, group, batch and RMS norm, made of them |
//! | `attention.rs` | the weights of attention, masked |
//! | `scaled_dot_product.rs` | attention: the mean of values by those weights |
//! | `linalg/` | what decomposes matrices, behind the feature `linalg` |
//! | `softmax.rs` | softmax, log-softmax, logsumexp |
//! | `classes.rs` | losses of classes: cross-entropy from logits, negative log-likelihood |

pub(crate) mod any;
pub mod attention;
pub mod choose;
pub mod classes;
pub mod conv;
pub mod custom;
pub mod diagonal;
pub mod distance;
pub mod dropout;
pub(crate) mod einsum;
pub mod elementwise;
mod few;
pub mod index;
#[cfg(feature = "linalg")]
pub mod linalg;
pub mod matmul;
#[cfg(feature = "mutation")]
pub mod mutation;
pub mod normalize;
pub mod norms;
pub mod order;
pub mod pad;
pub mod per_sample;
pub mod pool;
pub mod rearrange;
pub mod reduce;
mod replay;
pub mod resample;
pub mod scaled_dot_product;
pub mod scan;
pub mod shape;
pub mod softmax;
pub mod then;
pub mod variance;
pub mod vector_norm;
mod window;

use crate::algebra::{InPrint, Real, formulas};
use crate::{Array, Error, Shape, Symbol, Tensor};
pub use few::Few;
use per_sample::SampleMessages;
use std::any::Any;
use std::fmt::Debug;
use std::ops::RangeInclusive;

/// What a pull-back returns: one message an input, `None` for an exact zero or an input that is not wanted.
pub type Messages<A> = Few<Option<A>>;

/// The rule of an operation, written once for every interpretation.
///
/// A user's own operation is this trait and gets everything: gradients, gradients of gradients, forward mode, shapes,
/// checks, a name on the tape. For a formula that acts on each element by itself, [`elementwise!`](crate::elementwise)
/// is shorter and fused.
///
/// # Example
///
/// The outer product `y[i, j] = a[i] b[j]`, pulled back as `a ← g b`, `b ← gᵀ a`:
///
/// ```
/// use autograd::check::check_op;
/// use autograd::ops::{Messages, Op, Pullback};
/// use autograd::prelude::*;
///
/// #[derive(Clone, Debug)]
/// struct Outer;
/// impl<T: Real> Op<T> for Outer {
///     fn name(&self) -> &'static str { "outer" }
///     fn arity(&self) -> std::ops::RangeInclusive<usize> { 2..=2 }
///     fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
///         match (&x[0][..], &x[1][..]) {
///             (&[m], &[n]) => Ok(Shape::from([m, n])),
///             _ => Err(Error::shape("its inputs are no vectors", "flatten them first")),
///         }
///     }
///     fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> { x[0].unsqueeze(1) * x[1] }
///     fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
///         let g = at.cotangent();
///         at.each(|i| if i == 0 { g.matmul(at.input(1)) } else { g.transpose().matmul(at.input(0)) })
///     }
///     fn is_multilinear(&self) -> bool { true }
/// }
///
/// let tape = Tape::new();
/// let (a, b) = (tape.var(Tensor::from([1.0_f32, 2.0])), tape.var(Tensor::from([3.0, 4.0])));
/// let gradients = Var::apply(Outer, &[&a, &b]).sum().backward();
/// assert_eq!(gradients.of(&a).or_zeros().to_vec(), [7.0, 7.0]);
///
/// // Shapes, first and second order, forward mode, linearity, views, precisions: one call.
/// let report = check_op(Outer, &[Tensor::from([0.3, -1.2]), Tensor::from([1.5, 0.4, -0.7])]);
/// assert!(report.passed(), "{report}");
/// ```
pub trait Op<T: Real>: Clone + Debug + 'static {
    /// The name that errors, tapes and pictures show.
    fn name(&self) -> &'static str;

    /// How many inputs it takes.
    fn arity(&self) -> RangeInclusive<usize> {
        1..=1
    }

    /// The shape of the output for inputs of these shapes, of which there are as many as [`arity`](Op::arity) says.
    ///
    /// # Errors
    /// Why such inputs do not fit and what to do; the engine adds the names, the shapes and the line.
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error>;

    /// The output, of the shape that [`infer`](Op::infer) gave.
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T>;

    /// [`forward`](Op::forward) of inputs that the caller gives up: writes the output in the place of one of them that nobody
    /// else holds, and returns which. `None`, the default, leaves all as they were. An operation whose
    /// [`record`](Op::record) keeps something must not do so.
    fn forward_over(&self, _inputs: &mut [Tensor<T>], _shape: &Shape) -> Option<usize> {
        None
    }

    /// Pull-back: the message to each input from the cotangent of the output. Each has its input's shape.
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A>;

    /// Push-forward: the tangent of the output from those of the inputs, of which at least one is there.
    ///
    /// # Panics
    /// The default is for operations that are [linear](Op::is_linear) in all inputs together or
    /// [in each](Op::is_multilinear), and panics for others.
    #[track_caller]
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        if self.is_multilinear() {
            return at.sum(|i, t| {
                let moved = |k: usize| if k == i { t } else { at.input(k) };
                A::apply(self.clone(), &(0..at.inputs.len()).map(moved).collect::<Few<&A>>())
            });
        }
        if !self.is_linear() {
            Error::rule(
                "has no forward-mode rule",
                "write `jvp` in its `Op`, or use reverse mode (`grad`, `vjp`), which it has",
            )
            .raise::<()>(self.name());
        }
        let tangents: Few<A> = (0..at.inputs.len()).map(|i| at.tangent_or_zeros(i)).collect();
        A::apply(self.clone(), &tangents.iter().collect::<Few<&A>>())
    }

    /// Whether the output is linear in all inputs together, so that its push-forward is itself.
    fn is_linear(&self) -> bool {
        false
    }

    /// Whether the output is linear in each input while the others are fixed, as a product is, so that its push-forward
    /// is the sum of itself with one tangent in the place of its input.
    fn is_multilinear(&self) -> bool {
        false
    }

    /// What [`vjp`](Op::vjp) reads, and so what a tape keeps.
    fn saves(&self) -> Saves {
        Saves::ALL
    }

    /// The forward pass when it is recorded: the output, and what the pull-back on plain tensors finds again as
    /// [`Pullback::kept`].
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        (self.forward(inputs, shape), Few::new())
    }

    /// The pull-back on plain tensors: [`vjp`](Op::vjp), unless a fused loop gives the same.
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        self.vjp(at)
    }

    /// Adds the message to input `i` to the sum of those that came before it, which nobody else holds, and says so: for
    /// rules that can add as fast as they compute, or that would send mostly zeros. The sum is as if [`vjp`](Op::vjp)'s
    /// message had been added, to the bit (but for the sign of a zero). The default leaves the message to
    /// [`vjp_fused`](Op::vjp_fused).
    fn vjp_add(&self, _at: &Pullback<Tensor<T>>, _i: usize, _sum: &mut Tensor<T>) -> bool {
        false
    }

    /// Whether the first axis of this input is that of the output, and each row of the output depends on the row of the
    /// input at the same place and on no other: then one pull-back serves all samples of a batch.
    fn acts_on_rows(&self, _input: &Shape, _output: &Shape) -> bool {
        false
    }

    /// The pull-back with samples kept apart: row `i` of the cotangent is that of sample `i`, for row `i` of the output.
    /// `None`, the default unless the operation [acts on rows](Op::acts_on_rows) of every input, costs one pull-back a
    /// sample.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let output = at.cotangent().shape();
        let by_rows = at.shapes.iter().flatten().all(|input| self.acts_on_rows(input, &output));
        by_rows.then(|| at.rows(self.vjp_fused(at)))
    }

    /// How many products of two numbers it adds up, for summaries: of products and convolutions, which are what a
    /// network's cost is counted in; others count as none.
    fn multiply_adds(&self, _inputs: &[Shape], _output: Shape) -> usize {
        0
    }

    /// The constants of the operation with their names, for printing.
    fn constants(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What an operation that acts on each element by itself looks like in print, with these names. What acts on more
    /// than single elements is printed by its rule on [`Symbol`]s.
    fn in_print(&self, _inputs: &[&str], _output: &str, _cotangent: &str) -> Option<InPrint> {
        None
    }

    /// The discrete decisions it takes at these inputs (a rectifier's side, a maximum's winner), one number an
    /// element. Where they differ between two points, the function may have a kink in between.
    fn decisions(&self, _inputs: &[&Tensor<T>], _output: &Tensor<T>) -> Vec<u64> {
        Vec::new()
    }
}

/// The shape of an operation's output, once the number of inputs fits.
pub(crate) fn infer<T: Real, O: Op<T>>(op: &O, inputs: &[Shape]) -> Result<Shape, Error> {
    let arity = op.arity();
    if arity.contains(&inputs.len()) {
        return op.infer(inputs);
    }
    let count = |n: usize| if n == 1 { "1 input".to_string() } else { format!("{n} inputs") };
    let wanted = match (arity.start(), arity.end()) {
        (&least, &most) if least == most => count(least),
        (least, &usize::MAX) => format!("at least {}", count(*least)),
        (least, most) => format!("{least} to {}", count(*most)),
    };
    Err(Error::shape(
        format!("it takes {wanted}, and got {}", inputs.len()),
        "give as many inputs as the operation takes; an operation of your own says how many in `Op::arity`",
    ))
}

/// Which of its values an operation keeps for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saves {
    /// One bit an input, the first input lowest; the highest bit is that of all further ones.
    pub inputs: u32,
    /// The output.
    pub output: bool,
}

impl Saves {
    /// Nothing: the pull-back needs the cotangent alone.
    pub const NOTHING: Saves = Saves { inputs: 0, output: false };
    /// Every input.
    pub const INPUTS: Saves = Saves { inputs: u32::MAX, output: false };
    /// The output.
    pub const OUTPUT: Saves = Saves { inputs: 0, output: true };
    /// Every input and the output.
    pub const ALL: Saves = Saves { inputs: u32::MAX, output: true };

    /// Whether input `i` is kept.
    pub fn input(self, i: usize) -> bool {
        self.inputs >> i.min(31) & 1 == 1
    }
}

/// What a rule sees in the backward sweep.
#[derive(Debug)]
pub struct Pullback<'a, A> {
    pub(crate) op: &'static str,
    pub(crate) inputs: &'a [Option<A>],
    pub(crate) shapes: &'a [Option<&'a Shape>],
    pub(crate) output: Option<&'a A>,
    pub(crate) kept: &'a [A],
    pub(crate) cotangent: &'a A,
    pub(crate) guard: bool,
}

impl<A: Clone> Pullback<'_, A> {
    /// The cotangent of the output, of its shape.
    pub fn cotangent(&self) -> &A {
        self.cotangent
    }

    /// Input `i`.
    ///
    /// # Panics
    /// If [`Op::saves`] does not announce that the rule reads it.
    pub fn input(&self, i: usize) -> &A {
        self.inputs[i].as_ref().unwrap_or_else(|| {
            Error::rule(
                format!("its pull-back reads input {i}, which was not kept"),
                "announce in `Op::saves` what `vjp` reads",
            )
            .raise(self.op)
        })
    }

    /// The output.
    ///
    /// # Panics
    /// If [`Op::saves`] does not announce that the rule reads it.
    pub fn output(&self) -> &A {
        self.output.unwrap_or_else(|| {
            Error::rule("its pull-back reads the output, which was not kept", "announce it in `Op::saves`")
                .raise(self.op)
        })
    }

    /// The number of inputs.
    pub fn count(&self) -> usize {
        self.shapes.len()
    }

    /// The shape of input `i`, where it is [wanted](Pullback::wants).
    pub fn input_shape(&self, i: usize) -> Shape {
        self.shapes[i].copied().unwrap_or_else(|| {
            Error::rule(format!("its pull-back reads the shape of input {i}, which is not wanted"), "ask `wants` first")
                .raise(self.op)
        })
    }

    /// Whether the gradient of input `i` is asked for: constants have none.
    pub fn wants(&self, i: usize) -> bool {
        self.shapes[i].is_some()
    }

    /// What [`Op::record`] kept; there in the sweep on plain tensors only.
    pub fn kept(&self, i: usize) -> Option<&A> {
        self.kept.get(i)
    }

    /// For an operation whose pull-back is written for numbers alone, in [`Op::vjp_fused`]: what its [`Op::vjp`] is then.
    ///
    /// # Panics
    /// It says by name that the operation cannot be differentiated again. Symbols, which only print, get nothing.
    #[track_caller]
    pub fn only_once(&self) -> Messages<A>
    where
        A: crate::Interpretation,
    {
        // Nothing to print is no mistake.
        if (self.cotangent as &dyn Any).is::<Symbol<A::Real>>() {
            return self.each(|_| None);
        }
        Error::rule(
            "its pull-back cannot be differentiated again",
            "write `vjp` of its `Op` in terms of operations, or take first derivatives only",
        )
        .raise(self.op)
    }

    /// The messages of another rule to all of its inputs, for a pull-back that is made of other rules' pull-backs.
    pub fn through<O: Op<A::Real>>(&self, op: &O, inputs: &[&A], output: &A, cotangent: &A) -> Messages<A>
    where
        A: crate::Interpretation,
    {
        let shapes: Few<Shape> = inputs.iter().map(|x| x.shape()).collect();
        op.vjp(&Pullback {
            op: op.name(),
            inputs: &inputs.iter().map(|&x| Some(x.clone())).collect::<Few<_>>(),
            shapes: &shapes.iter().map(Some).collect::<Few<_>>(),
            output: Some(output),
            kept: &[],
            cotangent,
            guard: self.guard,
        })
    }

    /// Whether an exactly zero cotangent stays zero where a slope is not finite.
    pub fn guards(&self) -> bool {
        self.guard
    }

    /// The message to each input that is wanted, from its number.
    pub fn each<M: Into<Option<A>>>(&self, mut message: impl FnMut(usize) -> M) -> Messages<A> {
        (0..self.shapes.len()).map(|i| if self.wants(i) { message(i).into() } else { None }).collect()
    }
}

/// What a rule sees in forward mode.
#[derive(Debug)]
pub struct Pushforward<'a, A> {
    pub(crate) inputs: &'a [&'a A],
    pub(crate) output: &'a A,
    pub(crate) tangents: &'a [Option<&'a A>],
    pub(crate) guard: bool,
}

impl<A: crate::Interpretation> Pushforward<'_, A> {
    /// Input `i`.
    pub fn input(&self, i: usize) -> &A {
        self.inputs[i]
    }

    /// The output.
    pub fn output(&self) -> &A {
        self.output
    }

    /// The number of inputs.
    pub fn count(&self) -> usize {
        self.inputs.len()
    }

    /// The tangent of input `i`, of its shape; `None` for an exact zero.
    pub fn tangent(&self, i: usize) -> Option<&A> {
        self.tangents[i]
    }

    /// The tangent of input `i`, zeros made real.
    pub fn tangent_or_zeros(&self, i: usize) -> A {
        match self.tangents[i] {
            Some(tangent) => tangent.clone(),
            None => self.inputs[i].constant(&Tensor::zeros(self.inputs[i].shape())),
        }
    }

    /// The tangent of another rule's output, for a push-forward that is made of other rules' push-forwards; `None` if no
    /// input moves.
    pub fn through<O: Op<A::Real>>(&self, op: &O, inputs: &[&A], output: &A, tangents: &[Option<&A>]) -> Option<A> {
        let moves = tangents.iter().any(Option::is_some);
        moves.then(|| op.jvp(&Pushforward { inputs, output, tangents, guard: self.guard }))
    }

    /// Whether an exactly zero tangent stays zero where a slope is not finite.
    pub fn guards(&self) -> bool {
        self.guard
    }

    /// A tangent of zeros, of the output's shape: of what does not move.
    pub fn zeros(&self) -> A {
        self.output.constant(&Tensor::zeros(self.output.shape()))
    }

    /// The sum of what each tangent that is there contributes, from its number and itself; `None` for what does not move
    /// the output. [`zeros`](Pushforward::zeros) if nothing does.
    pub fn sum<C: Into<Option<A>>>(&self, mut contribution: impl FnMut(usize, &A) -> C) -> A {
        let tangents = self.tangents.iter().enumerate();
        let terms = tangents.filter_map(|(i, tangent)| contribution(i, (*tangent)?).into());
        terms.reduce(|sum, term| sum + term).unwrap_or_else(|| self.zeros())
    }
}

/// `flow · slope`, both broadcast; with `guard` a flow of exactly 0 stays 0 where the slope is not finite.
pub(crate) fn times_slope<A: Array<T>, T: Real>(flow: &A, slope: &A, guard: bool) -> A {
    if guard { flow.zip(slope, formulas::TimesSlope) } else { flow.clone() * slope }
}

/// The shape that all inputs broadcast to.
pub(crate) fn broadcast_all(inputs: &[Shape]) -> Result<Shape, Error> {
    let mut shape = inputs[0];
    for other in &inputs[1..] {
        shape = shape.broadcast(other).ok_or_else(|| cannot_broadcast(&shape, other))?;
    }
    Ok(shape)
}

#[cold]
fn cannot_broadcast(a: &Shape, b: &Shape) -> Error {
    let from_end = (1..=a.rank().min(b.rank()))
        .find(|&i| {
            let (m, n) = (a[a.rank() - i], b[b.rank() - i]);
            m != n && m != 1 && n != 1
        })
        .unwrap_or(1);
    let (m, n) = (a[a.rank() - from_end], b[b.rank() - from_end]);
    let help = if a.rank() == 1 && b.rank() > 1 && b.contains(&a[0]) {
        format!(
            "axes are matched from the last one; to match {a} with another axis of {b}, give it a last axis of extent 1 with `.unsqueeze(-1)`"
        )
    } else if b.rank() == 1 && a.rank() > 1 && a.contains(&b[0]) {
        format!(
            "axes are matched from the last one; to match {b} with another axis of {a}, give it a last axis of extent 1 with `.unsqueeze(-1)`"
        )
    } else {
        "axes are matched from the last one and must be equal or 1; insert axes with `.unsqueeze`, or reorder them with `.permute`".to_string()
    };
    Error::shape(format!("shapes {a} and {b} do not broadcast: extents {m} and {n} differ at axis -{from_end}"), help)
}
