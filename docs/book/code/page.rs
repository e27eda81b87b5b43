//! How an example's output reaches its page.
//!
//! An example prints with [`println!`](crate::println) and draws with [`picture`].
//! Run by a reader it does just that; run inside of [`listen`] what it makes is
//! kept, so that a test can hold the page's files against it.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

/// The files of a page: names with their contents, in the order in which they were
/// made.
pub type Made = Vec<(String, String)>;

thread_local! {
    static LISTENER: RefCell<Option<Made>> = const { RefCell::new(None) };
}

/// Prints a line, as the standard one does, and lets the book listen.
#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => { $crate::page::line(format!($($argument)*)) };
}

/// From here on, what is printed belongs to the file `name.txt` of the page.
pub fn part(name: &str) {
    let listening = LISTENER.with_borrow_mut(|made| {
        made.as_mut()
            .map(|made| made.push((format!("{name}.txt"), String::new())))
            .is_some()
    });
    if !listening {
        std::println!();
    }
}

/// Prints a line.
///
/// # Panics
/// If somebody listens and no [`part`] was begun.
pub fn line(text: String) {
    let listening = LISTENER.with_borrow_mut(|made| {
        let Some(made) = made else { return false };
        // A test includes the example, which lengthens the paths that the library reports.
        let text = text.replace("tests/../examples", "examples");
        let (_, file) = made
            .iter_mut()
            .rfind(|(name, _)| name.ends_with(".txt"))
            .expect("a part was begun");
        file.push_str(&text);
        file.push('\n');
        true
    });
    if !listening {
        std::println!("{text}");
    }
}

/// Writes a picture, `target/pictures/name.svg`, and says so.
///
/// # Panics
/// If it cannot be written.
pub fn picture(name: &str, svg: String) {
    let (file, svg) = (format!("{name}.svg"), svg + "\n");
    let heard = LISTENER.with_borrow_mut(|made| {
        made.as_mut().map(|made| made.push((file.clone(), svg.clone())))
    });
    if heard.is_none() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pictures");
        fs::create_dir_all(&folder).expect("`target` can be written");
        fs::write(folder.join(&file), svg)
            .expect("`target/pictures` can be written");
        std::println!("(a picture: target/pictures/{file})");
    }
}

/// Runs an example and returns what it made.
pub fn listen(example: impl FnOnce()) -> Made {
    LISTENER.set(Some(Vec::new()));
    example();
    LISTENER.take().unwrap_or_default()
}

/// A number with six significant digits, as short as it goes.
///
/// ```
/// use book::page::short;
/// assert_eq!([short(2.0 / 3.0), short(-4.0), short(1.5e-9)], ["0.666667", "-4",
/// "1.5e-9"]);
/// ```
pub fn short(x: f64) -> String {
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    match rounded.abs() {
        0.0 => "0".to_string(),
        size if (1e-4..1e6).contains(&size) || !size.is_finite() => {
            rounded.to_string()
        }
        _ => format!("{rounded:e}"),
    }
}
