//! Graphs as pictures: what must be true of every layout, read back from the SVG.

use crate::example;
use autograd::inspect::{BOXES, Snapshot};
use autograd::prelude::*;
use autograd::scalar;
use proptest::prelude::*;
use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn of(rect: Node) -> Self {
        let number = |name| rect.attribute(name).unwrap().parse::<f64>().unwrap();
        let (left, top) = (number("x"), number("y"));
        Area { left, top, right: left + number("width"), bottom: top + number("height") }
    }

    /// Whether more than the borders is in common; places are rounded to a tenth.
    fn overlaps(&self, other: &Area) -> bool {
        let apart = |a: &Area, b: &Area| a.right <= b.left + 0.2 || a.bottom <= b.top + 0.2;
        !apart(self, other) && !apart(other, self)
    }

    fn is_in(&self, other: &Area) -> bool {
        let e = 0.2;
        other.left - e <= self.left
            && self.right <= other.right + e
            && other.top - e <= self.top
            && self.bottom <= other.bottom + e
    }

    fn has(&self, (x, y): (f64, f64)) -> bool {
        self.left + 0.5 < x && x < self.right - 0.5 && self.top + 0.5 < y && y < self.bottom - 0.5
    }
}

/// The rectangles of a class, with the titles of their groups.
fn areas<'a>(svg: &'a Document, class: &str) -> Vec<(String, Area)> {
    let groups = svg.descendants().filter(|node| {
        node.has_tag_name("g")
            && node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
    });
    let rect = |group: Node<'a, 'a>| group.children().find(|node| node.has_tag_name("rect")).unwrap();
    let title =
        |group: Node<'a, 'a>| group.children().find(|node| node.has_tag_name("title")).and_then(|node| node.text());
    groups.map(|group| (title(group).unwrap_or("").to_string(), Area::of(rect(group)))).collect()
}

/// Points along a way of straight lines and Bézier curves.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for piece in path.replace(['M', 'L', 'C'], "\n").trim_start().split('\n') {
        let numbers: Vec<f64> = piece.split_whitespace().map(|text| text.parse().unwrap()).collect();
        let corners: Vec<(f64, f64)> = numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        let Some(&start) = points.last() else {
            points.extend(corners);
            continue;
        };
        for step in 1..=20 {
            let t = f64::from(step) / 20.0;
            let s = 1.0 - t;
            let mix = |of: fn(&(f64, f64)) -> f64| match corners.as_slice() {
                [end] => s * of(&start) + t * of(end),
                [b, c, end] => {
                    s * s * s * of(&start) + 3.0 * s * s * t * of(b) + 3.0 * s * t * t * of(c) + t * t * t * of(end)
                }
                other => panic!("no line and no curve: {other:?}"),
            };
            points.push((mix(|point| point.0), mix(|point| point.1)));
        }
    }
    points
}

