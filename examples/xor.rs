//! Exclusive or with two hidden units: `cargo run --release --example xor`.
//!
//! 2-2-1, rectifier then sigmoid, binary cross-entropy on probabilities, Adam, one row a step, 1,000 epochs, weights by
//! Glorot and biases 0, as a Keras user would write it. Two rectifiers are just enough, so some starts fail; the
//! example says how many, and why.

use clap::Parser;
use nn::data;
use nn::init::Init;
use nn::prelude::*;

#[derive(Parser)]
#[command(about = "Learns exclusive or with two hidden units, and explains the starts that fail")]
struct Options {
    /// Fixes the initial weights
    #[arg(long, default_value_t = 2)]
    seed: u64,
    /// Passes over the truth table
    #[arg(long, default_value_t = 1000)]
    epochs: usize,
    /// The learning rate of Adam
    #[arg(long, default_value_t = 0.01)]
    lr: f64,
    /// How many seeds the success rate is taken over
    #[arg(long, default_value_t = 20)]
    trials: u64,
}

#[derive(Module)]
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        self.output.forward(self.hidden.forward(x).relu()).sigmoid()
    }
}

fn main() {
    let options = Options::parse();
    let net = train(options.seed, &options);
    println!("after {} epochs from seed {}:", options.epochs, options.seed);
    let table = data::xor();
    for (row, p) in table.inputs.to_vec().chunks(2).zip(net.forward(table.inputs.clone()).to_vec()) {
        println!("  {} xor {} = {}   (probability of 1: {p:.4})", row[0], row[1], u8::from(p > 0.5));
    }
    println!("{} of 4 right", right(&net));

    let nets: Vec<(u64, Net)> = (0..options.trials).map(|seed| (seed, train(seed, &options))).collect();
    let solved = nets.iter().filter(|(_, net)| right(net) == 4).count();
    println!("\nsuccess rate over {} seeds: {solved} of {}", options.trials, options.trials);
    for (seed, net) in nets.iter().filter(|(_, net)| right(net) < 4) {
        println!("  seed {seed:2} has {} right: {}", right(net), diagnosis(net));
    }
}

fn train(seed: u64, options: &Options) -> Net {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut net = Net {
        hidden: Linear::with_init(2, 2, Init::GlorotUniform, &mut generator),
        output: Linear::with_init(2, 1, Init::GlorotUniform, &mut generator),
    };
    let (table, mut optimizer) = (data::xor(), Adam::new(options.lr));
    for epoch in 0..options.epochs {
        for (x, labels) in data::batches(&table, 1, seed << 32 | epoch as u64) {
            let target = Tensor::from([[labels[0] as f32]]);
            let (_, gradients) = gradient(|tape| {
                let p = net.forward(tape.constant(&x));
                loss::binary_cross_entropy(&p, &tape.constant(&target), Reduction::Mean)
            });
            optimizer.step(&mut net, &gradients);
        }
    }
    net
}

/// How many rows of the truth table come out right.
fn right(net: &Net) -> usize {
    let table = data::xor();
    let predicted = net.forward(table.inputs).to_vec();
    predicted.iter().zip(&table.labels).filter(|(p, label)| usize::from(**p > 0.5) == **label).count()
}

/// Why a net cannot do better, read off the net itself.
fn diagnosis(net: &Net) -> String {
    let table = data::xor();
    let before = net.hidden.forward(table.inputs.clone());
    let largest = before.max_axes(0).to_vec();
    for (unit, &value) in largest.iter().enumerate() {
        if value <= 0.0 {
            return format!(
                "hidden unit {unit} is dead: its input is at most {value:.2} on all four rows, so it passes nothing and \
                 no gradient reaches it; one rectifier alone cannot bend twice"
            );
        }
    }
    // Two rows of different classes that the hidden layer maps to the same place cannot be told apart.
    let hidden = before.relu();
    let rows: Vec<Vec<f32>> = hidden.to_vec().chunks(2).map(<[f32]>::to_vec).collect();
    for a in 0..4 {
        for b in a + 1..4 {
            let distance = (rows[a][0] - rows[b][0]).hypot(rows[a][1] - rows[b][1]);
            if table.labels[a] != table.labels[b] && distance < 0.05 {
                let name = |row: usize| format!("({}, {})", row / 2, row % 2);
                return format!(
                    "rows {} and {} of different classes meet in the hidden layer (distance {distance:.3}): both units \
                     look the same way",
                    name(a),
                    name(b)
                );
            }
        }
    }
    let target = Tensor::from([[0.0_f32], [1.0], [1.0], [0.0]]);
    let (loss, gradients) = gradient(|tape| {
        let p = net.forward(tape.constant(&table.inputs));
        loss::binary_cross_entropy(&p, &tape.constant(&target), Reduction::Mean)
    });
    let squares: f32 = net.parameters().iter().map(|(_, p)| gradients.of(*p).or_zeros().square().sum().item()).sum();
    let norm = squares.sqrt();
    if norm < 0.05 {
        format!(
            "it rests in a flat place: loss {loss:.3} with a gradient of norm {norm:.1e}, and no row can be gained by a small step"
        )
    } else {
        format!("it was still moving: loss {loss:.3}, gradient norm {norm:.2}; more epochs may solve it")
    }
}
