//! What must be true of every picture of a program: paths sum to the gradient, running totals end in it, local derivatives
//! are those of the operation by itself, and what was kept prints the same.

use crate::golden::Pictured;
use crate::programs::{Program, each};
use autograd::inspect::{Numbers, Operand, Snapshot, paths};
use autograd::prelude::*;

/// Holds the pictures of `count` random programs to all of that.
///
/// # Errors
/// A program for which something is not true, shrunk, and what is not true of it.
pub fn run(count: u32, seed: u64) -> Result<(), String> {
    each(count, seed, |program| check(program).map_err(|problem| format!("{problem}\n{program}")))
}

fn check(program: &Program) -> Result<(), String> {
    of(program.inputs(), |x| program.run(x))
}

/// Holds the picture of a function at a point to all of that.
///
/// # Errors
/// What is not true of it.
pub fn of(inputs: &[Tensor<f64>], f: impl Fn(&[Var<f64>]) -> Var<f64>) -> Result<(), String> {
    let tape = Tape::keeping();
    let inputs: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let loss = f(&inputs).sum();
    if loss.node().is_none() {
        return Ok(());
    }
    let snapshot = Snapshot::of_backward(&loss);
    paths_sum(&snapshot, &loss, &inputs)?;
    totals_end_in_the_gradient(&snapshot)?;
    local_derivatives(&snapshot, &tape)?;

    prints_the_same_again(&snapshot)
}

/// Every view of a snapshot that went to JSON and back is that of the snapshot.
fn prints_the_same_again(snapshot: &Snapshot) -> Result<(), String> {
    let again = Snapshot::from_json(&snapshot.to_json()).map_err(|error| error.to_string())?;
    let printed = |s: &Snapshot| {
        let texts = [s.to_string(), s.player().to_string(), s.memory().to_string(), s.audit().to_string()];
        (texts, [s.to_svg(), s.to_dot(), s.to_html(), s.to_json()])
    };
    if printed(&again) != printed(snapshot) {
        return Err("it prints otherwise after a way through JSON".to_string());
    }
    if !snapshot.kinks(&again).flips.is_empty() {
        return Err("its decisions are not the same after a way through JSON".to_string());
    }
    Ok(())
}

/// Holds every view of a program of the reference, on both engines, to the gradient that the reference gives.
///
/// # Errors
/// What is not true of it.
pub fn of_reference(pictured: &Pictured) -> Result<(), String> {
    let Pictured { tensors, scalars, gradient, .. } = pictured;
    let largest = gradient.iter().fold(1e-300, |largest: f64, g| largest.max(g.abs()));
    let same = |what: &str, got: f64, want: f64, cancellation: f64| match (got - want).abs() {
        off if off <= 1e-11 * largest * cancellation.clamp(1.0, 1e9) => Ok(()),
        _ => Err(format!("{what} is {got:e}, and the reference has {want:e}")),
    };
    let whole = tensors.nodes[0].gradient.value().and_then(Numbers::whole).ok_or("the leaf has no gradient")?;
    let root = scalars.root.ok_or("there was no sweep")?;
    for (i, &want) in gradient.iter().enumerate() {
        same(&format!("tensors: gradient {i}"), whole[i], want, 1.0)?;
        let Some(own) = scalars.nodes[i].gradient.value().and_then(Numbers::single) else {
            same(&format!("scalars: gradient {i} that does not exist"), 0.0, want, 1.0)?;
            continue;
        };
        same(&format!("scalars: gradient {i}"), own, want, 1.0)?;
        let found = scalars.paths_between(root, i, 4).map_err(|error| error.to_string())?;
        same(&format!("the sum of {} paths to input {i}", found.count), found.sum, want, found.cancellation)?;
    }
    for snapshot in [tensors, scalars] {
        if let Some(non_finite) = &snapshot.non_finite {
            return Err(format!("nothing here is not finite: {non_finite}"));
        }
        totals_end_in_the_gradient(snapshot)?;
        prints_the_same_again(snapshot)?;
    }
    Ok(())
}

/// The shares of all paths sum to 1, and what all paths bring is the gradient that the sweep finds.
fn paths_sum(snapshot: &Snapshot, loss: &Var<f64>, inputs: &[Var<f64>]) -> Result<(), String> {
    let gradients = loss.backward();
    for (i, x) in inputs.iter().enumerate() {
        let gradient = gradients.of(x).or_zeros().to_vec();
        let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        if norm == 0.0 || snapshot.nodes[i].gradient.value().is_none() {
            continue;
        }
        let found = paths(loss, x, 5);
        let shares = found.paths.iter().map(|path| path.share).sum::<f64>() + found.rest;
        // Many paths cancel; their rounding is measured by what they are without signs.
        let rounding = 1e-10 * found.cancellation.max(1.0);
        if (found.sum - norm).abs() > rounding * norm || (shares - 1.0).abs() > rounding {
            return Err(format!("paths to input {i} sum to {:e}, shares to {shares}: gradient {norm:e}", found.sum));
        }
    }
    Ok(())
}

