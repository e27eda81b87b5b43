//! Texts of errors and panics, for the tests that hold them word for word.

use autograd::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of an error without its line.
pub fn text<R>(result: Result<R, Error>) -> String {
    let Err(error) = result else { return "no error".to_string() };
    without_line(&error.to_string())
}

/// The text of a panic without its line, which is one of `file`.
pub fn panic<R>(file: &str, f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { return "no panic".to_string() };
    let text = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.contains(&format!("at: {file}")), "{text}");
    without_line(&text)
}

fn without_line(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}
