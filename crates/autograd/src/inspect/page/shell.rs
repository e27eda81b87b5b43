//! What every page of one file has around it.

use crate::inspect::svg::{STYLE, escaped};
use serde::Serialize;

const SHELL: &str = include_str!("shell.html");
/// How everything looks that pages share.
const LOOKS: &str = include_str!("page.css");

/// A page of one file that asks for nothing from anywhere, which its own policy would forbid. Here and in the reports of
/// training runs.
pub struct Shell<'a> {
    /// The title, as text.
    pub title: &'a str,
    /// Rules of style beside those that all pages share.
    pub style: &'a str,
    /// The body, as HTML.
    pub body: &'a str,
    /// The script that shows the data.
    pub script: &'a str,
}

impl Shell<'_> {
    /// The page around data, which its script finds as JSON in the element `data`.
    pub fn around(&self, data: &impl Serialize) -> String {
        // Neither maps with odd keys nor writers that fail are in it. In JSON `<` occurs in strings alone.
        let json = serde_json::to_string(data).unwrap_or_default().replace('<', "\\u003c");
        let parts = [
            ("{{title}}", escaped(self.title)),
            ("{{style}}", [STYLE, LOOKS, self.style].concat()),
            ("{{body}}", self.body.to_string()),
            ("{{script}}", self.script.to_string()),
            ("{{data}}", json),
        ];
        // In one pass: what is put in may contain the marks of the others.
        let mut html = String::new();
        let mut rest = SHELL;
        while let Some((place, (mark, text))) =
            parts.iter().filter_map(|part| Some((rest.find(part.0)?, part))).min_by_key(|(place, _)| *place)
        {
            html += &rest[..place];
            html += text;
            rest = &rest[place + mark.len()..];
        }
        html + rest
    }
}
