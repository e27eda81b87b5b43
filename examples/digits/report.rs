//! What a training run looked like: curves as SVG, and one self-contained page.

use nn::data::{Dataset, Labelled};
use nn::metrics::ConfusionMatrix;
use nn::train::EpochRecord;
use plotters::prelude::*;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// One line of the run.
pub struct Epoch {
    pub loss: f64,
    pub train: f64,
    pub test: f64,
}

impl Epoch {
    /// From what a run's history calls them.
    pub fn of(record: &EpochRecord) -> Self {
        let [loss, train, test] =
            ["loss", "accuracy", "validation accuracy"].map(|name| record.get(name).unwrap_or(f64::NAN));
        Epoch { loss, train, test }
    }
}

/// Everything that the page shows.
pub struct Report<'a> {
    pub epochs: &'a [Epoch],
    pub matrix: &'a ConfusionMatrix,
    pub test: &'a Labelled,
    pub predicted: &'a [usize],
    pub split: &'a str,
    pub verdict: &'a str,
    pub seconds: f64,
}

impl Report<'_> {
    /// Writes `loss.svg`, `accuracy.svg` and `index.html`, and returns the path of the page.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<PathBuf, Box<dyn Error>> {
        let folder = folder.as_ref();
        fs::create_dir_all(folder)?;
        let percent = |of: fn(&Epoch) -> f64| self.epochs.iter().map(|e| 100.0 * of(e)).collect::<Vec<_>>();
        let losses = [("training loss", self.epochs.iter().map(|e| e.loss).collect())];
        let loss = curves("loss by epoch", &losses)?;
        let accuracies = [("train", percent(|e| e.train)), ("test, unseen writers", percent(|e| e.test))];
        let accuracy = curves("accuracy by epoch, %", &accuracies)?;
        fs::write(folder.join("loss.svg"), &loss)?;
        fs::write(folder.join("accuracy.svg"), &accuracy)?;
        let page = folder.join("index.html");
        fs::write(&page, self.page(&loss, &accuracy)?)?;
        Ok(page)
    }

    fn page(&self, loss: &str, accuracy: &str) -> Result<String, std::fmt::Error> {
        let correct = self.predicted.iter().zip(&self.test.labels).filter(|(p, a)| p == a).count();
        let mut page = String::new();
        write!(
            page,
            r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Handwritten digits</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }}
.row {{ display: flex; flex-wrap: wrap; gap: 1rem; }}
.row svg {{ background: #fff; border-radius: 6px; max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
td, th {{ padding: .2rem .6rem; text-align: right; }}
td.right {{ background: #2a78d633; }} td.wrong {{ background: #d6452a44; }} td.none {{ opacity: .35; }}
figure {{ margin: 0; text-align: center; font-size: .85rem; }}
pre {{ background: #8882; padding: .8rem; border-radius: 6px; overflow-x: auto; }}
</style>
<h1>Handwritten digits</h1>
<p><strong>{:.1} %</strong> of the test digits are read right ({correct} of {}), after {} epochs in {:.2} s. Split: {}.</p>
<div class="row">{loss}{accuracy}</div>
<h2>What was taken for what</h2><table><tr><th>actual</th>"#,
            100.0 * correct as f64 / self.test.len().max(1) as f64,
            self.test.len(),
            self.epochs.len(),
            self.seconds,
            escaped(self.split),
        )?;
        let classes = self.matrix.counts().len();
        for class in 0..classes {
            write!(page, "<th>{class}</th>")?;
        }
        page.push_str("<th>precision</th><th>recall</th><th>F1</th></tr>");
        for (actual, row) in self.matrix.counts().iter().enumerate() {
            write!(page, "<tr><th>{actual}</th>")?;
            for (predicted, count) in row.iter().enumerate() {
                let kind = match (count, actual == predicted) {
                    (0, _) => "none",
                    (_, true) => "right",
                    _ => "wrong",
                };
                write!(page, r#"<td class="{kind}">{count}</td>"#)?;
            }
            let scores = self.matrix.class(actual);
            writeln!(
                page,
                "<td>{:.3}</td><td>{:.3}</td><td>{:.3}</td></tr>",
                scores.precision, scores.recall, scores.f1
            )?;
        }
        page.push_str("</table><h2>Misread digits</h2><div class=\"row\">");
        let misread = (0..self.test.len()).filter(|&i| self.predicted[i] != self.test.labels[i]);
        for row in misread.take(24) {
            write!(
                page,
                "<figure>{}<figcaption>{} read as {}</figcaption></figure>",
                self.drawing(row)?,
                self.test.labels[row],
                self.predicted[row]
            )?;
        }
        write!(page, "</div><h2>Are the gradients right?</h2><pre>{}</pre></html>", escaped(self.verdict))?;
        Ok(page)
    }

    /// A digit as squares of grey.
    fn drawing(&self, row: usize) -> Result<String, std::fmt::Error> {
        let side = (self.test.features() as f64).sqrt() as usize;
        let scale = 64 / side.max(1);
        let (image, _) = self.test.batch(&[row]);
        let label = self.test.labels[row];
        let mut svg =
            format!(r#"<svg width="{0}" height="{0}" role="img" aria-label="a handwritten {label}">"#, side * scale);
        for (i, ink) in image.to_vec().iter().enumerate().take(side * side) {
            let (x, y, grey) = (i % side * scale, i / side * scale, (255.0 * (1.0 - ink)) as u8);
            write!(
                svg,
                r##"<rect x="{x}" y="{y}" width="{scale}" height="{scale}" fill="#{grey:02x}{grey:02x}{grey:02x}"/>"##
            )?;
        }
        svg.push_str("</svg>");
        Ok(svg)
    }
}

/// A line for each series, over epochs from 1.
fn curves(title: &str, series: &[(&str, Vec<f64>)]) -> Result<String, Box<dyn Error>> {
    let all = || series.iter().flat_map(|(_, values)| values.iter().copied());
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let room = ((high - low) * 0.05).max(1e-3);
    let epochs = series.iter().map(|(_, values)| values.len()).max().unwrap_or(1).max(2) as f64;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (480, 320)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(48)
            .build_cartesian_2d(1.0..epochs, low - room..high + room)?;
        chart.configure_mesh().x_desc("epoch").light_line_style(WHITE.mix(0.0)).draw()?;
        for ((name, values), color) in series.iter().zip([RGBColor(0x2a, 0x78, 0xd6), RGBColor(0xd6, 0x45, 0x2a)]) {
            let points = values.iter().enumerate().map(|(i, &v)| (i as f64 + 1.0, v));
            chart
                .draw_series(LineSeries::new(points, color.stroke_width(2)))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], color.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.3))
            .position(SeriesLabelPosition::MiddleRight)
            .draw()?;
        root.present()?;
    }
    Ok(svg)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
