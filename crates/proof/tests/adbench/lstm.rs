use super::problems::{Recurrent, agree, reference};
use autograd::prelude::*;
use autograd::transform::value_and_grad;

/// Products are of elements: each of the `b` features has a network of its own.
fn objective<A: Array<f64>>(net: &Recurrent, x: &A) -> A {
    let (layers, b) = (net.layers, net.b);
    let rows = x.reshape([-1, b as isize]);
    let row = |i: usize| rows.slice(0, i as isize..i as isize + 1).squeeze(0);
    let main: Vec<[A; 8]> = (0..layers).map(|layer| std::array::from_fn(|i| row(8 * layer + i))).collect();
    let [input_weight, output_weight, output_bias] = std::array::from_fn(|i| row(8 * layers + i));
    let constant = |numbers: &[f64]| x.constant(&Tensor::from(numbers.to_vec()));
    let mut state: Vec<[A; 2]> =
        net.state.chunks(2 * b).map(|both| [constant(&both[..b]), constant(&both[b..])]).collect();
    let steps: Vec<&[f64]> = net.sequence.chunks(b).collect();
    let mut outputs = Vec::new();
    for step in &steps[..steps.len() - 1] {
        let mut input = constant(step) * &input_weight;
        for (w, [hidden, cell]) in main.iter().zip(&mut state) {
            let gate = |g: usize, x: &A| x.clone() * &w[g] + &w[4 + g];
            *cell = cell.clone() * gate(0, &input).sigmoid() + gate(1, hidden).sigmoid() * gate(3, hidden).tanh();
            input = gate(2, &input).sigmoid() * cell.tanh();
            *hidden = input.clone();
        }
        outputs.push(input * &output_weight + &output_bias);
    }
    let y = A::stack(&outputs.iter().collect::<Vec<_>>(), 0);
    let z = (y.exp().sum_keep(1) + 2.0).ln();
    let next = x.constant(&Tensor::from(net.sequence[b..].to_vec()).reshape(y.shape()));
    (next * (y - z)).sum() / -((outputs.len() * b) as f64)
}

#[test]
fn long_short_term_memory() {
    for name in ["lstm_l2_c1024", "lstm_l4_c1024"] {
        let (net, want) = (Recurrent::read(name), reference(name));
        let (value, slope) = value_and_grad(|x| objective(&net, x), &Tensor::from(net.parameters.clone()));
        agree(&[value], &want["objective"]);
        agree(&slope.to_vec(), &want["gradient"]);
    }
}
