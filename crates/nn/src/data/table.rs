//! Tables of text: CSV and its relatives.

use crate::FileError;
use crate::file::{malformed, read};
use autograd::Tensor;
use autograd::algebra::Real;
use std::path::{Path, PathBuf};

/// How a table is written: by default with a line of names, and commas.
///
/// ```
/// use nn::data::TableFormat;
/// let format = TableFormat::default().without_names().separated_by(b';');
/// assert_eq!((format.names, format.separator), (false, b';'));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableFormat {
    /// Whether the first line has the names of the columns.
    pub names: bool,
    /// What stands between two fields.
    pub separator: u8,
}

impl Default for TableFormat {
    fn default() -> Self {
        TableFormat { names: true, separator: b',' }
    }
}

impl TableFormat {
    /// The first line is a row like any other; columns are called `0`, `1`, ….
    pub fn without_names(self) -> Self {
        TableFormat { names: false, ..self }
    }

    /// What stands between two fields.
    pub fn separated_by(self, separator: u8) -> Self {
        TableFormat { separator, ..self }
    }
}

/// A table of text, whose columns become numbers or classes.
///
/// ```
/// use nn::data::{Table, TableFormat};
/// let text = "length,width,kind\n5.1,3.5,setosa\n7.0,3.2,versicolor\n";
/// let table = Table::parse("flowers.csv", text.as_bytes(), TableFormat::default()).unwrap();
/// let inputs = table.numbers::<f32>(&["length", "width"]).unwrap();
/// assert_eq!(inputs.to_vec(), [5.1, 3.5, 7.0, 3.2]);
/// let (labels, kinds) = table.classes("kind").unwrap();
/// assert_eq!((labels, kinds.len()), (vec![0, 1], 2));
///
/// let error = table.numbers::<f32>(&["kind"]).unwrap_err().to_string();
/// assert!(error.starts_with("flowers.csv: row 1, column `kind`: \"setosa\" is no number"));
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    names: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a file, which may be gzipped.
    ///
    /// # Errors
    /// [`FileError`] if it is missing, damaged, no UTF-8 text, or its rows differ in length.
    pub fn read(path: impl AsRef<Path>, format: TableFormat) -> Result<Self, FileError> {
        let path = path.as_ref();
        Self::parse(path, &read(path, "a table of text is expected here, plain or gzipped")?, format)
    }

    /// Reads bytes, which may be gzipped; `path` is for what errors say.
    ///
    /// # Errors
    /// As [`read`](Table::read).
    pub fn parse(path: impl AsRef<Path>, bytes: &[u8], format: TableFormat) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = crate::file::unzipped(path, bytes)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(format.names)
            .delimiter(format.separator)
            .trim(csv::Trim::All)
            .from_reader(&bytes[..]);
        let damaged = |error: csv::Error| malformed(path, error.to_string(), "every row must have the same fields");
        let mut names: Vec<String> = match format.names {
            true => reader.headers().map_err(damaged)?.iter().map(str::to_string).collect(),
            false => Vec::new(),
        };
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().map_err(damaged)?;
        if !format.names {
            names = (0..rows.first().map_or(0, |row| row.len())).map(|column| column.to_string()).collect();
        }
        Ok(Table { path: path.into(), names, rows })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns as numbers, `[n, columns]`.
    ///
    /// # Errors
    /// If a column does not exist, or a field is no number.
    pub fn numbers<T: Real>(&self, columns: &[impl AsRef<str>]) -> Result<Tensor<T>, FileError> {
        let places: Vec<usize> = columns.iter().map(|name| self.column(name.as_ref())).collect::<Result<_, _>>()?;
        let mut numbers = Vec::with_capacity(self.len() * places.len());
        for (row, fields) in self.rows.iter().enumerate() {
            for &place in &places {
                let field = &fields[place];
                let number: f64 = field.parse().map_err(|_| {
                    let problem = format!("row {}, column `{}`: {field:?} is no number", row + 1, self.names[place]);
                    malformed(&self.path, problem, "columns of words become numbers by `classes`")
                })?;
                numbers.push(T::from_f64(number));
            }
        }
        Ok(Tensor::from_vec(numbers, [self.len(), places.len()]))
    }

    /// A column as classes: the class of each row, and what the classes are called, in the order of the alphabet.
    ///
    /// # Errors
    /// If the column does not exist.
    pub fn classes(&self, column: &str) -> Result<(Vec<usize>, Vec<String>), FileError> {
        let place = self.column(column)?;
        let mut kinds: Vec<String> = self.rows.iter().map(|row| row[place].to_string()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let class = |row: &csv::StringRecord| kinds.partition_point(|kind| kind.as_str() < &row[place]);
        Ok((self.rows.iter().map(class).collect(), kinds))
    }

    fn column(&self, name: &str) -> Result<usize, FileError> {
        self.names.iter().position(|own| own == name).ok_or_else(|| {
            let help = format!("the columns are {}", self.names.join(", "));
            malformed(&self.path, format!("no column `{name}`"), help)
        })
    }
}
