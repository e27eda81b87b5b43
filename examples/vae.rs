//! Lesson 11, pictures as a few numbers: `cargo run --release --example vae`.
//!
//! An autoencoder squeezes digits of 64 pixels into two numbers and makes pictures of them again. Principal components do so by
//! a linear map, and no linear map does better; the autoencoder bends, so it must do better than they. A variational
//! autoencoder (Kingma and Welling, 2013) gives each picture a cloud in the place of a point, and pays for how far that cloud is
//! from the standard one, `loss = −ELBO = Σ cross-entropy + KL`; so that any point between the clouds becomes a picture, too.
//!
//! Three figures judge it: the reconstruction of writers who were never seen, beside principal components; how well clusters
//! of the wider latents (k-means, no labels) fit the digits; and a stated run, followed step by step (`vae/golden.rs`).
//!
//! Look at `target/vae/latent.svg`, where each digit went, and at `target/vae/plane.svg`, what each point becomes.

#[path = "fit/principal_components.rs"]
mod components;
#[path = "course/mod.rs"]
mod course;
#[path = "vae/golden.rs"]
mod golden;
#[path = "vae/kmeans.rs"]
mod kmeans;

use clap::Parser;
use components::principal_components;
use course::picture::{self, Image, Ink, Series};
use course::{Course, Limit, Outcome, folder, largest, least, mean};
use kmeans::{k_means, purity};
use nn::data::{self, Labelled};
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "An autoencoder and a variational one on digits: a latent plane, clusters, reconstructions")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// Encoder and decoder, each with one hidden layer. Without noise, and with `mu` alone, it is an autoencoder.
#[derive(Module)]
struct Vae<T: Real = f32> {
    enc: Linear<T>,
    /// The middle of a picture's cloud.
    mu: Linear<T>,
    /// The logarithm of its variance along each axis.
    logvar: Linear<T>,
    dec1: Linear<T>,
    dec2: Linear<T>,
}

impl<T: Real> Vae<T> {
    fn new(pixels: usize, hidden: usize, latent: usize, generator: &mut ChaCha8Rng) -> Self {
        Vae {
            enc: Linear::new(pixels, hidden, generator),
            mu: Linear::new(hidden, latent, generator),
            logvar: Linear::new(hidden, latent, generator),
            dec1: Linear::new(latent, hidden, generator),
            dec2: Linear::new(hidden, pixels, generator),
        }
    }

    fn encode<A: Array<T>>(&self, x: A) -> (A, A) {
        let hidden = self.enc.forward(x).tanh();
        (self.mu.forward(hidden.clone()), self.logvar.forward(hidden))
    }

    /// The logits of the pixels.
    fn decode<A: Array<T>>(&self, z: A) -> A {
        self.dec2.forward(self.dec1.forward(z).tanh())
    }

    /// What becomes of pictures `[n, pixels]`, each put through the middle of its cloud.
    fn reconstruct<A: Array<T>>(&self, x: A) -> A {
        let (mean, _) = self.encode(x);
        self.decode(mean).sigmoid()
    }
}

/// The squared error of a picture, in the mean over pictures.
fn squared_error<A: Array>(y: A, x: &A) -> A {
    (y - x).square().sum_axes(1).mean()
}

/// `−ELBO` of a picture in the mean over pictures, and its part that is the divergence. The cloud is drawn from by its middle,
/// its deviation and noise, so that the gradient reaches both (the "reparametrisation trick").
fn elbo_loss<A: Array<T>, T: Real>(net: &Vae<T>, x: &A, noise: Option<&Tensor<T>>) -> (A, A) {
    let (mean, log_variance) = net.encode(x.clone());
    let z = match noise {
        Some(noise) => (log_variance.clone() * T::from_f64(0.5)).exp() * x.constant(noise) + &mean,
        None => mean.clone(),
    };
    let pixels = loss::binary_cross_entropy_from_logits(&net.decode(z), x, Reduction::None).sum_axes(1).mean();
    let divergence = loss::gaussian_kl(&mean, &log_variance, Reduction::Mean);
    (pixels + &divergence, divergence)
}

/// Learns to give back what came in.
fn autoencoder(train: &Labelled, latent: usize, seed: u64, course: &Course) -> Result<Vae, Box<dyn Error>> {
    fit(train, latent, seed, course, |net, tape, x| {
        let x = tape.constant(x);
        squared_error(net.reconstruct(x.clone()), &x)
    })
}

/// Learns clouds.
fn variational(train: &Labelled, latent: usize, seed: u64, course: &Course) -> Result<Vae, Box<dyn Error>> {
    fit(train, latent, seed, course, move |net, tape, x| {
        let x = tape.constant(x);
        // The step's own noise: the same run draws the same.
        let noise = x.draw().map(|draw| Tensor::normal([x.shape()[0], latent], 0.0, 1.0, &mut draw.generator()));
        elbo_loss(net, &x, noise.as_ref()).0
    })
}

