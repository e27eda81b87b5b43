//! What the report's script gets.

use crate::watch::log::LAYERS;
use crate::watch::parameters::COLUMNS;
use crate::watch::sparkline::chosen;
use crate::watch::{Histogram, Log, ParameterRow, Record, Spread};
use autograd::inspect::GradientFlow;
use autograd::text::significant;
use serde::Serialize;
use std::collections::BTreeMap;

/// So many watched steps, and so many points of a curve, are shown at most.
const RECORDS: usize = 100;
const POINTS: usize = 400;
/// So many curves fit into one picture.
const CURVES: usize = 10;

#[derive(Serialize)]
pub(super) struct Data {
    title: String,
    summary: String,
    cost: Option<String>,
    findings: Vec<Found>,
    failure: Option<String>,
    /// Where the graph is from.
    graph: Option<String>,
    charts: Vec<Chart>,
    parameter_columns: Vec<&'static str>,
    layer_columns: Vec<&'static str>,
    records: Vec<Shown>,
    histograms: Vec<Heat>,
}

#[derive(Serialize)]
struct Found {
    head: String,
    what: String,
    measure: String,
    fix: String,
}

/// A picture of curves.
#[derive(Serialize)]
struct Chart {
    id: &'static str,
    title: String,
    /// The picture in words.
    about: String,
    logarithmic: bool,
    /// A height that is marked, and what it means.
    mark: Option<(f64, &'static str)>,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    /// Steps and values; what is not finite is a gap.
    points: Vec<(usize, Option<f64>)>,
}

/// A watched step.
#[derive(Serialize)]
struct Shown {
    step: usize,
    head: String,
    parameters: Vec<[String; 10]>,
    layers: Vec<[String; 11]>,
    flow: Option<Flow>,
}

#[derive(Serialize)]
struct Flow {
    names: Vec<String>,
    backward: Vec<Option<f64>>,
    forward: Vec<Option<f64>>,
    verdict: String,
}

/// Histograms of one tensor over time.
#[derive(Serialize)]
struct Heat {
    name: String,
    /// What stands beside each row, from the top.
    rows: Vec<String>,
    /// Of each watched step: the rows that are not empty, with their shares.
    columns: Vec<Vec<(usize, f64)>>,
    /// Of each watched step: what has a counter of its own, in words.
    odd: Vec<String>,
}

impl Data {
    pub fn of(log: &Log, title: &str) -> Self {
        let records: Vec<&Record> = chosen(log.records.len(), RECORDS).map(|place| &log.records[place]).collect();
        let left_out = match log.records.len() - records.len() {
            0 => String::new(),
            _ => format!(" Of {} watched steps {} are shown.", log.records.len(), records.len()),
        };
        let failure = log.failure.as_ref().map(|failure| {
            let told = failure.snapshot.non_finite.as_ref().map(ToString::to_string);
            let told = told.unwrap_or_else(|| "the parameters were not finite before the step".to_string());
            format!("step {}: {told}", failure.step)
        });
        let graph = match (&log.failure, log.records.first()) {
            (Some(failure), _) => Some(format!("Step {}, which failed", failure.step)),
            (None, Some(first)) => Some(format!("Step {}, the first that was watched", first.step)),
            (None, None) => None,
        };
        Data {
            title: title.to_string(),
            summary: format!("{}; {}.{left_out}", log.headline(), log.number),
            cost: log.cost.as_ref().map(|cost| format!("Watching costs {cost}.")),
            findings: log.findings.iter().map(|seen| found(seen.step, &seen.finding)).collect(),
            failure,
            graph,
            charts: charts(log, &records),
            parameter_columns: COLUMNS.iter().map(|column| column.0).collect(),
            layer_columns: LAYERS.iter().map(|column| column.0).collect(),
            histograms: histograms(&records),
            records: records.into_iter().map(|record| shown(log, record)).collect(),
        }
    }
}

fn found(step: usize, finding: &autograd::inspect::Finding) -> Found {
    let [value, limit] = [finding.value, finding.limit].map(|x| significant(x, 3));
    Found {
        head: format!("step {step}: {} ({})", finding.fault, finding.at),
        what: finding.what.clone(),
        measure: format!("{}: {value}, limit {limit}", finding.measure),
        fix: format!("fix: {}", finding.fix),
    }
}

fn charts(log: &Log, records: &[&Record]) -> Vec<Chart> {
    let losses: Vec<(usize, f64)> = log.losses.iter().copied().enumerate().collect();
    let mut charts = vec![chart("loss", "Loss", vec![("loss".to_string(), losses)], None)];
    let of = |row: &ParameterRow| row.update.is_finite() && row.update > 0.0;
    let mut updates: BTreeMap<usize, (String, Vec<(usize, f64)>)> = BTreeMap::new();
    for record in records {
        let rows = record.parameters.iter().enumerate();
        for (place, row) in rows.filter(|(_, row)| row.shape.len() > 1 && of(row)) {
            let line = updates.entry(place).or_insert_with(|| (row.path.clone(), Vec::new()));
            line.1.push((record.step, row.update));
        }
    }
    if !updates.is_empty() {
        let more = updates.len().saturating_sub(CURVES);
        let title = match more {
            0 => "Update over weight".to_string(),
            _ => format!("Update over weight, the first {CURVES} of {} weights", updates.len()),
        };
        let lines = updates.into_values().take(CURVES).collect();
        charts.push(chart("updates", &title, lines, Some((1e-3, "about 1e-3 in a healthy run"))));
    }
    if !log.curves.is_empty() {
        let line = |curve: &crate::watch::Curve| {
            let points = curve.steps.iter().copied().zip(curve.values.iter().copied());
            (curve.name.clone(), points.collect())
        };
        charts.push(chart("curves", "Other curves", log.curves.iter().take(CURVES).map(line).collect(), None));
    }
    charts
}

fn chart(
    id: &'static str,
    title: &str,
    lines: Vec<(String, Vec<(usize, f64)>)>,
    mark: Option<(f64, &'static str)>,
) -> Chart {
    let finite = || lines.iter().flat_map(|(_, points)| points.iter().map(|(_, y)| *y)).filter(|y| y.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
    let about = lines.iter().map(|(name, points)| match (points.first(), points.last()) {
        (Some((from, first)), Some((to, last))) => {
            format!("{name} from {} at step {from} to {} at step {to}", significant(*first, 3), significant(*last, 3))
        }
        _ => format!("{name}: nothing"),
    });
    Chart {
        id,
        title: title.to_string(),
        about: about.collect::<Vec<_>>().join("; "),
        logarithmic: mark.is_some() || low > 0.0 && high > 30.0 * low,
        mark,
        lines: lines.into_iter().map(|(name, points)| Line { name, points: thinned(&points) }).collect(),
    }
}

/// Of many points the smallest and the largest of each stretch, so that no peak is lost.
fn thinned(points: &[(usize, f64)]) -> Vec<(usize, Option<f64>)> {
    let finite = |&(step, y): &(usize, f64)| (step, y.is_finite().then_some(y));
    if points.len() <= POINTS {
        return points.iter().map(finite).collect();
    }
    let stretch = |points: &[(usize, f64)]| {
        let by = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
        let mut ends: Vec<(usize, f64)> =
            points.iter().min_by(by).into_iter().chain(points.iter().max_by(by)).copied().collect();
        ends.sort_unstable_by_key(|(step, _)| *step);
        ends.dedup();
        ends
    };
    points.chunks(points.len().div_ceil(POINTS / 2)).flat_map(stretch).map(|point| finite(&point)).collect()
}

fn shown(log: &Log, record: &Record) -> Shown {
    let flow = |flow: &GradientFlow| Flow {
        names: flow.layers.iter().map(|layer| layer.name.clone()).collect(),
        backward: flow.layers.iter().map(|layer| layer.backward).collect(),
        forward: flow.layers.iter().map(|layer| layer.forward).collect(),
        verdict: flow.to_string().lines().last().unwrap_or_default().to_string(),
    };
    Shown {
        step: record.step,
        head: format!("step {}, loss {}", record.step, significant(record.loss, 4)),
        parameters: record.parameters.iter().map(ParameterRow::cells).collect(),
        layers: log.layer_cells(record),
        flow: record.flow.as_ref().map(flow),
    }
}

/// Weights and gradients of every parameter.
fn histograms(records: &[&Record]) -> Vec<Heat> {
    let Some(first) = records.first() else { return Vec::new() };
    let row = |record: &&Record, place: usize| record.parameters.get(place).cloned();
    let each = first.parameters.iter().enumerate().flat_map(|(place, named)| {
        let weights: Vec<_> = records.iter().map(|record| row(record, place).map(|row| row.weight)).collect();
        let gradients: Vec<_> = records.iter().map(|record| row(record, place).and_then(|row| row.gradient)).collect();
        [heat(format!("{}: weight", named.path), &weights), heat(format!("{}: gradient", named.path), &gradients)]
    });
    each.collect()
}

/// How many numbers belong to a row.
type Count = Box<dyn Fn(&Histogram) -> u64>;

fn heat(name: String, spreads: &[Option<Spread>]) -> Heat {
    let all = || spreads.iter().flatten().map(|spread| &spread.histogram);
    // The sizes that occur at any step: rows are the same at all of them.
    let exponents = |bins: fn(&Histogram) -> &(i32, Vec<u64>)| {
        let full = all().map(bins).filter(|(_, counts)| !counts.is_empty());
        let ends = full.map(|(first, counts)| (*first, first + counts.len() as i32 - 1));
        ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    };
    let (positive, negative) = (exponents(|h| &h.positive), exponents(|h| &h.negative));
    let mut rows: Vec<(String, Count)> = Vec::new();
    if all().any(|histogram| histogram.non_finite() > 0) {
        rows.push(("not finite".to_string(), Box::new(Histogram::non_finite)));
    }
    let count = |(first, counts): &(i32, Vec<u64>), exponent: i32| {
        usize::try_from(exponent - first).ok().and_then(|place| counts.get(place).copied()).unwrap_or(0)
    };
    if let Some((low, high)) = positive {
        for exponent in (low..=high).rev() {
            rows.push((format!("2^{exponent}"), Box::new(move |h| count(&h.positive, exponent))));
        }
    }
    rows.push(("0".to_string(), Box::new(|h| h.zeros)));
    if let Some((low, high)) = negative {
        for exponent in low..=high {
            rows.push((format!("-2^{exponent}"), Box::new(move |h| count(&h.negative, exponent))));
        }
    }
    let column = |spread: &Option<Spread>| {
        let Some(spread) = spread else { return Vec::new() };
        let shares = rows.iter().map(|(_, count)| spread.share(count(&spread.histogram))).enumerate();
        shares.filter(|(_, share)| *share > 0.0).map(|(row, share)| (row, (share * 1e4).round() / 1e4)).collect()
    };
    let odd = |spread: &Option<Spread>| {
        let Some(spread) = spread else { return "no gradient".to_string() };
        let Histogram { zeros, nan, plus_infinity, minus_infinity, .. } = spread.histogram;
        let total = spread.histogram.total();
        format!(
            "of {total}: {zeros} exactly 0, {} subnormal, {nan} NaN, {plus_infinity} +inf, {minus_infinity} -inf",
            spread.subnormal
        )
    };
    let (columns, odd) = (spreads.iter().map(column).collect(), spreads.iter().map(odd).collect());
    Heat { name, rows: rows.into_iter().map(|(label, _)| label).collect(), columns, odd }
}
