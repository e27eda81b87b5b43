//! The pictures of the course: curves and points over two axes, and small images, as SVG.

use nn::train::{EpochRecord, History};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::ops::Range;
use std::path::Path;

/// Colours that ten classes can be told apart by.
pub const COLOURS: [RGBColor; 10] = [
    RGBColor(0x2a, 0x78, 0xd6),
    RGBColor(0xd6, 0x45, 0x2a),
    RGBColor(0x2c, 0xa0, 0x5a),
    RGBColor(0x8e, 0x5b, 0xc9),
    RGBColor(0xe0, 0x8e, 0x1b),
    RGBColor(0x17, 0xa2, 0xb8),
    RGBColor(0xd1, 0x4f, 0xa3),
    RGBColor(0x7a, 0x6a, 0x3a),
    RGBColor(0x55, 0x60, 0x6e),
    RGBColor(0x9a, 0xb5, 0x1f),
];

/// What is drawn over the two axes, each with its name: in the order given, each in a colour of its own.
pub enum Series {
    /// A line from point to point.
    Line(String, Vec<(f64, f64)>),
    /// Dots.
    Points(String, Vec<(f64, f64)>),
}

impl Series {
    /// A line from point to point.
    pub fn line(name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Series::Line(name.to_string(), points.into_iter().collect())
    }

    /// Dots.
    pub fn points(name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Series::Points(name.to_string(), points.into_iter().collect())
    }

    /// The points that can be drawn.
    fn finite(&self) -> Vec<(f64, f64)> {
        let (Series::Line(_, points) | Series::Points(_, points)) = self;
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    }
}

/// Writes a chart over two axes, each with its name. What is not finite is left out.
///
/// # Errors
/// If the file cannot be written.
pub fn chart(path: impl AsRef<Path>, title: &str, axes: [&str; 2], series: &[Series]) -> Result<(), Box<dyn Error>> {
    draw(path.as_ref(), (640, 420), title, axes, series)
}

/// Writes points of the plane, whose axes have no names.
///
/// # Errors
/// If the file cannot be written.
pub fn plane(path: impl AsRef<Path>, title: &str, series: &[Series]) -> Result<(), Box<dyn Error>> {
    draw(path.as_ref(), (680, 640), title, ["", ""], series)
}

/// Writes the curves of a run by epoch: the loss, and the validation loss if there is one.
///
/// # Errors
/// If the file cannot be written.
pub fn training(path: impl AsRef<Path>, history: &History) -> Result<(), Box<dyn Error>> {
    let point = |epoch: &EpochRecord, name: &str| Some((epoch.epoch as f64, epoch.get(name)?));
    let curves = ["loss", "validation loss"]
        .map(|name| Series::line(name, history.epochs.iter().filter_map(|epoch| point(epoch, name))));
    let curves: Vec<Series> = curves.into_iter().filter(|curve| !curve.finite().is_empty()).collect();
    chart(path, "loss by epoch", ["epoch", "loss"], &curves)
}

