//! Numbers and tables as text, for everything that prints a tape.

/// A number to so many significant digits, without trailing zeros; scientific below 10⁻⁵ and where there are more digits
/// before the point.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    // The exponent after rounding: 999999.9 to six digits is 1e6.
    let scientific = format!("{:.*e}", digits - 1, value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let places = exponent.parse::<i32>().map_or(0, |exponent| digits as i32 - 1 - exponent);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    match (0..digits as i32 + 5).contains(&places) {
        true => trimmed(&format!("{value:.*}", places as usize)),
        false => format!("{}e{exponent}", trimmed(mantissa)),
    }
}

/// Six significant digits.
pub fn six_digits(value: f64) -> String {
    significant(value, 6)
}

/// The file of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// `path` as it is shown where `main` is the file that is meant unless said otherwise.
pub(crate) fn place_in(main: &str, file: &str, line: u32) -> String {
    format!("{}:{line}", if file == main { "" } else { base_name(file) })
}

/// What a node without a name is called.
pub(crate) fn unnamed(node: usize) -> String {
    format!("v{node}")
}

/// A constant of an operation, with its name.
pub(crate) fn constant(name: &str, value: &str) -> String {
    match value.parse() {
        Ok(number) => format!("{name}={}", six_digits(number)),
        Err(_) => format!("{name}={value}"),
    }
}

/// An amount of memory.
pub fn bytes(count: usize) -> String {
    match count {
        0..=9_999 => format!("{count} B"),
        10_000..=9_999_999 => format!("{} kB", significant(count as f64 / 1e3, 3)),
        _ => format!("{} MB", significant(count as f64 / 1e6, 4)),
    }
}

/// A column: its heading, the room that follows it, and whether it is there at all if its cells are empty.
pub struct Column(pub &'static str, pub usize, pub bool);

/// The columns of a tape's table.
pub(crate) const TAPE: [Column; 9] = [
    Column("id", 2, true),
    Column("op", 2, true),
    Column("name", 2, true),
    Column("args", 4, true),
    Column("shape", 3, false),
    Column("value", 3, true),
    Column("grad", 3, true),
    Column("saved", 3, true),
    Column("where", 0, true),
];

/// Rows under headings, each column as wide as it needs; the first one aligned to the right. The title stands above on the left, `place` on the right.
pub fn table<const N: usize>(columns: &[Column; N], rows: &[[String; N]], title: &str, place: &str) -> String {
    let width = |text: &str| text.chars().count();
    let filled: Vec<usize> = (0..N).filter(|&i| columns[i].2 || rows.iter().any(|row| !row[i].is_empty())).collect();
    let widest = |i: usize| rows.iter().map(|row| width(&row[i])).max().unwrap_or(0).max(width(columns[i].0));
    let widths: Vec<usize> = filled.iter().map(|&i| widest(i)).collect();
    let line = |cell: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        for (place, (&i, &width)) in filled.iter().zip(&widths).enumerate() {
            let cell = cell(i);
            text += &if place == 0 { format!(" {cell:>width$}") } else { format!("{cell:<width$}") };
            text += &" ".repeat(columns[i].1);
        }
        text.trim_end().to_string()
    };
    let body: Vec<String> = std::iter::once(line(&|i| columns[i].0.to_string()))
        .chain(rows.iter().map(|row| line(&|i| row[i].clone())))
        .collect();
    let full = body.iter().map(|line| width(line)).max().unwrap_or(0).max(72);
    let room = full.saturating_sub(width(title)).max(width(place) + 2);
    let mut text = format!("{title}{place:>room$}").trim_end().to_string();
    for line in body {
        text += "\n";
        text += &line;
    }
    text
}
