//! Which play is it from? `cargo run --release --example textclass`.
//!
//! Passages of sixty words from nine plays of Shakespeare, without stage directions and without the names of who speaks. Three
//! readers: logistic regression on groups of three characters, which is hard to beat where there is little to learn from; long
//! short-term memory, both ways; and a transformer. Both nets see a word as its own row of numbers and the sum of those of
//! its groups of three characters (Bojanowski and others, 2017), so that a word that was never seen still says something.
//!
//! There are some 2,500 passages to learn from, and a net has more weights than that: what keeps it from learning them by heart
//! is dropout, of single numbers and of whole words.
//!
//! What to look at: `target/textclass/plane.svg`, where the passages that no net has seen end up in the plane of their
//! embeddings: plays are islands, and Romans are neighbours.

#[path = "fit/principal_components.rs"]
mod components;
#[path = "course/mod.rs"]
mod course;
#[path = "textclass/passages.rs"]
mod passages;
#[path = "shakespeare/plays.rs"]
mod shakespeare;

use autograd::inspect::Snapshot;
use clap::Parser;
use components::principal_components;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean};
use nn::data::{Dataset, Labelled};
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use passages::{Batch, Lexicon, Tokens, WORDS, counts};
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Tells which play a passage is from: logistic regression, LSTM, transformer")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// Numbers of a word.
const FEATURES: usize = 64;

/// A word as the sum of its own row and the rows of its groups of characters.
#[derive(Module)]
struct Spelled {
    words: Embedding,
    groups: Embedding,
}

impl Spelled {
    fn new(lexicon: &Lexicon, generator: &mut ChaCha8Rng) -> Self {
        let (words, groups) = lexicon.sizes();
        // Smaller than usual: nine rows are added up, and the sum should be of the size of one.
        let mut table = |tokens: usize| {
            let weight = Param::new(Tensor::normal([tokens, FEATURES], 0.0, 0.3, generator));
            Embedding { weight, padding: None }
        };
        Spelled { words: table(words), groups: table(groups).with_padding(0) }
    }

    /// `[batch, words, FEATURES]`. In training a part of the words is left out.
    fn forward<A: Array>(&self, near: &A, batch: &Batch) -> A {
        let own = self.words.forward(&Ids::new(near, batch.words.clone()));
        let spelled = self.groups.forward(&Ids::new(near, batch.groups.clone())).sum_axes(2);
        let kept = near.constant(&Tensor::ones([batch.plays.len(), WORDS, 1])).dropout(0.3);
        ((own + spelled) * kept).dropout(0.3)
    }
}

/// What reads a passage.
trait Reader: Module {
    /// The embedding of each passage, `[batch, …]`.
    fn embed<A: Array>(&self, near: &A, batch: &Batch) -> A;

    /// What tells the plays apart by it.
    fn output(&self) -> &Linear;
}

/// The largest and the mean of each feature over the words, joined.
fn pooled<A: Array>(words: A) -> A {
    A::concat(&[&words.max_axes(1), &words.mean_axes(1)], -1)
}

#[derive(Module)]
struct Recurrent {
    spelled: Spelled,
    memory: Lstm,
    output: Linear,
}

impl Recurrent {
    fn new(lexicon: &Lexicon, generator: &mut ChaCha8Rng) -> Self {
        let both = Recurrence::new().bidirectional().batch_first();
        Recurrent {
            spelled: Spelled::new(lexicon, generator),
            memory: Lstm::with(FEATURES, FEATURES / 2, both, generator),
            output: Linear::new(2 * FEATURES, 9, generator),
        }
    }
}

impl Reader for Recurrent {
    fn embed<A: Array>(&self, near: &A, batch: &Batch) -> A {
        pooled(self.memory.forward(self.spelled.forward(near, batch), None).0)
    }

    fn output(&self) -> &Linear {
        &self.output
    }
}

#[derive(Module)]
struct Transformer {
    spelled: Spelled,
    positions: SinusoidalPositions,
    block: EncoderBlock<f32, Gelu>,
    output: Linear,
}

impl Transformer {
    fn new(lexicon: &Lexicon, generator: &mut ChaCha8Rng) -> Self {
        let block = EncoderBlock::new(FEATURES, 4, 2 * FEATURES, generator);
        Transformer {
            spelled: Spelled::new(lexicon, generator),
            positions: SinusoidalPositions::new(WORDS, FEATURES),
            block: block.with_norm_first().with_activation(Gelu).with_dropout(0.1),
            output: Linear::new(2 * FEATURES, 9, generator),
        }
    }
}

impl Reader for Transformer {
    fn embed<A: Array>(&self, near: &A, batch: &Batch) -> A {
        pooled(self.block.forward(self.positions.forward(self.spelled.forward(near, batch))))
    }

    fn output(&self) -> &Linear {
        &self.output
    }
}

fn judge<R: Reader>(reader: &R, tape: &Tape, batch: &Batch) -> (Var, Var) {
    let embedded = reader.embed(&tape.constant(&Tensor::scalar(0.0)), batch);
    let logits = reader.output().forward(embedded.dropout(0.5));
    (logits.cross_entropy(&batch.plays), logits)
}

/// The share of passages whose play a reader tells, after learning.
fn learn<R: Reader>(
    reader: &mut R,
    train: &Tokens,
    test: &Tokens,
    course: &Course,
    seed: u64,
) -> Result<f64, Box<dyn Error>> {
    let (epochs, size) = (course.pick(2, 16), 32);
    let mut trainer = Trainer::new(AdamW::new(2e-3).with_weight_decay(0.05), judge::<R>)
        .with_metric("accuracy", |logits, batch: &Batch| metrics::accuracy(&metrics::argmax(logits), &batch.plays))
        .with_batch_size(size)
        .with_epochs(epochs)
        .with_schedule(Cosine::new(2e-3, epochs * train.len().div_ceil(size) as u64))
        .with_clip_norm(1.0)
        .with_seed(seed);
    if seed == course.seed {
        trainer = trainer.with_lines().with_validation(test);
    }
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

fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let plays = shakespeare::plays();
    let (mut counted, mut recurrent, mut attending) = (Vec::new(), Vec::new(), Vec::new());
    for seed in course.seeds(5) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let (mut train, test) = passages::passages(&plays, &mut generator);
        if course.quick {
            train = train.into_iter().step_by(2).collect();
        }
        let lexicon = Lexicon::of(&train);
        let [rows, unseen] = counts(&train, &test);
        let (tokens, others) = (Tokens::of(&train, &lexicon), Tokens::of(&test, &lexicon));
        counted.push(100.0 * regress(&rows, &unseen, seed)?);
        let mut reader = Recurrent::new(&lexicon, &mut generator);
        recurrent.push(100.0 * learn(&mut reader, &tokens, &others, course, seed)?);
        let mut attends = Transformer::new(&lexicon, &mut generator);
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
            course.write_inspection(|| {
                let (tape, batch) = (Tape::keeping().with_key(Key::new(seed)), tokens.batch(&[0, 1]));
                Snapshot::of_backward(&judge(&attends, &tape, &batch).0.named("loss"))
            })?;
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
fn draw(reader: &Transformer, test: &Tokens, plays: &[shakespeare::Play]) -> Result<(), Box<dyn Error>> {
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
