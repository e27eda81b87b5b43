//! A picture of a graph: boxes, frames round open modules, and wires, with their places.
//!
//! Every open module is laid out by itself and is a box to what is around it, so that nothing overlaps whatever is open. A
//! wire that goes through a module's border is a strand on each side of it.

use super::Snapshot;
use super::faces::Texts;
use super::layout::{Piece, Point, Stand, Wire, layered};
use super::outline::{Item, Outline};
use serde::Serialize;
use std::collections::BTreeMap;

/// A picture, in pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Picture {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<Placed>,
    pub frames: Vec<Placed>,
    pub strands: Vec<Strand>,
}

impl Picture {
    /// The number of boxes, without echoes.
    pub fn shown(&self) -> usize {
        self.boxes.iter().filter(|placed| !placed.echo).count()
    }
}

/// A node, a folded group, or the frame of an open one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Placed {
    pub node: Option<usize>,
    pub group: Option<usize>,
    /// Whether it stands for a node that is elsewhere, beside one of many that read it.
    pub echo: bool,
    #[serde(flatten)]
    pub area: Area,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

/// A piece of a wire that lies within one module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Strand {
    /// Its way, as SVG has it.
    pub path: String,
    /// The edges that it stands for, by their places in [`Snapshot::edges`].
    pub edges: Vec<usize>,
    /// Whether it ends at a box.
    pub arrow: bool,
    pub label: Option<Area>,
    /// Its label, where that is not the one of its only edge.
    pub text: Vec<String>,
}

/// The width of a letter of the boxes and of the labels, and the height of their lines.
const LETTER: f64 = 7.3;
const LINE: f64 = 17.0;
const SMALL_LETTER: f64 = 6.7;
const SMALL_LINE: f64 = 14.0;
/// The room within a box and within a frame, and that of the frame's title.
const PAD: f64 = 10.0;
const TITLE: f64 = 26.0;

/// What there is within one module, as distances along the flow and across it.
#[derive(Default)]
struct Sheet {
    size: Point,
    boxes: Vec<(Item, Point, Point)>,
    /// Echoes of nodes that are read in many places.
    echoes: Vec<(usize, Point, Point)>,
    frames: Vec<(usize, Point, Point)>,
    strands: Vec<Line>,
    /// Where what comes from a node outside enters, and where what goes out from a node leaves, across from the middle.
    entries: BTreeMap<usize, f64>,
    exits: BTreeMap<usize, f64>,
}

struct Line {
    points: Vec<Point>,
    edges: Vec<usize>,
    /// Whether it begins and ends at the border.
    ports: (bool, bool),
    arrow: bool,
    label: Option<(Point, Point)>,
    text: Vec<String>,
}

/// One end of a strand: an item of the sheet by its place, a node outside, or the echo of a node for one strand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Entry(usize),
    Echo(usize, usize),
    Item(usize),
    Exit(usize),
}

/// What is read in more places than this has an echo beside each, and no wire to it.
const READERS: usize = 6;

/// Strands by their ends and by what else keeps them apart, with the edges that each stands for.
type Strands = BTreeMap<(End, End, Option<usize>), Vec<usize>>;

/// What the boxes of a picture are measured by.
pub(super) struct Painter<'a> {
    pub snapshot: &'a Snapshot,
    pub outline: &'a Outline<'a>,
    pub texts: &'a Texts,
    pub open: &'a [bool],
    /// Whether the flow goes down, and not to the right.
    pub down: bool,
}

