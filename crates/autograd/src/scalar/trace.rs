//! A tape that also keeps names, values and lines, and prints as a table.

use super::{Gradients, Tape, Var};
use crate::Error;
use crate::algebra::{Formula, InPrint, Slope, choices, in_print};
use crate::text::{TAPE, base_name, bytes, constant, place_in, six_digits, table, unnamed};
use std::any::TypeId;
use std::cell::RefCell;
use std::fmt::{self, Display};
use std::panic::Location;

/// What a tape keeps beside the derivatives: nothing ([`Plain`]), or a row for each step ([`Traced`]).
#[expect(private_bounds, reason = "a closed set: the two types below")]
pub trait Record: Notes + Default {}

/// Keeps nothing, and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

/// Keeps a row for each variable and operation: its name, operands, value, and line.
///
/// Printing the tape, or the gradients that came from it, gives a table; a gradient is in the row of its variable.
///
/// ```
/// use autograd::scalar::Tape;
/// let tape = Tape::traced();
/// let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
/// let z = (x * y).named("z");
/// let h = (z.ln() + z.exp()).named("h");
/// println!("{}", h.backward());
/// ```
///
/// ```text
/// tape: 6 nodes, 4 ops, 32 B saved                                 demo.rs
///  id  op    name  args    value      grad       saved   where
///   0  leaf  x             1.5        3.32276    -       :3
///   1  leaf  y             0.8        6.23018    -       :3
///   2  mul   z     0 1     1.2        4.15345    x,y     :4
///   3  ln          2       0.182322   1          z       :5
///   4  exp         2       3.32012    1          out     :5
///   5  add   h     3 4     3.50244    1 (seed)   -       :5
/// ```
#[derive(Debug, Default)]
pub struct Traced {
    rows: RefCell<Vec<Row>>,
    /// Asked about what is not finite, on a tape that looks out for it.
    alarm: Option<Alarm>,
}