/// Holds a picture to what must be true of each.
fn check(snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let text = snapshot.to_svg();
    let svg = Document::parse(&text).map_err(|problem| TestCaseError::fail(problem.to_string()))?;
    let (boxes, labels, frames) = (areas(&svg, "box"), areas(&svg, "label"), areas(&svg, "frame"));
    let whole = svg.root_element();
    let size = |name| whole.attribute(name).unwrap().parse::<f64>().unwrap();
    let paper = Area { left: 0.0, top: 0.0, right: size("width"), bottom: size("height") };

    // Nothing lies on anything else, and everything is on the paper.
    let all: Vec<&(String, Area)> = boxes.iter().chain(&labels).collect();
    for (i, (a, one)) in all.iter().enumerate() {
        prop_assert!(one.is_in(&paper), "{a} is not on the paper: {one:?}");
        for (b, other) in &all[..i] {
            prop_assert!(!one.overlaps(other), "{a} {one:?} lies on {b} {other:?}");
        }
    }
    // A module is round its own and nothing else.
    for (_, frame) in &frames {
        for (name, area) in boxes.iter().chain(&labels).chain(&frames) {
            let apart = !area.overlaps(frame) || area.is_in(frame) || frame.is_in(area);
            prop_assert!(apart, "{name} {area:?} is half in {frame:?}");
        }
    }
    // Every node is there once.
    let echoes = areas(&svg, "echo").len();
    let named: BTreeSet<&str> = boxes.iter().filter_map(|(title, _)| title.strip_prefix("node ")).collect();
    match snapshot.nodes.len() {
        nodes if nodes <= BOXES => prop_assert_eq!((boxes.len() - echoes, named.len()), (nodes, nodes)),
        nodes => {
            prop_assert!(boxes.len() - echoes <= BOXES, "{} boxes", boxes.len());
            let said =
                format!("{nodes} nodes in {} boxes: folded to show at most {BOXES} at once", boxes.len() - echoes);
            prop_assert!(text.contains(&said), "{said}");
        }
    }
    // Wires go in the direction of the picture and round all boxes.
    let wires = svg.descendants().filter(|node| node.attribute("class").is_some_and(|class| class.starts_with("wire")));
    let ways: Vec<Vec<(f64, f64)>> = wires.map(|wire| points(wire.attribute("d").unwrap())).collect();
    let along = |of: fn(&(f64, f64)) -> f64| {
        ways.iter().all(|way| way.windows(2).all(|pair| of(&pair[0]) <= of(&pair[1]) + 0.11))
    };
    prop_assert!(along(|point| point.0) || along(|point| point.1), "the wires go here and there");
    for way in &ways {
        for (name, area) in &boxes {
            prop_assert!(!way.iter().any(|point| area.has(*point)), "a wire goes through {name} {area:?}: {way:?}");
        }
    }
    Ok(())
}

/// A random program in modules: each step takes up to two earlier results, opens a module, closes one, or makes an input.
fn program(choices: &[(u8, u16, u16)]) -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let mut values = vec![tape.var(Tensor::scalar(0.5)).named("x0")];
    let mut scopes = Vec::new();
    for &(choice, a, b) in choices {
        let (first, second) = (&values[a as usize % values.len()], &values[b as usize % values.len()]);
        let next = match choice % 9 {
            0 => first * second,
            1 => first + second,
            2 => first.tanh(),
            3 => first.sin(),
            4 => tape.var(Tensor::scalar(0.25)).named("an input with a long name"),
            5 if scopes.len() < 4 => {
                scopes.push(first.scope(["Block", "Linear", "A module with quite a long name"][a as usize % 3]));
                continue;
            }
            6 => {
                scopes.pop();
                continue;
            }
            _ => first - second,
        };
        values.push(next);
    }
    // Inner ones first.
    while scopes.pop().is_some() {}
    Snapshot::of_backward(values.last().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_programs(choices in proptest::collection::vec((0_u8..9, 0_u16.., 0_u16..), 0..70)) {
        check(&program(&choices))?;
    }
}

#[test]
fn large_ones() {
    let mut random = 1_u32;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) as u16
    };
    for length in [100, 1000] {
        let choices: Vec<(u8, u16, u16)> = (0..length).map(|_| ((next() % 9) as u8, next(), next())).collect();
        check(&program(&choices)).unwrap();
    }
    let tape = scalar::Tape::traced();
    let (x, w) = (tape.var(0.5).named("x"), tape.var(0.99).named("w"));
    let chain = (1..3000).fold(x, |y, _| y * w + x);
    check(&Snapshot::of_backward(&chain)).unwrap();
}