impl Painter<'_> {
    pub fn picture(&self) -> Picture {
        let mut sheet = self.sheet(None);
        sheet.shift((PAD, PAD));
        let area = |(along, across): Point, (long, wide): Point| {
            let (x, y, w, h) = if self.down { (across, along, wide, long) } else { (along, across, long, wide) };
            let round = |x: f64| (x * 10.0).round() / 10.0;
            Area { x: round(x), y: round(y), w: round(w), h: round(h) }
        };
        let centred = |middle: Point, size: Point| area((middle.0 - size.0 / 2.0, middle.1 - size.1 / 2.0), size);
        let placed = |item: Item, echo: bool, area: Area| match item {
            Item::Node(node) => Placed { node: Some(node), group: None, echo, area },
            Item::Group(group) => Placed { node: None, group: Some(group), echo, area },
        };
        let boxes = sheet.boxes.iter().map(|(item, middle, size)| placed(*item, false, centred(*middle, *size)));
        let echoes =
            sheet.echoes.iter().map(|(node, middle, size)| placed(Item::Node(*node), true, centred(*middle, *size)));
        let frames =
            sheet.frames.iter().map(|(group, start, size)| placed(Item::Group(*group), false, area(*start, *size)));
        let strands = sheet.strands.iter().map(|line| Strand {
            path: self.path(&line.points),
            edges: line.edges.clone(),
            arrow: line.arrow,
            label: line.label.map(|(middle, size)| centred(middle, size)),
            text: line.text.clone(),
        });
        let whole = area((0.0, 0.0), (sheet.size.0 + 2.0 * PAD, sheet.size.1 + 2.0 * PAD));
        Picture {
            width: whole.w,
            height: whole.h,
            boxes: boxes.chain(echoes).collect(),
            frames: frames.collect(),
            strands: strands.collect(),
        }
    }

    /// Straight within layers, swinging between them.
    fn path(&self, points: &[Point]) -> String {
        let at = |(along, across): Point| {
            let (x, y) = if self.down { (across, along) } else { (along, across) };
            format!("{x:.1} {y:.1}")
        };
        let mut path = points.first().map_or(String::new(), |point| format!("M{}", at(*point)));
        let mut straight = None; // where a straight piece has got to
        for (i, pair) in points.windows(2).enumerate() {
            let (a, b) = (pair[0], pair[1]);
            if (a.1 - b.1).abs() <= 0.05 {
                // A piece without length would turn the arrow.
                straight = Some(b).filter(|_| a != b).or(straight);
                continue;
            }
            if let Some(point) = straight.take() {
                path += &format!("L{}", at(point));
            }
            let half = (a.0 + b.0) / 2.0;
            path += &match i % 2 == 1 {
                true => format!("C{} {} {}", at((half, a.1)), at((half, b.1)), at(b)),
                false => format!("L{}", at(b)),
            };
        }
        path + &straight.map_or(String::new(), |point| format!("L{}", at(point)))
    }

    fn turned(&self, width: f64, height: f64) -> Point {
        if self.down { (height, width) } else { (width, height) }
    }

    /// The room that a box needs, along and across.
    fn measure(&self, item: Item) -> Point {
        let face = match item {
            Item::Node(node) => &self.texts.nodes[node],
            Item::Group(group) => &self.texts.groups[group],
        };
        let heading = face.title.chars().count() + face.aside.chars().count() + 2;
        let letters = face.lines.iter().map(|line| line.chars().count()).chain([heading]).max().unwrap_or(0);
        self.turned(letters as f64 * LETTER + 2.0 * PAD, (face.lines.len() + 1) as f64 * LINE + PAD)
    }

    fn echo_room(&self, node: usize) -> Point {
        self.turned(self.texts.nodes[node].title.chars().count() as f64 * LETTER + 2.0 * PAD, LINE + 8.0)
    }

    fn label_room(&self, lines: &[String]) -> Point {
        match lines.iter().map(|line| line.chars().count()).max() {
            Some(letters) => self.turned(letters as f64 * SMALL_LETTER + 8.0, lines.len() as f64 * SMALL_LINE + 4.0),
            None => (0.0, 0.0),
        }
    }

    /// The item of a group that a node is in.
    fn item_around(&self, node: usize, group: Option<usize>) -> Option<Item> {
        if self.outline.of_node[node] == group {
            return Some(Item::Node(node));
        }
        self.outline.around(node).find(|inner| self.outline.groups[*inner].parent == group).map(Item::Group)
    }

    fn sheet(&self, group: Option<usize>) -> Sheet {
        let items = self.outline.items(group);
        let inner: BTreeMap<usize, Sheet> = items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| match *item {
                Item::Group(inner) if self.open[inner] => Some((place, self.sheet(Some(inner)))),
                _ => None,
            })
            .collect();
        let strands = self.echoed(self.strands(group, items, &inner), items);

        // What comes in, the items, what goes out.
        let ends = || strands.keys().flat_map(|(from, to, _)| [*from, *to]);
        let mut order: Vec<End> = ends().chain((0..items.len()).map(End::Item)).collect();
        order.sort_unstable();
        order.dedup();
        let pieces = order.iter().map(|end| {
            let ((along, across), stand) = match *end {
                End::Entry(_) => ((0.0, 0.0), Stand::First),
                End::Exit(_) => ((0.0, 0.0), Stand::Last),
                End::Echo(node, _) => (self.echo_room(node), Stand::Free),
                End::Item(place) => {
                    (inner.get(&place).map_or_else(|| self.measure(items[place]), |sheet| sheet.size), Stand::Free)
                }
            };
            Piece { along, across, stand }
        });
        let pieces: Vec<Piece> = pieces.collect();
        let place = |end: &End| order.binary_search(end).unwrap_or_default(); // every end is in the list
        let port = |end: &End, node: usize, out: bool| match end {
            End::Item(place) => {
                inner.get(place).and_then(|sheet| if out { sheet.exits.get(&node) } else { sheet.entries.get(&node) })
            }
            _ => None,
        };
        let mut lines = Vec::new();
        let wires = strands.iter().map(|((from, to, _), edges)| {
            let source = self.snapshot.edges[edges[0]].to;
            let ends = (port(from, source, true).copied(), port(to, source, false).copied());
            let (arrow, text) = match to {
                End::Item(place) if !inner.contains_key(place) => match edges.as_slice() {
                    [edge] => (true, self.texts.edges[*edge].clone()),
                    edges => (true, vec![format!("{} edges", edges.len())]),
                },
                _ => (false, Vec::new()),
            };
            let label = self.label_room(&text);
            let ports = (matches!(from, End::Entry(_)), matches!(to, End::Exit(_)));
            lines.push((edges.clone(), ports, arrow, label, text));
            Wire { from: place(from), to: place(to), label, ends }
        });
        let wires: Vec<Wire> = wires.collect();
        let layout = layered(&pieces, &wires);

        let mut sheet = Sheet { size: layout.size, ..Sheet::default() };
        for ((edges, ports, arrow, room, text), (points, label)) in
            lines.into_iter().zip(layout.wires.into_iter().zip(layout.labels))
        {
            let label = (!text.is_empty()).then_some((label, room));
            let text = if edges.len() == 1 { Vec::new() } else { text };
            sheet.strands.push(Line { points, edges, ports, arrow, label, text });
        }
        if let Some(group) = group {
            self.frame(&mut sheet, group);
        }
        let moved = |at: Point| match group {
            Some(_) => (at.0 + self.margins().0, at.1 + self.margins().1),
            None => at,
        };
        for ((end, piece), at) in order.iter().zip(&pieces).zip(&layout.pieces) {
            let at = moved(*at);
            match *end {
                End::Entry(node) => drop(sheet.entries.insert(node, at.1 - sheet.size.1 / 2.0)),
                End::Exit(node) => drop(sheet.exits.insert(node, at.1 - sheet.size.1 / 2.0)),
                End::Item(place) if !inner.contains_key(&place) => {
                    sheet.boxes.push((items[place], at, (piece.along, piece.across)));
                }
                End::Echo(node, _) => sheet.echoes.push((node, at, (piece.along, piece.across))),
                End::Item(_) => {}
            }
        }
        for (place, mut module) in inner {
            let at = moved(layout.pieces[order.binary_search(&End::Item(place)).unwrap_or_default()]);
            module.shift((at.0 - module.size.0 / 2.0, at.1 - module.size.1 / 2.0));
            sheet.boxes.append(&mut module.boxes);
            sheet.echoes.append(&mut module.echoes);
            sheet.frames.append(&mut module.frames);
            sheet.strands.append(&mut module.strands);
        }
        sheet
    }

    /// What stands before the first item of a frame, along and across.
    fn margins(&self) -> Point {
        if self.down { (TITLE, PAD) } else { (PAD, TITLE) }
    }

    /// Puts a frame round a sheet, as wide as its title at least, and leads strands to the border.
    fn frame(&self, sheet: &mut Sheet, group: usize) {
        let margins = self.margins();
        let title = self.outline.groups[group].title.chars().count() as f64 * LETTER + 40.0;
        let inner = sheet.size;
        let least = self.turned(title, 0.0);
        let size = ((inner.0 + margins.0 + PAD).max(least.0), (inner.1 + margins.1 + PAD).max(least.1));
        for line in &mut sheet.strands {
            for point in &mut line.points {
                *point = (point.0 + margins.0, point.1 + margins.1);
            }
            if let Some((middle, _)) = &mut line.label {
                *middle = (middle.0 + margins.0, middle.1 + margins.1);
            }
            if let Some(point) = line.points.first_mut().filter(|_| line.ports.0) {
                point.0 = 0.0;
            }
            if let Some(point) = line.points.last_mut().filter(|_| line.ports.1) {
                point.0 = size.0;
            }
        }
        sheet.size = size;
        sheet.frames.push((group, (0.0, 0.0), size));
    }

    /// The strands of a sheet and the edges that each stands for. An edge to a node has a strand of its own, all others are
    /// drawn together.
    fn strands(&self, group: Option<usize>, items: &[Item], inner: &BTreeMap<usize, Sheet>) -> Strands {
        let places: BTreeMap<Item, usize> = items.iter().enumerate().map(|(place, item)| (*item, place)).collect();
        let mut strands = Strands::new();
        for (edge, ends) in self.snapshot.edges.iter().enumerate() {
            let place = |node: usize| self.item_around(node, group).and_then(|item| places.get(&item).copied());
            let (from, to) = match (place(ends.to), place(ends.from)) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => continue,
                (Some(from), Some(to)) => (End::Item(from), End::Item(to)),
                (None, Some(to)) => (End::Entry(ends.to), End::Item(to)),
                (Some(from), None) => (End::Item(from), End::Exit(ends.to)),
            };
            let is_open = |end: End| matches!(end, End::Item(place) if inner.contains_key(&place));
            let apart = match to {
                End::Item(place) if matches!(items[place], Item::Node(_)) => Some(edge),
                _ if is_open(from) || is_open(to) => Some(self.snapshot.edges.len() + ends.to),
                _ => None,
            };
            strands.entry((from, to, apart)).or_default().push(edge);
        }
        strands
    }

    /// The same strands, where those of an input that is read in many places come from echoes of it, each from its own.
    fn echoed(&self, strands: Strands, items: &[Item]) -> Strands {
        let source = |end: End| match end {
            End::Entry(node) => Some(node),
            End::Item(place) => match items[place] {
                Item::Node(node) if self.snapshot.nodes[node].is_leaf() => Some(node),
                _ => None,
            },
            _ => None,
        };
        let mut readers: BTreeMap<usize, usize> = BTreeMap::new();
        for node in strands.keys().filter_map(|(from, ..)| source(*from)) {
            *readers.entry(node).or_default() += 1;
        }
        let echoed = strands.into_iter().enumerate().map(|(place, ((from, to, apart), edges))| {
            let echo = source(from).filter(|node| readers[node] > READERS).map(|node| End::Echo(node, place));
            ((echo.unwrap_or(from), to, apart), edges)
        });
        echoed.collect()
    }
}

impl Sheet {
    fn shift(&mut self, by: Point) {
        let moved = |at: &mut Point| *at = (at.0 + by.0, at.1 + by.1);
        self.boxes.iter_mut().for_each(|(_, middle, _)| moved(middle));
        self.echoes.iter_mut().for_each(|(_, middle, _)| moved(middle));
        self.frames.iter_mut().for_each(|(_, start, _)| moved(start));
        for line in &mut self.strands {
            line.points.iter_mut().for_each(moved);
            line.label.iter_mut().for_each(|(middle, _)| moved(middle));
        }
    }
}
