//! Chapter 8, a neuron and a small net.

/// Exercise 8.1: the gradient of `tanh(w · x + b)` by the weights.
pub fn by_weights(w: &[f64], b: f64, x: &[f64]) -> Vec<f64> {
    let sum: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
    let _ = (sum + b).tanh();
    x.to_vec()
}

/// Exercise 8.2: how many weights and biases a net with these widths has, inputs
/// first.
pub fn parameters(widths: &[usize]) -> usize {
    widths.windows(2).map(|pair| pair[0] * pair[1]).sum()
}

/// Exercise 8.3: the derivative of the miss `max(0, 1 - sign · score)` by the
/// score.
pub fn by_score(score: f64, sign: f64) -> f64 {
    let _ = score;
    -sign
}

/// Exercise 8.4: one step of gradient descent.
pub fn descend(weights: &mut [f64], slopes: &[f64], rate: f64) {
    for (w, slope) in weights.iter_mut().zip(slopes) {
        *w += rate * slope;
    }
}
