//! The list of mistakes, and what they have in common.

pub mod column_minus_row;
pub mod dead_rectifiers;
pub mod detached_encoder;
pub mod exploding_rnn;
pub mod flipped_sign;
pub mod frozen_layer;
pub mod logarithm;
pub mod masked_root;
pub mod missing_division;
pub mod softmax_axis;
pub mod unused_gate;
pub mod zero_twins;

use autograd::inspect::{Cause, Diagnosis, Fault};

/// What a case is run at.
pub struct Setting {
    /// Fixes data and initial weights.
    pub seed: u64,
    /// Samples in the step.
    pub batch: usize,
    /// Units of a layer.
    pub width: usize,
    /// Time steps of what repeats.
    pub steps: usize,
}

/// A mistake with its healthy twin.
pub struct Case {
    /// The name, which is that of its file.
    pub name: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// What the library is to call it.
    pub fault: Fault,
    source: &'static str,
    /// One step, with the mistake or healthy.
    pub step: fn(&Setting, bool) -> Diagnosis,
}

/// What stands at the end of the line that is wrong, or where what is wrong is used.
const MARK: &str = "// <- here";

impl Case {
    /// The file's path.
    pub fn file(&self) -> String {
        format!("examples/faults/{}.rs", self.name)
    }

    /// The marked line's number.
    pub fn line(&self) -> usize {
        self.source.lines().position(|line| line.ends_with(MARK)).map_or(0, |place| place + 1)
    }

    /// The marked line.
    pub fn marked(&self) -> &str {
        self.source.lines().find_map(|line| line.strip_suffix(MARK)).unwrap_or_default().trim()
    }
}

macro_rules! cases {
    ($($name:ident $title:literal $fault:expr;)*) => {
        /// All of them.
        pub const GALLERY: &[Case] = &[$(Case {
            name: stringify!($name),
            title: $title,
            fault: $fault,
            source: include_str!(concat!(stringify!($name), ".rs")),
            step: $name::step,
        }),*];
    };
}

cases! {
    logarithm "the logarithm of numbers that were centred first" Fault::NonFinite(Cause::Domain);
    masked_root "the root of a negative number, masked afterwards" Fault::NonFinite(Cause::MaskedBranch);
    exploding_rnn "recurrent weights that do not shrink with the width" Fault::Exploding;
    dead_rectifiers "biases so low that no rectifier ever opens" Fault::DeadUnits;
    detached_encoder "an encoder that was cut off for a debugging session" Fault::Detached;
    frozen_layer "a layer that was frozen once, and never thawed" Fault::Frozen;
    column_minus_row "a column of predictions minus a row of targets" Fault::StretchedBoth;
    zero_twins "hidden weights that all start at 0" Fault::Twins;
    missing_division "an operation of one's own whose derivative lacks 1/n" Fault::MissingDivision;
    flipped_sign "a slope by hand with the wrong sign" Fault::FlippedSign;
    softmax_axis "a softmax over the samples instead of the classes" Fault::WrongAxis;
    unused_gate "a gate that is computed and then forgotten" Fault::Unused;
}
