//! What a model is made of, as a table: its modules with their paths, output shapes, parameters and cost, found by running
//! shapes through the same `forward`.

use crate::Module;
use autograd::algebra::Real;
use autograd::{Event, ParamId, Shape, Shapes};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// One module's call. Its numbers are its own, without those of the modules that it calls, so that a column adds up.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How many modules it is called within.
    pub depth: usize,
    /// The module's type.
    pub module: String,
    /// Its path, as its parameters and its place in a container tell it; empty where nothing does.
    pub path: String,
    /// The shape of what it gives: of the last thing that is computed in it.
    pub output: Shape,
    /// The numbers in its parameters that were not there before.
    pub parameters: usize,
    /// How many of them are frozen.
    pub frozen: usize,
    /// How many products of two numbers it adds up.
    pub multiply_adds: usize,
}

/// A model as a table: see [`ModuleExt::summary`](crate::ModuleExt::summary).
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The modules in the order of their calls.
    pub lines: Vec<Line>,
    /// The numbers that training moves.
    pub trainable: usize,
    /// The numbers in frozen parameters.
    pub frozen: usize,
    /// The numbers that are learned on the side.
    pub statistics: usize,
    /// All products of two numbers that are added up.
    pub multiply_adds: usize,
}

/// What is known of a call while the diary is read.
struct Call {
    line: Line,
    place: Option<usize>,
    parent: Option<usize>,
}

impl Summary {
    /// Of the run of a program of this model.
    pub(crate) fn of<T: Real, M: Module<T> + ?Sized>(model: &M, run: impl FnOnce(&Shapes<T>)) -> Self {
        let mut parameters = HashMap::new();
        let (mut trainable, mut frozen, mut statistics) = (0, 0, 0);
        model.visit(&mut crate::Path::default(), &mut |path, parameter| {
            let count = parameter.value().elements();
            let known = parameters.insert(parameter.id(), (path.to_string(), count, parameter.is_frozen()));
            match (parameter.is_statistic(), parameter.is_frozen()) {
                _ if known.is_some() => {}
                (true, _) => statistics += count,
                (_, true) => frozen += count,
                _ => trainable += count,
            }
            if parameter.is_statistic() {
                // It has a path, and is no parameter.
                parameters.entry(parameter.id()).and_modify(|(_, count, _)| *count = 0);
            }
        });
        let (x, diary) = Shapes::watched([]);
        run(&x);
        let (calls, rest) = read(&diary.events(), &parameters);
        let multiply_adds = rest + calls.iter().map(|call| call.line.multiply_adds).sum::<usize>();
        Summary { lines: with_paths(calls), trainable, frozen, statistics, multiply_adds }
    }
}

/// The calls that a diary tells of, and the products outside of all of them.
fn read(events: &[Event], parameters: &HashMap<ParamId, (String, usize, bool)>) -> (Vec<Call>, usize) {
    let (mut calls, mut rest): (Vec<Call>, usize) = (Vec::new(), 0);
    // What is open: a call, or a place.
    let mut open: Vec<Result<usize, usize>> = Vec::new();
    let mut seen = HashSet::new();
    for &event in events {
        let within = open.iter().rev().find_map(|entry| entry.ok());
        match event {
            Event::Enter(module, input) => {
                let place = open.last().and_then(|entry| entry.err());
                let line = Line {
                    depth: open.iter().filter(|entry| entry.is_ok()).count(),
                    module: module.to_string(),
                    path: String::new(),
                    output: input,
                    parameters: 0,
                    frozen: 0,
                    multiply_adds: 0,
                };
                open.push(Ok(calls.len()));
                calls.push(Call { line, place, parent: within });
            }
            Event::Place(number) => open.push(Err(number)),
            Event::Leave => drop(open.pop()),
            Event::Param(id) => {
                if let (Some(call), Some((path, count, frozen))) = (within, parameters.get(&id)) {
                    let line = &mut calls[call].line;
                    if line.path.is_empty() {
                        line.path = path.rsplit_once('.').map_or("", |(module, _)| module).to_string();
                    }
                    if seen.insert(id) {
                        line.parameters += count;
                        line.frozen += if *frozen { *count } else { 0 };
                    }
                }
            }
            Event::Op { output, multiply_adds, .. } => {
                for call in open.iter().filter_map(|entry| entry.ok()) {
                    calls[call].line.output = output;
                }
                match within {
                    Some(call) => calls[call].line.multiply_adds += multiply_adds,
                    None => rest += multiply_adds,
                }
            }
        }
    }
    (calls, rest)
}

/// The lines, where a call without parameters has the path that those around it tell.
fn with_paths(mut calls: Vec<Call>) -> Vec<Line> {
    // Upwards: a container's path is its child's without the child's place, or what its children's have in common.
    for i in (0..calls.len()).rev().filter(|&i| calls[i].line.path.is_empty()).collect::<Vec<_>>() {
        let children = calls.iter().filter(|call| call.parent == Some(i) && !call.line.path.is_empty());
        let told = children.map(|call| match call.place {
            Some(place) => strip(&call.line.path, &place.to_string()).unwrap_or(&call.line.path),
            None => &call.line.path,
        });
        let common = told.fold(None, |common: Option<&str>, path| Some(common.map_or(path, |it| in_common(it, path))));
        calls[i].line.path = common.unwrap_or("").to_string();
    }
    // Downwards: what has no parameters stands at its place of the container.
    for i in 0..calls.len() {
        if let (true, Some(place), Some(parent)) = (calls[i].line.path.is_empty(), calls[i].place, calls[i].parent) {
            let container = &calls[parent].line.path;
            let dot = if container.is_empty() { "" } else { "." };
            calls[i].line.path = format!("{container}{dot}{place}");
        }
    }
    calls.into_iter().map(|call| call.line).collect()
}

/// `path` without its last name, if that is `name`.
fn strip<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    match path.rsplit_once('.') {
        Some((rest, last)) => (last == name).then_some(rest),
        None => (path == name).then_some(""),
    }
}

/// The names that two paths begin with.
fn in_common<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.split('.').zip(b.split('.')).take_while(|(a, b)| a == b);
    let length = same.map(|(name, _)| name.len() + 1).sum::<usize>();
    &a[..length.saturating_sub(1)]
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![["module", "path", "output", "parameters", "multiply-adds"].map(str::to_string)];
        for line in &self.lines {
            let parameters = match (line.parameters, line.frozen) {
                (0, _) => String::new(),
                (all, 0) => grouped(all),
                (all, frozen) if all == frozen => format!("{} frozen", grouped(all)),
                (all, frozen) => format!("{}, {} frozen", grouped(all), grouped(frozen)),
            };
            let cost = if line.multiply_adds == 0 { String::new() } else { grouped(line.multiply_adds) };
            let module = "  ".repeat(line.depth) + &line.module;
            rows.push([module, line.path.clone(), line.output.to_string(), parameters, cost]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for row in &rows {
            let mut text = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                text += &if column < 3 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") };
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        let all = self.trainable + self.frozen;
        write!(
            f,
            "{} parameters: {} trainable, {} frozen",
            grouped(all),
            grouped(self.trainable),
            grouped(self.frozen)
        )?;
        if self.statistics > 0 {
            write!(f, "; {} statistics", grouped(self.statistics))?;
        }
        write!(f, "; {} multiply-adds", grouped(self.multiply_adds))
    }
}

/// A count with its thousands apart.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
