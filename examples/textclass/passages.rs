//! Passages of the plays as numbers: words, and the groups of three characters that they are made of.

use super::shakespeare::Play;
use autograd::{Indices, Tensor};
use nn::data::{Dataset, Labelled};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::collections::HashMap;

/// The words of a passage.
pub const WORDS: usize = 60;
/// As many groups of three characters of a word are looked at.
const GROUPS: usize = 8;
/// Passages that are side by side in a play and go to the same part.
const BLOCK: usize = 10;

/// A passage: its words in small letters, and which play it is from.
pub struct Passage {
    words: Vec<String>,
    play: usize,
}

/// Passages to learn from, and passages to test on: of each five blocks of a play one, drawn by the generator. What is between
/// two passages that are side by side is seen in both parts at the edges of blocks alone.
pub fn passages(plays: &[Play], generator: &mut ChaCha8Rng) -> (Vec<Passage>, Vec<Passage>) {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (number, play) in plays.iter().enumerate() {
        let text = play.speeches().to_lowercase();
        let words: Vec<String> = text
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .map(|word| word.trim_matches('\'').to_string())
            .filter(|word| !word.is_empty())
            .collect();
        let all = words.chunks_exact(WORDS).map(|words| Passage { words: words.to_vec(), play: number });
        let mut drawn = 0;
        for (place, passage) in all.enumerate() {
            let block = place / BLOCK;
            if place.is_multiple_of(5 * BLOCK) {
                drawn = block + generator.random_range(0..5);
            }
            if block == drawn { test.push(passage) } else { train.push(passage) }
        }
    }
    (train, test)
}

/// The groups of three characters of a text, spaces at both ends.
fn groups(text: &str) -> impl Iterator<Item = [char; 3]> {
    let characters: Vec<char> = std::iter::once(' ').chain(text.chars()).chain(std::iter::once(' ')).collect();
    (0..characters.len().saturating_sub(2)).map(move |at| [characters[at], characters[at + 1], characters[at + 2]])
}

/// Numbers for everything that comes often enough in passages to learn from; 0 is padding, 1 anything else.
pub struct Lexicon {
    words: HashMap<String, usize>,
    groups: HashMap<[char; 3], usize>,
}

impl Lexicon {
    pub fn of(passages: &[Passage]) -> Self {
        let all = || passages.iter().flat_map(|passage| &passage.words);
        Lexicon {
            words: often(all().cloned(), 2),
            groups: often(all().flat_map(|word| groups(word).collect::<Vec<_>>()), 3),
        }
    }

    /// How many numbers words have, and groups.
    pub fn sizes(&self) -> (usize, usize) {
        (self.words.len() + 2, self.groups.len() + 2)
    }
}

fn often<K: std::hash::Hash + Eq + Ord>(all: impl Iterator<Item = K>, least: usize) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    for key in all {
        *counts.entry(key).or_insert(0) += 1;
    }
    let mut kept: Vec<K> = counts.into_iter().filter(|(_, count)| *count >= least).map(|(key, _)| key).collect();
    kept.sort_unstable();
    kept.into_iter().enumerate().map(|(number, key)| (key, number + 2)).collect()
}

/// What nets read: word by word.
pub struct Tokens {
    /// `[n · WORDS]`.
    words: Vec<usize>,
    /// `[n · WORDS · GROUPS]`.
    groups: Vec<usize>,
    pub plays: Vec<usize>,
}

pub struct Batch {
    /// `[batch, WORDS]`.
    pub words: Indices,
    /// `[batch, WORDS, GROUPS]`.
    pub groups: Indices,
    pub plays: Vec<usize>,
}

impl Tokens {
    pub fn of(passages: &[Passage], lexicon: &Lexicon) -> Self {
        let mut tokens = Tokens { words: Vec::new(), groups: Vec::new(), plays: Vec::new() };
        for passage in passages {
            for word in &passage.words {
                tokens.words.push(lexicon.words.get(word).copied().unwrap_or(1));
                let mut own: Vec<usize> =
                    groups(word).filter_map(|group| lexicon.groups.get(&group).copied()).take(GROUPS).collect();
                own.resize(GROUPS, 0);
                tokens.groups.extend(own);
            }
            tokens.plays.push(passage.play);
        }
        tokens
    }
}

impl Dataset for Tokens {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.plays.len()
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        let gather =
            |all: &[usize], each: usize| rows.iter().flat_map(|&row| all[row * each..][..each].to_vec()).collect();
        Batch {
            words: Indices::new(gather(&self.words, WORDS), [rows.len(), WORDS]),
            groups: Indices::new(gather(&self.groups, WORDS * GROUPS), [rows.len(), WORDS, GROUPS]),
            plays: rows.iter().map(|&row| self.plays[row]).collect(),
        }
    }
}

/// What logistic regression reads: how often each group of three characters comes in each passage, as `1 + ln count`, times
/// `ln(passages/passages that have it)` of the passages to learn from, each passage scaled to length 1 (Salton and Buckley,
/// 1988).
pub fn counts(train: &[Passage], test: &[Passage]) -> [Labelled; 2] {
    let text = |passage: &Passage| groups(&passage.words.join(" ")).collect::<Vec<_>>();
    let known = often(train.iter().flat_map(text), 3);
    let mut having = vec![0.0_f64; known.len()];
    for passage in train {
        let mut own: Vec<usize> = text(passage).iter().filter_map(|group| known.get(group)).map(|n| n - 2).collect();
        own.sort_unstable();
        own.dedup();
        own.into_iter().for_each(|group| having[group] += 1.0);
    }
    [train, test].map(|passages| {
        let mut rows = Vec::with_capacity(passages.len() * known.len());
        for passage in passages {
            let mut row = vec![0.0_f64; known.len()];
            text(passage).iter().filter_map(|group| known.get(group)).for_each(|number| row[number - 2] += 1.0);
            for (count, having) in row.iter_mut().zip(&having).filter(|(count, _)| **count > 0.0) {
                *count = (1.0 + count.ln()) * (train.len() as f64 / having).ln();
            }
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
            rows.extend(row.iter().map(|x| (x / length) as f32));
        }
        let labels = passages.iter().map(|passage| passage.play).collect();
        Labelled { inputs: Tensor::from_vec(rows, [passages.len(), known.len()]), labels, classes: 9 }
    })
}
