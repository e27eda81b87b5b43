//! What a run showed.

use super::parameters::as_table;
use super::sparkline::sparkline;
use super::{Cost, ParameterRow};
use autograd::Error;
use autograd::inspect::{Finding, GradientFlow, LayerStatistics, Snapshot, non_finite};
use autograd::text::{Column, significant, table};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a run showed: every loss, a [`Record`] of each watched step, what was found, the graph of one step, and where a number
/// that is not finite came from. It goes to JSON and back, prints itself, and makes the report's page.
///
/// It grows by a number a step, and by some kilobytes a watched step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// From one watched step to the next.
    pub every: usize,
    /// The number type: `f32` or `f64`.
    pub number: String,
    /// The loss of every step, a mean over its passes.
    #[serde(with = "non_finite::many")]
    pub losses: Vec<f64>,
    /// Other numbers by name.
    pub curves: Vec<Curve>,
    /// The watched steps.
    pub records: Vec<Record>,
    /// What is wrong, in the order in which it was found.
    pub findings: Vec<Seen>,
    /// The first watched step in full.
    pub graph: Option<Snapshot>,
    /// The first step with a number that is not finite.
    pub failure: Option<Failure>,
    /// What watching costs, once it was measured.
    pub cost: Option<Cost>,
}

/// A number over the steps of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What it is.
    pub name: String,
    /// The steps.
    pub steps: Vec<usize>,
    /// The number at each.
    #[serde(with = "non_finite::many")]
    pub values: Vec<f64>,
}

/// A watched step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 0.
    pub step: usize,
    /// Its loss.
    #[serde(with = "non_finite")]
    pub loss: f64,
    /// Every parameter, in the model's order.
    pub parameters: Vec<ParameterRow>,
    /// Every layer, in the order of their calls. Units are silent that were so in the last eight watched batches.
    pub layers: Vec<LayerStatistics>,
    /// Values and gradients from layer to layer.
    pub flow: Option<GradientFlow>,
}

/// What was found, and at which step first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The step.
    pub step: usize,
    /// What it is.
    pub finding: Finding,
}

/// A step with a number that is not finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The step.
    pub step: usize,
    /// All of it.
    pub snapshot: Snapshot,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step, self.finding)
    }
}

impl Log {
    pub(super) fn new(every: usize, number: &str) -> Self {
        Log {
            every,
            number: number.to_string(),
            losses: Vec::new(),
            curves: Vec::new(),
            records: Vec::new(),
            findings: Vec::new(),
            graph: None,
            failure: None,
            cost: None,
        }
    }

    pub(super) fn note(&mut self, name: &str, value: f64) {
        let step = self.losses.len();
        let place = self.curves.iter().position(|curve| curve.name == name).unwrap_or_else(|| {
            self.curves.push(Curve { name: name.to_string(), steps: Vec::new(), values: Vec::new() });
            self.curves.len() - 1
        });
        self.curves[place].steps.push(step);
        self.curves[place].values.push(value);
    }

    /// Notes a finding, unless the same mistake at the same line is known.
    pub(super) fn add(&mut self, finding: Finding) -> Option<&Seen> {
        let is_known = |seen: &Seen| seen.finding.fault == finding.fault && seen.finding.at == finding.at;
        if self.findings.iter().any(is_known) {
            return None;
        }
        self.findings.push(Seen { step: self.losses.len(), finding });
        self.findings.last()
    }

