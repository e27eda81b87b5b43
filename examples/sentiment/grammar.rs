//! A small grammar of opinions, in which single words decide nothing.
//!
//! A clause says something of a thing by an adjective, perhaps negated: `the plot was hardly dull`, `nobody found the plot
//! dull`. One sentence in three is such a clause. The others weigh two clauses of opposite polarity, of which one counts, by
//! `but` and `although`: there a bag of words knows which words there are, and not which of the two clauses counts. So no
//! bag of words can be right more often than `1/3 · 1 + 2/3 · 1/2`, two thirds.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

const THINGS: [&str; 12] = [
    "plot", "acting", "music", "ending", "story", "camera", "dialogue", "pacing", "cast", "script", "scenery", "humour",
];
/// The first half praises, the other half blames.
const ADJECTIVES: [&str; 24] = [
    "good",
    "brilliant",
    "charming",
    "clever",
    "moving",
    "fresh",
    "subtle",
    "gripping",
    "funny",
    "warm",
    "elegant",
    "bold",
    "bad",
    "dull",
    "clumsy",
    "stupid",
    "boring",
    "stale",
    "crude",
    "tedious",
    "silly",
    "cold",
    "ugly",
    "tame",
];
const NEGATIONS: [&str; 4] = ["not", "never", "hardly", "scarcely"];
const DEGREES: [&str; 3] = ["very", "really", "quite"];
const OTHERS: [&str; 7] = ["the", "was", "found", "nobody", "everybody", "but", "although"];

/// Words by number; 0 is padding, which is no word.
pub fn vocabulary() -> Vec<&'static str> {
    [&["·"][..], &THINGS, &ADJECTIVES, &NEGATIONS, &DEGREES, &OTHERS].concat()
}

/// A sentence and whether it praises.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    pub words: Vec<&'static str>,
    pub praises: bool,
}

/// Which pairs of words come together: a quarter of the pairs of thing and adjective, and of negation and adjective, is kept
/// out of the sentences to learn from; sentences to test on have only such pairs.
#[derive(Clone, Copy, PartialEq)]
pub enum Pairs {
    Learned,
    Unseen,
}

impl Pairs {
    /// One of `count` words that may stand with this adjective.
    fn partner(self, count: usize, adjective: usize, generator: &mut ChaCha8Rng) -> usize {
        loop {
            let word = generator.random_range(0..count);
            if ((word + adjective).is_multiple_of(4)) == (self == Pairs::Unseen) {
                return word;
            }
        }
    }
}

/// So many sentences.
pub fn sentences(count: usize, pairs: Pairs, generator: &mut ChaCha8Rng) -> Vec<Sentence> {
    (0..count).map(|_| sentence(pairs, generator)).collect()
}

fn sentence(pairs: Pairs, generator: &mut ChaCha8Rng) -> Sentence {
    let praises = generator.random::<bool>();
    let form = generator.random_range(0..6);
    let counts = clause(praises, pairs, generator);
    if form < 2 {
        return Sentence { words: counts, praises };
    }
    let other = clause(!praises, pairs, generator);
    let words = match form {
        2 | 3 => [other, vec!["but"], counts].concat(),
        4 => [vec!["although"], other, counts].concat(),
        _ => [counts, vec!["although"], other].concat(),
    };
    Sentence { words, praises }
}

fn clause(praises: bool, pairs: Pairs, generator: &mut ChaCha8Rng) -> Vec<&'static str> {
    let negated = generator.random::<bool>();
    let half = ADJECTIVES.len() / 2;
    let adjective = generator.random_range(0..half) + if praises == negated { half } else { 0 };
    let thing = THINGS[pairs.partner(THINGS.len(), adjective, generator)];
    // `nobody` is one more negation.
    let negation = pairs.partner(NEGATIONS.len() + 1, adjective, generator);
    let mut words = match (negated, NEGATIONS.get(negation)) {
        (true, Some(negation)) => vec!["the", thing, "was", negation],
        (true, None) => vec!["nobody", "found", "the", thing],
        (false, Some(_)) => vec!["the", thing, "was"],
        (false, None) => vec!["everybody", "found", "the", thing],
    };
    if generator.random::<bool>() {
        words.push(DEGREES[generator.random_range(0..DEGREES.len())]);
    }
    words.push(ADJECTIVES[adjective]);
    words
}
