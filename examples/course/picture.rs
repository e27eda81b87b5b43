//! The pictures of the course: curves and points over two axes, and small images, as SVG.

use nn::train::{EpochRecord, History};
use plotters::prelude::*;
use std::error::Error;
use std::fmt::Write;
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

    fn all(&self) -> &[(f64, f64)] {
        let (Series::Line(_, points) | Series::Points(_, points)) = self;
        points
    }
}

/// Writes a chart. What is not finite is left out.
///
/// # Errors
/// If the file cannot be written.
pub fn chart(
    path: impl AsRef<Path>,
    title: &str,
    [x_name, y_name]: [&str; 2],
    series: &[Series],
) -> Result<(), Box<dyn Error>> {
    let finite = |points: &[(f64, f64)]| {
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect::<Vec<(f64, f64)>>()
    };
    let all: Vec<(f64, f64)> = series.iter().flat_map(|series| finite(series.all())).collect();
    let root = SVGBackend::new(path.as_ref(), (640, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(around(all.iter().map(|p| p.0)), around(all.iter().map(|p| p.1)))?;
    chart.configure_mesh().x_desc(x_name).y_desc(y_name).light_line_style(WHITE.mix(0.0)).draw()?;
    for (series, &color) in series.iter().zip(COLORS.iter().cycle()) {
        match series {
            Series::Line(name, points) => {
                chart
                    .draw_series(LineSeries::new(finite(points), color.stroke_width(2)))?
                    .label(name)
                    .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], color.stroke_width(2)));
            }
            Series::Points(name, points) => {
                chart
                    .draw_series(finite(points).into_iter().map(|at| Circle::new(at, 3, color.mix(0.6).filled())))?
                    .label(name)
                    .legend(move |(x, y)| Circle::new((x + 9, y), 3, color.filled()));
            }
        }
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .position(SeriesLabelPosition::UpperLeft)
        .draw()?;
    root.present()?;
    Ok(())
}

/// Writes the curves of a run by epoch: the loss, and the validation loss if there is one.
///
/// # Errors
/// If the file cannot be written.
pub fn training(path: impl AsRef<Path>, history: &History) -> Result<(), Box<dyn Error>> {
    let point = |epoch: &EpochRecord, name: &str| Some((epoch.epoch as f64, epoch.get(name)?));
    let curves = ["loss", "validation loss"]
        .map(|name| Series::line(name, history.epochs.iter().filter_map(|epoch| point(epoch, name))));
    let curves: Vec<Series> = curves.into_iter().filter(|curve| !curve.all().is_empty()).collect();
    chart(path, "loss by epoch", ["epoch", "loss"], &curves)
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

    fn color(&self, value: f32, largest: f32) -> [u8; 3] {
        let shade = |strength: f32| (255.0 * (1.0 - strength.clamp(0.0, 1.0))) as u8;
        match self.ink {
            Ink::Grey => [shade(value); 3],
            Ink::Signed if value >= 0.0 => [shade(value / largest), shade(0.5 * value / largest), 255],
            Ink::Signed => [255, shade(-0.6 * value / largest), shade(-value / largest)],
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
    let (gap, head) = (10, 34);
    let step = size + gap;
    let line = step + 16;
    let (width, height) = (columns * step + gap, images.len().div_ceil(columns) * line + head);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/><text x="{gap}" y="22" font-size="15">{}</text>"##,
        escaped(title)
    );
    for (number, image) in images.iter().enumerate() {
        let (left, top) = (gap + number % columns * step, head + number / columns * line);
        let largest = image.pixels.iter().fold(1e-12, |most: f32, value| most.max(value.abs()));
        let scale = size as f64 / image.width as f64;
        for (i, &value) in image.pixels.iter().enumerate() {
            let (x, y) =
                ((i % image.width) as f64 * scale + left as f64, (i / image.width) as f64 * scale + top as f64);
            let [red, green, blue] = image.color(value, largest);
            write!(
                svg,
                r##"<rect x="{x:.1}" y="{y:.1}" width="{0:.1}" height="{0:.1}" fill="#{red:02x}{green:02x}{blue:02x}"/>"##,
                scale + 0.3
            )?;
        }
        let (middle, below) = (left + size / 2, top + size + 12);
        write!(
            svg,
            r##"<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#ccc"/><text x="{middle}" y="{below}" font-size="10" text-anchor="middle">{}</text>"##,
            escaped(&image.caption)
        )?;
    }
    svg.push_str("</svg>\n");
    std::fs::write(path, svg)?;
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
