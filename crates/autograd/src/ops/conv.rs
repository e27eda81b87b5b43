//! Convolutions over one or two spatial axes.
//!
//! Three operations are each other's derivatives. All are linear in either input, and each is the adjoint of the other
//! two with respect to one of them, so that one geometry and three short rules give every order of derivative:
//!
//! | operation | inputs | gives |
//! |---|---|---|
//! | [`Conv`] | input, weight | output |
//! | [`ConvTranspose`] | output, weight | input |
//! | [`ConvWeight`] | input, output | weight |

use super::per_sample::SampleMessages;
use super::then::Finishes;
use super::window::{Window, check_input, print, with_spatial};
use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::Finish;
use crate::kernels::conv as kernel;
use crate::kernels::geometry::{Epilogue, Geometry, begin};
use crate::{Array, Axes, Error, Shape, Tensor};
use std::array::from_fn;
use std::ops::RangeInclusive;

/// How a convolution over `N` axes moves: the settings that its shapes do not tell.
///
/// ```
/// use autograd::prelude::*;
/// let (x, w) = (Tensor::<f32>::ones([8, 4, 9, 9]), Tensor::ones([6, 2, 3, 3]));
/// let halved = Convolution::new().with_stride([2, 2]).with_padding([1, 1]).with_groups(2);
/// assert_eq!(x.conv2d(&w, None, halved).shape(), Shape::from([8, 6, 5, 5]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution<const N: usize> {
    /// How far apart the places of the window are; 1 unless said otherwise.
    pub stride: [usize; N],
    /// How many zeros are added at either end of each axis; 0 unless said otherwise.
    pub padding: [usize; N],
    /// How far apart the places of the kernel are; 1 unless said otherwise.
    pub dilation: [usize; N],
    /// How many groups the channels are divided into, which see nothing of each other; 1 unless said otherwise.
    pub groups: usize,
}

impl<const N: usize> Default for Convolution<N> {
    fn default() -> Self {
        Convolution { stride: [1; N], padding: [0; N], dilation: [1; N], groups: 1 }
    }
}

impl<const N: usize> Convolution<N> {
    /// Stride 1, no padding, dilation 1, one group.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this stride along each axis.
    pub fn with_stride(self, stride: [usize; N]) -> Self {
        Convolution { stride, ..self }
    }

    /// With so many zeros at either end of each axis.
    pub fn with_padding(self, padding: [usize; N]) -> Self {
        Convolution { padding, ..self }
    }

    /// With this dilation along each axis.
    pub fn with_dilation(self, dilation: [usize; N]) -> Self {
        Convolution { dilation, ..self }
    }

    /// With so many groups of channels.
    pub fn with_groups(self, groups: usize) -> Self {
        Convolution { groups, ..self }
    }

    /// The extents of a convolution of an input with a weight, and the shape of its output.
    fn extents(&self, x: Shape, w: Shape) -> Result<(Geometry, Shape), Error> {
        check_input(x, N)?;
        let per_group = self.check_weight(w, "[out, in / groups")?;
        if self.groups == 0 || !x[1].is_multiple_of(self.groups) {
            return Err(not_divisible(x[1], "channels of the input", self.groups));
        }
        if per_group != x[1] / self.groups {
            return Err(Error::shape(
                format!(
                    "a weight of shape {w} reads {per_group} channels, where an input of shape {x} has {}",
                    match self.groups {
                        1 => format!("{}", x[1]),
                        groups => format!("{} in each of {groups} groups", x[1] / groups),
                    }
                ),
                "weights are [out, in / groups] and then the kernel; the input's channels are its axis 1",
            ));
        }
        if !w[0].is_multiple_of(self.groups) {
            return Err(not_divisible(w[0], "filters of the weight", self.groups));
        }
        let mut small = [1; N];
        for (axis, places) in small.iter_mut().enumerate() {
            let window = Window {
                extent: x[2 + axis],
                kernel: w[2 + axis],
                stride: self.stride[axis],
                padding: self.padding[axis],
                dilation: self.dilation[axis],
            };
            *places = window.places(2 + axis)?;
        }
        let geometry = Geometry {
            batch: x[0],
            groups: self.groups,
            channels: per_group,
            filters: w[0] / self.groups,
            large: lift(spatial::<N>(x), 1),
            small: lift(small, 1),
            kernel: lift(spatial::<N>(w), 1),
            stride: lift(self.stride, 1),
            padding: lift(self.padding, 0),
            dilation: lift(self.dilation, 1),
        };
        Ok((geometry, with_spatial([x[0], w[0]], &small)?))
    }

