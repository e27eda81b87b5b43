//! Lesson 8, which play is it from? `cargo run --release --example textclass`.
//!
//! Passages of sixty words from nine plays of Shakespeare, without stage directions and without the names of who speaks. Three
//! readers: logistic regression on groups of three characters, which is hard to beat where there is little to learn from; long
//! short-term memory, both ways; and a transformer. Both nets see a word as its own row of numbers and the sum of those of
//! its groups of three characters (Bojanowski and others, 2017), so that a word that was never seen still says something.
//!
//! There are some 2,700 passages to learn from, and a net has more weights than that: what keeps it from learning them by heart
//! is dropout, of single numbers and of whole words. And as few words of a passage give the play away, each net weighs them: an
//! average of all words alike loses to the counts.
//!
//! Look at `target/textclass/plane.svg`: where passages that no net has seen end up in the plane in which their embeddings vary
//! most. Plays whose people are called by their names are islands.

#[path = "fit/principal_components.rs"]
mod components;
#[path = "course/mod.rs"]
mod course;
#[path = "textclass/passages.rs"]
mod passages;
#[path = "textclass/readers.rs"]
mod readers;
#[path = "shakespeare/plays.rs"]
mod shakespeare;

use clap::Parser;
use components::principal_components;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean};
use nn::data::{Dataset, Labelled};
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use passages::{Batch, Lexicon, Passage, Tokens, counts};
use readers::{Attending, Context, Reader, Recurrent};
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Tells which play a passage is from: logistic regression, LSTM, transformer")]
struct Options {
    #[command(flatten)]
    course: Course,
}

fn judge<C: Context>(reader: &Reader<C>, tape: &Tape, batch: &Batch) -> (Var, Var) {
    let embedded = reader.embed(&tape.constant(&Tensor::scalar(0.0)), batch);
    let logits = reader.output.forward(embedded.dropout(0.5));
    (logits.cross_entropy(&batch.plays), logits)
}

/// The share of passages whose play a reader tells, after learning.
fn learn<C: Context>(
    reader: &mut Reader<C>,
    train: &Tokens,
    test: &Tokens,
    course: &Course,
    seed: u64,
) -> Result<f64, Box<dyn Error>> {
    let (epochs, size) = (course.pick(2, 5), 32);
    let mut trainer = Trainer::new(AdamW::new(5e-3).with_weight_decay(0.05), judge::<C>)
        .with_metric("accuracy", |logits, batch: &Batch| metrics::accuracy(&metrics::argmax(logits), &batch.plays))
        .with_batch_size(size)
        .with_epochs(epochs)
        .with_schedule(Cosine::new(5e-3, epochs * train.len().div_ceil(size) as u64))
        .with_clip_norm(1.0)
        .with_seed(seed);
    if seed == course.seed {
        trainer = trainer.with_lines().with_validation(test);
    }
    let mut trainer = course.watch("textclass", trainer)?;
    trainer.fit(reader, train)?;
    Ok(trainer.evaluate(reader, test)?.get("accuracy").unwrap_or(0.0))
}

/// The same of logistic regression on groups of three characters.
fn regress(train: &Labelled, test: &Labelled, seed: u64) -> Result<f64, Box<dyn Error>> {
    let mut net = Linear::new(train.features(), 9, &mut ChaCha8Rng::seed_from_u64(seed));
    let loss = |logits: &Var, plays: &Vec<usize>| logits.cross_entropy(plays);
    let mut trainer = Trainer::of_layer(Adam::new(1e-2), loss).with_batch_size(64).with_epochs(15).with_seed(seed);
    trainer.fit(&mut net, train)?;
    Ok(metrics::accuracy(&metrics::argmax(&trainer.predict(&net, &test.inputs)?), &test.labels))
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let plays = shakespeare::plays();
    let (mut counted, mut recurrent, mut attending) = (Vec::new(), Vec::new(), Vec::new());
    for seed in course.seeds(3) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let (train, test) = passages::passages(&plays, &mut generator);
        let part = |all: Vec<Passage>| all.into_iter().step_by(course.pick(2, 1)).collect::<Vec<_>>();
        let (train, test) = (part(train), part(test));
        let lexicon = Lexicon::of(&train);
        let [rows, unseen] = counts(&train, &test);
        let (tokens, others) = (Tokens::of(&train, &lexicon), Tokens::of(&test, &lexicon));
        counted.push(100.0 * regress(&rows, &unseen, seed)?);
        let memory = Recurrent::new(&mut generator);
        let mut remembers = Reader::new(&lexicon, memory, &mut generator);
        recurrent.push(100.0 * learn(&mut remembers, &tokens, &others, course, seed)?);
        let attention = Attending::new(&mut generator);
        let mut attends = Reader::new(&lexicon, attention, &mut generator);
        attending.push(100.0 * learn(&mut attends, &tokens, &others, course, seed)?);
        let last = counted.len() - 1;
        println!(
            "seed {seed}: {} passages to learn from, {} others: groups of three {:.1} %, LSTM {:.1} %, transformer {:.1} %",
            tokens.len(),
            others.len(),
            counted[last],
            recurrent[last],
            attending[last]
        );
        if seed == course.seed {
            draw(&attends, &others, &plays)?;
            course.inspect(|tape: &Tape| judge(&attends, tape, &tokens.batch(&[0, 1])).0)?;
        }
    }
    let base = mean(&counted);
    let outcome = Outcome::new("textclass", "passages of 60 words from nine plays, speakers' names stripped", course)
        .beside("logistic regression on groups of 3 characters, right in %", base);
    let limit = if course.quick { Limit::AtLeast(25.0) } else { Limit::Above(base) };
    outcome
        .with("LSTM, right in %", mean(&recurrent), limit)
        .with("transformer, right in %", mean(&attending), limit)
        .finish()
}

/// The embeddings of passages that were not learned from, in the plane in which they vary most.
fn draw(reader: &Reader<Attending>, test: &Tokens, plays: &[shakespeare::Play]) -> Result<(), Box<dyn Error>> {
    let batch = test.batch(&(0..test.len()).collect::<Vec<_>>());
    let embedded = reader.embed(&Tensor::scalar(0.0), &batch);
    let centred = (&embedded - embedded.mean_axes(0)).cast::<f64>();
    let directions = principal_components(&centred, 2, &mut ChaCha8Rng::seed_from_u64(0));
    let places = centred.matmul(&directions.transpose()).to_vec();
    let group = |(number, play): (usize, &shakespeare::Play)| {
        let own = places.chunks(2).zip(&batch.plays).filter(|(_, own)| **own == number);
        Series::points(&play.title, own.map(|(place, _)| (place[0], place[1])))
    };
    let path = folder("textclass")?.join("plane.svg");
    let groups: Vec<_> = plays.iter().enumerate().map(group).collect();
    picture::plane(&path, "unseen passages by their embeddings", &groups)?;
    println!("where passages are: {}", path.display());
    Ok(())
}
