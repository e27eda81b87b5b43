//! The pictures of the course: lines, points of the plane, and tables of coloured cells, as SVG.
#![allow(dead_code, reason = "each example uses a part of it")]

use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

type Points = Vec<(f64, f64)>;

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

/// A line for each series.
pub fn lines(path: &Path, caption: &str, axes: [&str; 2], series: &[(&str, Points)]) -> Result<(), Box<dyn Error>> {
    let [x, y] = ranges(series.iter().map(|(_, points)| points));
    let root = SVGBackend::new(path, (640, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(x, y)?;
    chart.configure_mesh().x_desc(axes[0]).y_desc(axes[1]).light_line_style(WHITE.mix(0.0)).draw()?;
    for ((name, points), &colour) in series.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}

/// Points of the plane, a colour for each group.
pub fn points(path: &Path, caption: &str, groups: &[(String, Points)]) -> Result<(), Box<dyn Error>> {
    let [x, y] = ranges(groups.iter().map(|(_, points)| points));
    let root = SVGBackend::new(path, (720, 600)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(40)
        .build_cartesian_2d(x, y)?;
    chart.configure_mesh().light_line_style(WHITE.mix(0.0)).draw()?;
    for ((name, points), &colour) in groups.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(points.iter().map(|&point| Circle::new(point, 3, colour.mix(0.7).filled())))?
            .label(name)
            .legend(move |(x, y)| Circle::new((x + 9, y), 4, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}

/// A table of coloured cells: names above the columns, and for each row its name and its cells, each a text and a number
/// from 0 to 1 that `colour` makes a colour of.
pub fn cells(
    path: &Path,
    caption: &str,
    columns: &[String],
    rows: &[(String, Vec<(String, f64)>)],
    colour: fn(f64) -> RGBColor,
) -> Result<(), Box<dyn Error>> {
    let wide = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.chars().count()).max().unwrap_or(0);
    let most = rows.iter().map(|(_, cells)| cells.len()).chain([columns.len()]).max().unwrap_or(0);
    let text =
        wide(&mut columns.iter()).max(wide(&mut rows.iter().flat_map(|(_, cells)| cells.iter().map(|cell| &cell.0))));
    let (width, height) = ((text * 8 + 12).max(24) as i32, 26);
    let (left, top) =
        ((wide(&mut rows.iter().map(|row| &row.0)) * 8 + 20) as i32, if columns.is_empty() { 44 } else { 64 });
    let size = (left + width * most as i32 + 16, top + height * rows.len() as i32 + 16);
    let root = SVGBackend::new(path, (size.0.max(480) as u32, size.1 as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(caption, (12, 10), ("sans-serif", 18)))?;
    let word = |text: &str, x: i32, y: i32| Text::new(text.to_string(), (x, y), ("sans-serif", 14).into_font());
    for (column, name) in columns.iter().enumerate() {
        root.draw(&word(name, left + 6 + width * column as i32, top - 20))?;
    }
    for (row, (name, cells)) in rows.iter().enumerate() {
        let y = top + height * row as i32;
        root.draw(&word(name, 12, y + 6))?;
        for (column, (text, share)) in cells.iter().enumerate() {
            let x = left + width * column as i32;
            root.draw(&Rectangle::new([(x, y), (x + width - 1, y + height - 1)], colour(*share).filled()))?;
            root.draw(&word(text, x + 6, y + 6))?;
        }
    }
    root.present()?;
    Ok(())
}

/// Pictures of `side · side` numbers from 0 to 1, dark where they are large, in rows of `columns`.
pub fn images(path: &Path, caption: &str, columns: usize, side: usize, all: &[Vec<f32>]) -> Result<(), Box<dyn Error>> {
    let (dot, top) = ((48 / side).max(1) as i32, 44);
    let step = dot * side as i32 + 6;
    let rows = all.len().div_ceil(columns.max(1)) as i32;
    let size = ((step * columns as i32 + 20).max(480) as u32, (top + step * rows + 10) as u32);
    let root = SVGBackend::new(path, size).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(caption, (12, 10), ("sans-serif", 18)))?;
    for (number, image) in all.iter().enumerate() {
        let (left, above) = (12 + step * (number % columns) as i32, top + step * (number / columns) as i32);
        for (i, &ink) in image.iter().enumerate().take(side * side) {
            let (x, y) = (left + dot * (i % side) as i32, above + dot * (i / side) as i32);
            let colour = between(RGBColor(245, 245, 245), BLACK, f64::from(ink));
            root.draw(&Rectangle::new([(x, y), (x + dot, y + dot)], colour.filled()))?;
        }
    }
    root.present()?;
    Ok(())
}

/// From white at 0 to blue at 1.
pub fn amount(share: f64) -> RGBColor {
    between(RGBColor(255, 255, 255), COLOURS[0], share)
}

/// From red at 0 over white at ½ to green at 1.
pub fn verdict(share: f64) -> RGBColor {
    let pale = |colour| between(RGBColor(255, 255, 255), colour, (2.0 * (share - 0.5)).abs() * 0.75);
    if share < 0.5 { pale(COLOURS[1]) } else { pale(COLOURS[2]) }
}

fn between(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share.clamp(0.0, 1.0)) as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// What all points need, with a little room.
fn ranges<'a>(all: impl Iterator<Item = &'a Points> + Clone) -> [std::ops::Range<f64>; 2] {
    [0, 1].map(|axis| {
        let along = all.clone().flatten().map(|&(x, y)| if axis == 0 { x } else { y }).filter(|v| v.is_finite());
        let (low, high) = along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return 0.0..1.0;
        }
        let room = ((high - low) * 0.04).max(1e-9);
        low - room..high + room
    })
}
