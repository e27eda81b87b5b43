//! Lesson 16, learning by trying: `cargo run --release --example policy`.
//!
//! A cart is pushed left or right, so that the pole on it does not fall; each step that it stands is worth 1, and an episode ends
//! after 200. Nobody says which push was right. REINFORCE (Williams, 1992) makes the pushes of an episode likelier by what came
//! of them: the gradient of the mean return is that of `Σ ln π(aₜ|sₜ) (Gₜ − b(sₜ))`, `Gₜ` what came after step `t`, discounted. The
//! baseline `b`, a net that learns to foretell `Gₜ`, changes nothing in the mean and much in the noise.
//!
//! The engine only sees a cross-entropy with weights; the loop around it is the lesson.
//!
//! Look at `target/policy/returns.svg`: how long the pole stands as more is tried, from ten seeds.

#[path = "policy/cart_pole.rs"]
mod cart_pole;
#[path = "course/mod.rs"]
mod course;

use cart_pole::CartPole;
use clap::Parser;
use course::picture::{self, Series};
use course::watch::LoopWatch;
use course::{Course, Limit, Outcome, folder, least, mean};
use nn::prelude::*;
use nn::schedule::Cosine;
use rand::RngExt;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Balances a pole on a cart by policy gradients: REINFORCE with a baseline")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// The longest episode.
const STEPS: usize = 200;
/// What is worth a step later, of what is worth it now.
const DISCOUNT: f32 = 0.99;
/// Episodes in an update.
const EPISODES: usize = 16;

/// What was seen and done in some episodes, and what came of it.
struct Tried {
    seen: Tensor,
    actions: Vec<usize>,
    /// `Gₜ`, `[steps, 1]`.
    returns: Tensor,
    /// How long each episode was.
    lengths: Vec<f64>,
}

fn net(outputs: usize, generator: &mut ChaCha8Rng) -> Sequential {
    Sequential::new().with(Linear::new(4, 32, generator)).with(Tanh).with(Linear::new(32, outputs, generator))
}

/// Plays episodes side by side, choosing by `choose` from the probability of a push to the right.
fn play(
    policy: &Sequential,
    episodes: usize,
    draw: &mut ChaCha8Rng,
    choose: fn(f32, &mut ChaCha8Rng) -> usize,
) -> Tried {
    let mut carts: Vec<CartPole> = (0..episodes).map(|_| CartPole::start(draw)).collect();
    let mut alive: Vec<usize> = (0..episodes).collect();
    let mut record: Vec<Vec<([f32; 4], usize)>> = vec![Vec::new(); episodes];
    for _ in 0..STEPS {
        if alive.is_empty() {
            break;
        }
        let seen: Vec<f32> = alive.iter().flat_map(|&cart| carts[cart].seen()).collect();
        let right = policy.forward(Tensor::from_vec(seen, [alive.len(), 4])).softmax(-1).slice(1, 1..).to_vec();
        for (&cart, right) in alive.iter().zip(right) {
            let action = choose(right, draw);
            record[cart].push((carts[cart].seen(), action));
            carts[cart] = carts[cart].pushed(action);
        }
        alive.retain(|&cart| !carts[cart].is_over());
    }
    let returns = record.iter().flat_map(|steps| {
        let mut after = 0.0;
        let mut returns: Vec<f32> = Vec::new();
        for _ in steps {
            after = 1.0 + DISCOUNT * after;
            returns.push(after);
        }
        returns.into_iter().rev()
    });
    let returns: Vec<f32> = returns.collect();
    let steps = record.concat();
    let seen = steps.iter().flat_map(|(seen, _)| *seen).collect();
    Tried {
        seen: Tensor::from_vec(seen, [steps.len(), 4]),
        actions: steps.iter().map(|(_, action)| *action).collect(),
        returns: Tensor::from_vec(returns, [steps.len(), 1]),
        lengths: record.iter().map(|steps| steps.len() as f64).collect(),
    }
}

/// Either push, as likely as the policy says: to learn, one has to try.
fn by_chance(right: f32, draw: &mut ChaCha8Rng) -> usize {
    usize::from(draw.random::<f32>() < right)
}

/// The likelier push.
fn by_preference(right: f32, _: &mut ChaCha8Rng) -> usize {
    usize::from(right > 0.5)
}

