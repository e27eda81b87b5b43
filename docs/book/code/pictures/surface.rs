//! What a function says of the plane, as colours.

use super::{COLOURS, escaped, svg};
use std::fmt::Write;

/// How many columns and rows of colour a panel has.
const CELLS: (usize, usize) = (60, 45);
/// The side of a cell.
const CELL: f64 = 6.0;
/// From one colour to the other, over white.
const LEVELS: [&str; 7] =
    ["#7fb5d6", "#a9cde3", "#d3e5f0", "#f7f7f7", "#f8dfcb", "#f2bd97", "#ea9c66"];

/// Panels in two columns: a caption, and a function of the plane. Orange where it
/// is positive, blue where negative, pale in between; over it points of two
/// classes, 0 in orange and 1 in blue.
pub fn surfaces(
    description: &str,
    (low, high): ((f64, f64), (f64, f64)),
    panels: &[(String, impl Fn(f64, f64) -> f64)],
    points: &[((f64, f64), usize)],
) -> String {
    let (width, height) = (CELL * CELLS.0 as f64, CELL * CELLS.1 as f64);
    let mut body = String::new();
    for (i, (caption, f)) in panels.iter().enumerate() {
        let (left, top) = (
            10.0 + (width + 16.0) * (i % 2) as f64,
            28.0 + (height + 36.0) * (i / 2) as f64,
        );
        let _ = writeln!(
            body,
            "<g transform=\"translate({left},{top})\"><text y=\"-8\" font-weight=\"600\">{}</text>",
            escaped(caption)
        );
        for row in 0..CELLS.1 {
            let y = high.1 - (high.1 - low.1) * (row as f64 + 0.5) / CELLS.1 as f64;
            let levels: Vec<usize> = (0..CELLS.0)
                .map(|column| {
                    level(f(
                        low.0
                            + (high.0 - low.0) * (column as f64 + 0.5)
                                / CELLS.0 as f64,
                        y,
                    ))
                })
                .collect();
            let mut start = 0;
            for run in levels.chunk_by(|a, b| a == b) {
                let _ = write!(
                    body,
                    "<path d=\"M{:.0},{:.0}h{:.0}v{CELL}h-{2:.0}z\" fill=\"{}\"/>",
                    CELL * start as f64,
                    CELL * row as f64,
                    CELL * run.len() as f64,
                    LEVELS[run[0]]
                );
                start += run.len();
            }
        }
        for &((x, y), class) in points {
            let _ = write!(
                body,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{}\" stroke=\"#fff\" stroke-width=\"0.7\"/>",
                width * (x - low.0) / (high.0 - low.0),
                height * (high.1 - y) / (high.1 - low.1),
                COLOURS[1 - class.min(1)]
            );
        }
        body.push_str("</g>\n");
    }
    svg(
        2.0 * width + 36.0,
        (height + 36.0) * panels.len().div_ceil(2) as f64,
        description,
        &body,
    )
}

fn level(score: f64) -> usize {
    let middle = (LEVELS.len() / 2) as f64;
    (middle + (score * 2.0).clamp(-middle, middle)).round() as usize
}
