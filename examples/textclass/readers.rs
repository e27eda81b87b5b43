//! Nets that read a passage: words by their spelling, what each means where it stands, and an average that weighs them.

use super::passages::{Batch, Lexicon, WORDS};
use nn::prelude::*;

/// Numbers of a word.
const FEATURES: usize = 64;

/// A word as the sum of its own row and the rows of its groups of characters.
#[derive(Module)]
struct Spelled {
    words: Embedding,
    groups: Embedding,
}

impl Spelled {
    fn new(lexicon: &Lexicon, generator: &mut ChaCha8Rng) -> Self {
        let (words, groups) = lexicon.sizes();
        // Small: nine rows are added up, and what a rare word begins with is noise.
        let mut table = |tokens: usize| {
            let weight = Param::new(Tensor::normal([tokens, FEATURES], 0.0, 0.1, generator));
            Embedding { weight, padding: None }
        };
        Spelled { words: table(words), groups: table(groups).with_padding(0) }
    }

    /// `[batch, words, FEATURES]`. In training a part of the words is left out.
    fn forward<A: Array>(&self, near: &A, batch: &Batch) -> A {
        let own = self.words.forward(&Ids::new(near, batch.words.clone()));
        let spelled = self.groups.forward(&Ids::new(near, batch.groups.clone())).sum_axes(2);
        let kept = near.constant(&Tensor::ones([batch.plays.len(), WORDS, 1])).dropout(0.3);
        ((own + spelled) * kept).dropout(0.3)
    }
}

/// What makes of each word what it means where it stands, `[batch, words, FEATURES]` as it gets them.
pub trait Context: Module {
    fn read<A: Array>(&self, words: A) -> A;
}

/// Long short-term memory, both ways.
#[derive(Module)]
pub struct Recurrent {
    norm: LayerNorm,
    memory: Lstm,
}

impl Recurrent {
    pub fn new(generator: &mut ChaCha8Rng) -> Self {
        let both = Recurrence::new().bidirectional().batch_first();
        Recurrent { norm: LayerNorm::new([FEATURES]), memory: Lstm::with(FEATURES, FEATURES / 2, both, generator) }
    }
}

impl Context for Recurrent {
    fn read<A: Array>(&self, words: A) -> A {
        let (states, _) = self.memory.forward(self.norm.forward(words.clone()), None);
        words + states.dropout(0.3)
    }
}

/// A transformer of one block. What it knows of places is in its attention alone, so that an average is one of words.
#[derive(Module)]
pub struct Attending {
    block: EncoderBlock<f32, Gelu>,
}

impl Attending {
    pub fn new(generator: &mut ChaCha8Rng) -> Self {
        let heads = 4;
        let block = EncoderBlock::new(FEATURES, heads, 2 * FEATURES, generator);
        let mut block = block.with_norm_first().with_activation(Gelu).with_dropout(0.2);
        block.self_attn = block.self_attn.with_rotary(RotaryPositions::new(WORDS, FEATURES / heads));
        Attending { block }
    }
}

impl Context for Attending {
    fn read<A: Array>(&self, words: A) -> A {
        self.block.forward(words)
    }
}

/// Tells the plays apart by an average over the words, weighted by how much each says: most say nothing.
#[derive(Module)]
pub struct Reader<C: Context> {
    spelled: Spelled,
    context: C,
    weigh: Linear,
    pub output: Linear,
}

impl<C: Context> Reader<C> {
    pub fn new(lexicon: &Lexicon, context: C, generator: &mut ChaCha8Rng) -> Self {
        Reader {
            spelled: Spelled::new(lexicon, generator),
            context,
            weigh: Linear::new(FEATURES, 1, generator),
            output: Linear::new(FEATURES, 9, generator),
        }
    }

    /// The embedding of each passage, `[batch, FEATURES]`.
    pub fn embed<A: Array>(&self, near: &A, batch: &Batch) -> A {
        let words = self.context.read(self.spelled.forward(near, batch));
        (self.weigh.forward(words.clone()).softmax(1) * words).sum_axes(1)
    }
}
