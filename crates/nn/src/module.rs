//! Modules: what has parameters.

use crate::summary::Summary;
use autograd::algebra::Real;
use autograd::{AnyLayer, Layer, Param, Shape, Shapes, Tape, Tensor, Var};

/// What has parameters: the walk over them, with their paths. Usually derived.
///
/// ```
/// use nn::prelude::*;
///
/// #[derive(Module)]
/// struct Encoder {
///     first: Linear,
///     rest: Vec<Linear>,
///     scale: f32,
/// }
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let encoder = Encoder {
///     first: Linear::new(4, 3, &mut generator),
///     rest: vec![Linear::new(3, 2, &mut generator)],
///     scale: 1.0,
/// };
/// let paths: Vec<_> = encoder.parameters().into_iter().map(|(path, _)| path).collect();
/// assert_eq!(paths, ["first.weight", "first.bias", "rest.0.weight", "rest.0.bias"]);
/// assert_eq!(encoder.parameter_count(), 4 * 3 + 3 + 3 * 2 + 2);
/// ```
pub trait Module<T: Real = f32> {
    /// Visits every parameter and statistic in order with its path.
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        let _ = (path, visit);
    }

    /// Visits every parameter and statistic in order with its path, for changing it.
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        let _ = (path, visit);
    }
}

/// Where a walk is: the names from the root down, joined by dots.
#[derive(Debug, Default)]
pub struct Path(String);

impl Path {
    /// Goes one name deeper for as long as `walk` runs.
    pub fn within(&mut self, name: &str, walk: impl FnOnce(&mut Path)) {
        let length = self.0.len();
        if length > 0 {
            self.0.push('.');
        }
        self.0.push_str(name);
        walk(self);
        self.0.truncate(length);
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What every module can do with its parameters.
pub trait ModuleExt<T: Real = f32>: Module<T> {
    /// Every parameter with its path, in order; statistics are none.
    fn parameters(&self) -> Vec<(String, &Param<T>)> {
        let mut parameters = self.state();
        parameters.retain(|(_, parameter)| !parameter.is_statistic());
        parameters
    }

    /// Every parameter and every [statistic](Param::statistic) with its path, in order: what a model is saved as.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let norm = BatchNorm1d::<f32>::new(3);
    /// let paths: Vec<_> = norm.state().into_iter().map(|(path, _)| path).collect();
    /// assert_eq!(paths, ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
    /// assert_eq!(norm.parameters().len(), 2);
    /// ```
    fn state(&self) -> Vec<(String, &Param<T>)> {
        let mut state = Vec::new();
        self.visit(&mut Path::default(), &mut |path, parameter| state.push((path.to_string(), parameter)));
        state
    }

    /// The values of all parameters, in order.
    fn values(&self) -> Vec<Tensor<T>> {
        self.parameters().into_iter().map(|(_, parameter)| parameter.value().clone()).collect()
    }

    /// Replaces the values of all parameters, in order; the identities stay.
    ///
    /// # Panics
    /// If the number or a shape differs.
    fn set_values(&mut self, values: &[Tensor<T>]) {
        let mut next = values.iter();
        self.visit_mut(&mut Path::default(), &mut |path, parameter| {
            if parameter.is_statistic() {
                return;
            }
            let value = next.next().unwrap_or_else(|| panic!("set_values: no value for `{path}`"));
            let (is, was) = (value.shape(), parameter.value().shape());
            assert!(is == was, "set_values: a value of shape {is} for `{path}` of shape {was}");
            parameter.set(value.clone());
        });
        assert!(next.next().is_none(), "set_values: more values than parameters");
    }

    /// Lets variables stand for all parameters, in order, on the tape that they belong to: so a loss becomes a function
    /// of variables. Usually [`of_parameters`](ModuleExt::of_parameters) is shorter.
    ///
    /// # Panics
    /// If the number or a shape differs.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let net = Linear::<f64>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
    /// let tape = Tape::new();
    /// net.bind(&[tape.var([[3.0, 4.0]]), tape.var([5.0])]);
    /// assert_eq!(net.forward(tape.constant(&Tensor::from([[1.0, 1.0]]))).value().item(), 12.0);
    /// ```
    #[track_caller]
    fn bind(&self, variables: &[Var<T>]) {
        let parameters = self.parameters();
        let (has, given) = (parameters.len(), variables.len());
        assert!(has == given, "bind: {given} variables for a model of {has} parameters");
        for ((_, parameter), variable) in parameters.into_iter().zip(variables) {
            variable.tape().bind(parameter, variable);
        }
    }

    /// What `f` records as a function of all parameters, in order: so that every transform and check applies to them,
    /// at [`values`](ModuleExt::values).
    ///
    /// ```
    /// use autograd::transform::{hvp, value_and_grad};
    /// use nn::prelude::*;
    /// let net = Linear::<f64>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let loss = net.of_parameters(|tape| net.forward(tape.constant(&x)).square().sum());
    ///
    /// let along = vec![Tensor::from([[1.0, 0.0]]), Tensor::from([0.0])];
    /// let (slope, product) = hvp(&loss, &net.values(), &along);
    /// assert_eq!((product[0].to_vec(), product[1].to_vec()), (vec![2.0, 4.0], vec![2.0]));
    /// assert_eq!(value_and_grad(&loss, &net.values()).1, slope);
    /// ```
    fn of_parameters<R>(&self, f: impl Fn(&Tape<T>) -> R) -> impl Fn(&Vec<Var<T>>) -> R {
        move |variables| {
            self.bind(variables);
            f(&variables.first().map_or_else(Tape::new, |variable| variable.tape().clone()))
        }
    }

    /// The modules that a layer calls for an input of this shape, with paths, output shapes, parameters, multiply-adds, and
    /// what is frozen. Nothing is computed: shapes run through the same `forward`.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut generator = ChaCha8Rng::seed_from_u64(0);
    /// let net = Sequential::<f32>::new()
    ///     .with(Conv2d::new(1, 8, [3, 3], &mut generator))
    ///     .with(Relu)
    ///     .with(Flatten)
    ///     .with(Linear::new(288, 10, &mut generator));
    /// assert_eq!(net.summary([32, 1, 8, 8]).to_string(), "\
    /// module      path  output         parameters  multiply-adds
    /// Sequential        [32, 10]
    ///   Conv2d    0     [32, 8, 6, 6]          80         82,944
    ///   Relu      1     [32, 8, 6, 6]
    ///   Flatten   2     [32, 288]
    ///   Linear    3     [32, 10]            2,890         92,160
    /// 2,970 parameters: 2,970 trainable, 0 frozen; 175,104 multiply-adds");
    /// ```
    #[track_caller]
    fn summary(&self, input: impl Into<Shape>) -> Summary
    where
        Self: Layer<T>,
    {
        let shape = input.into();
        self.summary_of(|near| drop(self.forward(near.of_shape(shape))))
    }

    /// [`summary`](ModuleExt::summary) of a model with a `forward` of its own, by a program that calls it with values of the
    /// computation that `near` belongs to.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let table = Embedding::<f32>::new(1000, 16, &mut ChaCha8Rng::seed_from_u64(0));
    /// let summary = table.summary_of(|near| {
    ///     let _ = table.forward(&Ids::new(near, [1, 2, 3]));
    /// });
    /// assert_eq!((summary.lines[0].output, summary.trainable), (Shape::from([3, 16]), 16_000));
    /// ```
    #[track_caller]
    fn summary_of(&self, run: impl FnOnce(&Shapes<T>)) -> Summary {
        Summary::of(self, run)
    }

    /// The number of trainable and frozen numbers.
    fn parameter_count(&self) -> usize {
        self.parameters().iter().map(|(_, parameter)| parameter.value().elements()).sum()
    }

    /// Tells every parameter where it is, so that messages, tables and pictures can name it. An optimizer's first step
    /// does this too.
    fn name_parameters(&mut self) {
        self.visit_mut(&mut Path::default(), &mut |path, parameter| parameter.set_path(path));
    }

    /// Freezes (or thaws) every parameter whose path matches `pattern`, in which `*` stands for anything. Returns how
    /// many matched.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut generator = ChaCha8Rng::seed_from_u64(0);
    /// let mut net = Sequential::<f32>::new().with(Linear::new(2, 3, &mut generator)).with(Linear::new(3, 1, &mut generator));
    /// assert_eq!(net.freeze("0.*", true), 2);
    /// assert!(net.parameters()[0].1.is_frozen() && !net.parameters()[2].1.is_frozen());
    /// ```
    fn freeze(&mut self, pattern: &str, frozen: bool) -> usize {
        let mut count = 0;
        self.visit_mut(&mut Path::default(), &mut |path, parameter| {
            if matches(pattern, path) {
                parameter.set_frozen(frozen);
                count += 1;
            }
        });
        count
    }
}

impl<T: Real, M: Module<T> + ?Sized> ModuleExt<T> for M {}

/// Whether `path` matches `pattern`, in which `*` stands for anything.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, tail)) => path.strip_prefix(head).is_some_and(|rest| {
            tail.is_empty()
                || rest.char_indices().map(|(i, _)| i).chain([rest.len()]).any(|i| matches(tail, &rest[i..]))
        }),
    }
}

