//! The history as JSON, which has no numbers that are not finite: those are texts, `"NaN"`, `"inf"`, `"-inf"`.

use super::History;
use crate::FileError;
use crate::file::{malformed, read, write_atomically};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::Path;

impl History {
    /// Writes it as JSON: `{"steps": [{"step": 1, "epoch": 1, "loss": …, "rate": …, "gradient_norm": …}, …], "epochs":
    /// [{"epoch": 1, "step": …, "values": [["loss", …], …]}, …]}`. The numbers are exact.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn save_json(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let path = path.as_ref();
        let text = serde_json::to_vec(self).map_err(|error| {
            malformed(path, format!("the history is not JSON: {error}"), "this is an error of the library")
        })?;
        write_atomically(path, &text)
    }

    /// Reads what [`save_json`](History::save_json) wrote.
    ///
    /// # Errors
    /// [`FileError`] if the file cannot be read or is not one.
    pub fn load_json(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = read(path, "the history of a run, as `save_json` writes it, is expected here")?;
        serde_json::from_slice(&bytes).map_err(|error| {
            malformed(path, format!("not the history of a run: {error}"), "give a file that `save_json` wrote")
        })
    }
}

/// A number that JSON can hold whatever it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub f64);

impl Number {
    /// Five digits of it.
    pub(super) fn short(self) -> String {
        match self.0.abs() {
            0.0 => "0".to_string(),
            size if (1e-3..1e5).contains(&size) => {
                let digits = (4 - size.log10().floor() as i32).clamp(0, 7) as usize;
                format!("{:.digits$}", self.0)
            }
            size if size.is_finite() => format!("{:.3e}", self.0),
            _ => self.0.to_string(),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(&self.0.to_string())
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Number(number)),
            Written::Text(text) => text.parse().map(Number).map_err(D::Error::custom),
        }
    }
}

/// For `#[serde(with)]`: a number.
pub(crate) mod number {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Number(*value).serialize(serializer)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Number::deserialize(deserializer).map(|number| number.0)
    }
}

/// For `#[serde(with)]`: a number or none.
pub(super) mod optional {
    use super::*;

    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Number).serialize(serializer)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Number>::deserialize(deserializer)?.map(|number| number.0))
    }
}

/// For `#[serde(with)]`: numbers with names, in their order.
pub(crate) mod named {
    use super::*;

    pub fn serialize<S: Serializer>(values: &[(String, f64)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|(name, value)| (name, Number(*value))))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, f64)>, D::Error> {
        let values = Vec::<(String, Number)>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|(name, number)| (name, number.0)).collect())
    }
}