/// `−ln π(a|s) · advantage`, in the mean over steps.
fn policy_loss(policy: &Sequential, tape: &Tape, tried: &Tried, advantages: &Tensor) -> Var {
    let surprise = policy.forward(tape.constant(&tried.seen)).cross_entropy_with(&tried.actions, Reduction::None);
    (surprise * tape.constant(advantages)).mean()
}

/// How much better each step went than was foretold, as a multiple of the usual distance, `[steps]`.
fn advantages(baseline: &Sequential, tried: &Tried) -> Tensor {
    let better = (&tried.returns - worth(baseline, tried.seen.clone())).squeeze(1);
    let usual = better.square().mean().sqrt() + 1e-6;
    better / usual
}

/// What the baseline foretells, `[steps, 1]`, on the scale of returns: a step that never ends is worth `1/(1 − γ)`.
fn worth<A: Array>(baseline: &Sequential, seen: A) -> A {
    baseline.forward(seen) * (1.0 / (1.0 - DISCOUNT))
}

/// What has learned: who acts, who foretells, and the mean return of each update on the way.
struct Learned {
    policy: Sequential,
    baseline: Sequential,
    curve: Vec<(f64, f64)>,
}

fn learn(updates: u64, draw: &mut ChaCha8Rng, watch: &mut LoopWatch) -> Learned {
    let (mut policy, mut baseline) = (net(2, draw), net(1, draw));
    let (mut learn_acting, mut learn_worth) = (Adam::new(1e-2), Adam::new(1e-2));
    let rates = Cosine::new(1e-2, updates);
    let mut curve = Vec::new();
    for update in 0..updates {
        let tried = play(&policy, EPISODES, draw, by_chance);
        curve.push((((update + 1) * EPISODES as u64) as f64, mean(&tried.lengths)));
        let advantages = advantages(&baseline, &tried);
        let (_, gradients) = watch.gradient(&policy, |tape| policy_loss(&policy, tape, &tried, &advantages));
        learn_acting.set_learning_rate(rates.rate(update));
        learn_acting.step(&mut policy, &gradients);
        watch.after_step(&policy, &gradients);
        for _ in 0..5 {
            let (_, gradients) = gradient(|tape| {
                let foretold = worth(&baseline, tape.constant(&tried.seen));
                loss::mse(&foretold, &tape.constant(&tried.returns), Reduction::Mean)
            });
            learn_worth.step(&mut baseline, &gradients);
        }
    }
    Learned { policy, baseline, curve }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let (mut reached, mut curves) = (Vec::new(), Vec::new());
    for seed in course.seeds(10) {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let mut watch = course.watch_loop("policy")?;
        let Learned { policy, baseline, curve } = learn(course.pick(60, 150), &mut draw, &mut watch);
        watch.finish()?;
        let fresh = play(&policy, 100, &mut draw, by_preference);
        println!("seed {seed}: the pole stands {:.1} steps in the mean of 100 fresh episodes", mean(&fresh.lengths));
        reached.push(mean(&fresh.lengths));
        curves.push((format!("seed {seed}"), curve));
        if seed == course.seed {
            let tried = play(&policy, 1, &mut draw, by_chance);
            course.inspect(|tape: &Tape| policy_loss(&policy, tape, &tried, &advantages(&baseline, &tried)))?;
        }
    }
    let path = folder("policy")?.join("returns.svg");
    let curves: Vec<_> = curves.into_iter().map(|(name, curve)| Series::Line(name, curve)).collect();
    picture::chart(&path, "steps that the pole stands", ["episodes tried", "mean of an update"], &curves)?;
    println!("how they learned: {}", path.display());

    let needed = course.pick(150.0, 195.0);
    let solved = reached.iter().filter(|&&steps| steps >= needed).count() as f64;
    let share = 100.0 * solved / reached.len() as f64;
    Outcome::new("policy", "cart-pole, simulated, at most 200 steps", course)
        .with(
            format!("seeds with a mean return of {needed} or more over 100 fresh episodes, in %"),
            share,
            Limit::AtLeast(80.0),
        )
        .beside("mean return over seeds", mean(&reached))
        .beside("mean return, worst seed", least(&reached))
        .finish()
}
