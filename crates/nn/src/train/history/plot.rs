//! The history as a picture: losses above, metrics below them where there are some, the learning rate at the bottom.

use super::History;
use crate::FileError;
use crate::file::write_atomically;
use plotters::coord::Shift;
use plotters::coord::ranged1d::AsRangedCoord;
use plotters::prelude::*;
use std::error::Error;
use std::ops::Range;
use std::path::Path;

const COLORS: [RGBColor; 6] = [
    RGBColor(0x2a, 0x78, 0xd6),
    RGBColor(0xd6, 0x45, 0x2a),
    RGBColor(0x2e, 0x8b, 0x57),
    RGBColor(0x8a, 0x4f, 0xbf),
    RGBColor(0xb8, 0x86, 0x0b),
    RGBColor(0x4a, 0x4a, 0x4a),
];
const GREY: RGBColor = RGBColor(0xb8, 0xc4, 0xd4);

/// A line of a picture.
struct Curve {
    name: String,
    color: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

impl History {
    /// The curves of the run over its steps, as SVG: the loss of each step and of each epoch, other losses beside it, on a
    /// logarithmic axis where they span more than a factor of 20; the metrics of epochs; the learning rate where it
    /// changes. What is not finite is left out.
    ///
    /// ```
    /// # use nn::train::History;
    /// let mut history = History::default();
    /// (1..=20).for_each(|step| history.add_step(1, 1.0 / step as f64, 0.1, None));
    /// assert!(history.to_svg().starts_with("<svg"));
    /// ```
    pub fn to_svg(&self) -> String {
        let panels: Vec<_> = self.panels().into_iter().filter(|(_, curves)| !curves.is_empty()).collect();
        let mut svg = String::new();
        let drawn = draw(&mut svg, &panels);
        // A picture in memory cannot fail to be written; what is drawn has finite corners.
        debug_assert!(drawn.is_ok(), "{drawn:?}");
        svg
    }

    /// Writes [`to_svg`](History::to_svg) to a file.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn save_svg(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        write_atomically(path.as_ref(), self.to_svg().as_bytes())
    }

    fn panels(&self) -> Vec<(&'static str, Vec<Curve>)> {
        let mut losses = Vec::from_iter(curve("each step", GREY, 1, self.step_curve("loss")));
        let mut metrics = Vec::new();
        for name in self.names() {
            let panel = if name.ends_with("loss") { &mut losses } else { &mut metrics };
            let color = COLORS[panel.iter().filter(|curve| curve.width > 1).count() % COLORS.len()];
            panel.extend(curve(name, color, 2, self.epoch_curve(name)));
        }
        let rates = self.step_curve("rate");
        let changes = rates.windows(2).any(|pair| pair[0].1 != pair[1].1);
        let rates = curve("rate", COLORS[3], 2, rates).filter(|_| changes);
        vec![("loss", losses), ("metrics", metrics), ("learning rate", Vec::from_iter(rates))]
    }
}

/// A curve of what is finite, if anything is.
fn curve(name: &str, color: RGBColor, width: u32, points: Vec<(u64, f64)>) -> Option<Curve> {
    let points: Vec<_> =
        points.into_iter().filter(|(_, y)| y.is_finite() && y.abs() < 1e300).map(|(x, y)| (x as f64, y)).collect();
    (!points.is_empty()).then(|| Curve { name: name.to_string(), color, width, points })
}

fn draw(svg: &mut String, panels: &[(&str, Vec<Curve>)]) -> Result<(), Box<dyn Error>> {
    let heights: Vec<u32> = panels.iter().enumerate().map(|(i, _)| if i == 0 { 300 } else { 220 }).collect();
    let root = SVGBackend::with_string(svg, (760, heights.iter().sum::<u32>().max(60))).into_drawing_area();
    root.fill(&WHITE)?;
    let mut rest = root.clone();
    for ((title, curves), height) in panels.iter().zip(heights) {
        let (area, below) = rest.split_vertically(height);
        rest = below;
        let (low, high) = extent(curves, |&(_, y)| y);
        if *title != "metrics" && low > 0.0 && high / low > 20.0 {
            panel(&area, title, curves, (low * 0.8..high * 1.25).log_scale())?;
        } else {
            let room = ((high - low) * 0.05).max(high.abs().max(1e-12) * 1e-3);
            panel(&area, title, curves, low - room..high + room)?;
        }
    }
    root.present()?;
    Ok(())
}

/// One set of axes with its curves.
fn panel<Y>(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    curves: &[Curve],
    y: Y,
) -> Result<(), Box<dyn Error>>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: plotters::coord::ranged1d::ValueFormatter<f64>,
{
    let (first, last) = extent(curves, |&(x, _)| x);
    let x: Range<f64> = if last > first { first..last } else { first - 0.5..first + 0.5 };
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(60)
        .build_cartesian_2d(x, y)?;
    let whole = |x: &f64| format!("{x:.0}");
    chart
        .configure_mesh()
        .x_desc("step")
        .x_labels(8)
        .y_labels(6)
        .x_label_formatter(&whole)
        .y_label_formatter(&label)
        .light_line_style(WHITE.mix(0.0))
        .draw()?;
    for curve in curves {
        let style = curve.color.stroke_width(curve.width);
        let drawn = chart.draw_series(LineSeries::new(curve.points.iter().copied(), style))?;
        drawn.label(&curve.name).legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], style));
        if curve.points.len() == 1 {
            chart.draw_series(curve.points.iter().map(|&point| Circle::new(point, 3, curve.color.filled())))?;
        }
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .position(SeriesLabelPosition::UpperRight)
        .draw()?;
    Ok(())
}

/// A number beside an axis, without zeros at its end.
fn label(y: &f64) -> String {
    let text = super::Number(*y).short();
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

fn extent(curves: &[Curve], of: impl Fn(&(f64, f64)) -> f64) -> (f64, f64) {
    let all = curves.iter().flat_map(|curve| &curve.points).map(of);
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}
