//! What is written on the boxes and wires of a picture.

use super::outline::Outline;
use super::{Edge, Flow, Node, Numbers, Snapshot};
use crate::text::{significant, six_digits};
use serde::Serialize;

/// What stands on a box.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Face {
    /// The name, or the operation of what has none.
    pub title: String,
    /// The operation beside a name.
    pub aside: String,
    /// Shape, value, gradient.
    pub lines: Vec<String>,
    /// The whole in one sentence, for those who do not see it.
    pub about: String,
}

/// What stands on every node, every folded group and every edge.
pub(super) struct Texts {
    pub nodes: Vec<Face>,
    pub groups: Vec<Face>,
    pub edges: Vec<Vec<String>>,
}

/// Longer texts are cut on boxes and wires; tables and titles have them whole.
const LONGEST: usize = 30;

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some(_) => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => text.to_string(),
    }
}

/// One number, three, or what can be said of more.
fn brief(numbers: &Numbers) -> String {
    few(numbers, 3)
}

/// One number, as many as these, or what can be said of more.
pub(super) fn few(numbers: &Numbers, most: usize) -> String {
    match numbers.whole() {
        Some([number]) => six_digits(*number),
        Some(few) if (1..=most).contains(&few.len()) => {
            let few: Vec<String> = few.iter().map(|&x| significant(x, 4)).collect();
            format!("[{}]", few.join(", "))
        }
        _ => {
            let summary = numbers.summary();
            match summary.elements > summary.non_finite && summary.non_finite == 0 {
                true => format!("{} ± {}", significant(summary.told_mean(), 3), significant(summary.std, 3)),
                false => summary.to_string(),
            }
        }
    }
}

impl Texts {
    pub fn of(snapshot: &Snapshot, outline: &Outline<'_>) -> Self {
        let mut is_parameter = vec![false; snapshot.nodes.len()];
        for node in snapshot.parameters.iter().filter_map(|parameter| parameter.node) {
            is_parameter[node] = true;
        }
        let nodes: Vec<Face> = snapshot.nodes.iter().map(|node| snapshot.face(node, is_parameter[node.id])).collect();
        let groups = (0..outline.groups.len()).map(|group| snapshot.folded_face(outline, group, &nodes)).collect();
        Texts { nodes, groups, edges: snapshot.edges.iter().map(|edge| snapshot.label(edge)).collect() }
    }
}

impl Snapshot {
    /// What a node is called on its box: its name, else its operation.
    fn face(&self, node: &Node, is_parameter: bool) -> Face {
        let op = match (node.is_leaf(), is_parameter) {
            (true, true) => "parameter",
            (true, false) => "input",
            _ => &node.op,
        };
        let (title, aside) = match &node.name {
            Some(name) => (name.as_str(), op),
            None => (op, ""),
        };
        let value = node.value.as_ref().map_or("not kept".to_string(), brief);
        let gradient = match &node.gradient {
            Flow::NotSwept => None,
            Flow::Unreachable => Some("grad none".to_string()),
            Flow::Zero => Some("grad exactly 0".to_string()),
            Flow::Value(numbers) if self.root == Some(node.id) => Some(format!("grad {} (seed)", brief(numbers))),
            Flow::Value(numbers) => Some(format!("grad {}", brief(numbers))),
        };
        let is_single = node.shape.iter().all(|&extent| extent == 1);
        let shape = (!is_single).then(|| format!("{:?}", node.shape));
        let lines = [shape, Some(format!("value {value}"))].into_iter().flatten().chain(gradient);
        let lines: Vec<String> = lines.map(|line| cut(&line)).collect();
        let name = if aside.is_empty() { String::new() } else { format!("{title}, ") };
        let about = format!("node {}: {name}{op}, {}, {}", node.id, lines.join(", "), node.at);
        Face { title: cut(title), aside: cut(aside), lines, about }
    }

    /// What stands on the box of a folded group: how much is in it, and what comes out.
    fn folded_face(&self, outline: &Outline<'_>, group: usize, faces: &[Face]) -> Face {
        let nodes = outline.nodes(group);
        let title = outline.groups[group].title.clone();
        let operations = nodes.iter().filter(|&&node| !self.nodes[node].is_leaf()).count();
        let count = format!("{} nodes, {operations} ops", nodes.len());
        let mut lines = vec![count];
        if let Some(last) = nodes.last() {
            lines.extend(faces[*last].lines.clone());
        }
        let about = format!("{title}, folded: {}", lines.join(", "));
        Face { title: cut(&title), aside: "folded".to_string(), lines, about }
    }

    /// What stands on a wire: the local derivative, or else the rule, and the message.
    fn label(&self, edge: &Edge) -> Vec<String> {
        let local = edge.local.as_ref().map(brief);
        let rule = match (self.slope(edge), local) {
            // A slope that is a number needs no formula beside it.
            (Some(slope), Some(local)) if slope.parse::<f64>().is_ok() => vec![format!("∂ {local}")],
            (Some(slope), Some(local)) => {
                let whole = format!("∂ {slope} = {local}");
                if whole.chars().count() <= LONGEST {
                    vec![whole]
                } else {
                    vec![format!("∂ {slope}"), format!("= {local}")]
                }
            }
            (Some(rule), None) | (None, Some(rule)) => vec![format!("∂ {rule}")],
            (None, None) => self.pull_back(edge).into_iter().collect(),
        };
        let message = match &edge.message {
            Flow::Value(numbers) => Some(format!("← {}", brief(numbers))),
            Flow::Zero => Some("← exactly 0".to_string()),
            Flow::NotSwept | Flow::Unreachable => None,
        };
        rule.into_iter().chain(message).map(|line| cut(&line)).collect()
    }
}