    /// The channels of a group that a weight of the right rank reads.
    fn check_weight(&self, w: Shape, lead: &str) -> Result<usize, Error> {
        if w.rank() == N + 2 {
            return Ok(w[1]);
        }
        let kernel = if N == 1 { "length" } else { "height, width" };
        Err(Error::shape(
            format!("a weight of {} axes, shape {w}, where {} are wanted", w.rank(), N + 2),
            format!("weights are {lead}, {kernel}]"),
        ))
    }

    /// What the large side has beyond the least extent that gives this small side.
    fn remainder(&self, large: Shape, kernel: [usize; N]) -> [usize; N] {
        from_fn(|i| {
            let window = self.dilation[i] * (kernel[i] - 1) + 1;
            (large[2 + i] + 2 * self.padding[i] - window) % self.stride[i]
        })
    }

    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = Vec::new();
        print(&mut constants, "stride", self.stride, [1; N]);
        print(&mut constants, "padding", self.padding, [0; N]);
        print(&mut constants, "dilation", self.dilation, [1; N]);
        print(&mut constants, "groups", [self.groups], [1]);
        constants
    }
}

/// One or two extents as two.
fn lift<const N: usize>(extents: [usize; N], missing: usize) -> [usize; 2] {
    const { assert!(N == 1 || N == 2, "a convolution has one or two spatial axes") };
    [if N == 1 { missing } else { extents[0] }, extents[N - 1]]
}

/// The spatial extents of a shape.
fn spatial<const N: usize>(shape: Shape) -> [usize; N] {
    from_fn(|i| shape[2 + i])
}

#[cold]
fn not_divisible(count: usize, of: &str, groups: usize) -> Error {
    if groups == 0 {
        return Error::value("0 groups of channels", "1 group lets every filter read every channel");
    }
    Error::shape(
        format!("the {count} {of} do not divide into {groups} groups"),
        "channels and filters must be multiples of the number of groups",
    )
}

fn check_bias(bias: Option<&Shape>, channels: usize) -> Result<(), Error> {
    match bias {
        Some(bias) if bias[..] != [channels] => Err(Error::shape(
            format!("a bias of shape {bias} for an output of {channels} channels"),
            format!("the bias has one number for each channel of the output: [{channels}]"),
        )),
        _ => Ok(()),
    }
}

/// The output before the products are added: its channels' biases, or zeros.
fn begun<T: Real>(shape: Shape, bias: Option<&&Tensor<T>>) -> Tensor<T> {
    let Some(bias) = bias else { return Tensor::zeros(shape) };
    let mut y = Tensor::unset(shape);
    if let Some(bias) = bias.contiguous().as_slice() {
        begin(y.make_mut(), shape[2..].iter().product(), bias);
    }
    y
}

/// The message to a bias: the cotangent summed over all axes but that of the channels.
fn summed<A: Array<T>, T: Real>(g: &A) -> A {
    let axes: Vec<isize> = (0..g.shape().rank() as isize).filter(|&axis| axis != 1).collect();
    g.sum_axes(Axes::from(&axes[..]))
}

/// A bias along the channels of a shape.
fn along_channels<A: Array<T>, T: Real>(bias: &A, shape: Shape) -> A {
    let mut extents = vec![1; shape.rank() - 1];
    extents[0] = shape[1] as isize;
    bias.reshape(&extents[..]).broadcast_to(shape)
}

