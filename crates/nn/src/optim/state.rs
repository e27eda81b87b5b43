//! What an optimizer remembers of each parameter, and how it is kept and brought back.

use super::Range;
use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Error, ParamId, Shape, Tensor};
use std::collections::BTreeMap;
use std::fmt;

/// What an optimizer holds beside its settings: memories, groups, and the learning rate as it was last set.
#[derive(Clone)]
pub struct Kept<T: Real, R> {
    pub(super) rate: Option<f64>,
    pub(super) groups: Vec<(String, R)>,
    pub(super) memories: BTreeMap<ParamId, Memory<T>>,
    /// `β`, `t` and `1 − βᵗ`, as last computed: parameters usually are at the same step.
    pub(super) powers: [(f64, u64, f64); 2],
}

impl<T: Real, R> Default for Kept<T, R> {
    fn default() -> Self {
        Kept { rate: None, groups: Vec::new(), memories: BTreeMap::new(), powers: [(0.0, 0, 0.0); 2] }
    }
}

impl<T: Real, R: fmt::Debug> fmt::Debug for Kept<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memories = format_args!("of {} parameters", self.memories.len());
        f.debug_struct("Kept")
            .field("rate", &self.rate)
            .field("groups", &self.groups)
            .field("memories", &memories)
            .finish()
    }
}

/// What is remembered of one parameter.
#[derive(Clone, Debug)]
pub struct Memory<T: Real> {
    /// How often it was moved.
    pub(super) steps: u64,
    pub(super) carried: f64,
    /// What the tensors are.
    pub(super) names: &'static [&'static str],
    /// Of the parameter's shape.
    pub(super) tensors: Vec<Tensor<T>>,
    /// The group that it follows, once looked up; past the end for none.
    pub(super) group: Option<usize>,
}

impl<T: Real> Default for Memory<T> {
    fn default() -> Self {
        Memory { steps: 0, carried: 1.0, names: &[], tensors: Vec::new(), group: None }
    }
}

impl<T: Real> Memory<T> {
    /// Holds tensors of these names, in this order. What is there under its name stays, when a setting has changed what is
    /// remembered; what is new begins as `first`.
    pub(super) fn arrange(&mut self, names: &'static [&'static str], first: &[f64], shape: Shape) {
        if std::ptr::eq(self.names, names) || self.names == names {
            return;
        }
        let before = std::mem::take(&mut self.tensors);
        let tensor_of = |(name, &first): (&&str, &f64)| match self.names.iter().position(|known| known == name) {
            Some(place) => before[place].clone(),
            None => Tensor::full(shape, T::from_f64(first)),
        };
        self.tensors = names.iter().zip(first).map(tensor_of).collect();
        self.names = names;
    }
}

/// What an optimizer remembers, as named numbers and named tensors: nothing in it is executed when it is read. Names are
/// those of parameters' paths, a dot, and what it is: `encoder.0.weight.steps`, `encoder.0.weight.mean`.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<T: Real = f32> {
    /// Which optimizer.
    pub optimizer: String,
    /// `learning_rate`, and of each parameter how many `steps` it made; whole numbers up to 2⁵³ are exact.
    pub numbers: BTreeMap<String, f64>,
    /// Tensors of the parameters' shapes.
    pub tensors: BTreeMap<String, Tensor<T>>,
}

const RATE: &str = "learning_rate";

impl<T: Real, R> Kept<T, R> {
    #[doc(hidden)]
    pub fn add_group(&mut self, pattern: &str, settings: R) {
        self.groups.push((pattern.to_string(), settings));
        self.memories.values_mut().for_each(|memory| memory.group = None);
    }

    pub(super) fn save(&self, optimizer: &str, rate: f64, model: &dyn Module<T>) -> OptimizerState<T> {
        let (mut numbers, mut tensors) = (BTreeMap::from([(RATE.to_string(), rate)]), BTreeMap::new());
        model.visit(&mut Path::default(), &mut |path, parameter| {
            let Some(memory) = self.memories.get(&parameter.id()) else { return };
            numbers.insert(name(path, "steps"), memory.steps as f64);
            // 1 is what it is without an entry.
            if memory.carried != 1.0 {
                numbers.insert(name(path, "carried"), memory.carried);
            }
            tensors
                .extend(memory.names.iter().zip(&memory.tensors).map(|(of, tensor)| (name(path, of), tensor.clone())));
        });
        OptimizerState { optimizer: optimizer.to_string(), numbers, tensors }
    }
}

