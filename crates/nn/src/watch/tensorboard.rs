//! Event files that TensorBoard reads: scalars and histograms.
//!
//! A file is a row of records: a length, its checksum, an `Event` message, its checksum. The message is written by hand: it
//! needs six kinds of fields, and no crate for the whole format is kept up. Sources: TensorFlow's `record_writer.h` and
//! `event.proto`, `summary.proto`, `histogram.proto`; the wire format of Protocol Buffers.

use super::{Histogram, Log, ParameterRow, Record, Spread};
use crate::FileError;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes one event file, an event at a time.
///
/// ```no_run
/// use nn::watch::EventWriter;
/// let mut events = EventWriter::create("runs/first".as_ref())?;
/// events.scalar(0, "loss", 2.3)?;
/// # Ok::<(), nn::FileError>(())
/// ```
/// ```sh
/// tensorboard --logdir runs
/// ```
pub struct EventWriter {
    path: PathBuf,
    file: File,
}

impl EventWriter {
    /// A new event file in a folder, which is made if it is not there. One folder is one run.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn create(folder: &Path) -> Result<Self, FileError> {
        let named = |number: u32| {
            let seconds = now() as u64;
            folder.join(format!("events.out.tfevents.{seconds}.{}.{number}.autograd", std::process::id()))
        };
        let made = fs::create_dir_all(folder).and_then(|()| {
            // Two files of one second must not be one.
            let mut number = 0;
            loop {
                match File::options().write(true).create_new(true).open(named(number)) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                    Ok(file) => break Ok((named(number), file)),
                    Err(error) => break Err(error),
                }
            }
        });
        let (path, file) = made.map_err(|source| unwritable(folder, source))?;
        let mut writer = EventWriter { path, file };
        let mut version = Message::default();
        version.double(1, now()).bytes(3, b"brain.Event:2");
        writer.write(&version)?;
        Ok(writer)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number of a step.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn scalar(&mut self, step: usize, tag: &str, value: f64) -> Result<(), FileError> {
        let mut entry = Message::default();
        entry.bytes(1, tag.as_bytes()).float(2, value as f32);
        self.event(step, &[entry])
    }

    /// Numbers of a step as a histogram. What it has no place for, NaN and infinities, goes into scalars beside it: their
    /// counts, where there are any.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn histogram(&mut self, step: usize, tag: &str, spread: &Spread) -> Result<(), FileError> {
        let Histogram { nan, plus_infinity, minus_infinity, .. } = spread.histogram;
        let odd = [("nan", nan), ("plus_infinity", plus_infinity), ("minus_infinity", minus_infinity)];
        let odd = odd.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| {
            let mut entry = Message::default();
            entry.bytes(1, format!("{tag}/{kind}").as_bytes()).float(2, count as f32);
            entry
        });
        let mut entry = Message::default();
        entry.bytes(1, tag.as_bytes()).message(5, &histogram(spread));
        self.event(step, &std::iter::once(entry).chain(odd).collect::<Vec<_>>())
    }

    /// A watched step: the loss, and of every parameter its numbers, its gradient's, and the step's size.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn record(&mut self, record: &Record) -> Result<(), FileError> {
        let Record { step, loss, parameters, flow, .. } = record;
        self.scalar(*step, "loss", *loss)?;
        if let Some(flow) = flow {
            self.scalar(*step, "gradient flow, decades a layer", flow.slope)?;
        }
        for ParameterRow { path, weight, gradient, update, .. } in parameters {
            self.histogram(*step, &format!("weight/{path}"), weight)?;
            if let Some(gradient) = gradient {
                self.histogram(*step, &format!("gradient/{path}"), gradient)?;
            }
            if *update > 0.0 {
                self.scalar(*step, &format!("log10 update/{path}"), update.log10())?;
            }
        }
        Ok(())
    }

    fn event(&mut self, step: usize, values: &[Message]) -> Result<(), FileError> {
        let (mut summary, mut event) = (Message::default(), Message::default());
        for value in values {
            summary.message(1, value);
        }
        event.double(1, now()).number(2, step as u64).message(5, &summary);
        self.write(&event)
    }

    /// A record: all of it at once, so that a reader never finds half of one that was finished.
    fn write(&mut self, message: &Message) -> Result<(), FileError> {
        let length = (message.0.len() as u64).to_le_bytes();
        let mut record = length.to_vec();
        record.extend(masked(&length).to_le_bytes());
        record.extend(&message.0);
        record.extend(masked(&message.0).to_le_bytes());
        self.file.write_all(&record).map_err(|source| unwritable(&self.path, source))
    }
}

impl Log {
    /// All of the run as one event file in a folder; returns its path. Other curves are scalars by their names.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn write_events(&self, folder: &Path) -> Result<PathBuf, FileError> {
        let mut events = EventWriter::create(folder)?;
        for record in &self.records {
            events.record(record)?;
        }
        for curve in &self.curves {
            for (step, value) in curve.steps.iter().zip(&curve.values) {
                events.scalar(*step, &curve.name, *value)?;
            }
        }
        Ok(events.path)
    }
}

/// `HistogramProto`: limits are the upper edges of the bins, each bin begins where the one before it ends.
fn histogram(spread: &Spread) -> Message {
    let summary = spread.summary;
    let finite = (summary.elements - summary.non_finite) as f64;
    let (mut limits, mut counts): (Vec<f64>, Vec<f64>) = Default::default();
    for bin in spread.histogram.bins() {
        // Exact zeros have a narrow bin above 0.
        let high = if bin.high == 0.0 { f64::MIN_POSITIVE } else { bin.high };
        if limits.last() != Some(&bin.low) {
            limits.push(bin.low);
            counts.push(0.0);
        }
        limits.push(high);
        counts.push(bin.count as f64);
    }
    let mut message = Message::default();
    let (min, max) = if finite > 0.0 { (summary.min, summary.max) } else { (0.0, 0.0) };
    let mean = if finite > 0.0 { summary.mean } else { 0.0 };
    message.double(1, min).double(2, max).double(3, finite).double(4, mean * finite);
    let squares = if finite > 0.0 { summary.rms() * summary.rms() * finite } else { 0.0 };
    message.double(5, squares).doubles(6, &limits).doubles(7, &counts);
    message
}

/// A message of Protocol Buffers under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// The field's number and how it is written: 0 a varint, 1 eight bytes, 2 bytes with their length, 5 four bytes.
    fn key(&mut self, field: u64, wire: u64) {
        self.varint(field << 3 | wire);
    }

    fn number(&mut self, field: u64, number: u64) -> &mut Self {
        self.key(field, 0);
        self.varint(number);
        self
    }

    fn double(&mut self, field: u64, number: f64) -> &mut Self {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
        self
    }

    fn float(&mut self, field: u64, number: f32) -> &mut Self {
        self.key(field, 5);
        self.0.extend(number.to_le_bytes());
        self
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn message(&mut self, field: u64, message: &Message) -> &mut Self {
        self.bytes(field, &message.0)
    }

    fn doubles(&mut self, field: u64, numbers: &[f64]) -> &mut Self {
        self.bytes(field, &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
    }
}

/// The checksum of a record: CRC-32C, turned and shifted, as a checksum of data that holds checksums is weak.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn unwritable(path: &Path, source: io::Error) -> FileError {
    let help = "what was written before is there; is there space, and may one write here?".to_string();
    FileError::Unwritable { path: path.into(), source, help }
}
