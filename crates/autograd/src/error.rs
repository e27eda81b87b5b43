//! What can go wrong, said so that it can be mended.

use crate::Shape;
use std::fmt;
use std::panic::Location;

/// Everything that can go wrong in a computation.
///
/// Operators and named methods panic with this text at the caller's line; the `try_` twins return it, and so does
/// [`attempt`](crate::attempt) for whole programs. Each variant
/// carries a [`Report`] that names the operation, its operands with their shapes, the line and the likely fix.
///
/// ```
/// use autograd::prelude::*;
/// let (a, b) = (Tensor::<f32>::ones([2, 3]), Tensor::<f32>::ones([4, 5]));
/// let error = a.try_matmul(&b).unwrap_err();
/// assert!(matches!(error, Error::Shape(_)));
/// assert!(error.to_string().starts_with("matmul: "));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit each other, or a number of elements that does not fit a shape.
    #[error("{0}")]
    Shape(Box<Report>),
    /// An axis that does not exist, or is named twice.
    #[error("{0}")]
    Axis(Box<Report>),
    /// An index or a label outside its range.
    #[error("{0}")]
    Index(Box<Report>),
    /// A value that an operation cannot accept.
    #[error("{0}")]
    Value(Box<Report>),
    /// Variables of two tapes in one operation.
    #[error("{0}")]
    TwoTapes(Box<Report>),
    /// A backward pass from a root that is not a scalar, without a cotangent.
    #[error("{0}")]
    NotScalar(Box<Report>),
    /// A backward pass from a root that depends on nothing recorded.
    #[error("{0}")]
    NothingRecorded(Box<Report>),
    /// Use of a variable whose tape was emptied.
    #[error("{0}")]
    Freed(Box<Report>),
    /// A parameter that was updated after it entered the same tape.
    #[error("{0}")]
    StaleParameter(Box<Report>),
    /// A value that is not finite, on a tape that looks out for them.
    #[error("{0}")]
    NonFinite(Box<Report>),
    /// An operation without the rule that is asked of it, or whose rule returned something impossible.
    #[error("{0}")]
    Rule(Box<Report>),
}

/// The particulars of an [`Error`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The operation, empty where there is none.
    pub op: &'static str,
    /// What went in, in order.
    pub operands: Vec<Operand>,
    /// What is wrong.
    pub problem: String,
    /// The likely fix.
    pub help: String,
    /// The line of the user's code.
    pub at: Option<&'static Location<'static>>,
}

/// One operand in a [`Report`].
#[derive(Clone, Debug)]
pub struct Operand {
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Its shape.
    pub shape: Shape,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.op.is_empty() {
            write!(f, "{}: ", self.op)?;
        }
        f.write_str(&self.problem)?;
        if !self.operands.is_empty() {
            f.write_str("\n  operands: ")?;
            for (i, operand) in self.operands.iter().enumerate() {
                if i > 0 {
                    f.write_str(", ")?;
                }
                match &operand.name {
                    Some(name) => write!(f, "`{name}` {}", operand.shape)?,
                    None => write!(f, "{}", operand.shape)?,
                }
            }
        }
        if let Some(at) = self.at {
            write!(f, "\n  at: {}:{}:{}", at.file(), at.line(), at.column())?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident $Variant:ident;)*) => {$(
        $(#[$doc])*
        #[cold]
        pub fn $name(problem: impl Into<String>, help: impl Into<String>) -> Self {
            let report = Report { problem: problem.into(), help: help.into(), ..Report::default() };
            Error::$Variant(Box::new(report))
        }
    )*};
}

impl Error {
    constructors! {
        /// Shapes that do not fit, for a rule's `infer`; the engine adds the operation, its operands and the line.
        shape Shape;
        /// An axis that does not exist.
        axis Axis;
        /// An index outside its range.
        index Index;
        /// A value that cannot be accepted.
        value Value;
        /// Variables of two tapes.
        two_tapes TwoTapes;
        /// A root that is not a scalar.
        not_scalar NotScalar;
        /// A root that depends on nothing recorded.
        nothing_recorded NothingRecorded;
        /// A variable of an emptied tape.
        freed Freed;
        /// A parameter updated under a tape.
        stale_parameter StaleParameter;
        /// A value that is not finite.
        non_finite NonFinite;
        /// A missing or a broken rule.
        rule Rule;
    }

    /// The particulars.
    pub fn report(&self) -> &Report {
        match self {
            Error::Shape(r)
            | Error::Axis(r)
            | Error::Index(r)
            | Error::Value(r)
            | Error::TwoTapes(r)
            | Error::NotScalar(r)
            | Error::NothingRecorded(r)
            | Error::Freed(r)
            | Error::StaleParameter(r)
            | Error::NonFinite(r)
            | Error::Rule(r) => r,
        }
    }

    fn report_mut(&mut self) -> &mut Report {
        match self {
            Error::Shape(r)
            | Error::Axis(r)
            | Error::Index(r)
            | Error::Value(r)
            | Error::TwoTapes(r)
            | Error::NotScalar(r)
            | Error::NothingRecorded(r)
            | Error::Freed(r)
            | Error::StaleParameter(r)
            | Error::NonFinite(r)
            | Error::Rule(r) => r,
        }
    }

    /// Adds the operation and its operands, unless a deeper level already did, and the caller's line.
    ///
    /// ```
    /// use autograd::{Error, Operand, Shape};
    /// let error = Error::value("a rate of -1", "give one from 0 up").during("decay", [Operand { name: None, shape: Shape::from([2]) }]);
    /// assert!(error.to_string().starts_with("decay: a rate of -1\n  operands: [2]\n"));
    /// ```
    #[cold]
    #[track_caller]
    pub fn during(mut self, op: &'static str, operands: impl IntoIterator<Item = Operand>) -> Self {
        let report = self.report_mut();
        if report.op.is_empty() {
            report.op = op;
            report.operands = operands.into_iter().collect();
        }
        report.at.get_or_insert(Location::caller());
        self
    }

    /// Says where, when that is not the caller's line.
    pub(crate) fn located(mut self, at: &'static Location<'static>) -> Self {
        self.report_mut().at = Some(at);
        self
    }

    /// Panics with this text at the caller's line: how a method without a `try_` in its name ends. Within an
    /// [`attempt`](crate::attempt) the error goes to that instead.
    ///
    /// # Panics
    /// Always.
    ///
    /// ```should_panic
    /// autograd::Error::value("a rate of -1", "give one from 0 up").raise("decay")
    /// ```
    #[cold]
    #[track_caller]
    pub fn raise<R>(self, op: &'static str) -> R {
        crate::attempt::end(self.during(op, []))
    }
}
