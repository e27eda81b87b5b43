use super::solution::ch09::*;
use autograd::prelude::*;
use rand::SeedableRng;

/// Three rows, two inputs, two outputs: small whole numbers, so that sums are
/// exact.
fn layer() -> [Tensor<f64>; 3] {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    [x, Tensor::from([[1.0, -1.0], [2.0, 0.0]]), Tensor::from([10.0, 20.0])]
}

exercise!("exercise 9.1", a_layer_is_a_product_and_a_row, {
    let [x, w, b] = layer();
    assert_eq!(linear(&x, &w, &b).to_vec(), [9.0, 22.0, 9.0, 26.0, 9.0, 30.0]);
});

exercise!("exercise 9.2", weights_hear_from_every_row, {
    let [x, ..] = layer();
    let g = Tensor::from([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]);
    // Row 0 is x₀ + 2 x₂, row 1 is x₁ − x₂.
    assert_eq!(by_weight(&g, &x).to_vec(), [11.0, 14.0, -2.0, -2.0]);
});

exercise!("exercise 9.3", what_was_spread_comes_back_as_a_sum, {
    let g = Tensor::from([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]);
    assert_eq!(by_bias(&g).to_vec(), [3.0, 0.0]);
});

exercise!("exercise 9.4", the_scalar_tape_counts_every_neuron, {
    use autograd::{algebra::Algebra, scalar};
    use nn::neuron::Mlp;
    for widths in [vec![2, 16, 16, 1], vec![3, 4, 2]] {
        let net = Mlp::new(&widths, &mut rand::rngs::ChaCha8Rng::seed_from_u64(0));
        let tape = scalar::Tape::new();
        let weights = tape.vars(&net.parameters());
        let before = tape.len();
        let x: Vec<scalar::Var> =
            (0..widths[0]).map(|i| Algebra::constant(i as f64 + 0.5)).collect();
        let _ = net.with(&weights).forward(&x);
        assert_eq!(nodes(&widths), tape.len() - before, "{widths:?}");
    }
});
