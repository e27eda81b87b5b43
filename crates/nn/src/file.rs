//! Files: what can be wrong with one, and how one is written so that it is never half there.

use flate2::read::GzDecoder;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What can be wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("{}: {source}\n  help: {help}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What to do.
        help: String,
    },
    /// It cannot be written.
    #[error("{}: cannot be written: {source}\n  help: {help}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What to do.
        help: String,
    },
    /// It is not what it should be.
    #[error("{}: {problem}\n  help: {help}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was found and what was expected.
        problem: String,
        /// What to do.
        help: String,
    },
}

pub(crate) fn unreadable(path: &Path, source: io::Error, help: impl Into<String>) -> FileError {
    FileError::Unreadable { path: path.into(), source, help: help.into() }
}

pub(crate) fn malformed(path: &Path, problem: impl Into<String>, help: impl Into<String>) -> FileError {
    FileError::Malformed { path: path.into(), problem: problem.into(), help: help.into() }
}

/// Gzip shrinks at most about a thousandfold: what unpacks to more than this is damaged.
pub(crate) fn most_unpacked(packed: usize) -> usize {
    packed.saturating_mul(1100)
}

/// All bytes of a file.
pub(crate) fn read(path: &Path, help: &str) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|source| unreadable(path, source, help))
}

/// What is in a gzipped file, or the bytes as they are.
pub(crate) fn unzipped<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, FileError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let mut source = GzDecoder::new(bytes).take(most_unpacked(bytes.len()) as u64);
    source
        .read_to_end(&mut unpacked)
        .map_err(|error| malformed(path, format!("not valid gzip: {error}"), "the file is damaged; fetch it again"))?;
    Ok(Cow::Owned(unpacked))
}

/// Writes a file so that at any moment, even if the power fails, the path holds what was there before or all of `bytes`: into
/// a temporary file beside it, which goes to the disk and is then renamed; and the folder goes to the disk too.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = builder().tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        // On Unix the new name is safe once the folder is; elsewhere a folder cannot be opened.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    };
    write().map_err(|source| FileError::Unwritable {
        path: path.into(),
        source,
        help: "the old file, if there was one, is as it was; is there space, and may one write here?".to_string(),
    })
}

/// Removes what was being written in a folder when a process was killed. Nobody else may be writing there.
pub(crate) fn remove_half_written(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(HALF_WRITTEN) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What the names of temporary files begin with.
const HALF_WRITTEN: &str = ".writing-";

/// A temporary file that everyone may read who may read other new files.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(HALF_WRITTEN);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
