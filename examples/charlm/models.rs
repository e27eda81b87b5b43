//! Four models of the next character, from counting to attention. But for the counts, each reads tokens `[batch, time]` and gives
//! the logits of what comes next at every place, `[batch, time, characters]`, knowing what came before it and no more.

use nn::init::Init;
use nn::prelude::*;

/// A model of the next character.
pub trait Language: Module {
    fn logits<A: Array>(&self, tokens: &Ids<A>) -> A;
}

/// How often each character follows each: the probability is `(count + 1)/(sum + characters)`.
pub struct Bigram {
    counts: Vec<Vec<f64>>,
}

impl Bigram {
    pub fn count(text: &[usize], characters: usize) -> Self {
        let mut counts = vec![vec![1.0; characters]; characters];
        for pair in text.windows(2) {
            counts[pair[0]][pair[1]] += 1.0;
        }
        Bigram { counts }
    }

    /// The mean of `−ln p` of each character behind the first.
    pub fn loss(&self, text: &[usize]) -> f64 {
        let sums: Vec<f64> = self.counts.iter().map(|row| row.iter().sum()).collect();
        let surprise = |pair: &[usize]| (sums[pair[0]] / self.counts[pair[0]][pair[1]]).ln();
        text.windows(2).map(surprise).sum::<f64>() / (text.len() - 1) as f64
    }
}

/// A net with one hidden layer over the last sixteen characters. Source: Bengio and others, 2003.
#[derive(Module)]
pub struct Mlp {
    characters: Embedding,
    hidden: Linear,
    output: Linear,
}

/// How many characters it sees.
const SEES: usize = 16;

impl Mlp {
    pub fn new(characters: usize, hidden: usize, generator: &mut ChaCha8Rng) -> Self {
        Mlp {
            characters: Embedding::new(characters, 16, generator),
            hidden: Linear::new(16 * SEES, hidden, generator),
            output: Linear::new(hidden, characters, generator),
        }
    }
}

impl Language for Mlp {
    fn logits<A: Array>(&self, tokens: &Ids<A>) -> A {
        let rows = self.characters.forward(tokens);
        let time = rows.shape()[1] as isize;
        let before = rows.pad(&[[0, 0], [SEES - 1, 0], [0, 0]], Padding::Constant(0.0));
        let shifted: Vec<A> = (0..SEES as isize).map(|shift| before.slice(1, shift..shift + time)).collect();
        let seen = A::concat(&shifted.iter().collect::<Vec<_>>(), -1);
        self.output.forward(self.hidden.forward(seen).tanh())
    }
}

/// Long short-term memory over characters.
#[derive(Module)]
pub struct Recurrent {
    characters: Embedding,
    memory: Lstm,
    output: Linear,
}

impl Recurrent {
    pub fn new(characters: usize, hidden: usize, generator: &mut ChaCha8Rng) -> Self {
        Recurrent {
            characters: Embedding::new(characters, 64, generator),
            memory: Lstm::with(64, hidden, Recurrence::new().batch_first(), generator),
            output: Linear::new(hidden, characters, generator),
        }
    }
}

impl Language for Recurrent {
    fn logits<A: Array>(&self, tokens: &Ids<A>) -> A {
        let (outputs, _) = self.memory.forward(self.characters.forward(tokens), None);
        self.output.forward(outputs)
    }
}

/// A transformer of causal blocks with rotary positions.
#[derive(Module)]
pub struct Transformer {
    characters: Embedding,
    blocks: Vec<EncoderBlock<f32, Gelu>>,
    norm: LayerNorm,
    output: Linear,
}

impl Transformer {
    pub fn new(characters: usize, time: usize, features: usize, layers: usize, generator: &mut ChaCha8Rng) -> Self {
        let heads = 4;
        let block = |generator: &mut ChaCha8Rng| {
            let mut block = EncoderBlock::new(features, heads, 4 * features, generator)
                .with_norm_first()
                .with_activation(Gelu)
                .causal();
            block.self_attn = block.self_attn.with_rotary(RotaryPositions::new(time, features / heads));
            // Small at first, so that what a block adds does not drown what came in. Source: Radford and others, 2019.
            let small = Init::Normal { mean: 0.0, deviation: 0.02 / (2.0 * layers as f64).sqrt() };
            for last in [&mut block.self_attn.out_proj.weight, &mut block.linear2.weight] {
                *last = Param::new(small.tensor(last.value().shape(), generator));
            }
            block
        };
        let blocks = (0..layers).map(|_| block(generator)).collect();
        let mut embedding = Embedding::new(characters, features, generator);
        embedding.weight = Param::new(Tensor::normal([characters, features], 0.0, 0.1, generator));
        let output = Linear::new(features, characters, generator);
        Transformer { characters: embedding, blocks, norm: LayerNorm::new([features]), output }
    }
}

impl Language for Transformer {
    fn logits<A: Array>(&self, tokens: &Ids<A>) -> A {
        let x = self.blocks.iter().fold(self.characters.forward(tokens), |x, block| block.forward(x));
        self.output.forward(self.norm.forward(x))
    }
}
