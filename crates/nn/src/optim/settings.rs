//! The settings of an optimizer: by name, each in its range, wrong ones refused where they are given.

use super::Kept;
use autograd::Error;
use autograd::algebra::Real;
use std::fmt;

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From 0 up to 1, but not 1: the share that is kept of a mean or of a step.
    Share,
    /// 0 or more.
    NotNegative,
    /// More than 0: what keeps a division finite.
    Positive,
    /// 0 or 1.
    Switch,
}

impl Range {
    /// The value, if it lies in the range.
    ///
    /// # Errors
    /// If it does not.
    pub fn check(self, setting: &str, value: f64, default: f64) -> Result<f64, Error> {
        let inside = match self {
            Range::Share => (0.0..1.0).contains(&value),
            Range::NotNegative => value >= 0.0 && value.is_finite(),
            Range::Positive => value > 0.0 && value.is_finite(),
            Range::Switch => value == 0.0 || value == 1.0,
        };
        if inside {
            return Ok(value);
        }
        Err(Error::value(
            format!("`{setting}` is {value}, and must be {self}"),
            format!("the usual value is {default:?}"),
        ))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Range::Share => "at least 0 and less than 1",
            Range::NotNegative => "finite and not negative",
            Range::Positive => "finite and more than 0",
            Range::Switch => "0 or 1",
        })
    }
}

/// How weights are drawn to 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeightDecay {
    /// `g ← g + λ p` before the step: the gradient of `λ/2 · ‖p‖²`, so it is scaled as gradients are.
    Coupled(f64),
    /// `p ← p (1 − η λ)` before the step, whatever the optimizer does with gradients. Source: Loshchilov, Hutter, 2019.
    Decoupled(f64),
}

impl WeightDecay {
    /// `λ`.
    pub fn strength(self) -> f64 {
        match self {
            WeightDecay::Coupled(strength) | WeightDecay::Decoupled(strength) => strength,
        }
    }

    /// The same kind with another `λ`.
    pub fn of_strength(self, strength: f64) -> Self {
        match self {
            WeightDecay::Coupled(_) => WeightDecay::Coupled(strength),
            WeightDecay::Decoupled(_) => WeightDecay::Decoupled(strength),
        }
    }
}

