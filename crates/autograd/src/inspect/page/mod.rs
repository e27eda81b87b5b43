//! One page that holds every view.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Page`]: what goes into a page, and how it becomes one |
//! | `data.rs` | what its script gets: every text is finished in Rust, the script only shows |
//! | `boards.rs` | reports as text, rows and heat maps |
//! | `states.rs` | the pictures of the graph for what may be folded and open |
//! | `shell.rs`, `shell.html` | [`Shell`]: what every page of one file has around it: its policy, its look, its data, its script |
//! | `page.html`, `page.css`, `graph.css`, `page.js` | what is the same in every page |

mod boards;
mod data;
mod shell;
mod states;

use super::{Attribution, Kinks, Numbers, Paths, Snapshot};
use crate::algebra::Real;
use crate::check::Report;
use boards::Board;
use data::Data;
pub use shell::Shell;
use std::collections::BTreeMap;

const BODY: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

/// A snapshot as one HTML page with every view: the graph, the backward player, paths, the table, what is not finite, the
/// diagnosis, parameters, broadcasting, memory; with checks and attributions if they are given. It asks for nothing from
/// anywhere, and its own policy would forbid it.
///
/// ```
/// use autograd::{check::gradcheck, inspect::{Page, Snapshot}, prelude::*};
/// let f = |x: &Var<f64>| (x.tanh() * x).sum();
/// let x = Tensor::from([0.5, -1.0]);
/// let snapshot = Snapshot::of_backward(&f(&Tape::keeping().var(x.clone()).named("x")));
/// let html = Page::new(&snapshot).titled("A product").with_check(&gradcheck(&[x], |x| f(&x[0]))).to_html();
/// assert!(html.contains("<title>A product</title>") && html.contains("2 ok, 0 wrong"));
/// ```
#[derive(Clone, Debug)]
pub struct Page<'a> {
    snapshot: &'a Snapshot,
    title: Option<String>,
    paths: Vec<Paths>,
    boards: Vec<Board>,
}

/// Without paths of their own, pages show those to so many inputs at most, and so many paths to each.
const INPUTS: usize = 6;
const LARGEST: usize = 5;

impl<'a> Page<'a> {
    /// Of a snapshot, with the paths that were put into it.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Page { snapshot, title: None, paths: snapshot.paths.clone(), boards: Vec::new() }
    }

    /// With this title.
    pub fn titled(mut self, title: &str) -> Self {
        self.title = Some(title.to_string());
        self
    }

    /// With these paths, coloured on the graph. If none are given, those from the root to the inputs are shown where
    /// [`Snapshot::paths_between`] can tell them.
    pub fn with_paths(mut self, paths: Paths) -> Self {
        self.paths.push(paths);
        self
    }

    /// With this gradient check; all its elements are drawn if it was [full](crate::check::Check::full), or something was wrong.
    pub fn with_check(mut self, report: &Report) -> Self {
        self.boards.push(Board::check(report));
        self
    }

    /// With these decisions that flipped between two recordings.
    pub fn with_kinks(mut self, kinks: &Kinks) -> Self {
        self.boards.push(Board::kinks(kinks));
        self
    }

    /// With this attribution, drawn in the shape of the input.
    pub fn with_attribution<T: Real>(mut self, attribution: &Attribution<T>) -> Self {
        self.boards.push(Board::attribution(attribution));
        self
    }

    /// The page.
    pub fn to_html(&self) -> String {
        let snapshot = self.snapshot;
        let boards = [
            Board::non_finite(snapshot),
            Board::diagnosis(snapshot),
            Board::parameters(snapshot),
            Board::audit(snapshot),
            Board::memory(snapshot),
        ];
        let mut boards: Vec<Board> = boards.into_iter().flatten().chain(self.boards.iter().cloned()).collect();
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        for board in &mut boards {
            board.drop_empty_columns();
            let count = met.entry(board.id.clone()).and_modify(|count| *count += 1).or_insert(1);
            if *count > 1 {
                board.id += &format!("-{count}");
            }
        }
        let paths = if self.paths.is_empty() { usual_paths(snapshot) } else { self.paths.clone() };
        let data = Data::of(snapshot, self.title.as_deref(), &paths, boards);
        Shell { title: &data.title, style: "", body: BODY, script: SCRIPT }.around(&data)
    }
}

/// The largest paths from the root to the inputs, where local derivatives are single numbers.
fn usual_paths(snapshot: &Snapshot) -> Vec<Paths> {
    let Some(root) = snapshot.root else { return Vec::new() };
    let reached = |node: &&super::Node| node.is_leaf() && node.gradient.value().and_then(Numbers::single).is_some();
    let inputs = snapshot.nodes.iter().filter(reached).filter(|input| input.id < root).take(INPUTS);
    inputs.filter_map(|input| snapshot.paths_between(root, input.id, LARGEST).ok()).collect()
}

impl Snapshot {
    /// The snapshot as one HTML page that needs nothing else; see [`Page`].
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let html = Snapshot::of_backward(&(x * x)).to_html();
    /// assert!(html.starts_with("<!doctype html>"));
    /// ```
    pub fn to_html(&self) -> String {
        Page::new(self).to_html()
    }
}
