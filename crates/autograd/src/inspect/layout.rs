//! Where the boxes of a graph go: in layers, along the flow.
//!
//! The method is that of Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical system structures,
//! IEEE Transactions on Systems, Man, and Cybernetics 11, 1981): every box gets a layer; a long wire gets a place in each
//! layer that it crosses, so that it goes round the boxes there; layers are sorted by the medians of their neighbours
//! (Eades and Wormald, Edge crossings in drawings of bipartite graphs, Algorithmica 11, 1994). Places within a layer are
//! those nearest to the neighbours', in the sense of least squares, that keep order and distance.

use std::collections::BTreeSet;

/// The room between two layers.
const BETWEEN: f64 = 26.0;
/// The room between two neighbours in a layer.
const ASIDE: f64 = 18.0;
/// How much what hangs on a chain counts beside the chain.
const YIELDING: f64 = 0.02;

/// A distance along the flow, and one across it.
pub(super) type Point = (f64, f64);

/// Something to be placed: how long it is along the flow, how wide across it, and whether it has to stand at a border.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub along: f64,
    pub across: f64,
    pub stand: Stand,
}

/// Where a piece may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stand {
    Free,
    /// In the first layer: something comes in here.
    First,
    /// In the last one: something goes out.
    Last,
}

/// A connection. What flows in the direction of the picture goes from a piece to a later one in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    pub from: usize,
    pub to: usize,
    /// The room that its label needs, along and across.
    pub label: Point,
    /// Where it leaves and enters, as distances across from the middles of its ends; chosen where not given.
    pub ends: (Option<f64>, Option<f64>),
}

/// Places, as distances along the flow and across it.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub size: Point,
    /// The middles of the pieces.
    pub pieces: Vec<Point>,
    /// Of each wire the points that it passes: between the second and the third it swings, then it goes straight, and so on in turn.
    pub wires: Vec<Vec<Point>>,
    /// The middles of the wires' labels.
    pub labels: Vec<Point>,
}

/// A piece, or the place of a wire in a layer that it crosses.
#[derive(Clone, Debug, Default)]
struct Vertex {
    layer: usize,
    along: f64,
    across: f64,
    is_wire: bool,
    /// Whether it has nothing before it, or leads to such a piece alone: it follows its reader, and not the other way round, so that a
    /// chain stays straight whatever hangs on its side.
    is_loose: bool,
    /// Its neighbours in the layer before and in the layer behind, with the distance across at which the connection is
    /// straight.
    before: Vec<(usize, f64)>,
    behind: Vec<(usize, f64)>,
}

/// Places the pieces and the wires between them.
pub(super) fn layered(pieces: &[Piece], wires: &[Wire]) -> Layout {
    // A wire against the order of the list is placed as if it went the other way.
    let turned = |wire: &Wire| match wire.from > wire.to {
        true => Wire { from: wire.to, to: wire.from, ends: (wire.ends.1, wire.ends.0), ..*wire },
        false => *wire,
    };
    let wires: Vec<Wire> = wires.iter().map(turned).collect();
    let ranks = ranks(pieces, &wires);
    let is_read: BTreeSet<usize> = wires.iter().map(|wire| wire.to).collect();
    let vertex = |(place, piece): (usize, &Piece)| Vertex {
        layer: 2 * ranks[place], // labels have the odd layers
        along: piece.along,
        across: piece.across,
        is_loose: piece.stand == Stand::Free && !is_read.contains(&place),
        ..Vertex::default()
    };
    let mut vertices: Vec<Vertex> = pieces.iter().enumerate().map(vertex).collect();
    let chains: Vec<Vec<usize>> = wires.iter().map(|wire| chain(&mut vertices, wire)).collect();
    let mut layers = vec![Vec::new(); vertices.iter().map(|vertex| vertex.layer + 1).max().unwrap_or(0)];
    for (i, vertex) in vertices.iter().enumerate() {
        layers[vertex.layer].push(i);
    }
    untangle(&vertices, &mut layers);
    let across = across(&vertices, &layers);
    route(pieces, &vertices, &layers, &across, &wires, &chains)
}