/// The name of an entry; a lone parameter's path is empty.
pub(super) fn name(path: &str, of: &str) -> String {
    if path.is_empty() { of.to_string() } else { format!("{path}.{of}") }
}

impl<T: Real> OptimizerState<T> {
    /// The learning rate and the memories of the model's parameters; `names` says what is kept of the one at a path.
    pub(super) fn restore(
        &self,
        optimizer: &str,
        model: &dyn Module<T>,
        names: impl Fn(&str) -> &'static [&'static str],
    ) -> Result<(f64, BTreeMap<ParamId, Memory<T>>), Error> {
        if self.optimizer != optimizer {
            let problem = format!("this is the state of another optimizer, `{}`", self.optimizer);
            return Err(Error::value(problem, "make the optimizer that was saved, with the same settings"));
        }
        let number = |name: &str| self.numbers.get(name).copied();
        let rate = number(RATE).ok_or_else(|| missing(RATE))?;
        let rate = Range::NotNegative.check(RATE, rate, 1e-3)?;
        let (mut memories, mut failed, mut used) = (BTreeMap::new(), None, 1);
        model.visit(&mut Path::default(), &mut |path, parameter| {
            let Some(steps) = number(&name(path, "steps")) else { return };
            let carried = number(&name(path, "carried")).filter(|carried| carried.is_finite());
            used += 1 + usize::from(carried.is_some());
            match self.memory(path, parameter.value().shape(), steps, names(path)) {
                Ok(memory) => {
                    used += memory.tensors.len();
                    memories.insert(parameter.id(), Memory { carried: carried.unwrap_or(1.0), ..memory });
                }
                Err(error) => failed = failed.take().or(Some(error)),
            }
        });
        match failed {
            Some(error) => Err(error),
            None if used < self.numbers.len() + self.tensors.len() => Err(self.surplus(model, names)),
            None => Ok((rate, memories)),
        }
    }

    /// What is remembered of one parameter.
    fn memory(&self, path: &str, shape: Shape, steps: f64, names: &'static [&'static str]) -> Result<Memory<T>, Error> {
        if !(steps >= 1.0 && steps.fract() == 0.0 && steps < 2f64.powi(53)) {
            let problem = format!("`{}` is {steps}, and must be a whole number from 1", name(path, "steps"));
            return Err(Error::value(problem, "the state is damaged"));
        }
        let tensor = |of: &&str| {
            let name = name(path, of);
            let tensor = self.tensors.get(&name).ok_or_else(|| missing(&name))?;
            if tensor.shape() != shape {
                let problem = format!("`{name}` has shape {}, and the parameter has shape {shape}", tensor.shape());
                return Err(Error::shape(problem, "make the model that was saved"));
            }
            Ok(tensor.clone())
        };
        let tensors = names.iter().map(tensor).collect::<Result<_, _>>()?;
        Ok(Memory { steps: steps as u64, names, tensors, ..Memory::default() })
    }

    /// Says which entries belong to nothing.
    #[cold]
    fn surplus(&self, model: &dyn Module<T>, names: impl Fn(&str) -> &'static [&'static str]) -> Error {
        let mut known = vec![RATE.to_string()];
        model.visit(&mut Path::default(), &mut |path, _| {
            if self.numbers.contains_key(&name(path, "steps")) {
                known.extend(["steps", "carried"].iter().chain(names(path)).map(|of| name(path, of)));
            }
        });
        let all = self.numbers.keys().chain(self.tensors.keys());
        let surplus: Vec<_> = all.filter(|&name| !known.contains(name)).map(|name| format!("`{name}`")).collect();
        let problem =
            format!("the state has {}, which this model with this optimizer does not have", surplus.join(", "));
        Error::value(problem, "make the model and the optimizer that were saved, with the same settings")
    }
}

#[cold]
fn missing(name: &str) -> Error {
    Error::value(
        format!("the state has no `{name}`"),
        "make the optimizer that was saved, with the same settings; or the state is damaged",
    )
}
