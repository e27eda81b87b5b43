//! NumPy's files: one array in `.npy`, several with names in `.npz`.
//! Source of the format: NumPy's documentation, `numpy.lib.format`.

use crate::FileError;
use crate::file::{malformed, read};
use autograd::Tensor;
use autograd::algebra::Real;
use npyz::{NpyFile, Order};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

/// The array of a `.npy` file, of whichever number type, in row-major order.
///
/// # Errors
/// [`FileError`] if the file is missing, damaged, no array of numbers, or has more than 8 axes.
pub fn read_npy<T: Real>(path: impl AsRef<Path>) -> Result<Tensor<T>, FileError> {
    let path = path.as_ref();
    let bytes = read(path, "a file of NumPy, .npy, is expected here")?;
    array(path, &bytes)
}

/// The arrays of a `.npz` file by their names.
///
/// # Errors
/// As [`read_npy`].
pub fn read_npz<T: Real>(path: impl AsRef<Path>) -> Result<BTreeMap<String, Tensor<T>>, FileError> {
    let path = path.as_ref();
    let bytes = read(path, "a file of NumPy, .npz, is expected here")?;
    let damaged = |error: &dyn std::fmt::Display| malformed(path, format!("not a whole .npz file: {error}"), DAMAGED);
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes[..])).map_err(|error| damaged(&error))?;
    let mut arrays = BTreeMap::new();
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(|error| damaged(&error))?;
        let name = entry.name().trim_end_matches(".npy").to_string();
        let mut unpacked = Vec::new();
        let most = crate::file::most_unpacked(bytes.len());
        entry.by_ref().take(most as u64 + 1).read_to_end(&mut unpacked).map_err(|error| damaged(&error))?;
        if unpacked.len() > most {
            return Err(malformed(path, format!("`{name}` unpacks to more than {most} bytes"), DAMAGED));
        }
        arrays.insert(name, array(path, &unpacked)?);
    }
    Ok(arrays)
}

const DAMAGED: &str = "the file is damaged or of another format; save it again with numpy.save or numpy.savez";

fn array<T: Real>(path: &Path, bytes: &[u8]) -> Result<Tensor<T>, FileError> {
    let damaged = |error: std::io::Error| malformed(path, format!("not a whole .npy file: {error}"), DAMAGED);
    let file = NpyFile::new(bytes).map_err(damaged)?;
    let shape: Vec<usize> = file.shape().iter().map(|&extent| usize::try_from(extent).unwrap_or(usize::MAX)).collect();
    if shape.len() > autograd::MAX_RANK {
        let help = format!("a tensor has at most {} axes; reshape it before saving", autograd::MAX_RANK);
        return Err(malformed(path, format!("an array of shape {shape:?}"), help));
    }
    // What the header promises must be there before anything is made of it.
    let promised = shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent));
    if promised.is_none_or(|promised| promised > bytes.len()) {
        let problem = format!("the header promises an array of shape {shape:?} in {} bytes", bytes.len());
        return Err(malformed(path, problem, DAMAGED));
    }
    let (order, dtype) = (file.order(), file.dtype().descr());
    let Some(numbers) = numbers(file) else {
        let help = "save numbers: numpy.save(path, array.astype(\"float32\"))";
        return Err(malformed(path, format!("an array of type {dtype}, which are no plain numbers"), help));
    };
    let numbers: Vec<T> = numbers.map_err(damaged)?.into_iter().map(T::from_f64).collect();
    let numbers = match order {
        Order::C => numbers,
        Order::Fortran => row_major(&numbers, &shape),
    };
    Ok(Tensor::from_vec(numbers, &shape[..]))
}

/// Numbers that lie with the first axis innermost, with the last axis innermost.
fn row_major<T: Real>(numbers: &[T], shape: &[usize]) -> Vec<T> {
    let mut place = vec![0; shape.len()];
    let mut sorted = Vec::with_capacity(numbers.len());
    for _ in 0..numbers.len() {
        let at = place.iter().zip(shape).rev().fold(0, |at, (&index, &extent)| at * extent + index);
        sorted.push(numbers[at]);
        for (index, &extent) in place.iter_mut().zip(shape).rev() {
            *index += 1;
            if *index < extent {
                break;
            }
            *index = 0;
        }
    }
    sorted
}

/// The numbers of an array as they lie in the file, if they are of a type that can be read.
fn numbers(file: NpyFile<&[u8]>) -> Option<std::io::Result<Vec<f64>>> {
    macro_rules! decoded {
        ($file:expr, $($number:ty => $wide:expr),*) => {{
            let file = $file;
            $(let file = match file.try_data::<$number>() {
                Ok(numbers) => return Some(numbers.map(|number| number.map($wide)).collect()),
                Err(file) => file,
            };)*
            drop(file);
            None
        }};
    }
    decoded!(file,
        f32 => f64::from, f64 => |number| number,
        u8 => f64::from, i8 => f64::from, u16 => f64::from, i16 => f64::from, u32 => f64::from, i32 => f64::from,
        u64 => |number| number as f64, i64 => |number| number as f64,
        bool => |number| f64::from(u8::from(number)))
}
