//! Which pictures a classifier of the course works on: its own, or the IDX files of a folder.

use nn::data::{self, Labelled};
use std::path::Path;

/// Pictures to learn from and to test on.
pub struct Images {
    /// What they are called.
    pub name: String,
    /// Those to learn from.
    pub train: Labelled,
    /// Those to test on.
    pub test: Labelled,
}

/// The full sets that limits are known for, told apart by their first labels.
const KNOWN: [(&str, [usize; 10]); 2] =
    [("full MNIST", [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]), ("full Fashion-MNIST", [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])];

impl Images {
    /// Those of a folder, if one is given, else the own ones. When it is quick, the first 2,000 and 500.
    ///
    /// # Errors
    /// If the folder does not hold IDX files.
    pub fn load(
        folder: Option<&Path>,
        quick: bool,
        own: impl FnOnce() -> (&'static str, Labelled, Labelled),
    ) -> Result<Self, nn::FileError> {
        let (name, mut train, mut test) = match folder {
            None => {
                let (name, train, test) = own();
                (name.to_string(), train, test)
            }
            Some(folder) => {
                let (train, test) = data::idx_folder(folder)?;
                let known = KNOWN.iter().find(|(_, first)| train.len() == 60_000 && train.labels.starts_with(first));
                let name = known.map_or_else(|| folder.display().to_string(), |(name, _)| name.to_string());
                (name, train, test)
            }
        };
        if quick {
            train = train.split_at(2000).0;
            test = test.split_at(500).0;
        }
        println!("{name}: {} pictures to learn from, {} to test on", train.len(), test.len());
        Ok(Images { name, train, test })
    }

    /// Whether it is one of the full sets, `full MNIST` or `full Fashion-MNIST`.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }
}
