//! Lesson 17, attacks and what a network looks at: `cargo run --release --example robust`.
//!
//! The gradient of the loss with respect to the *input* says how to change a picture so that the network errs: one step along its
//! signs (FGSM; Goodfellow, Shlens and Szegedy, 2015), or many small ones within the same bound (PGD; Madry et al., 2018). A
//! network that learns from pictures so attacked, made anew for every batch, withstands them. Usually it pays with some of what
//! it had on clean ones; with few pictures, as here, it may even gain, since attacked pictures are more pictures.
//!
//! The same gradient tells what the network looks at: as it is (saliency), or averaged on the way from an empty picture to
//! this one (integrated gradients; Sundararajan, Taly and Yan, 2017), which then add up to the difference of the outputs.
//!
//! Look at `target/robust/attacks.svg`: a reader sees no other digit; and at `looks.svg`.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Image, Ink, Series};
use course::{Course, Limit, Outcome, largest, mean};
use nn::data::{self, Labelled};
use nn::prelude::*;
use std::error::Error;
use std::io;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "FGSM and PGD attacks, adversarial training, saliency and integrated gradients")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// How far each pixel may be moved, of 1
    #[arg(long, default_value_t = 0.15)]
    bound: f64,
}

fn net(generator: &mut ChaCha8Rng) -> Sequential {
    Sequential::new()
        .with(Conv2d::new(1, 16, [3, 3], generator).with_padding([1, 1]))
        .with(Relu)
        .with(MaxPool2d::new([2, 2]))
        .with(Conv2d::new(16, 32, [3, 3], generator).with_padding([1, 1]))
        .with(Relu)
        .with(Flatten)
        .with(Linear::new(32 * 16, 64, generator))
        .with(Relu)
        .with(Linear::new(64, 10, generator))
}

/// The gradient of the loss with respect to the inputs. The sweep finds those of the weights too; nobody asks for them.
fn slope(net: &Sequential, x: &Tensor, labels: &[usize]) -> Tensor {
    let tape = Tape::new();
    let x = tape.var(x.clone());
    net.forward(x.clone()).cross_entropy(labels).backward().of(&x).or_zeros()
}

/// `steps` steps of `length` along the signs of the gradient, never further than `bound` from where it began, within 0…1. One
/// step as long as the bound is FGSM, many shorter ones are PGD.
fn attacked(net: &Sequential, x: &Tensor, labels: &[usize], bound: f64, length: f64, steps: usize) -> Tensor {
    let (low, high) = (x - bound as f32, x + bound as f32);
    let mut moved = x.clone();
    for _ in 0..steps {
        moved = &moved + slope(net, &moved, labels).sign() * length as f32;
        moved = moved.maximum(&low).minimum(&high).clamp(0.0, 1.0);
    }
    moved
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let (course, bound) = (&options.course, options.bound);
    let images = |rows: Labelled| Labelled { inputs: rows.inputs.reshape([-1, 1, 8, 8]), ..rows };
    let (train, test) = data::digits().split_at(1437);
    let (train, test) = (images(train), images(test));
    println!("{} digits, tested on {} by unseen writers; each pixel may move by {bound}", train.len(), test.len());
    println!("            plain training             adversarial training");
    println!("seed   clean    FGSM     PGD      clean    FGSM     PGD");

    let (mut gained, mut lost, mut remainder, mut shown) = (Vec::new(), Vec::new(), Vec::new(), None);
    for seed in course.seeds(5) {
        let nets = [fit(&train, false, options, seed)?, fit(&train, true, options, seed)?];
        let scores = nets.each_ref().map(|net| {
            let attacks = [(bound, 0), (bound, 1), (bound / 4.0, 20)];
            attacks.map(|(length, steps)| accuracy(net, &test, bound, length, steps))
        });
        let [plain, robust] = scores;
        let line = scores.map(|scores| scores.map(|score| format!("{score:5.1} %")).join("  "));
        println!("{seed:4} {}    {}", line[0], line[1]);
        gained.push(robust[2] - plain[2]);
        lost.push(plain[0] - robust[0]);
        remainder.push(largest(&(0..10).map(|row| integrated(&nets[1], &test, row).1).collect::<Vec<_>>()));
        shown.get_or_insert(nets);
    }
    if let Some([plain, robust]) = shown {
        draw(&plain, &robust, &test, bound)?;
        course.inspect(|tape: &Tape| {
            let x = tape.var(test.inputs.slice(0, ..1)).named("picture");
            plain.forward(x).cross_entropy(&test.labels[..1])
        })?;
    }
    let (gain, loss) = course.pick((15.0, 8.0), (20.0, 5.0));
    Outcome::new("robust", "digits, by unseen writers", course)
        .with(
            format!("accuracy under PGD gained, points, mean of {}", gained.len()),
            mean(&gained),
            Limit::AtLeast(gain),
        )
        .with(format!("clean accuracy lost, points, mean of {}", lost.len()), mean(&lost), Limit::AtMost(loss))
        .with(
            "integrated gradients: what is missing of the difference, of it",
            largest(&remainder),
            Limit::AtMost(0.05),
        )
        .finish()
}

