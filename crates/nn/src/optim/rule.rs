//! What an optimizer has to say, and what all of them share: the walk over the parameters, groups, and the one pass over
//! memory.

use super::state::Memory;
use super::{Kept, Optimizer, OptimizerState, Range, Settings, WeightDecay};
use crate::module::matches;
use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::kernels::{Kernel, dispatch, join};
use autograd::{Error, Gradients, Reached, Tensor};

/// Elements from which on a pass over weight, gradient and memories gains from a second thread: measured, 80 µs on one.
const PARALLEL_WEIGHTS: usize = 1 << 17;

/// What an optimizer does to one parameter. Whoever has a rule is an [`Optimizer`]; [`optimizer!`](crate::optimizer)
/// declares the settings, and shows a whole one.
pub trait Rule<T: Real>: Settings<T> {
    /// The names of what it remembers of each element, with its present settings: as many as its formula has memories.
    fn memories(&self) -> &'static [&'static str];

    /// Moves one parameter: computes the numbers of this step and gives them to [`Update::each`].
    fn update(&self, parameter: Update<'_, T>);
}

/// The numbers of one step, and what they make of one element: the formula of an optimizer with `N` memories an element.
pub trait Element<T: Real, const N: usize>: Copy + Send {
    /// The new weight and the new memories.
    fn step(self, p: T, g: T, memories: [T; N]) -> (T, [T; N]);
}

/// One parameter about to be moved.
pub struct Update<'a, T: Real> {
    rate: f64,
    decay: WeightDecay,
    names: &'static [&'static str],
    powers: &'a mut [(f64, u64, f64); 2],
    memory: &'a mut Memory<T>,
    weight: &'a mut autograd::Param<T>,
    gradient: &'a Tensor<T>,
}

impl<T: Real> Update<'_, T> {
    /// `η`, the learning rate of this step.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// `t`, the number of this step, from 1.
    pub fn step(&self) -> u64 {
        self.memory.steps
    }

    /// `1 − βᵗ`, to full precision however close to 1 `β` is and however large `t`.
    pub fn one_minus_power(&mut self, beta: f64) -> f64 {
        let step = self.step();
        if let Some(&(.., known)) = self.powers.iter().find(|(of, at, _)| (*of, *at) == (beta, step)) {
            return known;
        }
        let value = -(step as f64 * beta.ln()).exp_m1();
        *self.powers = [self.powers[1], (beta, step, value)];
        value
    }

    /// A number that is kept from step to step for the rule's own use, 1 at first.
    pub fn carried(&mut self) -> &mut f64 {
        &mut self.memory.carried
    }

    /// Moves every element by the formula, in one pass, in which the weight decay comes first. Memories are 0 at first.
    pub fn each<const N: usize>(self, element: impl Element<T, N>) {
        self.each_from([0.0; N], element);
    }

    /// [`each`](Update::each), with what memories are at first.
    ///
    /// # Panics
    /// If the rule does not name `N` memories.
    pub fn each_from<const N: usize>(self, first: [f64; N], element: impl Element<T, N>) {
        assert!(self.names.len() == N, "a rule names as many memories as its formula has");
        let (shrink, decay) = match self.decay {
            WeightDecay::Coupled(strength) => (1.0, strength),
            WeightDecay::Decoupled(strength) => (1.0 - self.rate * strength, 0.0),
        };
        self.memory.arrange(self.names, &first, self.weight.value().shape());
        let mut tensors = self.memory.tensors.iter_mut();
        let pass = Pass {
            shrink: T::from_f64(shrink),
            decay: T::from_f64(decay),
            element,
            weights: self.weight.make_mut(),
            gradient: self.gradient.as_slice().unwrap_or_default(),
            memories: std::array::from_fn(|_| tensors.next().map(Tensor::make_mut).unwrap_or_default()),
        };
        pass.over_halves();
    }
}

/// The larger of two. Not a number as the second stays: it is to be seen.
#[inline(always)]
pub(super) fn larger<T: Real>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// All elements of one parameter.
struct Pass<'a, T, E, const N: usize> {
    shrink: T,
    decay: T,
    element: E,
    weights: &'a mut [T],
    gradient: &'a [T],
    memories: [&'a mut [T]; N],
}

