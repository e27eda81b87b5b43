//! Whole training runs give the same bits: again, on any number of threads, and with segments that are recomputed.

use nn::prelude::*;

/// Tokens and numbers into one network with dropout, large enough that work is split among threads.
#[derive(Module)]
struct Net<T: Real = f32> {
    table: Embedding<T>,
    enter: Linear<T>,
    middle: Linear<T>,
    leave: Linear<T>,
    #[module(skip)]
    recomputed: bool,
}

impl<T: Real> Net<T> {
    fn new(recomputed: bool) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(11);
        Net {
            table: Embedding::new(900, 160, &mut generator),
            enter: Linear::new(160, 160, &mut generator),
            middle: Linear::new(160, 160, &mut generator),
            leave: Linear::new(160, 10, &mut generator),
            recomputed,
        }
    }

    fn segment<A: Array<T>>(&self, x: A, f: impl FnOnce(A) -> A) -> A {
        if self.recomputed { x.recompute(f) } else { f(x) }
    }

    fn forward(&self, tape: &Tape<T>, tokens: &[usize], x: &Tensor<T>) -> Var<T> {
        let y = self.table.forward(&tape.ids(tokens)) + tape.constant(x);
        let y = self.segment(y, |y| {
            let y = Dropout { p: 0.2 }.forward(self.enter.forward(y).gelu());
            // A segment within a segment.
            self.segment(y, |y| Dropout { p: 0.5 }.forward(self.middle.forward(y.clone()).tanh() + y))
        });
        let y = self.segment(y, |y| y.softmax(-1) * T::from_f64(100.0) + Dropout { p: 0.1 }.forward(y));
        self.leave.forward(y)
    }
}

/// The bits of every loss and of every weight after some steps.
fn train<T: Real>(recomputed: bool) -> Vec<u64> {
    const ROWS: usize = 900;
    let (mut net, mut optimizer) = (Net::<T>::new(recomputed), AdamW::new(0.01));
    let x = Tensor::<T>::normal([ROWS, 160], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(12));
    let tokens: Vec<usize> = (0..ROWS).map(|i| i * 7 % 50).collect();
    let labels: Vec<usize> = (0..ROWS).map(|i| i * 3 % 10).collect();
    let mut bits = Vec::new();
    for step in 0..4 {
        let (loss, gradients) = gradient_at(Key::new(13).at_step(step), |tape| {
            net.forward(tape, &tokens, &x).cross_entropy(labels.clone())
        });
        optimizer.step(&mut net, &gradients);
        bits.push(loss.to_f64().to_bits());
    }
    bits.extend(net.values().iter().flat_map(Tensor::to_vec).map(|w| w.to_f64().to_bits()));
    bits
}

/// What a second run, other numbers of threads and recomputation give, against one plain run.
fn every_way_is_the_same<T: Real>() {
    let plain = train::<T>(false);
    assert_eq!(plain, train::<T>(false), "a second run");
    assert_eq!(plain, train::<T>(true), "recomputed");
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(plain, pool.install(|| train::<T>(false)), "{threads} threads");
        assert_eq!(plain, pool.install(|| train::<T>(true)), "{threads} threads, recomputed");
    }
    // It learned something, so the steps were ones, and not all numbers are alike.
    let (first, last) = (f64::from_bits(plain[0]), f64::from_bits(plain[3]));
    assert!(last < first && first.is_finite(), "{first} {last}");
}

#[test]
fn in_single_precision() {
    every_way_is_the_same::<f32>();
}

#[test]
fn in_double_precision() {
    every_way_is_the_same::<f64>();
}

/// A sequence at once, whose batch is divided, and step by step, where one of its rows ends early: there products are divided
/// because they follow each other closely.
#[test]
#[cfg(feature = "parallel")]
fn the_steps_of_a_sequence() {
    let train = || {
        let mut lstm = Lstm::<f32>::new(24, 128, &mut ChaCha8Rng::seed_from_u64(21));
        let (x, mut optimizer) =
            (Tensor::normal([40, 17, 24], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(22)), Sgd::new(0.1));
        for last in [40, 39, 40, 39] {
            let mut lengths = [40; 17];
            lengths[16] = last;
            let (_, gradients) =
                gradient(|tape| lstm.forward_padded(tape.constant(&x), &lengths, None).0.square().mean());
            optimizer.step(&mut lstm, &gradients);
        }
        lstm.values().iter().flat_map(Tensor::to_vec).map(f32::to_bits).collect::<Vec<_>>()
    };
    let plain = train();
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(plain, pool.install(train), "{threads} threads");
    }
}

/// Another seed, another step: other masks, so the equality above is not that of a run without randomness.
#[test]
fn the_masks_matter() {
    let (net, x) = (Net::<f32>::new(false), Tensor::ones([8, 160]));
    let loss = |key: Key| gradient_at(key, |tape| net.forward(tape, &[1; 8], &x).cross_entropy([0; 8])).0;
    let here = loss(Key::new(1));
    assert_eq!(here, loss(Key::new(1)));
    assert_ne!(here, loss(Key::new(2)));
    assert_ne!(here, loss(Key::new(1).at_step(1)));
}
