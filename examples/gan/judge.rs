//! A convolutional network that has learned real digits, to judge made ones by.

use nn::data::Labelled;
use nn::prelude::*;
use nn::train::Trainer;
use std::error::Error;

pub struct Judge(Sequential);

impl Judge {
    /// Learns from digits; tells how often it is right on others.
    pub fn learn(train: &Labelled, test: &Labelled, epochs: u64) -> Result<(Self, f64), Box<dyn Error>> {
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let mut net = Sequential::new()
            .with(Conv2d::new(1, 16, [3, 3], &mut generator).with_padding([1, 1]))
            .with(Relu)
            .with(MaxPool2d::new([2, 2]))
            .with(Conv2d::new(16, 32, [3, 3], &mut generator).with_padding([1, 1]))
            .with(Relu)
            .with(MaxPool2d::new([2, 2]))
            .with(Flatten)
            .with(Linear::new(128, 10, &mut generator));
        let square = |set: &Labelled| Labelled { inputs: set.inputs.reshape([-1, 1, 8, 8]), ..set.clone() };
        let loss = |logits: &Var, labels: &Vec<usize>| logits.cross_entropy(labels);
        let mut trainer = Trainer::of_layer(Adam::new(3e-3), loss).with_epochs(epochs);
        trainer.fit(&mut net, &square(train))?;
        let predicted = metrics::argmax(&trainer.predict(&net, &square(test).inputs)?);
        Ok((Judge(net), metrics::accuracy(&predicted, &test.labels)))
    }

    /// How many of `[n, 64]` pictures are taken for each digit, with a probability of 0.9 or more.
    pub fn sure(&self, pictures: &Tensor) -> [usize; 10] {
        let probabilities = self.0.forward(pictures.reshape([-1, 1, 8, 8])).softmax(-1);
        let mut counts = [0; 10];
        for row in probabilities.to_vec().chunks(10) {
            if let Some(digit) = row.iter().position(|&p| p >= 0.9) {
                counts[digit] += 1;
            }
        }
        counts
    }
}
