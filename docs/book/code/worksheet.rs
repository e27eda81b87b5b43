//! A graph to work through by hand, and its key.

use crate::page::short;
use crate::pictures::Graph;
use crate::tiny::{Number, Step, Tape, backward};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// A graph of small whole numbers, with empty boxes for the gradients.
///
/// ```
/// use book::worksheet::Worksheet;
/// let sheet = Worksheet::new(7);
/// assert!(sheet.text().contains("gradient ____") && !sheet.key().contains("____"));
/// ```
#[derive(Clone, Debug)]
pub struct Worksheet {
    /// What fixes it.
    pub seed: u64,
    /// The recording; the result is its last step.
    pub steps: Vec<Step>,
}

impl Worksheet {
    /// The sheet of this seed: three inputs, four to six steps, at least one number that
    /// is used twice, and nothing larger than 100.
    pub fn new(seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let steps = draw(&mut generator);
            if fit_for_paper(&steps) {
                return Worksheet { seed, steps };
            }
        }
    }

    /// The gradients: of the last step, by every step.
    pub fn gradient(&self) -> Vec<f64> {
        backward(&self.steps, self.steps.len() - 1)
    }

    /// The tape with empty boxes.
    pub fn text(&self) -> String {
        self.table(|_| "____".to_string())
    }

    /// The tape with the boxes filled.
    pub fn key(&self) -> String {
        let gradient = self.gradient();
        self.table(|at| short(gradient[at]))
    }

    fn table(&self, gradient: impl Fn(usize) -> String) -> String {
        let line = |(at, step): (usize, &Step)| {
            let names: Vec<&str> =
                step.inputs.iter().map(|&i| self.steps[i].name.as_str()).collect();
            let (name, op) =
                (&step.name, format!("{} {}", step.op_name(), names.join(" ")));
            format!(
                "{name}  {op:<9}  value {:<4} gradient {}\n",
                short(step.value),
                gradient(at)
            )
        };
        self.steps.iter().enumerate().map(line).collect()
    }

    /// The graph with empty boxes.
    pub fn picture(&self) -> String {
        self.graph(|_| "____".to_string())
            .svg("A graph with values and empty boxes for the gradients")
    }

    /// The graph with the boxes filled, and all local derivatives.
    pub fn picture_of_key(&self) -> String {
        let gradient = self.gradient();
        let graph = self.graph(|at| short(gradient[at])).slopes();
        graph.svg("The same graph with local derivatives and gradients")
    }

    fn graph(&self, gradient: impl Fn(usize) -> String) -> Graph {
        let graph = Graph::new(&self.steps);
        (0..self.steps.len())
            .fold(graph, |graph, at| graph.gradient(at, gradient(at)))
    }

    /// A page to print, with the key folded up at its end. It needs nothing from outside.
    pub fn page(&self) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Worksheet {0}</title>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <style>body {{ font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }} \
             svg {{ max-width: 100%; height: auto; }}</style>\n\
             <h1>Worksheet {0}</h1>\n<p>How fast does the last box move with each of the others? Write on \
             every edge the local derivative, and in every box the gradient. Begin at the end, with a 1.</p>\n\
             {1}\n<details><summary>Key</summary>\n{2}\n</details></html>\n",
            self.seed,
            self.picture(),
            self.picture_of_key()
        )
    }
}

/// Three inputs and some steps, each of two earlier numbers; what is left over is added up.
fn draw(generator: &mut ChaCha8Rng) -> Vec<Step> {
    let tape = Tape::default();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut numbers: Vec<Number> = Vec::new();
    for name in &names[..3] {
        let size = generator.random_range(1..=5) as f64;
        let value = if generator.random_bool(0.3) { -size } else { size };
        numbers.push(tape.input(name, value));
    }
    let count = generator.random_range(4..=6);
    while numbers.len() < 3 + count {
        let (i, j) = (
            generator.random_range(0..numbers.len()),
            generator.random_range(0..numbers.len()),
        );
        let (x, y) = (numbers[i], numbers[j]);
        let next = match generator.random_range(0..8) {
            0..3 => x + y,
            3 => x - y,
            4..7 => x * y,
            _ if x.value() != y.value() => x.max(y),
            _ => continue, // a kink
        };
        numbers.push(next.named(names[numbers.len()]));
    }
    tape.steps()
}

/// Whether everybody matters, something is used twice, and the numbers are small.
fn fit_for_paper(steps: &[Step]) -> bool {
    let readings = |at: usize| {
        steps.iter().flat_map(|step| &step.inputs).filter(|&&i| i == at).count()
    };
    let last = steps.len() - 1;
    let gradient = backward(steps, last);
    (0..last).all(|at| readings(at) > 0)
        && (0..last).any(|at| readings(at) == 2 && !steps[at].inputs.is_empty())
        && steps.iter().all(|step| step.value.abs() <= 100.0)
        && gradient.iter().all(|gradient| gradient.abs() <= 100.0)
        && gradient.iter().any(|gradient| gradient.abs() > 1.0)
}
