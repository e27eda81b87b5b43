//! Weights in files: safetensors, with the names that PyTorch gives its own.
//!
//! A file holds tensors by path and nothing else: reading one runs nothing that stands in it. What does not fit is told
//! entry by entry, and a model is changed only when all is known to be well.
//!
//! Source of the format: the documentation of Hugging Face's safetensors.

use crate::file::{malformed, unreadable, write_atomically};
use crate::{FileError, Module, ModuleExt};
use autograd::Tensor;
use autograd::algebra::Real;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

/// What a file of weights and a model have in common, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Paths that were read.
    pub loaded: Vec<String>,
    /// Paths of the model that the file lacks; they keep their values.
    pub missing: Vec<String>,
    /// Names in the file that the model has no path for.
    pub unexpected: Vec<String>,
    /// Paths with the shape in the model and the shape in the file; they keep their values.
    pub misshaped: Vec<(String, Vec<usize>, Vec<usize>)>,
}

impl LoadReport {
    /// Whether file and model have the same paths and shapes.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misshaped.is_empty()
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = if self.loaded.len() == 1 { "entry" } else { "entries" };
        write!(f, "{} {entries} loaded", self.loaded.len())?;
        for (what, paths) in [("missing from the file", &self.missing), ("not in the model", &self.unexpected)] {
            if !paths.is_empty() {
                write!(f, "\n  {what}: {}", paths.join(", "))?;
            }
        }
        for (path, model, file) in &self.misshaped {
            write!(f, "\n  {path}: {model:?} in the model, {file:?} in the file")?;
        }
        Ok(())
    }
}

/// Writes the parameters and statistics of a model to a safetensors file, in its own number type. At any moment the path
/// holds the old file or the whole new one.
///
/// # Errors
/// [`FileError::Unwritable`].
///
/// ```
/// use nn::prelude::*;
/// use nn::weights;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model.safetensors");
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let (first, mut second) = (Linear::<f32>::new(3, 2, &mut generator), Linear::new(3, 2, &mut generator));
/// weights::save(&first, &path).unwrap();
/// weights::load(&mut second, &path).unwrap();
/// assert_eq!(first.values(), second.values());
/// ```
pub fn save<T: Real>(model: &(impl Module<T> + ?Sized), path: impl AsRef<Path>) -> Result<(), FileError> {
    let path = path.as_ref();
    let entries = model.state().into_iter().map(|(name, parameter)| (name, Entry::of(parameter.value())));
    let bytes = safetensors::serialize(entries, None)
        .map_err(|error| malformed(path, error.to_string(), "give parameters fewer or shorter paths"))?;
    write_atomically(path, &bytes)
}

/// Gives a model the weights of a safetensors file, which must have an entry for each of its paths, of its shape, and no
/// other. Numbers of other types are converted. The identities of parameters stay.
///
/// # Errors
/// [`FileError`] if the file cannot be read, is damaged, or does not fit; the model is then as it was.
///
/// ```
/// use nn::prelude::*;
/// use nn::weights;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model.safetensors");
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// weights::save(&Linear::<f32>::new(3, 2, &mut generator), &path).unwrap();
/// let error = weights::load(&mut Linear::<f32>::new(4, 2, &mut generator), &path).unwrap_err();
/// assert!(error.to_string().contains("weight: [2, 4] in the model, [2, 3] in the file"));
/// ```
pub fn load<T: Real>(model: &mut (impl Module<T> + ?Sized), path: impl AsRef<Path>) -> Result<(), FileError> {
    let path = path.as_ref();
    let (report, values) = read(model, path)?;
    if !report.is_complete() {
        let help = "`load_matching` takes what fits and leaves the rest; the model is as it was";
        return Err(malformed(path, format!("does not fit the model: {report}"), help));
    }
    set(model, values);
    Ok(())
}

/// Gives a model those weights of a safetensors file that it has a path and a shape for, and says which they were.
///
/// # Errors
/// [`FileError`] if the file cannot be read or is damaged; the model is then as it was.
///
/// ```
/// use nn::prelude::*;
/// use nn::weights;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model.safetensors");
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// weights::save(&Linear::<f32>::new(3, 2, &mut generator).without_bias(), &path).unwrap();
/// let report = weights::load_matching(&mut Linear::<f32>::new(3, 2, &mut generator), &path).unwrap();
/// assert_eq!(report.to_string(), "1 entry loaded\n  missing from the file: bias");
/// ```
pub fn load_matching<T: Real>(
    model: &mut (impl Module<T> + ?Sized),
    path: impl AsRef<Path>,
) -> Result<LoadReport, FileError> {
    let (report, values) = read(model, path.as_ref())?;
    set(model, values);
    Ok(report)
}

