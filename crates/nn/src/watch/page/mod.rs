//! The report of a run as one page.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Log::to_html`](super::Log::to_html) |
//! | `data.rs` | what the script gets: every text is finished in Rust, the script only draws |
//! | `report.html`, `report.css`, `report.js` | what is the same in every report; the rest is shared with the inspector's page |

mod data;

use super::Log;
use autograd::inspect::Shell;
use data::Data;

impl Log {
    /// The report as one HTML page: the loss and other curves, how far steps moved the weights, gradient flow, layers and
    /// parameters of each watched step, histograms over time, what was found, the graph of one step, and of a run that failed
    /// where its first number that is not finite came from. It asks for nothing from anywhere.
    pub fn to_html(&self) -> String {
        self.to_html_titled("A run of training")
    }

    /// The same with a title.
    ///
    /// ```
    /// use nn::watch::Watch;
    /// let page = Watch::<f32>::every(10).log().to_html_titled("digits");
    /// assert!(page.contains("<title>digits</title>"));
    /// ```
    pub fn to_html_titled(&self, title: &str) -> String {
        let shown = self.failure.as_ref().map(|failure| &failure.snapshot).or(self.graph.as_ref());
        let graph = shown.map_or(String::new(), |snapshot| snapshot.to_svg());
        let body = include_str!("report.html").replacen("{{graph}}", &graph, 1);
        let [style, script] = [include_str!("report.css"), include_str!("report.js")];
        Shell { title, style, body: &body, script }.around(&Data::of(self, title))
    }
}
