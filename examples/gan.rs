//! Lesson 12, two nets against each other: `cargo run --release --example gan`.
//!
//! A generator makes samples out of noise; a discriminator learns to tell them from real ones; the generator learns from the
//! discriminator's gradient, and never sees anything real. Played naively this forgets modes, or goes round in circles. What
//! helps here (Huang and others, 2024, "R3GAN"): the discriminator compares pairs, a real and a made one, so that leaving a mode
//! out always costs; and pays for its own slope at both, `γ/2 (‖∇D(x)‖² + ‖∇D(G(z))‖²)`, which makes the game settle. That
//! penalty is a gradient inside the loss: the sweep that makes it is recorded, and differentiated again.
//!
//! Two games: points on a ring of eight clouds, where one can count what is covered, then handwritten digits, which a
//! convolutional network judges that has learned real ones.
//!
//! Look at `target/gan/ring.svg`, real and made points, and at `target/gan/digits.svg`, digits that nobody wrote.

#[path = "course/mod.rs"]
mod course;
#[path = "gan/judge.rs"]
mod judge;
#[path = "gan/ring.rs"]
mod ring;

use clap::Parser;
use course::picture::{self, Image, Ink, Series};
use course::{Course, Limit, Outcome, folder, least, mean};
use judge::Judge;
use nn::data;
use nn::prelude::*;
use nn::schedule::Cosine;
use rand::RngExt;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "A generative adversarial network on a ring of Gaussians, then on digits")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// A generator of samples from noise, and a discriminator of samples.
struct Game {
    generator: Sequential,
    discriminator: Sequential,
    /// How many numbers of noise a sample is made from.
    noise: usize,
    /// What the discriminator pays for its slope.
    gamma: f32,
    /// The learning rate at the start, of both.
    rate: f64,
}

impl Game {
    /// So many numbers of noise, hidden units in each of two layers, and numbers of a sample.
    fn new([noise, hidden, sample]: [usize; 3], gamma: f32, rate: f64, draw: &mut ChaCha8Rng) -> Self {
        let mut net = |inputs: usize, outputs: usize| {
            Sequential::new()
                .with(Linear::new(inputs, hidden, draw))
                .with(LeakyRelu { slope: 0.2 })
                .with(Linear::new(hidden, hidden, draw))
                .with(LeakyRelu { slope: 0.2 })
                .with(Linear::new(hidden, outputs, draw))
        };
        Game { generator: net(noise, sample), discriminator: net(sample, 1), noise, gamma, rate }
    }

    /// So many samples.
    fn make(&self, count: usize, draw: &mut ChaCha8Rng) -> Tensor {
        self.generator.forward(Tensor::normal([count, self.noise], 0.0, 1.0, draw))
    }

    /// What the discriminator makes small: `softplus(D(made) − D(real))` in the mean over pairs, and its slope.
    fn told_apart(&self, tape: &Tape, real: &Tensor, made: &Tensor) -> Var {
        let [real, made] = [real, made].map(|samples| tape.var(samples.clone()));
        let [at_real, at_made] = [&real, &made].map(|x| self.discriminator.forward(x.clone()));
        let slope = |x: &Var, y: &Var| y.sum().backward_recorded().of(x).or_zeros_on(x).square().sum_axes(1).mean();
        let steep = slope(&real, &at_real) + slope(&made, &at_made);
        (&at_made - &at_real).softplus().mean() + steep * (self.gamma / 2.0)
    }

    /// What the generator makes small: the same with the sides changed.
    fn fooled(&self, tape: &Tape, real: &Tensor, noise: &Tensor) -> Var {
        let made = self.discriminator.forward(self.generator.forward(tape.constant(noise)));
        (self.discriminator.forward(tape.constant(real)) - &made).softplus().mean()
    }