/// Trains by hand: the batch is attacked, then learned from.
fn fit(train: &Labelled, adversarial: bool, options: &Options, seed: u64) -> io::Result<Sequential> {
    let mut net = net(&mut ChaCha8Rng::seed_from_u64(seed));
    let (epochs, batch) = (options.course.pick(8, 25), 64);
    let steps = epochs * train.len().div_ceil(batch) as u64;
    let (mut optimizer, schedule) = (AdamW::new(5e-3), nn::schedule::OneCycle::new(5e-3, steps));
    let (mut step, mut watch) = (0, options.course.watch_loop("robust")?);
    for epoch in 0..epochs {
        for (x, labels) in data::batches(train, batch, seed << 32 | epoch) {
            let x = match adversarial {
                true => attacked(&net, &x, &labels, options.bound, options.bound / 2.0, 4),
                false => x,
            };
            optimizer.set_learning_rate(schedule.rate(step));
            let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
            optimizer.step(&mut net, &gradients);
            watch.after_step(&net, &gradients);
            step += 1;
        }
    }
    watch.finish()?;
    Ok(net)
}

fn accuracy(net: &Sequential, data: &Labelled, bound: f64, length: f64, steps: usize) -> f64 {
    let x = attacked(net, &data.inputs, &data.labels, bound, length, steps);
    100.0 * metrics::accuracy(&metrics::argmax(&net.forward(x)), &data.labels)
}

/// The gradient of the logit of a picture's own class with respect to its pixels.
fn saliency(net: &Sequential, x: &Tensor, label: usize) -> Tensor {
    let tape = Tape::new();
    let x = tape.var(x.clone());
    let logits = net.forward(x.clone());
    logits.slice(1, label as isize..=label as isize).sum().backward().of(&x).or_zeros()
}

/// The picture times the mean of the saliency on the straight way to it from an empty one, by the midpoint rule; and by how
/// much the sum of it misses the difference of the logit at both ends, as a part of that difference.
fn integrated(net: &Sequential, data: &Labelled, row: usize) -> (Tensor, f64) {
    const POINTS: usize = 100;
    let (x, label) = (data.inputs.slice(0, row as isize..=row as isize).contiguous(), data.labels[row]);
    let way = Tensor::from_fn([POINTS, 1, 1, 1], |i| (i as f32 + 0.5) / POINTS as f32);
    let mean = saliency(net, &(&x * &way), label).mean_keep(0);
    let parts = &x * &mean;
    let logit = |x: &Tensor| f64::from(net.forward(x.clone()).to_vec()[label]);
    let difference = logit(&x) - logit(&Tensor::zeros(x.shape()));
    let missing = (f64::from(parts.sum().item()) - difference).abs() / difference.abs();
    (parts, missing)
}

fn draw(plain: &Sequential, robust: &Sequential, test: &Labelled, bound: f64) -> Result<(), Box<dyn Error>> {
    let folder = course::folder("robust")?;
    let (x, labels) = (test.inputs.slice(0, ..10).contiguous(), &test.labels[..10]);
    let (mut pictures, mut looks) = (Vec::new(), Vec::new());
    let cut = |all: &Tensor, row: usize| all.slice(0, row as isize..=row as isize).to_vec();
    let moved = attacked(plain, &x, labels, bound, bound / 4.0, 20);
    let read = metrics::argmax(&plain.forward(moved.clone()));
    let withstood = metrics::argmax(&robust.forward(attacked(robust, &x, labels, bound, bound / 4.0, 20)));
    pictures.extend((0..10).map(|row| Image::square(format!("a {}", labels[row]), cut(&x, row), Ink::Grey)));
    pictures.extend((0..10).map(|row| Image::square("change", cut(&(&moved - &x), row), Ink::Signed)));
    pictures.extend((0..10).map(|row| Image::square(format!("read as {}", read[row]), cut(&moved, row), Ink::Grey)));
    let right = metrics::correct(&withstood, labels);
    let title = format!(
        "PGD makes pixels darker (blue) and lighter (red); after adversarial training {right} of these 10 withstand it"
    );
    picture::images(folder.join("attacks.svg"), &title, 10, 72, &pictures)?;

    looks.extend((0..10).map(|row| Image::square(format!("a {}", labels[row]), cut(&x, row), Ink::Grey)));
    for (name, net) in [("plain", plain), ("robust", robust)] {
        let salient = (0..10).map(|row| saliency(net, &x.slice(0, row..=row).contiguous(), labels[row as usize]));
        looks.extend(salient.map(|map| Image::square(format!("{name}: saliency"), map.to_vec(), Ink::Signed)));
        let parts = (0..10).map(|row| integrated(net, test, row).0);
        looks.extend(parts.map(|map| Image::square(format!("{name}: integr."), map.to_vec(), Ink::Signed)));
    }
    let title = "what speaks for the right class (blue) and against it (red): saliency, and integrated gradients";
    picture::images(folder.join("looks.svg"), title, 10, 80, &looks)?;

    let bounds: Vec<f64> = (0..=6).map(|i| 0.05 * f64::from(i)).collect();
    let curve = |net: &Sequential| {
        bounds.iter().map(|&bound| (bound, accuracy(net, test, bound, bound / 4.0, 20))).collect::<Vec<_>>()
    };
    let series = [Series::line("plain training", curve(plain)), Series::line("adversarial training", curve(robust))];
    picture::chart(
        folder.join("bounds.svg"),
        "under PGD, by how far a pixel may move",
        ["bound", "right, %"],
        &series,
    )?;
    println!("pictures: {}/", folder.display());
    Ok(())
}
