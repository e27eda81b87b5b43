//! Tied weights: `cargo run --release --example tied`.
//!
//! An autoencoder whose decoder is its encoder transposed: one `Param`, brought in twice. To share a weight is to hold one
//! parameter; its gradient is the sum over its uses, because both are edges from the same leaf. Fed digits less their
//! mean, `x ↦ x Wᵀ W` can at best do what principal components do, and so can two matrices of their own, which are twice
//! as many weights: how far either is from perfect is known.
//!
//! Seen at the seeds 0 to 31: tied weights end within 0.0005 % of the least possible error, two matrices within 0.012 %.

#[path = "fit/principal_components.rs"]
mod components;

use autograd::check::gradcheck;
use clap::Parser;
use components::principal_components;
use nn::data;
use nn::prelude::*;

#[derive(Parser)]
#[command(about = "Trains an autoencoder with tied weights, and compares it with principal components")]
struct Options {
    /// Fixes the initial weights
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Numbers that an image of 64 pixels is squeezed into
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=50))]
    code: u64,
    /// Steps of Adam, each on all images
    #[arg(long, default_value_t = 800)]
    steps: u64,
    /// The learning rate at the start; it falls to 0 along a half cosine
    #[arg(long, default_value_t = 2e-2)]
    lr: f64,
}

/// Encoder and decoder are one matrix. Shape `[code, pixels]`.
#[derive(Module)]
struct Tied<T: Real = f32> {
    weight: Param<T>,
}

impl<T: Real> Layer<T> for Tied<T> {
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let code = x.linear(&x.param(&self.weight), None);
        code.matmul(&x.param(&self.weight))
    }
}

/// The same with a matrix each.
#[derive(Module)]
struct Untied<T: Real = f32> {
    encoder: Param<T>,
    decoder: Param<T>,
}

impl<T: Real> Layer<T> for Untied<T> {
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let code = x.linear(&x.param(&self.encoder), None);
        code.matmul(&x.param(&self.decoder))
    }
}

/// The squared distance between an image and what comes back, in the mean over images.
fn error<T: Real, A: Array<T>>(net: &impl Layer<T>, x: A) -> A {
    (net.forward(x.clone()) - x).square().sum_axes(1).mean()
}

fn main() {
    let options = Options::parse();
    let (train, test) = data::digits().split_at(1437);
    let mean = train.inputs.mean_axes(0);
    let [train, test] = [train.inputs, test.inputs].map(|images| images - &mean);
    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let code = options.code as usize;
    let mut start = || Param::new(Tensor::normal([code, 64], 0.0, 0.1, &mut generator));
    let (mut tied, mut untied) = (Tied { weight: start() }, Untied { encoder: start(), decoder: start() });
    check_sum_of_uses(&tied.weight.value().cast(), &train.slice(0, ..20).cast());
    fit(&mut tied, &train, &options);
    fit(&mut untied, &train, &options);

    // In f64, for they come closer to each other than f32 can tell.
    let images = [train.cast::<f64>(), test.cast()];
    let precise = |weight: &Param| Param::new(weight.value().cast());
    let tied = Tied { weight: precise(&tied.weight) };
    let untied = Untied { encoder: precise(&untied.encoder), decoder: precise(&untied.decoder) };
    let components = Tied { weight: Param::new(principal_components(&images[0], code, &mut generator)) };
    println!("{} images of 64 pixels, squeezed into {code} numbers each; squared error an image", train.shape()[0]);
    println!("                     weights   of those it learned from   of writers it never saw");
    let shared = row("tied", &tied, &images);
    let apart = row("untied", &untied, &images);
    let least = row("principal components", &components, &images);
    let above = |error: f64| 100.0 * (error / least - 1.0).max(0.0);
    println!(
        "squared error above the least possible: tied {:.3} % with {} weights, untied {:.3} % with {}",
        above(shared),
        tied.parameter_count(),
        above(apart),
        untied.parameter_count()
    );
}

/// Prints one line of the table, and returns the error on the images that it learned from.
fn row(name: &str, net: &(impl Layer<f64> + Module<f64>), images: &[Tensor<f64>; 2]) -> f64 {
    let [seen, unseen] = images.each_ref().map(|images| error(net, images.clone()).item());
    println!("{name:20} {:7} {seen:26.4} {unseen:25.4}", net.parameter_count());
    seen
}

/// Adam's steps on all images.
fn fit(net: &mut (impl Layer + Module), images: &Tensor, options: &Options) {
    let mut optimizer = Adam::new(options.lr);
    for step in 0..options.steps {
        let progress = step as f64 / options.steps as f64;
        optimizer.set_learning_rate(options.lr * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()));
        let (_, gradients) = gradient(|tape| error(net, tape.constant(images)));
        optimizer.step(net, &gradients);
    }
}

/// The gradient of the shared matrix against the sum of those of two matrices of the same value, and against differences.
fn check_sum_of_uses(weight: &Tensor<f64>, images: &Tensor<f64>) {
    let tied = Tied { weight: Param::new(weight.clone()) };
    let untied = Untied { encoder: Param::new(weight.clone()), decoder: Param::new(weight.clone()) };
    let (_, shared) = gradient(|tape| error(&tied, tape.constant(images)));
    let (_, apart) = gradient(|tape| error(&untied, tape.constant(images)));
    let [encoder, decoder] = [&untied.encoder, &untied.decoder].map(|part| apart.of(part).or_zeros());
    let shared = shared.of(&tied.weight).or_zeros();
    let largest = |x: &Tensor<f64>| x.abs().max().item();
    println!(
        "largest entry of the gradient: as encoder {:.4}, as decoder {:.4}, shared {:.4}",
        largest(&encoder),
        largest(&decoder),
        largest(&shared)
    );
    let apart = largest(&(&shared - (encoder + decoder))) / largest(&shared);
    println!("shared - (encoder + decoder): {apart:.0e} of it");
    let loss = tied.of_parameters(|tape| error(&tied, tape.constant(images)));
    println!("{}\n", gradcheck(&tied.values(), |w| loss(&w.to_vec())).named("the shared weight"));
}