/// `y[n, o, p] = Σ_{c, k} x[n, c, stride p + dilation k − padding] w[o, c, k] (+ b[o])`, with zeros outside: the
/// cross-correlation that networks call a convolution. `p` and `k` are places along one or two axes; with groups, the
/// filters `o` of a group read the channels `c` of that group alone.
///
/// Shapes: `x` `[batch, in, …]`, `w` `[out, in / groups, kernel…]`, `b` `[out]`, `y` `[batch, out, …]` with extents
/// `⌊(extent + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1`.
/// Pull-back: `x ←` [`ConvTranspose`] of `g` and `w`, `w ←` [`ConvWeight`] of `x` and `g`, `b ← Σ g`.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[[1.0_f32, 2.0, 4.0, 8.0]]]);
/// let differences = Tensor::from([[[-1.0, 1.0]]]);
/// assert_eq!(x.conv1d(&differences, None, Convolution::new()).to_vec(), [1.0, 2.0, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv<const N: usize> {
    /// How it moves.
    pub convolution: Convolution<N>,
}

/// The adjoint of [`Conv`] with respect to its input: `y[n, c, q] = Σ u[n, o, p] w[o, c, k] (+ b[c])` over all `p`, `k`
/// with `stride p + dilation k − padding = q`. What is called a transposed convolution, and makes planes larger.
///
/// Shapes: `u` `[batch, in, …]`, `w` `[in, out / groups, kernel…]`, `b` `[out]`, `y` `[batch, out, …]` with extents
/// `(extent − 1) stride − 2 padding + dilation (kernel − 1) + 1 + output padding`.
/// Pull-back: `u ←` [`Conv`] of `g` and `w`, `w ←` [`ConvWeight`] of `g` and `u`, `b ← Σ g`.
///
/// ```
/// use autograd::prelude::*;
/// let (u, w) = (Tensor::from([[[1.0_f32, 2.0]]]), Tensor::from([[[1.0, 10.0, 100.0]]]));
/// let spread = Convolution::new().with_stride([2]);
/// assert_eq!(u.conv_transpose1d(&w, None, spread, [0]).to_vec(), [1.0, 10.0, 102.0, 20.0, 200.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ConvTranspose<const N: usize> {
    /// How the convolution moves of which this is the adjoint.
    pub convolution: Convolution<N>,
    /// What is added to the extents, less than the stride: a convolution with a stride gives the same extents from
    /// several, and this says which one is meant.
    pub output_padding: [usize; N],
}

/// The adjoint of [`Conv`] with respect to its weight: `w[o, c, k] = Σ_{n, p} x[n, c, stride p + dilation k − padding]
/// u[n, o, p]`.
///
/// Shapes: `x` `[batch, in, …]`, `u` `[batch, out, …]`, `w` `[out, in / groups, kernel…]`.
/// Pull-back: `x ←` [`ConvTranspose`] of `u` and `g`, `u ←` [`Conv`] of `x` and `g`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::conv::ConvWeight;
/// let (x, u) = (Tensor::from([[[1.0_f32, 2.0, 4.0, 8.0]]]), Tensor::from([[[1.0, 0.0, 1.0]]]));
/// let correlate = ConvWeight { convolution: Convolution::<1>::new(), kernel: [2] };
/// assert_eq!(Tensor::apply(correlate, &[&x, &u]).to_vec(), [5.0, 10.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ConvWeight<const N: usize> {
    /// How the convolution moves of which this is the adjoint.
    pub convolution: Convolution<N>,
    /// The extents of its kernel.
    pub kernel: [usize; N],
}