    /// The log as JSON. Numbers that are not finite are written as text.
    pub fn to_json(&self) -> String {
        // Neither maps with odd keys nor writers that fail are in it.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The log that was written.
    ///
    /// # Errors
    /// [`Error::Value`] if the text is not that of a log.
    ///
    /// ```
    /// use nn::watch::{Log, Watch};
    /// let log = Watch::<f32>::every(10).log().clone();
    /// assert_eq!(Log::from_json(&log.to_json())?, log);
    /// assert!(Log::from_json("{}").is_err());
    /// # Ok::<(), autograd::Error>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let broken = |problem: String| {
            Error::value(format!("no log of a run: {problem}"), "give the text that `Log::to_json` wrote, unchanged")
        };
        let log: Log = serde_json::from_str(json).map_err(|problem| broken(problem.to_string()))?;
        for snapshot in log.graph.iter().chain(log.failure.as_ref().map(|failure| &failure.snapshot)) {
            Snapshot::from_json(&snapshot.to_json())?;
        }
        match log.curves.iter().find(|curve| curve.steps.len() != curve.values.len()) {
            Some(curve) => Err(broken(format!("`{}` has other numbers of steps and of values", curve.name))),
            None => Ok(log),
        }
    }

    /// A number of each record, in order.
    pub(super) fn over_time(&self, number: impl Fn(&Record) -> Option<f64>) -> Vec<f64> {
        self.records.iter().map(|record| number(record).unwrap_or(f64::NAN)).collect()
    }

    /// What the run is, in a line.
    pub fn headline(&self) -> String {
        let (steps, watched) = (self.losses.len(), self.records.len());
        let losses = match self.losses.as_slice() {
            [] => String::new(),
            [first, .., last] => format!(", loss {} -> {}", significant(*first, 4), significant(*last, 4)),
            [only] => format!(", loss {}", significant(*only, 4)),
        };
        let plural = if steps == 1 { "" } else { "s" };
        format!("{steps} step{plural}, {watched} watched (every {}){losses}", self.every)
    }
}

pub(super) const LAYERS: [Column; 11] = [
    Column("layer", 2, true),
    Column("op", 2, true),
    Column("mean", 2, true),
    Column("std", 2, true),
    Column("grad mean", 2, true),
    Column("grad std", 2, true),
    Column("saturated", 2, true),
    Column("dead", 2, true),
    Column("gain", 2, true),
    Column("gain back", 2, true),
    Column("std over time", 0, true),
];

impl Log {
    /// The cells of the layers' rows in a table, of one record.
    pub(super) fn layer_cells(&self, record: &Record) -> Vec<[String; 11]> {
        let number = |x: Option<f64>| x.map_or(String::new(), |x| significant(x, 3));
        let row = |(place, layer): (usize, &LayerStatistics)| {
            let (forward, backward) = (layer.forward.as_ref(), layer.backward.as_ref());
            let activation = layer.activation.as_ref().map_or(String::new(), |activation| format!(" {activation}"));
            let calls = if layer.calls > 1 { format!(" ×{}", layer.calls) } else { String::new() };
            let over_time = self.over_time(|record| Some(record.layers.get(place)?.forward?.std));
            [
                layer.name.clone(),
                format!("{}{activation}{calls}", layer.op),
                number(forward.map(|x| x.mean)),
                number(forward.map(|x| x.std)),
                number(backward.map(|x| x.mean)),
                number(backward.map(|x| x.std)),
                layer.saturation.map_or(String::new(), |part| format!("{} %", significant(100.0 * part, 3))),
                layer
                    .units
                    .as_ref()
                    .map_or(String::new(), |units| format!("{} of {}", units.silent.len(), units.count)),
                number(layer.gain),
                number(layer.gain_back),
                sparkline(&over_time),
            ]
        };
        record.layers.iter().enumerate().map(row).collect()
    }
}

impl fmt::Display for Log {
    /// The last watched step, and what was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        if let Some(cost) = &self.cost {
            writeln!(f, "watching costs {cost}")?;
        }
        if !self.losses.is_empty() {
            writeln!(f, "loss {}", sparkline(&self.losses))?;
        }
        if let Some(record) = self.records.last() {
            writeln!(f, "\n{}", as_table(&record.parameters, &format!("parameters at step {}", record.step)))?;
            if !record.layers.is_empty() {
                let rows = self.layer_cells(record);
                let outputs = "outputs and their gradients; dead: at every sample lately";
                writeln!(f, "\n{}", table(&LAYERS, &rows, &format!("layers at step {}", record.step), outputs))?;
            }
            if let Some(flow) = &record.flow {
                writeln!(f, "\n{flow}")?;
            }
        }
        match self.findings.len() {
            0 => write!(f, "\ndiagnosis: nothing found"),
            1 => write!(f, "\ndiagnosis: 1 finding"),
            n => write!(f, "\ndiagnosis: {n} findings"),
        }?;
        self.findings.iter().try_for_each(|seen| write!(f, "\n{seen}"))
    }
}
