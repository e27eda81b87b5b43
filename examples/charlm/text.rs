//! A text as numbers: its alphabet, and stretches of it to learn from.

use autograd::Indices;
use nn::data::Dataset;

/// How many characters a model sees at once, at most.
pub const TIME: usize = 96;

/// The characters of a text; each is known by its place among them.
pub struct Alphabet(Vec<char>);

impl Alphabet {
    pub fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Alphabet(characters)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The numbers of the characters of a text that has no others.
    pub fn numbers(&self, text: &str) -> Vec<usize> {
        text.chars().map(|c| self.0.binary_search(&c).expect("the alphabet is that of all plays")).collect()
    }

    pub fn text(&self, numbers: &[usize]) -> String {
        numbers.iter().map(|&number| self.0[number]).collect()
    }
}

/// Every stretch of a text, with the character behind each of its characters.
pub struct Stretches<'a>(pub &'a [usize]);

/// Some stretches.
pub struct Batch {
    /// `[stretches, TIME]`.
    pub tokens: Indices,
    /// What comes behind each of them, in the same order.
    pub next: Vec<usize>,
}

impl Dataset for Stretches<'_> {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.0.len() - TIME
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        let gather =
            |shift: usize| rows.iter().flat_map(|&at| self.0[at + shift..at + shift + TIME].to_vec()).collect();
        Batch { tokens: Indices::new(gather(0), [rows.len(), TIME]), next: gather(1) }
    }
}