impl<T: Real, const N: usize> Finishes<T> for Conv<N> {
    fn finished(&self, inputs: &[&Tensor<T>], shape: Shape, finish: Option<Finish<'_, T>>) -> Tensor<T> {
        let (x, w) = (inputs[0].contiguous(), inputs[1].contiguous());
        let (bias, mut y) = (inputs.get(2).map(|bias| bias.contiguous()), Tensor::unset(shape));
        if let (Ok((geometry, _)), Some(x), Some(w)) =
            (self.convolution.extents(x.shape(), w.shape()), x.as_slice(), w.as_slice())
        {
            let epilogue = Epilogue { bias: bias.as_ref().and_then(Tensor::as_slice), finish };
            kernel::forward(&geometry, x, w, epilogue, y.make_mut());
        }
        y
    }
}

impl<T: Real, const N: usize> Op<T> for Conv<N> {
    fn name(&self) -> &'static str {
        if N == 1 { "conv1d" } else { "conv2d" }
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (_, shape) = self.convolution.extents(inputs[0], inputs[1])?;
        check_bias(inputs.get(2), shape[1])?;
        Ok(shape)
    }
    fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> usize {
        output.elements() * inputs[1][1..].iter().product::<usize>()
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.finished(inputs, shape, None)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (g, convolution) = (at.cotangent(), self.convolution);
        at.each(|i| match i {
            0 => {
                let w = at.input(1);
                let output_padding = convolution.remainder(at.input_shape(0), spatial(w.shape()));
                A::apply(ConvTranspose { convolution, output_padding }, &[g, w])
            }
            1 => {
                let kernel = spatial(at.input_shape(1));
                A::apply(ConvWeight { convolution, kernel }, &[at.input(0), g])
            }
            _ => summed(g),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| match i {
            0 => A::apply(self.clone(), &[t, at.input(1)]),
            1 => A::apply(self.clone(), &[at.input(0), t]),
            _ => along_channels(t, at.output().shape()),
        })
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 0b011, output: false }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        self.convolution.constants()
    }
    /// The input by rows; the kernel and the bias from each sample alone.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        Some(at.sample_by_sample(|i| i == 0, |sample| self.vjp(sample)))
    }
}

impl<const N: usize> ConvTranspose<N> {
    /// The shape of the result, which is that of the convolution's input.
    fn large(&self, u: Shape, w: Shape) -> Result<Shape, Error> {
        let convolution = &self.convolution;
        check_input(u, N)?;
        let per_group = convolution.check_weight(w, "[in, out / groups")?;
        if w[0] != u[1] {
            return Err(Error::shape(
                format!("a weight of shape {w} reads {} channels, where an input of shape {u} has {}", w[0], u[1]),
                "weights of a transposed convolution are [in, out / groups] and then the kernel",
            ));
        }
        if convolution.groups == 0 || !u[1].is_multiple_of(convolution.groups) {
            return Err(not_divisible(u[1], "channels of the input", convolution.groups));
        }
        let mut large = [0; N];
        for (i, extent) in large.iter_mut().enumerate() {
            *extent = self.extent(i, u[2 + i], w[2 + i])?;
        }
        let channels = per_group.saturating_mul(convolution.groups);
        with_spatial([u[0], channels], &large)
    }

    /// The extent of the result along spatial axis `i`.
    fn extent(&self, i: usize, places: usize, kernel: usize) -> Result<usize, Error> {
        let Convolution { stride, padding, dilation, .. } = self.convolution;
        let (stride, padding, dilation, more) = (stride[i], padding[i], dilation[i], self.output_padding[i]);
        // The window stands at its first place: stride, dilation and kernel are checked there.
        let first = Window { extent: usize::MAX / 2, kernel, stride, padding: 0, dilation };
        first.places(2 + i)?;
        if more >= stride {
            return Err(Error::value(
                format!("an output padding of {more} with a stride of {stride}"),
                "it says which of `stride` extents is meant and is less than the stride",
            ));
        }
        if places == 0 {
            return Err(Error::shape(
                format!("nothing to spread: the extent of axis {} is 0", 2 + i),
                "check for an empty input first; only the batch may be empty",
            ));
        }
        let span = |places: usize| {
            (places - 1).checked_mul(stride)?.checked_add(dilation.checked_mul(kernel - 1)?)?.checked_add(1 + more)
        };
        let span = span(places).unwrap_or(usize::MAX);
        match padding.checked_mul(2).and_then(|padding| span.checked_sub(padding)) {
            Some(extent) => Ok(extent),
            None => Err(Error::shape(
                format!("a padding of {padding} takes more than the {span} places that axis {} spreads to", 2 + i),
                "in a transposed convolution, padding is cut off at either end; use less of it",
            )),
        }
    }
}