/// The settings of an optimizer and what it remembers, as [`optimizer!`](crate::optimizer) declares them.
pub trait Settings<T: Real>: Sized {
    /// What the optimizer is called.
    const NAME: &'static str;
    /// The learning rate that it was made with.
    fn rate(&self) -> f64;
    /// How weights are drawn to 0.
    fn weight_decay(&self) -> WeightDecay;
    /// All settings by name; a switch is 0 or 1.
    fn list(&self) -> Vec<(&'static str, f64)>;
    /// Changes one by name.
    ///
    /// # Errors
    /// If there is no such setting, or the value is outside its range.
    fn change(&mut self, setting: &str, value: f64) -> Result<(), Error>;
    /// What it remembers.
    fn kept(&self) -> &Kept<T, Self>;
    /// What it remembers, for writing.
    fn kept_mut(&mut self) -> &mut Kept<T, Self>;
}

/// Declares an optimizer's settings: its name, its kind of weight decay, numbers with their range and default, and
/// switches, which are off by default. Each gets a method that begins with `with_`, and refuses what is outside its range.
/// A [`Rule`](crate::optim::Rule) then says what a step is.
///
/// ```
/// use nn::optim::{Element, Rule, Update};
/// use nn::prelude::*;
///
/// nn::optimizer! {
///     /// Steps of one length along the sign of the gradient, shorter where it is small: `p ← p − η sign(g) min(|g|/δ, 1)`.
///     SignDescent {
///         coupled weight_decay = 0.0;
///         numbers {
///             /// With `δ`, below which steps shrink.
///             small, with_small: Positive = 0.1;
///         }
///     }
/// }
/// impl<T: Real> Rule<T> for SignDescent<T> {
///     fn memories(&self) -> &'static [&'static str] {
///         &[]
///     }
///     fn update(&self, parameter: Update<'_, T>) {
///         let (rate, small) = (T::from_f64(parameter.rate()), T::from_f64(self.small));
///         parameter.each(SignStep { rate, small });
///     }
/// }
///
/// #[derive(Clone, Copy)]
/// struct SignStep<T> {
///     rate: T,
///     small: T,
/// }
/// impl<T: Real> Element<T, 0> for SignStep<T> {
///     #[inline(always)]
///     fn step(self, p: T, g: T, []: [T; 0]) -> (T, [T; 0]) {
///         let along = if g > self.small { T::ONE } else if g < -self.small { -T::ONE } else { g / self.small };
///         (p - self.rate * along, [])
///     }
/// }
///
/// let mut p = Param::new(Tensor::from([1.0, -4.0]));
/// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
/// SignDescent::new(0.5).with_small(1e-3).step(&mut p, &gradients);
/// assert_eq!(p.value().to_vec(), [0.5, -3.5]);
/// ```
#[macro_export]
macro_rules! optimizer {
    (
        $(#[$doc:meta])*
        $Name:ident {
            $kind:ident weight_decay = $decay:literal;
            $(numbers { $($(#[$number_doc:meta])* $number:ident, $with:ident: $Range:ident = $default:literal;)* })?
            $(switches { $($(#[$switch_doc:meta])* $switch:ident, $with_switch:ident;)* })?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name<T: $crate::optim::__private::Real = f32> {
            rate: f64,
            weight_decay: $crate::optim::WeightDecay,
            $($($number: f64,)*)?
            $($($switch: bool,)*)?
            kept: $crate::optim::Kept<T, Self>,
        }

        impl<T: $crate::optim::__private::Real> $Name<T> {
            /// With learning rate `η`; every other setting is at its default.
            ///
            /// # Panics
            /// If `rate` is negative or not finite.
            #[track_caller]
            pub fn new(rate: f64) -> Self {
                $Name {
                    rate: 0.0,
                    weight_decay: $crate::optimizer!(@decay $kind $decay),
                    $($($number: $default,)*)?
                    $($($switch: false,)*)?
                    kept: Default::default(),
                }
                .with("rate", rate)
            }

            $crate::optimizer!(@with_decay $kind $decay);

            $($(
                $(#[$number_doc])*
                #[doc = concat!("\n\nBy default ", stringify!($default), ".\n\n# Panics\nIf it is not [`",
                    stringify!($Range), "`](nn::optim::Range::", stringify!($Range), ").")]
                #[track_caller]
                pub fn $with(self, $number: f64) -> Self {
                    self.with(stringify!($number), $number)
                }
            )*)?
            $($(
                $(#[$switch_doc])*
                pub fn $with_switch(mut self) -> Self {
                    self.$switch = true;
                    self
                }
            )*)?

            /// Parameters whose path matches `pattern`, in which `*` stands for anything, follow settings of their own. The
            /// first pattern that matches counts; what matches none follows the optimizer itself.
            pub fn with_group(mut self, pattern: &str, settings: Self) -> Self {
                self.kept.add_group(pattern, settings);
                self
            }

            #[track_caller]
            fn with(mut self, setting: &'static str, value: f64) -> Self {
                match $crate::optim::Settings::change(&mut self, setting, value) {
                    Ok(()) => self,
                    Err(error) => error.raise(stringify!($Name)),
                }
            }
        }

        impl<T: $crate::optim::__private::Real> $crate::optim::Settings<T> for $Name<T> {
            const NAME: &'static str = stringify!($Name);
            fn rate(&self) -> f64 {
                self.rate
            }
            fn weight_decay(&self) -> $crate::optim::WeightDecay {
                self.weight_decay
            }
            fn list(&self) -> Vec<(&'static str, f64)> {
                vec![
                    ("rate", self.rate),
                    ("weight_decay", self.weight_decay.strength()),
                    $($((stringify!($number), self.$number),)*)?
                    $($((stringify!($switch), f64::from(self.$switch)),)*)?
                ]
            }
            fn change(&mut self, setting: &str, value: f64) -> Result<(), $crate::optim::__private::Error> {
                use $crate::optim::Range;
                match setting {
                    "rate" => self.rate = Range::NotNegative.check(setting, value, 1e-3)?,
                    "weight_decay" => {
                        let strength = Range::NotNegative.check(setting, value, $decay)?;
                        self.weight_decay = self.weight_decay.of_strength(strength);
                    }
                    $($(stringify!($number) => self.$number = Range::$Range.check(setting, value, $default)?,)*)?
                    $($(stringify!($switch) => self.$switch = Range::Switch.check(setting, value, 0.0)? == 1.0,)*)?
                    _ => return Err($crate::optim::__private::unknown_setting(setting, &self.list())),
                }
                Ok(())
            }
            fn kept(&self) -> &$crate::optim::Kept<T, Self> {
                &self.kept
            }
            fn kept_mut(&mut self) -> &mut $crate::optim::Kept<T, Self> {
                &mut self.kept
            }
        }
    };
    (@decay coupled $decay:literal) => {
        $crate::optim::WeightDecay::Coupled($decay)
    };
    (@decay decoupled $decay:literal) => {
        $crate::optim::WeightDecay::Decoupled($decay)
    };
    (@with_decay coupled $decay:literal) => {
        /// With weight decay `λ` that joins the gradient: `g ← g + λ p`.
        #[doc = concat!("\n\nBy default ", stringify!($decay), ".\n\n# Panics\nIf it is negative or not finite.")]
        #[track_caller]
        pub fn with_weight_decay(mut self, weight_decay: f64) -> Self {
            self.weight_decay = $crate::optim::WeightDecay::Coupled(0.0);
            self.with("weight_decay", weight_decay)
        }

        /// With weight decay `λ` apart from the gradient: `p ← p (1 − η λ)` before each step.
        ///
        /// # Panics
        /// If it is negative or not finite.
        #[track_caller]
        pub fn with_decoupled_weight_decay(mut self, weight_decay: f64) -> Self {
            self.weight_decay = $crate::optim::WeightDecay::Decoupled(0.0);
            self.with("weight_decay", weight_decay)
        }
    };
    (@with_decay decoupled $decay:literal) => {
        /// With weight decay `λ` apart from the gradient: `p ← p (1 − η λ)` before each step.
        #[doc = concat!("\n\nBy default ", stringify!($decay), ".\n\n# Panics\nIf it is negative or not finite.")]
        #[track_caller]
        pub fn with_weight_decay(self, weight_decay: f64) -> Self {
            self.with("weight_decay", weight_decay)
        }
    };
}

/// There is no such setting.
#[doc(hidden)]
#[cold]
pub fn unknown_setting(setting: &str, all: &[(&str, f64)]) -> Error {
    let all: Vec<_> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
    Error::value(format!("there is no setting `{setting}`"), format!("the settings are {}", all.join(", ")))
}