/// The longest way from the start decides; what has nothing before it stands close to what reads it.
fn ranks(pieces: &[Piece], wires: &[Wire]) -> Vec<usize> {
    let mut ordered: Vec<&Wire> = wires.iter().collect();
    ordered.sort_by_key(|wire| wire.from);
    let mut ranks = vec![0_usize; pieces.len()];
    for wire in &ordered {
        ranks[wire.to] = ranks[wire.to].max(ranks[wire.from] + 1);
    }
    let is_read: BTreeSet<usize> = wires.iter().map(|wire| wire.to).collect();
    for piece in (0..pieces.len()).filter(|piece| pieces[*piece].stand == Stand::Free && !is_read.contains(piece)) {
        let readers = wires.iter().filter(|wire| wire.from == piece).map(|wire| ranks[wire.to]);
        ranks[piece] = readers.min().map_or(0, |nearest| nearest.saturating_sub(1));
    }
    let inner = (0..pieces.len()).filter(|&piece| pieces[piece].stand != Stand::Last);
    let last = inner.map(|piece| ranks[piece] + 1).max().unwrap_or(0);
    for (rank, _) in ranks.iter_mut().zip(pieces).filter(|(_, piece)| piece.stand == Stand::Last) {
        *rank = last;
    }
    ranks
}

/// Gives a wire its places in the layers between its ends; the label is in the last of them. Returns all that it passes.
fn chain(vertices: &mut Vec<Vertex>, wire: &Wire) -> Vec<usize> {
    let mut chain = vec![wire.from];
    let is_loose = vertices[wire.from].is_loose;
    for layer in vertices[wire.from].layer + 1..vertices[wire.to].layer {
        let (along, across) = if layer + 1 == vertices[wire.to].layer { wire.label } else { (0.0, 0.0) };
        vertices.push(Vertex { layer, along, across, is_wire: true, is_loose, ..Vertex::default() });
        chain.push(vertices.len() - 1);
    }
    chain.push(wire.to);
    for (place, pair) in chain.windows(2).enumerate() {
        let leaves = if place == 0 { wire.ends.0.unwrap_or(0.0) } else { 0.0 };
        let enters = if place + 2 == chain.len() { wire.ends.1.unwrap_or(0.0) } else { 0.0 };
        vertices[pair[0]].behind.push((pair[1], enters - leaves));
        vertices[pair[1]].before.push((pair[0], leaves - enters));
    }
    chain
}

