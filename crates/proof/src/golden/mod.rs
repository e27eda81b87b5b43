//! Expected values that other tools computed: every case of the reference files.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Case`]: one case in one precision, and the list of all |
//! | `json.rs` | numbers, tensors and attributes of a case |
//! | `compare.rs` | values, gradients, forward mode and curvature of a case against its file |
//! | `operations/` | the operations by their names in the files, one file a family |
//! | `layers.rs` | layers by their names in the files, with the weights of a case |
//! | `functions.rs` | elementwise functions, at every point of their table |
//! | `kinks.rs` | conventions at points without a derivative |
//! | `programs.rs` | whole scalar programs with their Hessians |

mod compare;
mod functions;
mod json;
mod kinks;
mod layers;
mod operations;
mod programs;

pub use programs::Pictured;

pub use compare::Worst;
pub use json::Reference;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A file of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    /// Functions of one and two numbers, correctly rounded.
    Elementwise,
    /// Conventions at points without a derivative.
    Kinks,
    /// Operations on tensors.
    TensorOps,
    /// Losses.
    Losses,
    /// Layers.
    Layers,
    /// Whole scalar programs.
    Programs,
}

/// The precision that a case is run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// `f32`.
    Single,
    /// `f64`.
    Double,
}

/// One case of a reference file, in one precision.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file that it is from.
    pub file: File,
    /// The precision that it is run in.
    pub precision: Precision,
    /// Its inputs and expected values.
    pub reference: Reference,
}

impl Case {
    /// Its name: the file, the case, the precision.
    pub fn name(&self) -> String {
        let precision = if self.precision == Precision::Single { "f32" } else { "f64" };
        format!("{:?}/{}/{precision}", self.file, self.reference.name())
    }

    /// Runs it.
    ///
    /// # Errors
    /// What differs from the file, in words; that the operation does not exist.
    pub fn check(&self) -> Result<Worst, String> {
        match (self.file, self.precision) {
            (File::Elementwise, Precision::Double) => functions::check(&self.reference),
            (File::Elementwise, Precision::Single) => functions::check_single(&self.reference),
            (File::Kinks, _) => kinks::check(&self.reference),
            (File::Programs, _) => programs::check(&self.reference),
            (File::Layers, Precision::Double) => compare::check::<f64>(&self.reference, 1e-12, layers::apply),
            (File::Layers, Precision::Single) => compare::check::<f32>(&self.reference, 1e-5, layers::apply),
            (_, Precision::Double) => compare::check::<f64>(&self.reference, 1e-12, operations::apply),
            (_, Precision::Single) => compare::check::<f32>(&self.reference, 1e-5, operations::apply),
        }
    }
}

/// Every case, in every precision that its file serves.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in [File::Elementwise, File::Kinks, File::TensorOps, File::Losses, File::Layers, File::Programs] {
        let precisions = match file {
            File::Kinks | File::Programs => &[Precision::Double][..],
            _ => &[Precision::Double, Precision::Single],
        };
        let mut references = read(file);
        if file == File::Layers {
            // Operations that are layers, too: their cases once more, through the layers.
            references.extend(read(File::TensorOps).into_iter().filter(|case| layers::OPERATIONS.contains(&case.op())));
        }
        for reference in references {
            // The training runs among the programs belong to the tests of `nn`.
            let other = file == File::Programs && reference.op() != "program";
            if !other {
                cases.extend(precisions.iter().map(|&precision| Case {
                    file,
                    precision,
                    reference: reference.clone(),
                }));
            }
        }
    }
    cases
}

/// The scalar programs of the reference as the inspector sees them.
pub fn pictured() -> Vec<Pictured> {
    read(File::Programs).iter().filter(|case| case.op() == "program").map(programs::pictured).collect()
}

fn read(file: File) -> Vec<Reference> {
    static FILES: OnceLock<BTreeMap<File, Vec<Reference>>> = OnceLock::new();
    let all = || {
        [
            (File::Elementwise, include_str!("../../data/reference/elementwise.json")),
            (File::Kinks, include_str!("../../data/reference/kinks.json")),
            (File::TensorOps, include_str!("../../data/reference/tensor_ops.json")),
            (File::Losses, include_str!("../../data/reference/losses.json")),
            (File::Layers, include_str!("../../data/reference/layers.json")),
            (File::Programs, include_str!("../../data/reference/programs.json")),
        ]
        .into_iter()
        .map(|(file, text)| {
            let parsed: serde_json::Value = serde_json::from_str(text).expect("the reference is JSON");
            let cases = parsed["cases"].as_array().expect("a list of cases");
            (file, cases.iter().map(|case| Reference(Arc::new(case.clone()))).collect())
        })
        .collect()
    };
    FILES.get_or_init(all)[&file].clone()
}