    /// Both play in turn, for so many rounds.
    fn play(
        &mut self,
        rounds: u64,
        draw: &mut ChaCha8Rng,
        course: &Course,
        real: impl Fn(&mut ChaCha8Rng) -> Tensor,
    ) -> std::io::Result<()> {
        let mut watch = course.watch_loop("gan")?;
        // Without momentum: what the other side does changes at every step.
        let adam = || Adam::new(self.rate).with_beta1(0.0).with_beta2(0.99);
        let (mut learn_making, mut learn_telling) = (adam(), adam());
        let rates = Cosine::new(self.rate, rounds).with_least(0.01 * self.rate);
        for round in 0..rounds {
            learn_making.set_learning_rate(rates.rate(round));
            learn_telling.set_learning_rate(rates.rate(round));
            let samples = real(draw);
            let size = samples.shape()[0];
            let made = self.make(size, draw);
            let (_, gradients) = gradient(|tape| self.told_apart(tape, &samples, &made));
            learn_telling.step(&mut self.discriminator, &gradients);

            let noise = Tensor::normal([size, self.noise], 0.0, 1.0, draw);
            let (_, gradients) = watch.gradient(&self.generator, |tape| self.fooled(tape, &samples, &noise));
            learn_making.step(&mut self.generator, &gradients);
            watch.after_step(&self.generator, &gradients);
        }
        watch.finish()
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let (digits, unseen) = data::digits().split_at(1437);
    let (judge, accuracy) = Judge::learn(&digits, &unseen, 15)?;
    println!("the judge is right on {:.1} % of the digits of unseen writers", 100.0 * accuracy);
    let (mut near, mut poorest, mut classes, mut doubts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for seed in course.seeds(5) {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let mut points = Game::new([8, 64, 2], 0.5, 5e-3, &mut draw);
        points.play(course.pick(2000, 10_000), &mut draw, course, |draw| ring::sample(128, draw))?;
        let made = points.make(4000, &mut draw);
        let cover = ring::cover(&made);

        let mut pictures = Game::new([32, 128, 64], 1.0, 2e-3, &mut draw);
        let real = |draw: &mut ChaCha8Rng| {
            let rows: Vec<usize> = (0..64).map(|_| draw.random_range(0..digits.len())).collect();
            digits.inputs.index_select(0, &rows)
        };
        pictures.play(course.pick(800, 3000), &mut draw, course, real)?;
        let drawn = pictures.make(2000, &mut draw);
        let sure = judge.sure(&drawn);
        let appear = sure.iter().filter(|&&count| count >= 20).count();
        println!(
            "seed {seed}: {:.1} % of the points near a cloud, the poorest holds {:.1} %; digits that appear: {appear} {sure:?}",
            100.0 * cover.near,
            100.0 * cover.poorest
        );
        near.push(100.0 * cover.near);
        poorest.push(100.0 * cover.poorest);
        classes.push(appear as f64);
        doubts.push(100.0 * (1.0 - sure.iter().sum::<usize>() as f64 / 2000.0));
        if seed == course.seed {
            show(&made, &drawn, &mut draw)?;
            let (real, made) = (ring::sample(4, &mut draw), points.make(4, &mut draw));
            course.inspect(|tape: &Tape| points.told_apart(tape, &real, &made))?;
        }
    }
    Outcome::new("gan", "a ring of 8 Gaussians; digits, judged by a convolutional network", course)
        .with("points within 3σ of a cloud in %, worst seed", least(&near), Limit::AtLeast(course.pick(50.0, 80.0)))
        .with(
            "points in the poorest of 8 clouds in %, worst seed",
            least(&poorest),
            Limit::AtLeast(course.pick(2.0, 5.0)),
        )
        .with(
            "digits of which 1 % or more of the pictures are, worst seed",
            least(&classes),
            Limit::AtLeast(course.pick(5.0, 8.0)),
        )
        .beside("pictures that the judge is not sure of, in %", mean(&doubts))
        .beside("the judge on real digits of unseen writers, right in %", 100.0 * accuracy)
        .finish()
}

/// Points beside real ones, and the first made digits.
fn show(points: &Tensor, digits: &Tensor, draw: &mut ChaCha8Rng) -> Result<(), Box<dyn Error>> {
    let folder = folder("gan")?;
    let dots = |name: &str, points: &Tensor| {
        Series::points(name, points.to_vec().chunks(2).take(1000).map(|p| (f64::from(p[0]), f64::from(p[1]))))
    };
    let groups = [dots("real", &ring::sample(1000, draw)), dots("made", points)];
    picture::plane(folder.join("ring.svg"), "a ring of eight clouds", &groups)?;
    let digits = digits.to_vec();
    let pictures: Vec<Image> =
        digits.chunks(64).take(100).map(|digit| Image::square("", digit.to_vec(), Ink::Grey)).collect();
    picture::images(folder.join("digits.svg"), "digits that nobody wrote", 20, 48, &pictures)?;
    println!("what was made: {0}/ring.svg, {0}/digits.svg", folder.display());
    Ok(())
}
