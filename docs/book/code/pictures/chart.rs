//! Curves over axes.

use super::{COLOURS, escaped, svg};
use std::fmt::Write;

/// One axis of a [`Chart`].
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// What is written beside it.
    pub label: &'static str,
    /// The smallest and the largest number on it.
    pub range: (f64, f64),
    /// The distance of two ticks; on a logarithmic axis, in decades.
    pub tick: f64,
    /// Whether equal distances are equal factors.
    pub logarithmic: bool,
}

impl Axis {
    /// An axis on which equal distances are equal differences.
    pub fn linear(label: &'static str, range: (f64, f64), tick: f64) -> Self {
        Axis { label, range, tick, logarithmic: false }
    }

    /// An axis from `10^low` to `10^high`, with a tick every so many decades.
    pub fn decades(label: &'static str, low: i32, high: i32, tick: i32) -> Self {
        Axis {
            label,
            range: (low.into(), high.into()),
            tick: tick.into(),
            logarithmic: true,
        }
    }

    /// 0 at the low end, 1 at the high end.
    fn place(&self, x: f64) -> f64 {
        let x = if self.logarithmic { x.log10() } else { x };
        (x - self.range.0) / (self.range.1 - self.range.0)
    }

    /// Where the ticks are, and what is written there.
    fn ticks(&self) -> Vec<(f64, String)> {
        let count = ((self.range.1 - self.range.0) / self.tick).round() as usize;
        let at = (0..=count).map(|i| self.range.0 + i as f64 * self.tick);
        at.map(|x| {
            ((x - self.range.0) / (self.range.1 - self.range.0), self.tick_text(x))
        })
        .collect()
    }

    fn tick_text(&self, x: f64) -> String {
        if !self.logarithmic {
            return ((x * 1e6).round() / 1e6).to_string();
        }
        let superscript = |digit: char| match digit {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32)
                .unwrap_or(digit),
        };
        match x as i32 {
            0 => "1".to_string(),
            1 => "10".to_string(),
            exponent => format!(
                "10{}",
                exponent.to_string().chars().map(superscript).collect::<String>()
            ),
        }
    }
}

/// Curves and points over two axes. What is drawn outside of the axes is left out.
#[derive(Debug)]
pub struct Chart {
    description: &'static str,
    x: Axis,
    y: Axis,
    body: String,
    colour: usize,
}

const SIZE: (f64, f64) = (700.0, 420.0);
/// Left, right, top, bottom.
const MARGIN: (f64, f64, f64, f64) = (74.0, 24.0, 18.0, 52.0);

impl Chart {
    /// Empty axes; the description is for those who cannot see the picture.
    pub fn new(description: &'static str, x: Axis, y: Axis) -> Self {
        Chart { description, x, y, body: String::new(), colour: 0 }
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (left, right, top, bottom) = MARGIN;
        let (width, height) = (SIZE.0 - left - right, SIZE.1 - top - bottom);
        (left + width * self.x.place(x), top + height * (1.0 - self.y.place(y)))
    }

    fn inside(&self, (x, y): (f64, f64)) -> bool {
        let within = |place: f64| (-0.001..=1.001).contains(&place);
        within(self.x.place(x)) && within(self.y.place(y))
    }

    fn next_colour(&mut self) -> &'static str {
        self.colour += 1;
        COLOURS[(self.colour - 1) % COLOURS.len()]
    }

    /// A curve through points, in a colour of its own, with its name written at
    /// `name_at`.
    pub fn curve(
        mut self,
        name: &str,
        name_at: (f64, f64),
        points: &[(f64, f64)],
    ) -> Self {
        let colour = self.next_colour();
        let path: Vec<String> = points
            .iter()
            .filter(|&&point| self.inside(point))
            .map(|&point| {
                let (x, y) = self.at(point);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        let _ = writeln!(
            self.body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        self.note(name, name_at, colour)
    }

    /// The same with a dot at each point.
    pub fn dotted_curve(
        mut self,
        name: &str,
        name_at: (f64, f64),
        points: &[(f64, f64)],
    ) -> Self {
        self = self.curve(name, name_at, points);
        self.draw_dots(points, COLOURS[(self.colour - 1) % COLOURS.len()]);
        self
    }

    /// Points by themselves.
    pub fn dots(
        mut self,
        name: &str,
        name_at: (f64, f64),
        points: &[(f64, f64)],
    ) -> Self {
        let colour = self.next_colour();
        self.draw_dots(points, colour);
        self.note(name, name_at, colour)
    }

    fn draw_dots(&mut self, points: &[(f64, f64)], colour: &str) {
        let places: Vec<_> = points
            .iter()
            .filter(|&&point| self.inside(point))
            .map(|&point| self.at(point))
            .collect();
        for (x, y) in places {
            let _ = writeln!(
                self.body,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
            );
        }
    }

    /// Words at a place.
    pub fn note(mut self, text: &str, at: (f64, f64), colour: &str) -> Self {
        let (x, y) = self.at(at);
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{}</text>",
            escaped(text)
        );
        self
    }

    /// The picture.
    pub fn svg(&self) -> String {
        let (left, right, top, bottom) = MARGIN;
        let (width, height) = (SIZE.0 - left - right, SIZE.1 - top - bottom);
        let mut axes = String::new();
        for (place, text) in self.x.ticks() {
            let x = left + width * place;
            let _ = writeln!(
                axes,
                "<path d=\"M{x:.1},{top}v{height}\" stroke=\"#e4e4e4\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
                 text-anchor=\"middle\" fill=\"#444\">{text}</text>",
                top + height + 18.0
            );
        }
        for (place, text) in self.y.ticks() {
            let y = top + height * (1.0 - place);
            let _ = writeln!(
                axes,
                "<path d=\"M{left},{y:.1}h{width}\" stroke=\"#e4e4e4\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\" fill=\"#444\">{text}</text>",
                left - 8.0,
                y + 4.5
            );
        }
        let _ = writeln!(
            axes,
            "<path d=\"M{left},{top}v{height}h{width}\" fill=\"none\" stroke=\"#444\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text transform=\"translate(18,{:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            left + width / 2.0,
            SIZE.1 - 12.0,
            escaped(self.x.label),
            top + height / 2.0,
            escaped(self.y.label),
        );
        svg(SIZE.0, SIZE.1, self.description, &(axes + &self.body))
    }
}
