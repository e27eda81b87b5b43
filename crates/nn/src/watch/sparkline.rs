//! Numbers over time in a word of text.

/// So many letters at most.
const LETTERS: usize = 24;
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A letter for each number, as high as it lies between the smallest and the largest; a dot for what is not finite. Of many
/// numbers some are chosen, evenly, the last one among them.
pub(super) fn sparkline(numbers: &[f64]) -> String {
    let chosen: Vec<f64> = chosen(numbers.len(), LETTERS).map(|place| numbers[place]).collect();
    let finite = || chosen.iter().copied().filter(|x| x.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let letter = |x: &f64| match (x - low) / (high - low) {
        part if part.is_finite() => HEIGHTS[(part * 8.0).min(7.0) as usize],
        _ if x.is_finite() => HEIGHTS[3], // they are all the same
        _ => '·',
    };
    chosen.iter().map(letter).collect()
}

/// So many places of a longer list at most, evenly, the first and the last among them.
pub(super) fn chosen(length: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = length.min(most);
    (0..count).map(move |i| if count == length { i } else { i * (length - 1) / (count - 1) })
}