fn draw(
    path: &Path,
    size: (u32, u32),
    title: &str,
    [x_name, y_name]: [&str; 2],
    series: &[Series],
) -> Result<(), Box<dyn Error>> {
    let all: Vec<(f64, f64)> = series.iter().flat_map(Series::finite).collect();
    let (along, upwards) = (around(all.iter().map(|p| p.0)), around(all.iter().map(|p| p.1)));
    // A tick at zero comes as 1e-16.
    let tick = |place: &f64| super::short((place * 1e9).round() / 1e9 + 0.0);
    let corner = emptiest_corner(&all, &along, &upwards);
    let root = SVGBackend::new(path, size).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(if x_name.is_empty() { 28 } else { 40 })
        .y_label_area_size(if y_name.is_empty() { 40 } else { 56 })
        .build_cartesian_2d(along, upwards)?;
    chart
        .configure_mesh()
        .x_desc(x_name)
        .y_desc(y_name)
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .light_line_style(WHITE.mix(0.0))
        .draw()?;
    for (series, &colour) in series.iter().zip(COLOURS.iter().cycle()) {
        match series {
            Series::Line(name, _) => {
                chart
                    .draw_series(LineSeries::new(series.finite(), colour.stroke_width(2)))?
                    .label(name)
                    .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
            }
            Series::Points(name, _) => {
                chart
                    .draw_series(series.finite().into_iter().map(|at| Circle::new(at, 3, colour.mix(0.6).filled())))?
                    .label(name)
                    .legend(move |(x, y)| Circle::new((x + 9, y), 3, colour.filled()));
            }
        }
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .position(corner)
        .draw()?;
    root.present()?;
    Ok(())
}

/// From the least to the largest, with some room.
fn around(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    if low > high {
        return 0.0..1.0;
    }
    let room = ((high - low) * 0.05).max(1e-6);
    low - room..high + room
}

/// The corner with the fewest points, for the names.
fn emptiest_corner(points: &[(f64, f64)], along: &Range<f64>, upwards: &Range<f64>) -> SeriesLabelPosition {
    let share = |value: f64, range: &Range<f64>| (value - range.start) / (range.end - range.start);
    let near = |&(x, y): &(f64, f64), right: bool, top: bool| {
        let (x, y) = (share(x, along), share(y, upwards));
        (if right { 1.0 - x } else { x }) < 0.4 && (if top { 1.0 - y } else { y }) < 0.35
    };
    let corners = [
        (SeriesLabelPosition::UpperRight, true, true),
        (SeriesLabelPosition::UpperLeft, false, true),
        (SeriesLabelPosition::LowerRight, true, false),
        (SeriesLabelPosition::LowerLeft, false, false),
    ];
    let crowd = |right, top| points.iter().filter(|point| near(point, right, top)).count();
    let emptiest = corners.into_iter().min_by_key(|(_, right, top)| crowd(*right, *top));
    emptiest.map_or(SeriesLabelPosition::UpperRight, |(corner, ..)| corner)
}

/// How the numbers of an image become colours.
#[derive(Clone, Copy)]
pub enum Ink {
    /// From 0, paper, to 1, ink.
    Grey,
    /// Red below 0, blue above, by the largest magnitude of the image.
    Signed,
}

/// A small image with what stands below it: its numbers row by row, and how many stand in a row.
pub struct Image {
    /// What stands below it.
    pub caption: String,
    /// The numbers, row by row.
    pub pixels: Vec<f32>,
    /// How many pixels stand in a row.
    pub width: usize,
    /// How numbers become colours.
    pub ink: Ink,
}

impl Image {
    /// A square image.
    pub fn square(caption: impl Into<String>, pixels: Vec<f32>, ink: Ink) -> Self {
        let width = (pixels.len() as f64).sqrt().round() as usize;
        Image { caption: caption.into(), pixels, width: width.max(1), ink }
    }

    fn colour(&self, value: f32, largest: f32) -> RGBColor {
        let to = |colour, strength: f32| between(WHITE, colour, f64::from(strength));
        match self.ink {
            Ink::Grey => to(BLACK, value),
            Ink::Signed if value >= 0.0 => to(RGBColor(0, 64, 255), value / largest),
            Ink::Signed => to(RGBColor(255, 64, 0), -value / largest),
        }
    }
}

/// Writes images in rows of `columns`, each at most `size` wide, under a title.
///
/// # Errors
/// If the file cannot be written.
pub fn images(
    path: impl AsRef<Path>,
    title: &str,
    columns: usize,
    size: usize,
    images: &[Image],
) -> Result<(), Box<dyn Error>> {
    let (gap, head, size) = (10, 38, size as i32);
    let below = if images.iter().all(|image| image.caption.is_empty()) { 0 } else { 16 };
    let (across, down) = (size + gap, size + gap + below);
    let (width, height) = (columns as i32 * across + gap, images.len().div_ceil(columns) as i32 * down + head);
    // A title is about 9 pixels a letter.
    let wide = width.max(title.chars().count() as i32 * 9 + 2 * gap);
    let root = SVGBackend::new(path.as_ref(), (wide as u32, height as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title, (gap, 12), ("sans-serif", 18)))?;
    let small = ("sans-serif", 11).into_text_style(&root).pos(Pos::new(HPos::Center, VPos::Top));
    for (number, image) in images.iter().enumerate() {
        let (left, top) = (gap + (number % columns) as i32 * across, head + (number / columns) as i32 * down);
        let largest = image.pixels.iter().fold(1e-12, |most: f32, value| most.max(value.abs()));
        let edge = |pixel: usize| (pixel as i32 * size) / image.width as i32;
        for (i, &value) in image.pixels.iter().enumerate() {
            let (column, row) = (i % image.width, i / image.width);
            let corners = [(left + edge(column), top + edge(row)), (left + edge(column + 1), top + edge(row + 1))];
            root.draw(&Rectangle::new(corners, image.colour(value, largest).filled()))?;
        }
        let frame = [(left, top), (left + size, top + edge(image.pixels.len() / image.width))];
        root.draw(&Rectangle::new(frame, BLACK.mix(0.2)))?;
        root.draw(&Text::new(image.caption.as_str(), (left + size / 2, top + size + 3), small.clone()))?;
    }
    root.present()?;
    Ok(())
}

/// A colour on the way from one to another, at 0 and at 1.
pub fn between(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share.clamp(0.0, 1.0)) as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}
