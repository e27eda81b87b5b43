//! Points of the plane, and the Gaussians that they were drawn from and that were found.

use super::density::Mixture;
use autograd::Tensor;
use plotters::prelude::*;
use std::error::Error;
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

/// The solution `x` of `Q (x − μ) = z` for a lower triangle `Q`, row by row.
pub fn placed(mean: &[f64], q: &[f64], z: [f64; 2]) -> [f64; 2] {
    let x = z[0] / q[0];
    [mean[0] + x, mean[1] + (z[1] - q[2] * x) / q[3]]
}

/// Writes `fit.svg`: the points, and of each component the ellipses at one and two standard deviations.
pub fn write(
    folder: impl AsRef<Path>,
    points: &Tensor<f64>,
    truth: &Mixture<Tensor<f64>>,
    found: &Mixture<Tensor<f64>>,
) -> Result<PathBuf, Box<dyn Error>> {
    let points = points.to_vec();
    let range = |axis: usize| {
        let along = || points.iter().skip(axis).step_by(2).copied();
        along().fold(f64::INFINITY, f64::min) - 0.5..along().fold(f64::NEG_INFINITY, f64::max) + 0.5
    };
    fs::create_dir_all(&folder)?;
    let path = folder.as_ref().join("fit.svg");
    let root = SVGBackend::new(&path, (640, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("drawn from (blue), found (red)", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(36)
        .build_cartesian_2d(range(0), range(1))?;
    chart.configure_mesh().light_line_style(WHITE.mix(0.0)).draw()?;
    chart.draw_series(points.chunks(2).map(|p| Circle::new((p[0], p[1]), 1, BLACK.mix(0.35).filled())))?;
    for (mixture, color) in [(truth, RGBColor(0x2a, 0x78, 0xd6)), (found, RGBColor(0xd6, 0x45, 0x2a))] {
        let (means, q) = (mixture.means.to_vec(), mixture.triangles().to_vec());
        for (mean, q) in means.chunks(2).zip(q.chunks(4)) {
            for deviations in [1.0, 2.0] {
                let around = (0..=96).map(|i| {
                    let (sine, cosine) = (TAU * f64::from(i) / 96.0).sin_cos();
                    let [x, y] = placed(mean, q, [deviations * cosine, deviations * sine]);
                    (x, y)
                });
                chart.draw_series(LineSeries::new(around, color.stroke_width(2)))?;
            }
        }
    }
    root.present()?;
    drop(chart);
    drop(root);
    Ok(path)
}
