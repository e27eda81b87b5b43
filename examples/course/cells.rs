//! A table of coloured cells as SVG.

use super::picture::{COLOURS, between};
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

/// Writes a table: names above the columns, and for each row its name and its cells, each a text and a number from 0 to 1 that
/// `colour` makes a colour of.
///
/// # Errors
/// If the file cannot be written.
pub fn table(
    path: impl AsRef<Path>,
    title: &str,
    columns: &[String],
    rows: &[(String, Vec<(String, f64)>)],
    colour: fn(f64) -> RGBColor,
) -> Result<(), Box<dyn Error>> {
    let longest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.chars().count()).max().unwrap_or(0);
    let texts = longest(&mut columns.iter().chain(rows.iter().flat_map(|(_, cells)| cells.iter().map(|cell| &cell.0))));
    let names = longest(&mut rows.iter().map(|row| &row.0));
    let most = rows.iter().map(|(_, cells)| cells.len()).chain([columns.len()]).max().unwrap_or(0);
    // A letter is about 8 pixels wide, one of a title 9.
    let (width, height) = ((texts * 8 + 12).max(24) as i32, 26);
    let (left, top) = ((names * 8 + 20) as i32, if columns.is_empty() { 44 } else { 64 });
    let wide = (left + width * most as i32 + 16).max(title.chars().count() as i32 * 9 + 24);
    let tall = top + height * rows.len() as i32 + 16;
    let root = SVGBackend::new(path.as_ref(), (wide as u32, tall as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title, (12, 12), ("sans-serif", 18)))?;
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

/// From white at 0 to blue at 1.
pub fn amount(share: f64) -> RGBColor {
    between(WHITE, COLOURS[0], share)
}

/// From red at 0 over white at ½ to green at 1.
pub fn verdict(share: f64) -> RGBColor {
    let pale = |colour| between(WHITE, colour, (2.0 * (share - 0.5)).abs() * 0.75);
    if share < 0.5 { pale(COLOURS[1]) } else { pale(COLOURS[2]) }
}
