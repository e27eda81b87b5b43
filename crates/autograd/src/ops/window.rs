//! How a window moves over an axis, and how an axis is divided into cells: what convolutions, pooling and resampling have in
//! common.

use crate::{Error, Shape};
use std::ops::Range;

/// A window over one axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// The extent of the axis.
    pub extent: usize,
    /// How many places the window has.
    pub kernel: usize,
    /// How far apart the places are at which it stands.
    pub stride: usize,
    /// How many places are added at either end of the axis.
    pub padding: usize,
    /// How far apart its own places are.
    pub dilation: usize,
}

impl Window {
    /// At how many places the window stands, or why at none. `axis` is for the message.
    pub(crate) fn places(&self, axis: usize) -> Result<usize, Error> {
        positive("stride", self.stride)?;
        positive("dilation", self.dilation)?;
        positive("kernel", self.kernel)?;
        let spans = || {
            let padded = self.padding.checked_mul(2)?.checked_add(self.extent)?;
            let window = self.dilation.checked_mul(self.kernel - 1)?.checked_add(1)?;
            isize::try_from(padded.max(window)).ok().map(|_| (padded, window))
        };
        let (padded, window) = spans().ok_or_else(|| {
            Error::value(
                format!("a padding of {} or a dilation of {} is beyond any memory", self.padding, self.dilation),
                "look for a subtraction that went below 0",
            )
        })?;
        if window <= padded {
            return Ok((padded - window) / self.stride + 1);
        }
        let kernel = match self.dilation {
            1 => format!("a kernel of {window}"),
            dilation => format!("a kernel of {} with dilation {dilation}, which spans {window},", self.kernel),
        };
        let room = match self.padding {
            0 => format!("the extent {} of axis {axis}", self.extent),
            padding => format!("the extent {} of axis {axis} with padding {padding} at either end", self.extent),
        };
        Err(Error::shape(
            format!("{kernel} is larger than {room}"),
            "use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little",
        ))
    }

    /// The places along the axis that the window sees from where it stands for the `place`th time, padding left out.
    pub(crate) fn seen(&self, place: usize) -> impl Iterator<Item = usize> + Clone + use<> {
        let Window { extent, kernel, stride, padding, dilation } = *self;
        let start = place * stride;
        // Counted from where the padding starts, so that nothing goes below 0.
        let first = padding.saturating_sub(start).div_ceil(dilation).min(kernel);
        (first..kernel).map(move |k| start + k * dilation - padding).take_while(move |&place| place < extent)
    }

    /// At how many places the window stands, or why not; each must see something besides padding.
    pub(crate) fn places_that_see(&self, axis: usize) -> Result<usize, Error> {
        let places = self.places(axis)?;
        // Further inside, the window always starts on the axis.
        let hanging = self.padding.div_ceil(self.stride).min(places);
        if (0..hanging).all(|place| self.seen(place).next().is_some()) && self.extent > 0 {
            return Ok(places);
        }
        Err(Error::shape(
            format!(
                "with a padding of {} a window sees nothing of the extent {} of axis {axis}",
                self.padding, self.extent
            ),
            "use less padding: half the kernel or less",
        ))
    }
}

/// Checks that a setting is not 0.
fn positive(name: &str, value: usize) -> Result<(), Error> {
    if value > 0 {
        return Ok(());
    }
    Err(Error::value(format!("a {name} of 0"), format!("a {name} is 1 or more along every axis")))
}

/// Checks that an input has a batch axis, a channel axis and `n` spatial axes.
pub(crate) fn check_input(x: Shape, n: usize) -> Result<(), Error> {
    if x.rank() == n + 2 {
        return Ok(());
    }
    let wanted = axes(n);
    let help = if x.rank() == n + 1 {
        format!("give it a batch axis with `.unsqueeze(0)`: {wanted}")
    } else {
        format!("inputs are {wanted}")
    };
    Err(Error::shape(format!("an input of {} axes, shape {x}, where {} are wanted", x.rank(), n + 2), help))
}

/// The axes of an input in words.
fn axes(n: usize) -> &'static str {
    if n == 1 { "[batch, channels, length]" } else { "[batch, channels, height, width]" }
}

/// A result's shape: `lead`, then `spatial`; or an error if no memory could hold it.
pub(crate) fn with_spatial(lead: [usize; 2], spatial: &[usize]) -> Result<Shape, Error> {
    let extents: crate::ops::Few<usize> = lead.iter().chain(spatial).copied().collect();
    let elements = extents.iter().try_fold(1usize, |product, &extent| product.checked_mul(extent));
    match elements.and_then(|elements| isize::try_from(elements).ok()) {
        Some(_) => Shape::try_new(&extents),
        None => Err(Error::value(
            format!("a result of shape {:?} is beyond any memory", &extents[..]),
            "look for a subtraction that went below 0 in a size or a padding",
        )),
    }
}

/// A setting along each axis, for printing; left out where it is the usual one.
pub(crate) fn print<const N: usize>(
    constants: &mut Vec<(&'static str, String)>,
    name: &'static str,
    value: [usize; N],
    usual: [usize; N],
) {
    if value != usual {
        let text = if N == 1 { format!("{}", value[0]) } else { format!("{value:?}") };
        constants.push((name, text));
    }
}

/// A size that spatial axis `axis` is to have, or why it cannot.
pub(super) fn resized(size: usize, axis: usize, extent: usize) -> Result<usize, Error> {
    if size == 0 || extent > 0 {
        return Ok(size);
    }
    Err(Error::shape(
        format!("a size of {size} from the extent 0 of axis {}", 2 + axis),
        "there is nothing to make it of; only the batch may be empty",
    ))
}

/// The places that cell number `cell` of a division into `cells` covers.
pub(super) fn cell(cell: usize, cells: usize, extent: usize) -> Range<usize> {
    cell * extent / cells..((cell + 1) * extent).div_ceil(cells)
}