/// A layer with its parameters, as a box holds it.
pub trait BoxedLayer<T: Real = f32>: AnyLayer<T> + Module<T> {}
impl<T: Real, L: AnyLayer<T> + Module<T>> BoxedLayer<T> for L {}

impl<T: Real> Module<T> for Param<T> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        visit(path.as_str(), self);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        visit(path.as_str(), self);
    }
}

/// Containers visit what they hold, each under its number.
macro_rules! numbered {
    ($([$($generics:tt)*] $Type:ty),* $(,)?) => {$(
        impl<T: Real, M: Module<T>, $($generics)*> Module<T> for $Type {
            fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
                for (number, module) in self.iter().enumerate() {
                    path.within(NUMBERS.get(number).unwrap_or(&number.to_string().as_str()), |path| module.visit(path, visit));
                }
            }
            fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
                for (number, module) in self.iter_mut().enumerate() {
                    path.within(NUMBERS.get(number).unwrap_or(&number.to_string().as_str()), |path| module.visit_mut(path, visit));
                }
            }
        }
    )*};
}
numbered!([] Vec<M>, [const N: usize] [M; N]);

/// The first few numbers as text, so that a walk at every training step makes no strings.
const NUMBERS: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"];

impl<T: Real, M: Module<T> + ?Sized> Module<T> for Box<M> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        (**self).visit(path, visit);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        (**self).visit_mut(path, visit);
    }
}

impl<T: Real, M: Module<T>> Module<T> for Option<M> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        if let Some(module) = self {
            module.visit(path, visit);
        }
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        if let Some(module) = self {
            module.visit_mut(path, visit);
        }
    }
}

/// Settings have no parameters.
macro_rules! without_parameters {
    ($($Type:ty),*) => {$(
        impl<T: Real> Module<T> for $Type {}
    )*};
}
without_parameters!(f32, f64, usize, u32, u64, i32, i64, bool, String, ());
