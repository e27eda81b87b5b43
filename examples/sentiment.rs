//! Lesson 9, sentences and negation: `cargo run --release --example sentiment`.
//!
//! A long short-term memory reads opinions word by word, and says whether they praise. The sentences come from a small grammar
//! (`sentiment/grammar.rs`) with negation and contrast, made so that no bag of words can be right in more than two of
//! three; the sentences to test on are made of pairs of words that were never seen together. Beside it: two bags of words, a
//! linear one and one with a hidden layer, on the same sentences.
//!
//! Look at `target/sentiment/reading.svg`. Each word is coloured by what the net thinks when it has read so far. It was
//! only ever asked at the end, so look at the ends of clauses: a negation turns the word, what follows `but` outweighs what
//! came before, and behind `although` the net holds on to what came first.

#[path = "course/mod.rs"]
mod course;
#[path = "sentiment/grammar.rs"]
mod grammar;

use clap::Parser;
use course::cells;
use course::{Course, Limit, Outcome, folder, least, mean};
use grammar::{Pairs, Sentence, sentences, vocabulary};
use nn::data::{Dataset, Measured};
use nn::prelude::*;
use nn::train::Trainer;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Tells praise from blame in sentences with negation and contrast, by an LSTM")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// Sentences as numbers. A batch is time first, short sentences padded.
struct Sentences(Vec<Sentence>);

struct Batch {
    tokens: Indices,
    lengths: Vec<usize>,
    /// 1 for praise, `[n, 1]`.
    praises: Tensor,
}

impl Dataset for Sentences {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        let words = vocabulary();
        let number =
            |word: &str| words.iter().position(|known| *known == word).expect("the grammar has no other words");
        let lengths: Vec<usize> = rows.iter().map(|&row| self.0[row].words.len()).collect();
        let time = lengths.iter().max().copied().unwrap_or(0);
        let mut tokens = vec![0; time * rows.len()];
        for (column, &row) in rows.iter().enumerate() {
            for (t, word) in self.0[row].words.iter().enumerate() {
                tokens[t * rows.len() + column] = number(word);
            }
        }
        let praises = Tensor::from_fn([rows.len(), 1], |i| f32::from(u8::from(self.0[rows[i]].praises)));
        Batch { tokens: Indices::new(tokens, [time, rows.len()]), lengths, praises }
    }
}

impl Sentences {
    /// How often each word comes in each sentence: all that a bag of words knows.
    fn bags(&self) -> Measured {
        let (words, n) = (vocabulary(), self.0.len());
        let count = |i: usize| {
            let (sentence, word) = (&self.0[i / words.len()], words[i % words.len()]);
            sentence.words.iter().filter(|own| **own == word).count() as f32
        };
        let praises = Tensor::from_fn([n, 1], |i| f32::from(u8::from(self.0[i].praises)));
        Measured { inputs: Tensor::from_fn([n, words.len()], count), targets: praises }
    }
}

/// Reads word by word, and judges by what it remembers at the end.
#[derive(Module)]
struct Reader {
    words: Embedding,
    memory: Lstm,
    verdict: Linear,
}

impl Reader {
    fn new(generator: &mut ChaCha8Rng) -> Self {
        Reader {
            words: Embedding::new(vocabulary().len(), 16, generator).with_padding(0),
            memory: Lstm::new(16, 32, generator),
            verdict: Linear::new(32, 1, generator),
        }
    }

    /// The logit of praise, `[batch, 1]`.
    fn forward<A: Array>(&self, tokens: &Ids<A>, lengths: &[usize]) -> A {
        let (_, end) = self.memory.forward_padded(self.words.forward(tokens), lengths, None);
        self.verdict.forward(end.hidden.squeeze(0))
    }

    /// The probability of praise after each word of one sentence.
    fn while_reading(&self, sentence: &Sentence) -> Vec<f64> {
        let batch = Sentences(vec![sentence.clone()]).batch(&[0]);
        let door = Tensor::scalar(0.0);
        let (states, _) = self.memory.forward(self.words.forward(&Ids::new(&door, batch.tokens)), None);
        self.verdict.forward(states).sigmoid().to_vec().into_iter().map(f64::from).collect()
    }
}

/// How many logits are on the right side, as a share.
fn right(logits: &Tensor, praises: &Tensor) -> f64 {
    let pairs = logits.to_vec().into_iter().zip(praises.to_vec());
    let right = pairs.filter(|(logit, praises)| (*logit > 0.0) == (*praises > 0.5)).count();
    right as f64 / praises.elements().max(1) as f64
}