/// What the player says that a node has got in the end is its gradient, to the bit.
fn totals_end_in_the_gradient(snapshot: &Snapshot) -> Result<(), String> {
    let mut totals: Vec<Option<Numbers>> = vec![None; snapshot.nodes.len()];
    for contribution in snapshot.player().flat_map(|frame| frame.contributions) {
        if contribution.before != totals[contribution.target] {
            return Err(format!("a step does not begin where the one before ended: node {}", contribution.target));
        }
        if let (Some(before), Some(message), Some(after)) =
            (&contribution.before, &contribution.message, &contribution.after)
            && let (Some(before), Some(message), Some(after)) = (before.whole(), message.whole(), after.whole())
            && before.iter().zip(message).zip(after).any(|((b, m), a)| b + m != *a)
        {
            return Err(format!("a total is not the sum that it is said to be: node {}", contribution.target));
        }
        totals[contribution.target] = contribution.after;
    }
    for (node, total) in snapshot.nodes.iter().zip(&totals) {
        if Some(node.id) != snapshot.root && node.gradient.value() != total.as_ref() {
            return Err(format!("totals do not end in the gradient: node {}", node.id));
        }
    }
    Ok(())
}

/// Local derivatives on edges against differences of the one operation.
fn local_derivatives(snapshot: &Snapshot, tape: &Tape<f64>) -> Result<(), String> {
    let h = 1e-6;
    for edge in snapshot.edges.iter() {
        let node = &snapshot.nodes[edge.from];
        let Some(local) = edge.local.as_ref().and_then(Numbers::whole) else { continue };
        let operand = |operand: &Operand| match operand {
            Operand::Node(id) => tensor(snapshot.nodes[*id].value.as_ref()?, &snapshot.nodes[*id].shape),
            Operand::Constant(constant) => tensor(constant.value.as_ref()?, constant.shape.as_ref()?),
        };
        let Some(x) = node.operands.iter().map(operand).collect::<Option<Vec<_>>>() else { continue };
        let moved = |places: &dyn Fn(usize) -> bool, by: f64| -> Result<Vec<f64>, String> {
            let mut x = x.clone();
            x[edge.input].make_mut().iter_mut().enumerate().filter(|(i, _)| places(*i)).for_each(|(_, x)| *x += by);
            let output = tape.reapply(node.id, &x.iter().collect::<Vec<_>>());
            Ok(output.map_err(|error| error.to_string())?.to_vec())
        };
        let difference = |places: &dyn Fn(usize) -> bool| -> Result<Vec<f64>, String> {
            let (above, here, below) = (moved(places, h)?, moved(places, 0.0)?, moved(places, -h)?);
            let central = |((a, x), b): ((&f64, &f64), &f64)| match ((a - x) / h, (x - b) / h) {
                // Where the two sides differ there is a kink, and nothing to compare with.
                (up, down) if (up - down).abs() > 1e-3 * (1.0 + up.abs()) => f64::NAN,
                _ => (a - b) / (2.0 * h),
            };
            Ok(above.iter().zip(&here).zip(&below).map(central).collect())
        };
        let differences: Vec<f64> = match edge.slope {
            // Each element of the result depends on one of the operand: all move at once.
            Some(_) => difference(&|_| true)?,
            None => (0..x[edge.input].elements())
                .map(|i| Ok(difference(&|place| place == i)?[0]))
                .collect::<Result<_, String>>()?,
        };
        // The rounding of the operation's results, divided by the step.
        let largest = moved(&|_| false, 0.0)?.iter().fold(0.0, |largest: f64, y| largest.max(y.abs()));
        let noise = 8.0 * f64::EPSILON * largest / h;
        let off = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-7 * (1.0 + a.abs().max(b.abs())) + noise;
        if local.len() != differences.len() || local.iter().zip(&differences).any(off) {
            let op = &node.op;
            return Err(format!(
                "node {} `{op}`, input {}: {local:?}, differences {differences:?}",
                node.id, edge.input
            ));
        }
    }
    Ok(())
}

fn tensor(numbers: &Numbers, shape: &[usize]) -> Option<Tensor<f64>> {
    Some(Tensor::from_vec(numbers.whole()?.to_vec(), shape))
}