/// Says what is wrong where a step, or an adjoint in the sweep from one, is not finite: from the steps, and the root with
/// the adjoint of each.
pub(crate) type Alarm = fn(Steps<'_>, Option<(usize, &[f64])>, &'static Location<'static>) -> Option<Error>;

impl Record for Plain {}
impl Record for Traced {}

pub(super) trait Notes {
    /// Whether `x + c` is a step of its own.
    const EVERY_STEP: bool;
    #[track_caller]
    fn note(&self, row: impl FnOnce() -> Row);
    /// Looks at what a sweep from a slot brought.
    #[track_caller]
    fn swept(&self, root: u32, adjoints: &[f64]);
    /// Whether it looks at all.
    fn is_alarmed(&self) -> bool {
        false
    }
    fn name(&self, slot: u32, name: &str);
    fn clear(&mut self);
}

impl Notes for Plain {
    const EVERY_STEP: bool = false;
    #[inline(always)]
    fn note(&self, _: impl FnOnce() -> Row) {}
    #[inline(always)]
    fn swept(&self, _: u32, _: &[f64]) {}
    fn name(&self, _: u32, _: &str) {}
    fn clear(&mut self) {}
}

impl Notes for Traced {
    const EVERY_STEP: bool = true;
    #[track_caller]
    fn note(&self, row: impl FnOnce() -> Row) {
        let row = row();
        let (op, is_odd) = (row.op, !row.value.is_finite());
        self.rows.borrow_mut().push(row);
        let ask = |alarm: Alarm| alarm(Steps { rows: &self.rows.borrow() }, None, Location::caller());
        if let Some(error) = self.alarm.filter(|_| is_odd).and_then(ask) {
            error.raise::<()>(op);
        }
    }
    #[track_caller]
    fn swept(&self, root: u32, adjoints: &[f64]) {
        let Some(alarm) = self.alarm.filter(|_| adjoints.iter().any(|adjoint| !adjoint.is_finite())) else { return };
        let rows = self.rows.borrow();
        let steps = Steps { rows: &rows };
        if let Some(error) = alarm(steps, Some((steps.step(root), &steps.adjoints(adjoints))), Location::caller()) {
            error.raise::<()>("backward");
        }
    }
    fn is_alarmed(&self) -> bool {
        self.alarm.is_some()
    }
    fn name(&self, slot: u32, name: &str) {
        let mut rows = self.rows.borrow_mut();
        if let Ok(row) = rows.binary_search_by_key(&slot, |row| row.slot) {
            rows[row].name = name.to_string();
        }
    }
    fn clear(&mut self) {
        self.rows.get_mut().clear();
    }
}

/// One step, as it is shown.
#[derive(Debug)]
pub(crate) struct Row {
    slot: u32,
    pub op: &'static str,
    pub name: String,
    pub operands: Vec<Operand>,
    pub constants: Vec<(&'static str, String)>,
    pub value: f64,
    /// The derivative by each operand.
    pub slopes: Vec<f64>,
    pub location: &'static Location<'static>,
    /// The rule, of an operation.
    pub rule: Option<Box<dyn AnyFormula>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    Slot(u32),
    Constant(f64),
}

impl Operand {
    pub(super) fn of<R: Record>(x: Var<'_, R>) -> Self {
        if x.tape.is_some() { Operand::Slot(x.slot) } else { Operand::Constant(x.value) }
    }
}

impl Row {
    pub(super) fn leaf(slot: u32, value: f64, location: &'static Location<'static>) -> Self {
        let (operands, constants, slopes) = (vec![], vec![], vec![]);
        Row { slot, op: "leaf", name: String::new(), operands, constants, value, slopes, location, rule: None }
    }

    pub(super) fn operation<F: Formula<N>, const N: usize>(
        slot: u32,
        value: f64,
        location: &'static Location<'static>,
        formula: F,
        operands: [Operand; N],
        slopes: [f64; N],
    ) -> Self {
        let (operands, constants, slopes) = (operands.to_vec(), formula.constants(), slopes.to_vec());
        let rule: Option<Box<dyn AnyFormula>> = Some(Box::new(Written(formula)));
        Row { slot, op: F::NAME, name: String::new(), operands, constants, value, slopes, location, rule }
    }

    /// Whether the rule's slopes read the operands, and whether they read the result. The tape keeps the slopes that are
    /// made of them.
    pub fn reads(&self) -> (bool, bool) {
        match self.rule.as_ref().map(|rule| rule.reads()) {
            Some(Slope::Inputs | Slope::Automatic) => (true, false),
            Some(Slope::Output) => (false, true),
            Some(Slope::InputsAndOutput) => (true, true),
            Some(Slope::Constant) | None => (false, false),
        }
    }

    /// What the slopes read.
    fn read(&self) -> impl Iterator<Item = Operand> {
        let (inputs, output) = self.reads();
        let inputs = self.operands.iter().copied().filter(move |_| inputs);
        inputs.chain(output.then_some(Operand::Slot(self.slot)))
    }
}

/// The steps of a trace, and which of them a slot is.
#[derive(Clone, Copy)]
pub(crate) struct Steps<'a> {
    pub rows: &'a [Row],
}

impl Steps<'_> {
    /// The step that filled a slot.
    pub fn step(self, slot: u32) -> usize {
        self.rows.partition_point(|row| row.slot < slot)
    }

    /// The adjoint of each step, from those of the slots.
    fn adjoints(self, of_slots: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| of_slots.get(row.slot as usize).copied().unwrap_or(0.0)).collect()
    }

    /// The number that an operand is.
    pub fn value(self, operand: Operand) -> f64 {
        match operand {
            Operand::Slot(slot) => self.rows[self.step(slot)].value,
            Operand::Constant(value) => value,
        }
    }

    fn arguments(self, row: &Row) -> String {
        let operands = row.operands.iter().map(|operand| match operand {
            Operand::Slot(slot) => self.step(*slot).to_string(),
            Operand::Constant(value) => format!("({})", six_digits(*value)),
        });
        let constants = row.constants.iter().map(|(name, value)| constant(name, value));
        operands.chain(constants).collect::<Vec<_>>().join(" ")
    }

    /// What the slopes of a step read, by name.
    fn read_by(self, row: &Row) -> String {
        let letter = |operand: Operand| match operand {
            Operand::Slot(slot) if slot == row.slot => "out".to_string(),
            Operand::Slot(slot) => match self.step(slot) {
                step if self.rows[step].name.is_empty() => unnamed(step),
                step => self.rows[step].name.clone(),
            },
            Operand::Constant(value) => six_digits(value),
        };
        let read: Vec<String> = row.read().map(letter).collect();
        if read.is_empty() { "-".to_string() } else { read.join(",") }
    }

    /// The bytes that the slopes of all steps read.
    fn bytes_read(self) -> usize {
        let mut read: Vec<Operand> = self.rows.iter().flat_map(Row::read).collect();
        let slot = |operand: &Operand| match operand {
            Operand::Slot(slot) => (*slot, 0),
            Operand::Constant(value) => (0, value.to_bits()),
        };
        read.sort_by_key(slot);
        read.dedup_by_key(|operand| slot(operand));
        read.len() * size_of::<f64>()
    }
}

