use super::problems::{Recurrent, agree, reference};
use super::sum;
use autograd::algebra::Algebra;
use autograd::scalar;

fn objective<A: Algebra>(net: &Recurrent, x: &[A]) -> A {
    let b = net.b;
    let (main, extra) = x.split_at(8 * net.layers * b);
    let mut state: Vec<A> = net.state.iter().map(|&s| A::constant(s)).collect();
    let steps: Vec<&[f64]> = net.sequence.chunks(b).collect();
    let mut total = A::constant(0.0);
    for pair in steps.windows(2) {
        let mut input: Vec<A> = (0..b).map(|i| extra[i] * pair[0][i]).collect();
        for (w, state) in main.chunks(8 * b).zip(state.chunks_mut(2 * b)) {
            for i in 0..b {
                let (hidden, cell) = (state[i], state[b + i]);
                let gate = |g: usize, x: A| x * w[g * b + i] + w[(4 + g) * b + i];
                let cell = cell * gate(0, input[i]).sigmoid() + gate(1, hidden).sigmoid() * gate(3, hidden).tanh();
                input[i] = gate(2, input[i]).sigmoid() * cell.tanh();
                (state[i], state[b + i]) = (input[i], cell);
            }
        }
        let y: Vec<A> = (0..b).map(|i| input[i] * extra[b + i] + extra[2 * b + i]).collect();
        let z = (sum(y.iter().map(|y| y.exp())) + 2.0).ln();
        total = total + sum((0..b).map(|i| (y[i] - z) * pair[1][i]));
    }
    -total / ((steps.len() - 1) * b) as f64
}

#[test]
fn long_short_term_memory() {
    for name in ["lstm_l2_c1024", "lstm_l4_c1024"] {
        let (net, want) = (Recurrent::read(name), reference(name));
        let (value, slope) = scalar::gradient(|x| objective(&net, x), &net.parameters);
        agree(&[value], &want["objective"]);
        agree(&slope, &want["gradient"]);
    }
}
