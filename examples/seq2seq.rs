//! Lesson 10, from one sequence to another: `cargo run --release --example seq2seq`.
//!
//! Days in words, `the twenty third of march nineteen eighty four`, become dates, `1984-03-23`. An encoder reads the words both
//! ways; a decoder writes the date from left to right. Before each symbol it looks back at the words: it compares what it is
//! about to write with every word, and takes from each by how well they match (Luong, Pham, Manning, 2015, "global
//! attention"). In training it is shown the true symbols so far, all at once; afterwards it must go on from its own.
//!
//! Look at `target/seq2seq/attention.svg`: which word each symbol was taken from. Nothing told the net that the year,
//! which comes first in a date and last in most sentences, is found at the end of the words.

#[path = "course/mod.rs"]
mod course;
#[path = "seq2seq/dates.rs"]
mod dates;

use clap::Parser;
use course::cells;
use course::{Course, Limit, Outcome, folder, least, mean};
use dates::{Date, LENGTH, SYMBOLS, vocabulary};
use nn::data::Dataset;
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use std::collections::HashSet;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Turns dates in words into ISO form, by an encoder and a decoder with attention")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// Days with what was said, gathered batch first, short ones padded.
struct Dates(Vec<(Vec<&'static str>, Date)>);

struct Batch {
    words: Words,
    /// The symbols of each date, `[n, LENGTH]`.
    written: Vec<usize>,
}

struct Words {
    tokens: Indices,
    lengths: Vec<usize>,
}

impl Dates {
    fn words(&self, rows: &[usize]) -> Words {
        let known = vocabulary();
        let number = |word: &str| known.iter().position(|own| *own == word).expect("all words of dates are known");
        let lengths: Vec<usize> = rows.iter().map(|&row| self.0[row].0.len()).collect();
        let time = lengths.iter().max().copied().unwrap_or(0);
        let mut tokens = vec![0; rows.len() * time];
        for (at, &row) in rows.iter().enumerate() {
            for (t, word) in self.0[row].0.iter().enumerate() {
                tokens[at * time + t] = number(word);
            }
        }
        Words { tokens: Indices::new(tokens, [rows.len(), time]), lengths }
    }
}

impl Dataset for Dates {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        let symbol = |c: char| SYMBOLS.iter().position(|&own| own == c).expect("dates have no other symbols");
        let written = rows.iter().flat_map(|&row| self.0[row].1.iso().chars().map(symbol).collect::<Vec<_>>());
        Batch { words: self.words(rows), written: written.collect() }
    }
}

const FEATURES: usize = 64;

#[derive(Module)]
struct Translator {
    words: Embedding,
    encoder: Gru,
    symbols: Embedding,
    decoder: Gru,
    /// What the decoder looks for, from its state.
    query: Linear,
    /// State and what was found, joined.
    join: Linear,
    output: Linear,
}

/// What the encoder made of the words.
struct Read<A> {
    /// A row for each word, `[batch, words, FEATURES]`.
    words: A,
    lengths: Vec<usize>,
    /// The decoder's first state, `[1, batch, FEATURES]`.
    state: A,
}

impl Translator {
    fn new(generator: &mut ChaCha8Rng) -> Self {
        // Both directions together have as many features as the decoder.
        let both = Recurrence::new().bidirectional().batch_first();
        Translator {
            words: Embedding::new(vocabulary().len(), 32, generator).with_padding(0),
            encoder: Gru::with(32, FEATURES / 2, both, generator),
            symbols: Embedding::new(SYMBOLS.len(), 16, generator),
            decoder: Gru::with(16, FEATURES, Recurrence::new().batch_first(), generator),
            query: Linear::new(FEATURES, FEATURES, generator).without_bias(),
            join: Linear::new(2 * FEATURES, FEATURES, generator),
            output: Linear::new(FEATURES, SYMBOLS.len() - 1, generator),
        }
    }

    fn read<A: Array>(&self, tokens: &Ids<A>, lengths: &[usize]) -> Read<A> {
        let (words, ends) = self.encoder.forward_padded(self.words.forward(tokens), lengths, None);
        let [forwards, backwards] = [0, 1].map(|direction| ends.slice(0, direction..direction + 1));
        Read { words, lengths: lengths.to_vec(), state: A::concat(&[&forwards, &backwards], -1) }
    }

    /// The logits of the next symbols behind each of the symbols given, the state at their end, and how much each looked at
    /// each word, `[batch, symbols, words]`.
    fn write<A: Array>(&self, read: &Read<A>, before: &Ids<A>, state: A) -> (A, A, A) {
        let (states, end) = self.decoder.forward(self.symbols.forward(before), Some(state));
        let words = read.words.shape()[1];
        let mask = padding_mask(&states, &read.lengths, words);
        // One head: attention is made for several, so there is an axis for them.
        let (query, keys) = (self.query.forward(states.clone()).unsqueeze(1), read.words.unsqueeze(1));
        let looked = query.attention_weights(&keys, &Attention::new().with_mask(&mask));
        let found = looked.matmul(&keys).squeeze(1);
        let joined = self.join.forward(A::concat(&[&states, &found], -1)).tanh();
        (self.output.forward(joined), end, looked.squeeze(1))
    }

    /// The logits where the true symbols before each are shown, `[batch · LENGTH, symbols]`.
    fn shown<A: Array>(&self, near: &A, batch: &Batch) -> A {
        let read = self.read(&Ids::new(near, &batch.words.tokens), &batch.words.lengths);
        let count = batch.words.lengths.len();
        let begin = SYMBOLS.len() - 1;
        let before = batch.written.chunks(LENGTH).flat_map(|date| [&[begin], &date[..LENGTH - 1]].concat());
        let before = Ids::new(near, Indices::new(before.collect(), [count, LENGTH]));
        let (logits, ..) = self.write(&read, &before, read.state.clone());
        logits.reshape([-1, SYMBOLS.len() as isize - 1])
    }

    /// Writes dates symbol by symbol, going on from its own; and where it looked, `[batch, LENGTH, words]`.
    fn translate(&self, words: &Words) -> (Vec<String>, Tensor) {
        let door = Tensor::scalar(0.0);
        let read = self.read(&Ids::new(&door, &words.tokens), &words.lengths);
        let count = words.lengths.len();
        let (mut last, mut state) = (vec![SYMBOLS.len() - 1; count], read.state.clone());
        let (mut dates, mut looks) = (vec![String::new(); count], Vec::new());
        for _ in 0..LENGTH {
            let before = Ids::new(&door, Indices::new(last, [count, 1]));
            let (logits, end, looked) = self.write(&read, &before, state);
            last = metrics::argmax(&logits.squeeze(1));
            state = end;
            looks.push(looked);
            for (date, &symbol) in dates.iter_mut().zip(&last) {
                date.push(SYMBOLS[symbol]);
            }
        }
        (dates, Tensor::concat(&looks.iter().collect::<Vec<_>>(), 1))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let mut exact = Vec::new();
    for seed in course.seeds(5) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let (train, test) = split(course.pick(4000, 8000), 1000, &mut generator);
        let mut net = Translator::new(&mut generator);
        learn(&mut net, &train, seed, course)?;
        let (written, looks) = net.translate(&test.words(&(0..test.len()).collect::<Vec<_>>()));
        let right = written.iter().zip(&test.0).filter(|(written, (_, date))| **written == date.iso()).count();
        exact.push(100.0 * right as f64 / test.len() as f64);
        println!("seed {seed}: {right} of {} unseen dates are right in all their symbols", test.len());
        if seed == course.seed {
            show(&test, &written, &looks)?;
            course.inspect(|tape: &Tape| judge(&net, tape, &train.batch(&[0, 1])))?;
        }
    }
    Outcome::new("seq2seq", "days in words and in ISO form, generated; unseen days", course)
        .with("dates exactly right, in %", mean(&exact), Limit::AtLeast(course.pick(90.0, 99.0)))
        .beside("worst seed, in %", least(&exact))
        .finish()
}

/// Days to learn from, and other days to test on.
fn split(train: usize, test: usize, generator: &mut ChaCha8Rng) -> (Dates, Dates) {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    while all.len() < train + test {
        let date = Date::random(generator);
        if seen.insert(date) {
            all.push((date.in_words(generator), date));
        }
    }
    let test = all.split_off(train);
    (Dates(all), Dates(test))
}

/// The mean of `−ln p` of the symbols of a batch.
fn judge(net: &Translator, tape: &Tape, batch: &Batch) -> Var {
    net.shown(&tape.constant(&Tensor::scalar(0.0)), batch).cross_entropy(&batch.written)
}

fn learn(net: &mut Translator, train: &Dates, seed: u64, course: &Course) -> Result<(), Box<dyn Error>> {
    let (epochs, size) = (course.pick(3, 4), 50);
    let mut trainer = Trainer::new(Adam::new(5e-3), judge)
        .with_batch_size(size)
        .with_epochs(epochs)
        .with_schedule(Cosine::new(5e-3, epochs * train.len().div_ceil(size) as u64))
        .with_clip_norm(1.0)
        .with_seed(seed);
    if seed == course.seed {
        trainer = trainer.with_lines();
    }
    course.watch("seq2seq", trainer)?.fit(net, train)?;
    Ok(())
}

/// Some days with what was written, and a picture of where the net looked.
fn show(test: &Dates, written: &[String], looks: &Tensor) -> Result<(), Box<dyn Error>> {
    for ((words, _), date) in test.0.iter().zip(written).take(8) {
        println!("  {date}  {}", words.join(" "));
    }
    // A long one, so that there is something to see.
    let row = (0..test.len()).max_by_key(|&row| (test.0[row].0.len(), std::cmp::Reverse(row))).unwrap_or(0);
    let words: Vec<String> = test.0[row].0.iter().map(|word| word.to_string()).collect();
    let look = |symbol: usize, word: usize| f64::from(looks.at(&[row, symbol, word]).unwrap_or(0.0));
    let rows: Vec<_> = written[row]
        .chars()
        .enumerate()
        .map(|(i, symbol)| {
            let cells = (0..words.len()).map(|word| (format!("{:.2}", look(i, word)), look(i, word)));
            (symbol.to_string(), cells.collect())
        })
        .collect();
    let path = folder("seq2seq")?.join("attention.svg");
    cells::table(&path, "which words each symbol of the date was taken from", &words, &rows, cells::amount)?;
    println!("where the net looked: {}", path.display());
    Ok(())
}
