//! Training in steady state as the system's allocator sees it: no memory for numbers is asked for, and every step keeps the
//! same books. Alone in its process, so that the counts are its own.

use nn::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The tensors of these networks are larger, and what a tape notes of its nodes is smaller.
const LARGE: usize = 1 << 16;

static ALL: AtomicUsize = AtomicUsize::new(0);
static LARGE_ONES: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
struct Counting;

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALL.fetch_add(1, Relaxed);
        LARGE_ONES.fetch_add(usize::from(layout.size() >= LARGE), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations, and how many large ones, each of several steps makes once the pool is filled.
fn counts(step: &mut dyn FnMut()) -> Vec<(usize, usize)> {
    let mut counted = Vec::with_capacity(20);
    for i in 0..25 {
        let before = (ALL.load(Relaxed), LARGE_ONES.load(Relaxed));
        step();
        if i >= 5 {
            counted.push((ALL.load(Relaxed) - before.0, LARGE_ONES.load(Relaxed) - before.1));
        }
    }
    counted
}

fn labels(count: usize) -> Indices {
    (0..count).map(|i| i * 3 % 10).collect::<Vec<_>>().into()
}

/// Two convolutions with pooling and two linear layers, Adam.
fn convolutions() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Conv2d::new(4, 32, [3, 3], &mut generator))
        .with(Relu)
        .with(MaxPool2d::new([2, 2]))
        .with(Conv2d::new(32, 64, [3, 3], &mut generator))
        .with(Relu)
        .with(Flatten)
        .with(Linear::new(64 * 25, 64, &mut generator))
        .with(Tanh)
        .with(Linear::new(64, 10, &mut generator));
    let (x, labels) = (Tensor::uniform([16, 4, 16, 16], 0.0, 1.0, &mut generator), labels(16));
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        optimizer.step(&mut net, &gradients);
    }
}

#[derive(Module)]
struct Recurrent {
    lstm: Lstm,
    head: Linear,
}

/// An LSTM whose last output is classified, gradient descent with momentum.
fn recurrent() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let mut net = Recurrent { lstm: Lstm::new(64, 128, &mut generator), head: Linear::new(128, 10, &mut generator) };
    let (x, labels) = (Tensor::uniform([8, 32, 64], 0.0, 1.0, &mut generator), labels(32));
    let mut optimizer = Sgd::new(0.01).with_momentum(0.9);
    move || {
        let (_, gradients) = gradient(|tape| {
            let (_, state) = net.lstm.forward(tape.constant(&x), None);
            net.head.forward(state.hidden.squeeze(0)).cross_entropy(&labels)
        });
        optimizer.step(&mut net, &gradients);
    }
}

/// One test, since another one beside it would be counted, too; on one thread, as each has a pool of its own.
#[test]
fn a_step_in_steady_state_asks_for_no_buffer() {
    let run = || {
        for (name, step) in [("convolutions", &mut convolutions() as &mut dyn FnMut()), ("LSTM", &mut recurrent())] {
            let counted = counts(step);
            assert!(counted.iter().all(|&(_, large)| large == 0), "{name}: allocations, large ones: {counted:?}");
            assert!(counted.windows(2).all(|pair| pair[0] == pair[1]), "{name}: allocations, large ones: {counted:?}");
        }
    };
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(run);
    #[cfg(not(feature = "parallel"))]
    run();
    // The counter counts.
    let before = LARGE_ONES.load(Relaxed);
    drop(std::hint::black_box(vec![1_u8; LARGE]));
    assert_eq!(LARGE_ONES.load(Relaxed), before + 1);
}
