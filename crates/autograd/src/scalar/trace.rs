//! A tape that also keeps names, values and lines, and prints as a table.

use super::{Gradients, Tape, Var};
use crate::algebra::Formula;
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
/// tape: 6 nodes, 4 ops                                   demo.rs
///  id  op    name  args  value     gradient  where
///   0  leaf  x           1.5       3.32276   :3
///   1  leaf  y           0.8       6.23018   :3
///   2  mul   z     0 1   1.2       4.15345   :4
///   3  ln          2     0.182322  1         :5
///   4  exp         2     3.32012   1         :5
///   5  add   h     3 4   3.50244   1 (seed)  :5
/// ```
#[derive(Debug, Default)]
pub struct Traced(RefCell<Vec<Row>>);

impl Record for Plain {}
impl Record for Traced {}

pub(super) trait Notes {
    /// Whether `x + c` is a step of its own.
    const EVERY_STEP: bool;
    fn note(&self, row: impl FnOnce() -> Row);
    fn name(&self, slot: u32, name: &str);
    fn clear(&mut self);
}

impl Notes for Plain {
    const EVERY_STEP: bool = false;
    #[inline(always)]
    fn note(&self, _: impl FnOnce() -> Row) {}
    fn name(&self, _: u32, _: &str) {}
    fn clear(&mut self) {}
}

impl Notes for Traced {
    const EVERY_STEP: bool = true;
    fn note(&self, row: impl FnOnce() -> Row) {
        self.0.borrow_mut().push(row());
    }
    fn name(&self, slot: u32, name: &str) {
        let mut rows = self.0.borrow_mut();
        if let Ok(row) = rows.binary_search_by_key(&slot, |row| row.slot) {
            rows[row].name = name.to_string();
        }
    }
    fn clear(&mut self) {
        self.0.get_mut().clear();
    }
}

/// One step, as it is shown.
#[derive(Debug)]
pub(super) struct Row {
    slot: u32,
    op: &'static str,
    name: String,
    operands: Vec<Operand>,
    constants: Vec<(&'static str, String)>,
    value: f64,
    location: &'static Location<'static>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Slot(u32),
    Constant(f64),
}

impl Operand {
    pub fn of<R: Record>(x: Var<'_, R>) -> Self {
        if x.tape.is_some() { Operand::Slot(x.slot) } else { Operand::Constant(x.value) }
    }
}

impl Row {
    pub fn leaf(slot: u32, value: f64, location: &'static Location<'static>) -> Self {
        Row { slot, op: "leaf", name: String::new(), operands: vec![], constants: vec![], value, location }
    }

    pub fn operation<F: Formula<N>, const N: usize>(
        slot: u32,
        value: f64,
        location: &'static Location<'static>,
        formula: F,
        operands: [Operand; N],
    ) -> Self {
        let (operands, constants) = (operands.to_vec(), formula.constants());
        Row { slot, op: F::NAME, name: String::new(), operands, constants, value, location }
    }

    fn arguments(&self) -> String {
        let operands = self.operands.iter().map(|operand| match operand {
            Operand::Slot(slot) => (slot - 1).to_string(),
            Operand::Constant(value) => format!("({})", six_digits(*value)),
        });
        let constants = self.constants.iter().map(|(name, value)| match value.parse() {
            Ok(number) => format!("{name}={}", six_digits(number)),
            Err(_) => format!("{name}={value}"),
        });
        operands.chain(constants).collect::<Vec<_>>().join(" ")
    }
}

impl Tape<Traced> {
    /// An empty tape that keeps a row for each step.
    pub fn traced() -> Self {
        Self::default()
    }

    fn table(&self, gradients: Option<&Gradients<'_, Traced>>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.record.0.borrow();
        let main = rows.first().map_or("", |row| row.location.file());
        let mut cells = vec![["id", "op", "name", "args", "value", "gradient", "where"].map(String::from)];
        for row in rows.iter() {
            let gradient = gradients.map_or("-".to_string(), |gradients| {
                let adjoint = gradients.adjoints.get(row.slot as usize).map_or(0.0, |&adjoint| adjoint);
                six_digits(adjoint) + if row.slot == gradients.root { " (seed)" } else { "" }
            });
            let file = if row.location.file() == main { "" } else { base_name(row.location.file()) };
            cells.push([
                (row.slot - 1).to_string(), // slot 0 is nobody's
                row.op.to_string(),
                row.name.clone(),
                row.arguments(),
                six_digits(row.value),
                gradient,
                format!("{file}:{}", row.location.line()),
            ]);
        }
        let width: [usize; 7] =
            std::array::from_fn(|i| cells.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
        let ops = rows.iter().filter(|row| row.op != "leaf").count();
        let title = format!("tape: {} nodes, {ops} ops", rows.len());
        let full = 1 + width.iter().sum::<usize>() + 2 * (width.len() - 1);
        writeln!(f, "{title}{:>1$}", base_name(main), full.saturating_sub(title.len()).max(base_name(main).len() + 2))?;
        for row in &cells {
            let line = (1..7).map(|i| format!("{:<1$}", row[i], width[i])).collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", format!(" {:>1$}  {line}", row[0], width[0]).trim_end())?;
        }
        Ok(())
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

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Six significant digits, as short as they go.
fn six_digits(x: f64) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    let scientific = format!("{x:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    match exponent {
        -5..=5 => trimmed(&format!("{x:.*}", (5 - exponent) as usize)),
        _ => format!("{}e{exponent}", trimmed(digits)),
    }
}
