//! IDX files, the format of MNIST: a magic number, the extents, then one byte a number; optionally gzipped.
//! Source of the format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

use super::Labelled;
use crate::FileError;
use crate::file::{malformed, most_unpacked, read, unreadable};
use autograd::Tensor;
use flate2::read::GzDecoder;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// The magic number, the extents and the numbers of a file.
struct Contents {
    extents: Vec<usize>,
    bytes: Vec<u8>,
}

/// Reads what should have this magic number. Never holds more than the header promises and the file delivers.
fn parse((path, file): (&Path, &[u8]), magic: u32, what: &str) -> Result<Contents, FileError> {
    let zipped = file.starts_with(&[0x1f, 0x8b]);
    let mut source: Box<dyn Read> = if zipped { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    let short = |found: usize, wanted: usize| {
        malformed(
            path,
            format!("truncated: the header needs {wanted} bytes, {found} are there"),
            "the file is incomplete; fetch it again",
        )
    };
    let mut take = |count: usize| {
        let mut bytes = Vec::new();
        match source.by_ref().take(count as u64).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) if bytes.is_empty() && error.kind() == std::io::ErrorKind::InvalidInput => {
                Err(malformed(path, format!("not valid gzip: {error}"), "the file is damaged; fetch it again"))
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(bytes),
            Err(error) => {
                Err(malformed(path, format!("not valid gzip: {error}"), "the file is damaged; fetch it again"))
            }
        }
    };
    let header = take(4)?;
    let Ok(found) = <[u8; 4]>::try_from(&header[..]).map(u32::from_be_bytes) else {
        return Err(short(header.len(), 4));
    };
    if found != magic {
        let help = match found {
            IMAGES => "this is a file of images; are the names of images and labels exchanged?",
            LABELS => "this is a file of labels; are the names of images and labels exchanged?",
            _ => "this is no IDX file of bytes; give the files as MNIST or Fashion-MNIST ship them",
        };
        let problem = format!("magic number {found:#010x} where {what} have {magic:#010x}");
        return Err(malformed(path, problem, help));
    }
    let rank = (magic & 0xff) as usize;
    let sizes = take(4 * rank)?;
    if sizes.len() < 4 * rank {
        return Err(short(4 + sizes.len(), 4 + 4 * rank));
    }
    let extents: Vec<usize> =
        sizes.chunks_exact(4).map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]) as usize).collect();
    let promised = extents.iter().try_fold(1usize, |product, &extent| product.checked_mul(extent));
    // A header that promises more than there can be is wrong before anything is unpacked.
    let possible = if zipped { most_unpacked(file.len()) } else { file.len() };
    let Some(promised) = promised.filter(|&promised| promised <= possible) else {
        let problem =
            format!("the header promises {extents:?} bytes, more than a file of {} bytes can hold", file.len());
        return Err(malformed(path, problem, "the file is damaged or cut off; fetch it again"));
    };
    let bytes = take(promised)?;
    if bytes.len() < promised {
        let problem = format!("truncated: {} of {promised} bytes promised by the header {extents:?}", bytes.len());
        return Err(malformed(path, problem, "the file is incomplete; fetch it again"));
    }
    if !take(1)?.is_empty() {
        let problem = format!("more bytes than the {promised} promised by the header {extents:?}");
        return Err(malformed(path, problem, "the file is damaged; fetch it again"));
    }
    Ok(Contents { extents, bytes })
}

/// The images of an IDX file, one row each, scaled to 0…1. Shape `[n, rows · columns]`.
///
/// # Errors
/// [`FileError`] if the file is missing, truncated, damaged, or no file of images.
pub fn read_images(path: impl AsRef<Path>) -> Result<Tensor, FileError> {
    let path = path.as_ref();
    images((path, &read(path, "an IDX file of images is expected here, plain or gzipped")?))
}

/// The labels of an IDX file.
///
/// # Errors
/// [`FileError`] if the file is missing, truncated, damaged, or no file of labels.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<usize>, FileError> {
    let path = path.as_ref();
    labels((path, &read(path, "an IDX file of labels is expected here, plain or gzipped")?))
}

fn images(file: (&Path, &[u8])) -> Result<Tensor, FileError> {
    let contents = parse(file, IMAGES, "images")?;
    let pixels = contents.bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    Ok(Tensor::from_vec(pixels, [contents.extents[0], contents.extents[1] * contents.extents[2]]))
}

fn labels(file: (&Path, &[u8])) -> Result<Vec<usize>, FileError> {
    Ok(parse(file, LABELS, "labels")?.bytes.into_iter().map(usize::from).collect())
}

/// A file of images and the file of their labels.
pub(super) fn labelled(of_images: (&Path, &[u8]), of_labels: (&Path, &[u8])) -> Result<Labelled, FileError> {
    let (inputs, labels) = (images(of_images)?, labels(of_labels)?);
    if inputs.shape()[0] != labels.len() {
        return Err(malformed(
            of_labels.0,
            format!("{} labels for the {} images of {}", labels.len(), inputs.shape()[0], of_images.0.display()),
            "images and labels must be of the same set",
        ));
    }
    let classes = labels.iter().max().map_or(0, |&label| label + 1);
    Ok(Labelled { inputs, labels, classes })
}

/// The training and the test set of a folder of IDX files, under the names that MNIST and Fashion-MNIST use
/// (`train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, …; `test` for `t10k` and a `.gz` at the end are fine).
///
/// # Errors
/// [`FileError`] if a file is missing, truncated, damaged, of the wrong kind, or if images and labels do not match.
pub fn idx_folder(folder: impl AsRef<Path>) -> Result<(Labelled, Labelled), FileError> {
    let folder = folder.as_ref();
    let entries = fs::read_dir(folder)
        .map_err(|source| unreadable(folder, source, "give a folder that holds IDX files of images and labels"))?;
    let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    names.sort();
    let find = |parts: &[&str], kind: &str| {
        let fits = |path: &&PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            name.contains(kind) && parts.iter().any(|part| name.contains(part))
        };
        names.iter().find(fits).cloned().ok_or_else(|| {
            let expected = format!("{}-{kind}-idx{}-ubyte", parts[0], if kind == "images" { 3 } else { 1 });
            malformed(
                folder,
                format!("no file of {kind} named like `{expected}`"),
                "the folder needs four files, plain or gzipped: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte",
            )
        })
    };
    let part = |parts: &[&str]| {
        let (images, labels) = (find(parts, "images")?, find(parts, "labels")?);
        let read = |path: &Path| read(path, "an IDX file is expected here, plain or gzipped");
        labelled((&images, &read(&images)?), (&labels, &read(&labels)?))
    };
    let (mut train, mut test) = (part(&["train"])?, part(&["t10k", "test"])?);
    if train.features() != test.features() {
        let problem = format!("images of {} pixels to train and of {} to test", train.features(), test.features());
        return Err(malformed(folder, problem, "both sets must have images of one size"));
    }
    train.classes = train.classes.max(test.classes);
    test.classes = train.classes;
    Ok((train, test))
}
