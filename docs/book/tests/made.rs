//! Every number and picture of the book is what its chapter's program makes now,
//! and every number in the text is among what was printed. To write the files
//! again: `BOOK_RENEW=1 cargo test -p book --test made`.

use book::page;
use std::fs;
use std::path::PathBuf;

fn pages() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The chapters' programs, as modules.
macro_rules! chapters {
    ($($name:ident $file:literal)*) => {
        $(
            #[path = $file]
            mod $name;

            #[test]
            fn $name() {
                hold(page::listen($name::main));
            }
        )*
    };
}
chapters! {
    nudging "../examples/01_nudging.rs"
    recording "../examples/02_recording.rs"
    gates "../examples/03_gates.rs"
    paths "../examples/04_paths.rs"
    backpropagation "../examples/05_backpropagation.rs"
    bugs "../examples/06_bugs.rs"
    checking "../examples/07_checking.rs"
    neurons "../examples/08_neurons.rs"
    tensors "../examples/09_tensors.rs"
}

/// Compares what was made with the files of the book, or renews them.
fn hold(made: page::Made) {
    let folder = pages().join("made");
    let chapter = made[0].0[..2].to_string();
    for entry in fs::read_dir(&folder).expect("the folder of what is made") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a plain name");
        let known = !name.starts_with(&chapter)
            || made.iter().any(|(made, _)| *made == name);
        assert!(known, "no program makes {name} any more");
    }
    for (name, fresh) in made {
        if std::env::var_os("BOOK_RENEW").is_some() {
            fs::write(folder.join(&name), &fresh)
                .expect("the book's folder can be written");
        }
        let kept = fs::read_to_string(folder.join(&name)).unwrap_or_default();
        if let Some((line, (fresh, kept))) = fresh
            .lines()
            .zip(kept.lines())
            .enumerate()
            .find(|(_, (fresh, kept))| fresh != kept)
        {
            panic!(
                "{name}:{}: the book says\n  {kept}\nand its program\n  {fresh}{RENEW}",
                line + 1
            );
        }
        assert_eq!(
            fresh.lines().count(),
            kept.lines().count(),
            "{name} has another length{RENEW}"
        );
    }
}

const RENEW: &str = "\nto renew: BOOK_RENEW=1 cargo test -p book --test made";

/// The chapters' texts, by file name.
fn chapters() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(pages())
        .expect("the book's pages")
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_string();
            name.ends_with(".md")
                .then(|| (name, fs::read_to_string(&path).unwrap_or_default()))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn what_is_made_is_shown() {
    let text: String = chapters().into_iter().map(|(_, text)| text).collect();
    for entry in
        fs::read_dir(pages().join("made")).expect("the folder of what is made")
    {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a plain name");
        assert!(
            text.contains(&format!("made/{name}")),
            "no chapter shows made/{name}"
        );
    }
}

/// Numbers of two digits and more stand in what was printed or in a listing of the
/// same chapter, digit by digit.
#[test]
fn numbers_in_the_text_were_printed() {
    for (name, text) in chapters() {
        let evidence: String = included(&text)
            .map(|path| fs::read_to_string(pages().join(path)).unwrap_or_default())
            .collect();
        for number in numbers(&prose(&text)) {
            assert!(
                evidence.contains(&number),
                "{name}: nothing that was printed says {number}"
            );
        }
    }
}

/// Every listing, output and picture that a chapter names is there.
#[test]
fn what_is_included_exists() {
    for (name, text) in chapters() {
        let pictures = text
            .split("](made/")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .map(|file| format!("made/{file}"));
        for path in included(&text).map(str::to_string).chain(pictures) {
            assert!(
                pages().join(&path).exists(),
                "{name} shows {path}, which is not there"
            );
        }
        for (path, anchor) in
            includes(&text).filter_map(|include| include.split_once(':'))
        {
            let file = fs::read_to_string(pages().join(path)).unwrap_or_default();
            assert!(
                file.contains(&format!("ANCHOR: {anchor}\n")),
                "{name} shows the part {anchor} of {path}"
            );
        }
    }
}

/// What stands in `{{#include …}}`.
fn includes(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{#include ").skip(1).filter_map(|rest| rest.split("}}").next())
}

fn included(text: &str) -> impl Iterator<Item = &str> {
    includes(text).map(|include| include.split(':').next().unwrap_or(include))
}

/// The text without listings, code, links and the numbers of exercises.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2).collect::<String>();
    let plain = outside.split('`').step_by(2).collect::<String>();
    let unlinked: String = plain
        .split("](")
        .map(|part| part.split_once(')').map_or(part, |(_, rest)| rest))
        .collect();
    unlinked
        .lines()
        .filter(|line| !line.starts_with("**"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn numbers(text: &str) -> Vec<String> {
    let pieces = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    pieces
        .map(|piece| piece.trim_matches('.').to_string())
        .filter(|piece| piece.len() > 1)
        .collect()
}
