//! The pictures of a graph for what may be folded and open.

use crate::inspect::Snapshot;
use crate::inspect::faces::Texts;
use crate::inspect::outline::{BOXES, Outline};
use crate::inspect::picture::{Painter, Picture};
use crate::inspect::svg::picture;
use serde::Serialize;
use std::collections::BTreeMap;

/// A page holds about so many pictures: with few modules one for each choice of what is open, with many one for each module
/// that is open alone.
const PICTURES: usize = 64;

#[derive(Serialize)]
pub(super) struct States {
    /// By the open groups, in order, with commas between them.
    pictures: BTreeMap<String, Picture>,
    start: String,
    /// What is folded at each picture, in words.
    said: BTreeMap<String, String>,
    /// Whether any choice of open groups has its picture.
    is_complete: bool,
    down: bool,
}

impl States {
    pub fn of(snapshot: &Snapshot, outline: &Outline<'_>, texts: &Texts) -> Self {
        let start = outline.open_at_first();
        let (first, down) = picture(snapshot, outline, texts, &start);
        let (choices, is_complete) = match every_choice(outline) {
            Some(choices) => (choices, true),
            None => (one_at_a_time(outline), false),
        };
        let mut pictures = BTreeMap::from([(key(&start), first)]);
        for open in choices {
            let painter = Painter { snapshot, outline, texts, open: &open, down };
            pictures.entry(key(&open)).or_insert_with(|| painter.picture());
        }
        let said = pictures.iter().map(|(key, picture)| (key.clone(), said(snapshot, picture))).collect();
        States { pictures, start: key(&start), said, is_complete, down }
    }

    /// The nodes that have a box in some picture.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        self.pictures.values().flat_map(|picture| picture.boxes.iter().filter_map(|placed| placed.node))
    }
}

fn said(snapshot: &Snapshot, picture: &Picture) -> String {
    match (snapshot.nodes.len(), picture.shown()) {
        (nodes, boxes) if nodes == boxes => format!("{nodes} nodes"),
        (nodes, boxes) => format!("{nodes} nodes in {boxes} boxes (folded at first to show at most {BOXES})"),
    }
}

fn key(open: &[bool]) -> String {
    let open = open.iter().enumerate().filter(|(_, open)| **open).map(|(group, _)| group.to_string());
    open.collect::<Vec<_>>().join(",")
}

/// Every choice in which what is around an open group is open, if there are few.
fn every_choice(outline: &Outline<'_>) -> Option<Vec<Vec<bool>>> {
    let mut order: Vec<usize> = (0..outline.groups.len()).collect();
    order.sort_by_key(|group| outline.depth(*group));
    let mut choices = vec![vec![false; outline.groups.len()]];
    for group in order {
        let may_open = |open: &&Vec<bool>| outline.groups[group].parent.is_none_or(|parent| open[parent]);
        let more = choices.iter().filter(may_open).cloned().map(|mut open| {
            open[group] = true;
            open
        });
        let more: Vec<Vec<bool>> = more.collect();
        choices.extend(more);
        if choices.len() > PICTURES {
            return None;
        }
    }
    Some(choices)
}

/// All folded, and each group open with those around it.
fn one_at_a_time(outline: &Outline<'_>) -> Vec<Vec<bool>> {
    let groups = outline.groups.len();
    let opened = (0..groups.min(4 * PICTURES)).map(|group| {
        let mut open = vec![false; groups];
        let around = std::iter::successors(Some(group), |group| outline.groups[*group].parent);
        around.for_each(|group| open[group] = true);
        open
    });
    std::iter::once(vec![false; groups]).chain(opened).collect()
}