impl<T: Real, const N: usize> Op<T> for ConvTranspose<N> {
    fn name(&self) -> &'static str {
        if N == 1 { "conv_transpose1d" } else { "conv_transpose2d" }
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let shape = self.large(inputs[0], inputs[1])?;
        check_bias(inputs.get(2), shape[1])?;
        Ok(shape)
    }
    fn multiply_adds(&self, inputs: &[Shape], _: Shape) -> usize {
        inputs[0].elements() * inputs[1][1..].iter().product::<usize>()
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (u, w) = (inputs[0].contiguous(), inputs[1].contiguous());
        let mut y = begun(shape, inputs.get(2));
        if let (Ok((geometry, _)), Some(u), Some(w)) =
            (self.convolution.extents(shape, w.shape()), u.as_slice(), w.as_slice())
        {
            kernel::backward(&geometry, u, w, y.make_mut());
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (g, convolution) = (at.cotangent(), self.convolution);
        at.each(|i| match i {
            0 => A::apply(Conv { convolution }, &[g, at.input(1)]),
            1 => {
                let kernel = spatial(at.input_shape(1));
                A::apply(ConvWeight { convolution, kernel }, &[g, at.input(0)])
            }
            _ => summed(g),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| match i {
            0 => A::apply(self.clone(), &[t, at.input(1)]),
            1 => A::apply(self.clone(), &[at.input(0), t]),
            _ => along_channels(t, at.output().shape()),
        })
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 0b011, output: false }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = self.convolution.constants();
        print(&mut constants, "output_padding", self.output_padding, [0; N]);
        constants
    }
    /// The input by rows; the kernel and the bias from each sample alone.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        Some(at.sample_by_sample(|i| i == 0, |sample| self.vjp(sample)))
    }
}

impl<T: Real, const N: usize> Op<T> for ConvWeight<N> {
    fn name(&self) -> &'static str {
        if N == 1 { "conv1d_weight" } else { "conv2d_weight" }
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (x, u) = (inputs[0], inputs[1]);
        check_input(x, N)?;
        check_input(u, N)?;
        if self.convolution.groups == 0 {
            return Err(not_divisible(x[1], "channels of the input", 0));
        }
        let w = with_spatial([u[1], x[1] / self.convolution.groups], &self.kernel)?;
        let (_, expected) = self.convolution.extents(x, w)?;
        if expected == u {
            return Ok(w);
        }
        Err(Error::shape(
            format!("shape {u} where an input of shape {x} and a weight of shape {w} give {expected}"),
            "give it the shape of the convolution's output",
        ))
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (x, u) = (inputs[0].contiguous(), inputs[1].contiguous());
        let mut w = Tensor::unset(shape);
        if let (Ok((geometry, _)), Some(x), Some(u)) =
            (self.convolution.extents(x.shape(), shape), x.as_slice(), u.as_slice())
        {
            kernel::weight(&geometry, x, u, w.make_mut());
        }
        w
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (g, convolution) = (at.cotangent(), self.convolution);
        at.each(|i| match i {
            0 => {
                let output_padding = convolution.remainder(at.input_shape(0), self.kernel);
                A::apply(ConvTranspose { convolution, output_padding }, &[at.input(1), g])
            }
            _ => A::apply(Conv { convolution }, &[at.input(0), g]),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let inputs = if i == 0 { [t, at.input(1)] } else { [at.input(0), t] };
            A::apply(self.clone(), &inputs)
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = self.convolution.constants();
        print(&mut constants, "kernel", self.kernel, [0; N]);
        constants
    }
}
