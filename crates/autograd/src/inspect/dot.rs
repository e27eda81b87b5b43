//! The graph in the language of Graphviz.

use super::Snapshot;
use super::faces::Texts;
use super::outline::{Item, Outline};
use std::fmt::Write;

impl Snapshot {
    /// The whole graph in DOT, the language of Graphviz: nodes with name, operation, value and gradient, edges with the
    /// local derivative and the message, dashed where that is exactly zero, and a cluster for each call of a module.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let dot = Snapshot::of_backward(&(x * x)).to_dot();
    /// assert!(dot.starts_with("digraph") && dot.contains("n0 -> n1"));
    /// ```
    pub fn to_dot(&self) -> String {
        let outline = Outline::of(self);
        let texts = Texts::of(self, &outline);
        let mut dot = format!(
            "digraph tape {{\n  label={};\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=monospace];\n  \
             edge [fontname=monospace, fontsize=10];\n",
            quoted(&[self.headline()])
        );
        self.statements(&outline, &texts, None, &mut dot);
        for (place, (edge, label)) in self.edges.iter().zip(&texts.edges).enumerate() {
            let style = match self.wire_class(&[place]) {
                "zero" => ", style=dashed",
                "unsent" => ", color=gray",
                _ => "",
            };
            // Writing to a string cannot fail.
            let _ = writeln!(dot, "  n{} -> n{} [label={}{style}];", edge.to, edge.from, quoted(label));
        }
        dot + "}\n"
    }

    fn statements(&self, outline: &Outline<'_>, texts: &Texts, group: Option<usize>, dot: &mut String) {
        for item in outline.items(group) {
            let _ = match *item {
                Item::Node(node) => {
                    let face = &texts.nodes[node];
                    let title = [face.title.clone(), face.aside.clone()].join("  ").trim_end().to_string();
                    let lines: Vec<String> = [title].into_iter().chain(face.lines.iter().cloned()).collect();
                    writeln!(dot, "  n{node} [label={}];", quoted(&lines))
                }
                // A run of the tape is no module.
                Item::Group(inner) if outline.groups[inner].scope.is_none() => {
                    self.statements(outline, texts, Some(inner), dot);
                    Ok(())
                }
                Item::Group(inner) => {
                    let title = quoted(&[outline.groups[inner].title.clone()]);
                    let _ = writeln!(dot, "  subgraph cluster_{inner} {{\n  label={title};");
                    self.statements(outline, texts, Some(inner), dot);
                    writeln!(dot, "  }}")
                }
            };
        }
    }
}

/// Lines as a string of DOT.
fn quoted(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| {
        let line: String = line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        line.replace('\\', "\\\\").replace('"', "\\\"")
    });
    format!("\"{}\"", lines.collect::<Vec<_>>().join("\\n"))
}