/// A rule, its type forgotten.
pub(crate) trait AnyFormula {
    /// Which rule it is.
    fn kind(&self) -> TypeId;
    /// What its slopes read.
    fn reads(&self) -> Slope;
    /// What it looks like.
    fn in_print(&self, inputs: &[&str], output: &str, cotangent: &str) -> InPrint;
    /// The choices that it takes.
    fn choices(&self, inputs: &[f64]) -> u64;
}

struct Written<F, const N: usize>(F);

impl<F: Formula<N>, const N: usize> AnyFormula for Written<F, N> {
    fn kind(&self) -> TypeId {
        TypeId::of::<F>()
    }
    fn reads(&self) -> Slope {
        F::SLOPE
    }
    fn in_print(&self, inputs: &[&str], output: &str, cotangent: &str) -> InPrint {
        in_print(&self.0, std::array::from_fn(|i| inputs[i]), output, cotangent)
    }
    fn choices(&self, inputs: &[f64]) -> u64 {
        choices(&self.0, std::array::from_fn(|i| inputs[i]))
    }
}

impl std::fmt::Debug for dyn AnyFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.reads())
    }
}

impl Tape<Traced> {
    /// An empty tape that keeps a row for each step.
    pub fn traced() -> Self {
        Self::default()
    }

    /// A traced tape that asks when something is not finite.
    pub(crate) fn alarmed(alarm: Alarm) -> Self {
        Tape { record: Traced { rows: RefCell::default(), alarm: Some(alarm) }, ..Self::default() }
    }

    /// The steps, in order, for whoever shows them in other ways.
    pub(crate) fn look<R>(&self, f: impl FnOnce(Steps<'_>) -> R) -> R {
        f(Steps { rows: &self.record.rows.borrow() })
    }

    fn table(&self, gradients: Option<&Gradients<'_, Traced>>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.record.rows.borrow();
        let steps = Steps { rows: &rows };
        let main = rows.first().map_or("", |row| row.location.file());
        let cells: Vec<[String; 9]> = rows
            .iter()
            .enumerate()
            .map(|(id, row)| {
                let gradient = gradients.map_or("-".to_string(), |gradients| {
                    let adjoint = gradients.adjoints.get(row.slot as usize).map_or(0.0, |&adjoint| adjoint);
                    six_digits(adjoint) + if row.slot == gradients.root { " (seed)" } else { "" }
                });
                [
                    id.to_string(),
                    row.op.to_string(),
                    row.name.clone(),
                    steps.arguments(row),
                    String::new(),
                    six_digits(row.value),
                    gradient,
                    steps.read_by(row),
                    place_in(main, row.location.file(), row.location.line()),
                ]
            })
            .collect();
        let ops = rows.iter().filter(|row| row.op != "leaf").count();
        let title = format!("tape: {} nodes, {ops} ops, {} saved", rows.len(), bytes(steps.bytes_read()));
        f.write_str(&table(&TAPE, &cells, &title, base_name(main)))
    }
}

impl Var<'_, Traced> {
    /// The steps of this result's tape with its own step and the gradients of all; nothing for a constant.
    pub(crate) fn trace<R>(self, f: impl FnOnce(Steps<'_>, usize, &[f64]) -> R) -> Option<R> {
        let (tape, adjoints) = (self.tape?, self.adjoints()?);
        Some(tape.look(|steps| f(steps, steps.step(self.slot), &steps.adjoints(&adjoints))))
    }
}

/// The table without gradients.
impl Display for Tape<Traced> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(None, f)
    }
}

/// The table with gradients.
impl Display for Gradients<'_, Traced> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tape.table(Some(self), f)
    }
}