/// An LSTM on the sentences: what it learned, and its accuracy on the others.
fn learn(train: &Sentences, test: &Sentences, seed: u64, course: &Course) -> Result<(Reader, f64), Box<dyn Error>> {
    let mut reader = Reader::new(&mut ChaCha8Rng::seed_from_u64(seed));
    let judge = |reader: &Reader, tape: &Tape, batch: &Batch| {
        let logits = reader.forward(&tape.ids(&batch.tokens), &batch.lengths);
        let praises = tape.constant(&batch.praises);
        (loss::binary_cross_entropy_from_logits(&logits, &praises, Reduction::Mean), logits)
    };
    let mut trainer = Trainer::new(Adam::new(5e-3), judge)
        .with_metric("accuracy", |logits, batch: &Batch| right(logits, &batch.praises))
        .with_validation(test)
        .with_epochs(course.pick(12, 20))
        .with_clip_norm(1.0)
        .with_seed(seed);
    if seed == course.seed {
        trainer = trainer.with_lines();
    }
    let trained = course.watch("sentiment", trainer)?.fit(&mut reader, train)?;
    let accuracy = trained.history.epochs.last().and_then(|epoch| epoch.get("validation accuracy"));
    if seed == course.seed {
        course.inspect(|tape: &Tape| judge(&reader, tape, &train.batch(&[0, 1, 2, 3])).0)?;
    }
    Ok((reader, accuracy.unwrap_or(0.0)))
}

/// A net on bags of words, and its accuracy on the others.
fn learn_bag(net: Sequential, train: &Measured, test: &Measured, seed: u64) -> Result<f64, Box<dyn Error>> {
    let mut net = net;
    let loss = |logits: &Var, praises: &Tensor| {
        loss::binary_cross_entropy_from_logits(logits, &logits.constant(praises), Reduction::Mean)
    };
    let mut trainer = Trainer::of_layer(Adam::new(5e-3), loss).with_epochs(20).with_seed(seed);
    trainer.fit(&mut net, train)?;
    Ok(right(&net.forward(test.inputs.clone()), &test.targets))
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let (mut read, mut linear, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
    for seed in course.seeds(5) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let train = Sentences(sentences(course.pick(2000, 4000), Pairs::Learned, &mut generator));
        let test = Sentences(sentences(1000, Pairs::Unseen, &mut generator));
        let (reader, accuracy) = learn(&train, &test, seed, course)?;
        let (words, bags) = (vocabulary().len(), [train.bags(), test.bags()]);
        let flat = Sequential::new().with(Linear::new(words, 1, &mut generator));
        let deep = Sequential::new().with(Linear::new(words, 32, &mut generator)).with(Relu).with(Linear::new(
            32,
            1,
            &mut generator,
        ));
        read.push(accuracy);
        linear.push(learn_bag(flat, &bags[0], &bags[1], seed)?);
        hidden.push(learn_bag(deep, &bags[0], &bags[1], seed)?);
        if seed == course.seed {
            draw(&reader, &test)?;
        }
    }
    let percent = |shares: &[f64]| 100.0 * mean(shares);
    Outcome::new("sentiment", "sentences from a grammar with negation and contrast, unseen pairs of words", course)
        .with("LSTM, accuracy in %", percent(&read), Limit::AtLeast(95.0))
        .beside("LSTM, worst seed, in %", 100.0 * least(&read))
        .with("bag of words, linear, accuracy in %", percent(&linear), Limit::AtMost(75.0))
        .with("bag of words, hidden layer, accuracy in %", percent(&hidden), Limit::AtMost(75.0))
        .finish()
}

/// What the net thinks while it reads: the first sentences that show how it turns.
fn draw(reader: &Reader, test: &Sentences) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    println!("\nsentences to test on, and the probability of praise at their end:");
    for sentence in test.0.iter().take(14) {
        let thoughts = reader.while_reading(sentence);
        let end = thoughts.last().copied().unwrap_or(0.5);
        println!("  {end:.3}  {}", sentence.words.join(" "));
        let name = if sentence.praises { "praises" } else { "blames" };
        let cells = sentence.words.iter().map(|word| word.to_string()).zip(thoughts).collect();
        rows.push((name.to_string(), cells));
    }
    let path = folder("sentiment")?.join("reading.svg");
    cells::table(&path, "what the net thinks when it has read so far: praise is green", &[], &rows, cells::verdict)?;
    println!("the net while it reads: {}", path.display());
    Ok(())
}