impl<T: Real, E: Element<T, N>, const N: usize> Pass<'_, T, E, N> {
    /// Large parameters are moved by two threads.
    fn over_halves(self) {
        let Pass { shrink, decay, element, weights, gradient, memories } = self;
        if weights.len() < PARALLEL_WEIGHTS {
            return dispatch(Pass { shrink, decay, element, weights, gradient, memories });
        }
        let half = weights.len() / 2;
        let ((w1, w2), (g1, g2)) = (weights.split_at_mut(half), gradient.split_at(half));
        let mut second = std::array::from_fn(|_| <&mut [T]>::default());
        let mut rest = second.iter_mut();
        let first = memories.map(|memory| {
            let (before, behind) = memory.split_at_mut(half);
            if let Some(place) = rest.next() {
                *place = behind;
            }
            before
        });
        join(
            move || Pass { shrink, decay, element, weights: w1, gradient: g1, memories: first }.over_halves(),
            move || Pass { shrink, decay, element, weights: w2, gradient: g2, memories: second }.over_halves(),
        );
    }
}

impl<T: Real, E: Element<T, N>, const N: usize> Kernel for Pass<'_, T, E, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.weights.len();
        let (weights, gradient) = (self.weights, &self.gradient[..n]);
        let memories = self.memories.map(|memory| &mut memory[..n]);
        for i in 0..n {
            let weight = weights[i] * self.shrink;
            let slope = gradient[i] + self.decay * weight;
            // Loops, not closures: those could lose the instruction set.
            let mut before = [T::ZERO; N];
            for k in 0..N {
                before[k] = memories[k][i];
            }
            let (weight, after) = self.element.step(weight, slope, before);
            weights[i] = weight;
            for k in 0..N {
                memories[k][i] = after[k];
            }
        }
    }
}

impl<T: Real, R: Rule<T>> Optimizer<T> for R {
    fn step(&mut self, model: &mut dyn Module<T>, gradients: &Gradients<Tensor<T>>) {
        let mut kept = std::mem::take(self.kept_mut());
        let (base, now) = (self.rate(), kept.rate.unwrap_or(self.rate()));
        // Exactly 1 until the rate is changed, so that a group's rate is what was given.
        let factor = if now == base || base == 0.0 { 1.0 } else { now / base };
        let Kept { memories, groups, powers, .. } = &mut kept;
        model.visit_mut(&mut Path::default(), &mut |path, weight| {
            if weight.is_frozen() {
                return;
            }
            if weight.is_statistic() {
                if let Some(value) = gradients.learned(weight) {
                    weight.set(value);
                }
                return;
            }
            let gradient = match gradients.of(weight) {
                Reached::Value(gradient) => gradient.contiguous(),
                Reached::Zero(shape) => Tensor::zeros(shape),
                Reached::Unreachable(_) => return,
            };
            let memory = memories.entry(weight.id()).or_insert_with(|| {
                weight.set_path(path);
                Memory::default()
            });
            memory.steps += 1;
            let of_path = || groups.iter().position(|(pattern, _)| matches(pattern, path)).unwrap_or(groups.len());
            let (rule, rate) = match groups.get(*memory.group.get_or_insert_with(of_path)) {
                Some((_, rule)) => (rule, rule.rate() * factor),
                None => (&*self, now),
            };
            let (decay, names) = (rule.weight_decay(), rule.memories());
            rule.update(Update { rate, decay, names, powers, memory, weight, gradient: &gradient });
        });
        *self.kept_mut() = kept;
    }

    fn learning_rate(&self) -> f64 {
        self.kept().rate.unwrap_or(self.rate())
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        match Range::NotNegative.check("rate", rate, self.rate()) {
            Ok(rate) => self.kept_mut().rate = Some(rate),
            Err(error) => error.raise(Self::NAME),
        }
    }

    fn settings(&self) -> Vec<(&'static str, f64)> {
        self.list()
    }

    fn set(&mut self, setting: &str, value: f64) -> Result<(), Error> {
        self.change(setting, value).map_err(|error| error.during(Self::NAME, []))?;
        if setting == "rate" {
            self.kept_mut().rate = None;
        }
        Ok(())
    }

    fn state(&self, model: &dyn Module<T>) -> OptimizerState<T> {
        self.kept().save(Self::NAME, self.learning_rate(), model)
    }

    fn load_state(&mut self, model: &dyn Module<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        let names = |path: &str| {
            let group = self.kept().groups.iter().find(|(pattern, _)| matches(pattern, path));
            group.map_or(self.memories(), |(_, rule)| rule.memories())
        };
        let (rate, memories) = state.restore(Self::NAME, model, names).map_err(|error| error.during(Self::NAME, []))?;
        let kept = self.kept_mut();
        (kept.rate, kept.memories) = (Some(rate), memories);
        Ok(())
    }
}