/// Sorts the layers so that few wires cross: by medians, forwards and backwards in turn, keeping the best.
fn untangle(vertices: &[Vertex], layers: &mut Vec<Vec<usize>>) {
    let mut place = vec![0.0; vertices.len()];
    let note = |layer: &[usize], place: &mut [f64]| {
        layer.iter().enumerate().for_each(|(i, &vertex)| place[vertex] = i as f64);
    };
    layers.iter().for_each(|layer| note(layer, &mut place));
    let mut best = (crossings(vertices, layers, &place), layers.clone());
    for sweep in 0..8 {
        let forwards = sweep % 2 == 0;
        for i in 0..layers.len() {
            let layer = if forwards { i } else { layers.len() - 1 - i };
            let median = |vertex: &usize| {
                let neighbours = if forwards { &vertices[*vertex].before } else { &vertices[*vertex].behind };
                let mut places: Vec<f64> = neighbours.iter().map(|(neighbour, _)| place[*neighbour]).collect();
                places.sort_by(f64::total_cmp);
                match places.len() {
                    0 => place[*vertex],
                    n => (places[(n - 1) / 2] + places[n / 2]) / 2.0,
                }
            };
            let mut keyed: Vec<(f64, usize)> = layers[layer].iter().map(|vertex| (median(vertex), *vertex)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[layer] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
            note(&layers[layer], &mut place);
        }
        let count = crossings(vertices, layers, &place);
        if count < best.0 {
            best = (count, layers.clone());
        }
    }
    *layers = best.1;
}

/// How often wires cross between neighbouring layers: pairs of connections in opposite order at their two ends.
fn crossings(vertices: &[Vertex], layers: &[Vec<usize>], place: &[f64]) -> usize {
    let between = |layer: &Vec<usize>| {
        let ends = |vertex: &usize| {
            let mut ends: Vec<f64> = vertices[*vertex].behind.iter().map(|(to, _)| place[*to]).collect();
            ends.sort_by(f64::total_cmp);
            ends
        };
        let mut passed: Vec<f64> = Vec::new();
        let mut count = 0;
        for end in layer.iter().flat_map(ends) {
            let at = passed.partition_point(|other| *other <= end);
            count += passed.len() - at;
            passed.insert(at, end);
        }
        count
    };
    layers.iter().map(between).sum()
}

/// The middles across: each vertex is drawn towards its neighbours, in the layer before, in the layer behind and in both
/// by turns.
fn across(vertices: &[Vertex], layers: &[Vec<usize>]) -> Vec<f64> {
    let mut middles = vec![0.0; vertices.len()];
    for pass in 0..12 {
        for i in 0..layers.len() {
            let layer = if pass % 2 == 0 { i } else { layers.len() - 1 - i };
            let wanted = |vertex: &usize| {
                let Vertex { before, behind, is_wire, is_loose, .. } = &vertices[*vertex];
                let use_before = pass % 2 == 0 || pass > 7;
                let use_behind = pass % 2 == 1 || pass > 7;
                let neighbours = before.iter().filter(|_| use_before).chain(behind.iter().filter(|_| use_behind));
                let (mut pull, mut weight) = (1e-4 * middles[*vertex], 1e-4);
                for &(neighbour, straight) in neighbours {
                    // Long wires are worth keeping straight.
                    let worth = if *is_wire && vertices[neighbour].is_wire { 8.0 } else { 2.0 };
                    let strength = if vertices[neighbour].is_loose && !is_loose { YIELDING * worth } else { worth };
                    pull += strength * (middles[neighbour] + straight);
                    weight += strength;
                }
                (pull / weight, if *is_loose { YIELDING * weight } else { weight })
            };
            let wanted: Vec<Point> = layers[layer].iter().map(wanted).collect();
            let room = |pair: &[usize]| {
                let (a, b) = (&vertices[pair[0]], &vertices[pair[1]]);
                (a.across + b.across) / 2.0 + if a.is_wire && b.is_wire { 0.6 * ASIDE } else { ASIDE }
            };
            let rooms: Vec<f64> = layers[layer].windows(2).map(room).collect();
            for (&vertex, middle) in layers[layer].iter().zip(nearest_in_order(&wanted, &rooms)) {
                middles[vertex] = middle;
            }
        }
    }
    let low = vertices.iter().zip(&middles).map(|(vertex, middle)| middle - vertex.across / 2.0);
    let low = low.fold(f64::INFINITY, f64::min);
    middles.iter().map(|middle| middle - low).collect()
}

/// The places nearest to the wanted ones by weighted least squares that are at least so far apart: neighbours in the wrong
/// order are pooled at their mean (Ayer and others, An empirical distribution function for sampling with incomplete
/// information, Annals of Mathematical Statistics 26, 1955).
fn nearest_in_order(wanted: &[Point], rooms: &[f64]) -> Vec<f64> {
    let mut offsets = vec![0.0];
    offsets.extend(rooms.iter().scan(0.0, |sum, room| {
        *sum += room;
        Some(*sum)
    }));
    let mut pools: Vec<(f64, f64, usize)> = Vec::new(); // mean, weight, members
    for ((wish, weight), offset) in wanted.iter().zip(&offsets) {
        let mut pool = (wish - offset, *weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let means = pools.into_iter().flat_map(|(mean, _, members)| std::iter::repeat_n(mean, members));
    means.zip(offsets).map(|(mean, offset)| mean + offset).collect()
}

/// Where everything is at last, and the points of the wires.
fn route(
    pieces: &[Piece],
    vertices: &[Vertex],
    layers: &[Vec<usize>],
    across: &[f64],
    wires: &[Wire],
    chains: &[Vec<usize>],
) -> Layout {
    let mut starts = Vec::new();
    let length = |layer: &Vec<usize>| layer.iter().map(|vertex| vertices[*vertex].along).fold(0.0, f64::max);
    let lengths: Vec<f64> = layers.iter().map(length).collect();
    let mut along = 0.0;
    for (layer, &length) in lengths.iter().enumerate() {
        along += match (layer.checked_sub(1).map(|before| lengths[before]), length) {
            (None, _) => 0.0,
            (Some(0.0), 0.0) => 0.1 * BETWEEN,
            (Some(before), length) if before * length == 0.0 => 0.7 * BETWEEN,
            _ => BETWEEN,
        };
        starts.push((along, along + length));
        along += length;
    }
    let middle = |vertex: usize| (starts[vertices[vertex].layer].0 + starts[vertices[vertex].layer].1) / 2.0;
    let leaves = ends(pieces, across, wires.len(), |wire| (wires[wire].from, wires[wire].ends.0, chains[wire][1]));
    let enters = ends(pieces, across, wires.len(), |wire| {
        (wires[wire].to, wires[wire].ends.1, chains[wire][chains[wire].len() - 2])
    });
    let points = |wire: usize| {
        let Wire { from, to, .. } = wires[wire];
        let (leave, enter) = (across[from] + leaves[wire], across[to] + enters[wire]);
        // What stands at a border is the border.
        let start = if pieces[from].stand == Stand::First { 0.0 } else { middle(from) + pieces[from].along / 2.0 };
        let stop = if pieces[to].stand == Stand::Last { along } else { middle(to) - pieces[to].along / 2.0 };
        let mut points = vec![(start, leave), (starts[vertices[from].layer].1, leave)];
        for &vertex in &chains[wire][1..chains[wire].len() - 1] {
            let (start, end) = starts[vertices[vertex].layer];
            points.extend([(start, across[vertex]), (end, across[vertex])]);
        }
        points.extend([(starts[vertices[to].layer].0, enter), (stop, enter)]);
        points
    };
    let label = |chain: &Vec<usize>| {
        let vertex = chain[chain.len() - 2];
        (middle(vertex), across[vertex])
    };
    let wide = vertices.iter().zip(across).map(|(vertex, middle)| middle + vertex.across / 2.0).fold(0.0, f64::max);
    Layout {
        size: (along, wide),
        pieces: (0..pieces.len()).map(|piece| (middle(piece), across[piece])).collect(),
        wires: (0..wires.len()).map(points).collect(),
        labels: chains.iter().map(label).collect(),
    }
}

/// Where wires touch their pieces: side by side in the order in which they come. `of` tells of a wire the piece, the
/// place if it is given, and the vertex that it comes from or goes to.
fn ends(pieces: &[Piece], across: &[f64], wires: usize, of: impl Fn(usize) -> (usize, Option<f64>, usize)) -> Vec<f64> {
    let mut at: Vec<Vec<usize>> = vec![Vec::new(); pieces.len()];
    let mut places = vec![0.0; wires];
    for (wire, place) in places.iter_mut().enumerate() {
        match of(wire) {
            (_, Some(given), _) => *place = given,
            (piece, None, _) => at[piece].push(wire),
        }
    }
    for (piece, mut wires) in pieces.iter().zip(at) {
        wires.sort_by(|a, b| across[of(*a).2].total_cmp(&across[of(*b).2]));
        let step = (0.7 * piece.across / wires.len().max(1) as f64).min(14.0);
        for (i, wire) in wires.iter().enumerate() {
            places[*wire] = (i as f64 - (wires.len() - 1) as f64 / 2.0) * step;
        }
    }
    places
}