fn fit(
    train: &Labelled,
    latent: usize,
    seed: u64,
    course: &Course,
    loss: impl Fn(&Vae, &Tape, &Tensor) -> Var,
) -> Result<Vae, Box<dyn Error>> {
    let (epochs, size) = (course.pick(60, 150), 50);
    let mut net = Vae::new(64, 128, latent, &mut ChaCha8Rng::seed_from_u64(seed));
    let objective = |net: &Vae, tape: &Tape, (x, _): &(Tensor, Vec<usize>)| loss(net, tape, x);
    let trainer = Trainer::new(Adam::new(3e-3), objective)
        .with_batch_size(size)
        .with_epochs(epochs)
        .with_schedule(Cosine::new(3e-3, epochs * train.len().div_ceil(size) as u64))
        .with_seed(seed);
    course.watch("vae", trainer)?.fit(&mut net, train)?;
    Ok(net)
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let followed = golden::follow()?;
    println!("the stated run: last loss {:.6}, stated {:.6}", followed.loss, followed.stated);

    let (train, test) = data::digits().split_at(1437);
    let by_components = components_error(&train, &test);
    println!("unseen writers, squared error of a picture by 2 principal components: {by_components:.3}");
    let (mut errors, mut purities, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for seed in course.seeds(5) {
        let plane = variational(&train, 2, seed, course)?;
        let (loss, divergence) = elbo_loss(&plane, &test.inputs, None);
        let bent = autoencoder(&train, 2, seed, course)?;
        let error = f64::from(squared_error(bent.reconstruct(test.inputs.clone()), &test.inputs).item());
        let wide = variational(&train, WIDE, seed, course)?;
        let clusters = k_means(&wide.encode(train.inputs.clone()).0, 10, &mut ChaCha8Rng::seed_from_u64(seed));
        let purity = purity(&clusters, &train.labels);
        println!(
            "seed {seed}: squared error {error:.3}; plane of clouds: loss {:.2}, of it divergence {:.2}; purity {purity:.3}",
            loss.item(),
            divergence.item()
        );
        errors.push(error);
        purities.push(purity);
        losses.push(f64::from(loss.item()));
        if seed == course.seed {
            draw(&plane, &test)?;
            course.inspect(|tape: &Tape| {
                let x = tape.constant(&train.inputs.slice(0, ..8));
                let noise = Tensor::normal([8, 2], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(seed));
                elbo_loss(&plane, &x, Some(&noise)).0
            })?;
        }
    }
    Outcome::new("vae", "digits, the last 360 by unseen writers", course)
        .beside("2 principal components, squared error of a picture", by_components)
        .with("autoencoder of the same width, worst seed", largest(&errors), Limit::Below(by_components))
        .with(
            "stated run, last loss beside the stated one, off by",
            (followed.loss / followed.stated - 1.0).abs(),
            Limit::AtMost(0.02),
        )
        .with("stated run, worst step off by", followed.worst, Limit::AtMost(0.02))
        .with("purity of 10 clusters of the latents, mean", mean(&purities), Limit::AtLeast(course.pick(0.65, 0.7)))
        .beside("purity, worst seed", least(&purities))
        .beside("plane of clouds, loss of a picture at the middle of its cloud", mean(&losses))
        .finish()
}

/// How wide the latents are that are clustered.
const WIDE: usize = 16;

/// The squared error of the others by the principal components of those to learn from.
fn components_error(train: &Labelled, test: &Labelled) -> f64 {
    let middle = train.inputs.mean_axes(0);
    let [train, test] = [train, test].map(|set| (&set.inputs - &middle).cast::<f64>());
    let directions = principal_components(&train, 2, &mut ChaCha8Rng::seed_from_u64(0));
    let back = test.matmul(&directions.transpose()).matmul(&directions);
    (back - test).square().sum_axes(1).mean().item()
}

/// Where digits of unseen writers are in the plane, and what becomes of its points.
fn draw(net: &Vae, test: &Labelled) -> Result<(), Box<dyn Error>> {
    let folder = folder("vae")?;
    let places = net.encode(test.inputs.clone()).0.to_vec();
    let group = |digit: usize| {
        let own = places.chunks(2).zip(&test.labels).filter(move |(_, label)| **label == digit);
        Series::points(&digit.to_string(), own.map(|(z, _)| (f64::from(z[0]), f64::from(z[1]))))
    };
    let caption = "the middle of each digit's cloud, writers never seen";
    picture::plane(folder.join("latent.svg"), caption, &(0..10).map(group).collect::<Vec<_>>())?;
    let side = 17;
    let points = Tensor::from_fn([side * side, 2], |i| {
        let (row, column) = (i / 2 / side, i / 2 % side);
        let along = |place: usize| 5.0 * (place as f32 / (side - 1) as f32 - 0.5);
        if i % 2 == 0 { along(column) } else { -along(row) }
    });
    let pictures = net.decode(points).sigmoid().to_vec();
    let pictures: Vec<Image> = pictures.chunks(64).map(|digit| Image::square("", digit.to_vec(), Ink::Grey)).collect();
    picture::images(
        folder.join("plane.svg"),
        "what the points of the plane become, from −2.5 to 2.5",
        side,
        32,
        &pictures,
    )?;
    println!("the plane: {0}/latent.svg, {0}/plane.svg", folder.display());
    Ok(())
}
