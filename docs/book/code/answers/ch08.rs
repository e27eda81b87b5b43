//! Chapter 8, a neuron and a small net.

// ANCHOR: one
/// Exercise 8.1: the gradient of `tanh(w · x + b)` by the weights.
pub fn by_weights(w: &[f64], b: f64, x: &[f64]) -> Vec<f64> {
    let sum: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
    let o = (sum + b).tanh();
    x.iter().map(|x| (1.0 - o * o) * x).collect()
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 8.2: how many weights and biases a net with these widths has, inputs
/// first.
pub fn parameters(widths: &[usize]) -> usize {
    widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 8.3: the derivative of the miss `max(0, 1 - sign · score)` by the
/// score.
pub fn by_score(score: f64, sign: f64) -> f64 {
    if sign * score < 1.0 { -sign } else { 0.0 }
}
// ANCHOR_END: three

// ANCHOR: four
/// Exercise 8.4: one step of gradient descent.
pub fn descend(weights: &mut [f64], slopes: &[f64], rate: f64) {
    for (w, slope) in weights.iter_mut().zip(slopes) {
        *w -= rate * slope;
    }
}
// ANCHOR_END: four
