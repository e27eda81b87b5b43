//! Graphs and charts as SVG: dark ink, meant for white paper.

mod chart;
mod graph;
mod surface;

pub use chart::{Axis, Chart};
pub use graph::{Graph, strip};
pub use surface::surfaces;

/// Colours that people with any kind of colour vision can tell apart (the palette
/// of Okabe and Ito, 2008).
pub const COLOURS: [&str; 6] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// What the pictures' text is written in.
const FONT: &str =
    "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"13\"";

/// An SVG of this size, described for those who cannot see it.
fn svg(width: f64, height: f64, description: &str, body: &str) -> String {
    let description = escaped(description);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" {FONT}>\n<title>{description}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