#[test]
fn the_example() {
    for snapshot in [example::tensor::snapshot(), example::scalar::snapshot()] {
        check(&snapshot).unwrap();
        let svg = snapshot.to_svg();
        for text in [
            "<title id=\"title\">Gradient of h: 6 nodes, 4 operations, loss.rs:12</title>",
            "prefers-color-scheme: dark",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        let texts: Vec<String> =
            Document::parse(&svg).unwrap().descendants().filter_map(|node| node.text()).map(str::to_string).collect();
        for text in ["grad 3.32276", "grad 6.23018", "∂ 1/z = 0.833333", "← 0.833333", "∂ y = 0.8", "grad 1 (seed)"]
        {
            assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
        }
    }
    insta::assert_snapshot!(example::tensor::snapshot().to_dot(), @r#"
    digraph tape {
      label="Gradient of h: 6 nodes, 4 operations, loss.rs:12";
      rankdir=LR;
      node [shape=box, style=rounded, fontname=monospace];
      edge [fontname=monospace, fontsize=10];
      n0 [label="x  input\nvalue 1.5\ngrad 3.32276"];
      n1 [label="y  input\nvalue 0.8\ngrad 6.23018"];
      n2 [label="z  mul\nvalue 1.2\ngrad 4.15345"];
      n3 [label="ln\nvalue 0.182322\ngrad 1"];
      n4 [label="exp\nvalue 3.32012\ngrad 1"];
      n5 [label="h  add\nvalue 3.50244\ngrad 1 (seed)"];
      n3 -> n5 [label="∂ 1\n← 1"];
      n4 -> n5 [label="∂ 1\n← 1"];
      n2 -> n4 [label="∂ out = 3.32012\n← 3.32012"];
      n2 -> n3 [label="∂ 1/z = 0.833333\n← 0.833333"];
      n0 -> n2 [label="∂ y = 0.8\n← 3.32276"];
      n1 -> n2 [label="∂ x = 1.5\n← 6.23018"];
    }
    "#);
}

/// What somebody might choose as a name who wants to break the picture.
const HOSTILE: &str = "\"]; <b>&amp;</title>\\N\n\u{1}]]>";

fn hostile() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var(Tensor::scalar(0.0)).named(HOSTILE);
    let inside = x.scope("A<B> \"c\\");
    let y = x.greater(&x.constant(&Tensor::scalar(1.0))).into_array() * &x;
    drop(inside);
    Snapshot::of_backward(&y.named("y"))
}

#[test]
fn names_are_escaped() {
    check(&hostile()).unwrap();
    let svg = hostile().to_svg();
    let read = Document::parse(&svg).unwrap();
    let texts: Vec<&str> = read.descendants().filter_map(|node| node.text()).collect();
    assert!(texts.contains(&"\"]; <b>&amp;</title>\\N ]]>"), "{texts:?}");
    let dot = hostile().to_dot();
    assert!(dot.contains(r#"n0 [label="\"]; <b>&amp;</title>\\N  ]]>  input\n"#), "{dot}");
    assert!(dot.contains(r#"label="A<B> \"c\\";"#) && dot.contains("style=dashed"), "{dot}");
}

/// Every string is closed and every brace, and where Graphviz is installed it agrees.
#[test]
fn dot_is_well_formed() {
    let net = program(&[(5, 0, 0), (2, 0, 0), (5, 1, 0), (3, 0, 1), (6, 0, 0), (1, 1, 2), (6, 0, 0), (0, 3, 2)]);
    for snapshot in [example::tensor::snapshot(), hostile(), net] {
        let dot = snapshot.to_dot();
        let (mut depth, mut within, mut escaped) = (0, false, false);
        for letter in dot.chars() {
            match letter {
                _ if escaped => escaped = false,
                '\\' if within => escaped = true,
                '"' => within = !within,
                '{' if !within => depth += 1,
                '}' if !within => depth -= 1,
                _ => {}
            }
        }
        assert_eq!((depth, within), (0, false), "{dot}");
        assert_eq!(dot.matches(" -> n").count(), snapshot.edges.len());
        assert_eq!(dot.matches("subgraph cluster_").count(), snapshot.scopes.len());
        for id in 0..snapshot.nodes.len() {
            assert_eq!(dot.matches(&format!("  n{id} [label=")).count(), 1, "{dot}");
        }
        let Ok(mut graphviz) = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
        else {
            continue;
        };
        graphviz.stdin.take().unwrap().write_all(dot.as_bytes()).unwrap();
        let drawn = graphviz.wait_with_output().unwrap();
        assert!(drawn.status.success());
        let drawn = String::from_utf8(drawn.stdout).unwrap();
        assert_eq!(drawn.matches("class=\"node\"").count(), snapshot.nodes.len());
    }
}
