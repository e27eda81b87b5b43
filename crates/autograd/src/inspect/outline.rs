//! What can be folded in a picture of a graph: calls of modules, and runs of the tape where there are too many nodes.

use super::Snapshot;
use std::collections::BTreeMap;

/// More boxes than this are not shown at once, unless one opens them.
pub const BOXES: usize = 60;
/// Modules within modules are told apart up to here.
const DEEPEST: usize = 32;

/// A part of the graph that can be shown as one box.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// `Linear 0`, or `nodes 32–63`.
    pub title: String,
    /// Its place in [`Snapshot::scopes`]; `None` for a run of the tape.
    pub scope: Option<usize>,
    /// The group around it.
    pub parent: Option<usize>,
    /// What is directly in it, in the order of the tape.
    pub items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Node(usize),
    Group(usize),
}

/// The nodes of a snapshot in groups within groups.
pub(super) struct Outline<'a> {
    snapshot: &'a Snapshot,
    pub top: Vec<Item>,
    pub groups: Vec<Group>,
    /// The innermost group around each node.
    pub of_node: Vec<Option<usize>>,
}

impl<'a> Outline<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let mut outline =
            Outline { snapshot, top: Vec::new(), groups: Vec::new(), of_node: vec![None; snapshot.nodes.len()] };
        let mut known = BTreeMap::new();
        for node in &snapshot.nodes {
            let group = node.scope.and_then(|scope| outline.module(scope, &mut known));
            outline.of_node[node.id] = group;
            outline.items_of(group).push(Item::Node(node.id));
        }
        outline.split(None);
        for group in 0..outline.groups.len() {
            outline.split(Some(group));
        }
        for group in 0..outline.groups.len() {
            outline.groups[group].title = outline.title(group);
        }
        outline
    }

    pub fn items(&self, group: Option<usize>) -> &[Item] {
        group.map_or(&self.top, |group| &self.groups[group].items)
    }

    fn items_of(&mut self, group: Option<usize>) -> &mut Vec<Item> {
        match group {
            Some(group) => &mut self.groups[group].items,
            None => &mut self.top,
        }
    }

    /// The group of a module's call, made where it is met first. Calls that lie deeper than [`DEEPEST`] belong to the one
    /// around them.
    fn module(&mut self, scope: usize, known: &mut BTreeMap<usize, usize>) -> Option<usize> {
        let scopes = &self.snapshot.scopes;
        let mut way: Vec<usize> = std::iter::successors(Some(scope), |scope| scopes[*scope].parent).collect();
        way.reverse();
        let mut group = None;
        for scope in way.into_iter().take(DEEPEST) {
            let (next, parent) = (self.groups.len(), group);
            let found = *known.entry(scope).or_insert(next);
            if found == next {
                self.groups.push(Group { title: String::new(), scope: Some(scope), parent, items: Vec::new() });
                self.items_of(parent).push(Item::Group(found));
            }
            group = Some(found);
        }
        group
    }

    /// Puts runs of equal length in groups of their own where there is too much in one. The runs are about as many as there
    /// are items in each. Inputs stay outside if they are few: any run may read them.
    fn split(&mut self, parent: Option<usize>) {
        let items = std::mem::take(self.items_of(parent));
        if items.len() <= BOXES {
            *self.items_of(parent) = items;
            return;
        }
        let is_input = |item: &Item| matches!(item, Item::Node(node) if self.snapshot.nodes[*node].is_leaf());
        let (inputs, others): (Vec<Item>, Vec<Item>) = items.iter().partition(|item| is_input(item));
        let few = inputs.len() <= BOXES / 4;
        let (kept, split) = if few { (inputs, others) } else { (Vec::new(), items) };
        let room = BOXES - kept.len();
        *self.items_of(parent) = kept;
        let length = split.len().div_ceil(room).max((split.len() as f64).sqrt().round() as usize);
        for run in split.chunks(length) {
            let group = self.groups.len();
            self.groups.push(Group { title: String::new(), scope: None, parent, items: run.to_vec() });
            for item in run {
                match *item {
                    Item::Node(node) => self.of_node[node] = Some(group),
                    Item::Group(inner) => self.groups[inner].parent = Some(group),
                }
            }
            self.items_of(parent).push(Item::Group(group));
            self.split(Some(group));
        }
    }

    /// The nodes in a group, in the order of the tape.
    pub fn nodes(&self, group: usize) -> Vec<usize> {
        let inner = self.groups[group].items.iter().flat_map(|item| match *item {
            Item::Node(node) => vec![node],
            Item::Group(group) => self.nodes(group),
        });
        let mut nodes: Vec<usize> = inner.collect();
        nodes.sort_unstable();
        nodes
    }

    fn title(&self, group: usize) -> String {
        let nodes = self.nodes(group);
        match self.groups[group].scope {
            Some(scope) => {
                let module = &self.snapshot.scopes[scope].module;
                [module.clone(), self.common_path(&nodes)].join(" ").trim_end().to_string()
            }
            None => match (nodes.first(), nodes.last()) {
                (Some(first), Some(last)) => format!("nodes {first}–{last}"),
                _ => "nothing".to_string(),
            },
        }
    }

    /// What the paths of a module's parameters begin with: where the module is in its model.
    fn common_path(&self, nodes: &[usize]) -> String {
        let parameters =
            self.snapshot.parameters.iter().filter(|p| p.node.is_some_and(|node| nodes.binary_search(&node).is_ok()));
        let mut paths = parameters.filter_map(|parameter| parameter.path.as_deref());
        let folder =
            |path: &'a str| path.rsplit_once('.').map_or(Vec::new(), |(folder, _)| folder.split('.').collect());
        let Some(first) = paths.next() else { return String::new() };
        let common = paths.fold(folder(first), |common, path| {
            let same = common.iter().zip(folder(path)).take_while(|(a, b)| *a == b).count();
            common[..same].to_vec()
        });
        common.join(".")
    }

    /// The groups around a node, the innermost first.
    pub fn around(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.of_node[node], |group| self.groups[*group].parent)
    }

    /// How deep a group lies: 0 for the outermost.
    pub fn depth(&self, group: usize) -> usize {
        std::iter::successors(self.groups[group].parent, |group| self.groups[*group].parent).count()
    }

    /// Which groups are open at first: from the outside in, as long as at most [`BOXES`] boxes are shown.
    pub fn open_at_first(&self) -> Vec<bool> {
        let depths: Vec<usize> = (0..self.groups.len()).map(|group| self.depth(group)).collect();
        let deepest = depths.iter().map(|depth| depth + 1).max().unwrap_or(0);
        let open_above = |limit: usize| depths.iter().map(|&depth| depth < limit).collect::<Vec<bool>>();
        let fits = |open: &Vec<bool>| self.boxes(None, open) <= BOXES;
        (0..=deepest).rev().map(open_above).find(fits).unwrap_or_else(|| open_above(0))
    }

    /// How many boxes are shown.
    pub fn boxes(&self, group: Option<usize>, open: &[bool]) -> usize {
        let inner = self.items(group).iter().map(|item| match *item {
            Item::Group(group) if open[group] => self.boxes(Some(group), open),
            _ => 1,
        });
        inner.sum()
    }
}
