//! What a run says to whoever listens. In a program of its own: what is enabled is remembered for a whole process.

use nn::prelude::*;
use nn::train::{Checkpoints, Trainer};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Notes events as text.
struct Listener(Arc<Mutex<Vec<String>>>);

/// An event's fields as text, its message first.
#[derive(Default)]
struct Text(String, String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => write!(self.0, "{value:?}").unwrap(),
            "path" => self.1.push_str(" path"),
            name => write!(self.1, " {name}={value:?}").unwrap(),
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "nn::train"
    }
    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.0.lock().unwrap().push(format!("{} {}{}", event.metadata().level(), text.0, text.1));
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_run_tells_what_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut line = Linear::<f32>::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0));
    line.set_values(&[Tensor::zeros([2, 2]), Tensor::zeros([2])]);
    tracing::subscriber::with_default(Listener(Arc::clone(&heard)), || {
        Trainer::of_layer(Sgd::new(0.0), |y, labels: &Vec<usize>| y.cross_entropy(labels))
            .with_batch_size(2)
            .with_checkpoints(Checkpoints::in_folder(folder.path()))
            .fit(&mut line, &nn::data::xor())
            .unwrap();
    });
    // All scores are 0 and stay so: every loss is ln 2.
    insta::assert_snapshot!(heard.lock().unwrap().join("\n"), @r#"
    INFO run step=0 steps=2
    DEBUG step epoch=1 step=1 loss=0.6931471824645996 rate=0.0
    DEBUG step epoch=1 step=2 loss=0.6931471824645996 rate=0.0
    INFO epoch epoch=1 step=2 loss=0.6931471824645996 values={"loss": 0.6931471824645996}
    INFO checkpoint step=2 path
    INFO end step=2 reason=all epochs are done
    "#);
}