/// The values in a file by the model's paths, and how the two fit.
fn read<T: Real>(
    model: &(impl Module<T> + ?Sized),
    path: &Path,
) -> Result<(LoadReport, BTreeMap<String, Tensor<T>>), FileError> {
    let bytes = fs::read(path)
        .map_err(|source| unreadable(path, source, "a file of weights, safetensors, is expected here"))?;
    // The library checks that the header describes just the bytes that follow it.
    let file = SafeTensors::deserialize(&bytes).map_err(|error| {
        malformed(path, format!("not a whole safetensors file: {error}"), "the file is damaged or of another format")
    })?;
    let (mut report, mut values) = (LoadReport::default(), BTreeMap::new());
    for (name, parameter) in model.state() {
        match file.tensor(&name) {
            Err(_) => report.missing.push(name),
            Ok(entry) if entry.shape() != &parameter.value().shape()[..] => {
                report.misshaped.push((name, parameter.value().shape().to_vec(), entry.shape().to_vec()));
            }
            Ok(entry) => {
                let numbers = numbers(&entry).ok_or_else(|| {
                    let problem = format!("`{name}` holds numbers of type {:?}", entry.dtype());
                    malformed(path, problem, "convert it to one of F64, F32, F16, BF16 or whole numbers before saving")
                })?;
                values.insert(name.clone(), Tensor::from_vec(numbers, entry.shape()));
                report.loaded.push(name);
            }
        }
    }
    let known: HashSet<&str> =
        report.loaded.iter().chain(report.misshaped.iter().map(|(name, ..)| name)).map(String::as_str).collect();
    let mut unexpected: Vec<String> =
        file.names().into_iter().filter(|name| !known.contains(*name)).map(str::to_string).collect();
    unexpected.sort_unstable();
    report.unexpected = unexpected;
    Ok((report, values))
}

fn set<T: Real>(model: &mut (impl Module<T> + ?Sized), mut values: BTreeMap<String, Tensor<T>>) {
    model.visit_mut(&mut crate::Path::default(), &mut |path, parameter| {
        if let Some(value) = values.remove(path) {
            parameter.set(value);
        }
    });
}

/// A tensor as the library writes it.
pub(crate) struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Entry {
    pub(crate) fn of<T: Real>(value: &Tensor<T>) -> Self {
        let numbers = value.to_vec().into_iter().map(Real::to_f64);
        // A number of single precision goes to double precision and back without a change.
        let (dtype, bytes) = match T::NAME {
            "f32" => (Dtype::F32, numbers.flat_map(|number| (number as f32).to_le_bytes()).collect()),
            _ => (Dtype::F64, numbers.flat_map(f64::to_le_bytes).collect()),
        };
        Entry { dtype, shape: value.shape().to_vec(), bytes }
    }
}

impl safetensors::View for Entry {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// The numbers of an entry, if they are of a type that can be read.
pub(crate) fn numbers<T: Real>(entry: &TensorView<'_>) -> Option<Vec<T>> {
    let bytes = entry.data();
    macro_rules! decoded {
        ($number:ty, $wide:expr) => {
            bytes
                .chunks_exact(size_of::<$number>())
                .map(|chunk| <[u8; size_of::<$number>()]>::try_from(chunk).map(<$number>::from_le_bytes))
                .map(|number| number.ok().map(|number| T::from_f64($wide(number))))
                .collect()
        };
    }
    match entry.dtype() {
        Dtype::F64 => decoded!(f64, |number| number),
        Dtype::F32 => decoded!(f32, f64::from),
        Dtype::F16 => decoded!(half::f16, f64::from),
        Dtype::BF16 => decoded!(half::bf16, f64::from),
        Dtype::I64 => decoded!(i64, |number| number as f64),
        Dtype::I32 => decoded!(i32, f64::from),
        Dtype::I16 => decoded!(i16, f64::from),
        Dtype::I8 => decoded!(i8, f64::from),
        Dtype::U64 => decoded!(u64, |number| number as f64),
        Dtype::U32 => decoded!(u32, f64::from),
        Dtype::U16 => decoded!(u16, f64::from),
        Dtype::U8 => decoded!(u8, f64::from),
        _ => None,
    }
}
