//! Numbers, tensors and attributes of a case.

use autograd::algebra::Real;
use autograd::{Axes, Indices, Reduction, Tensor, Var};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The differentiated and constant inputs of a case by name.
pub(super) type Vars<T> = BTreeMap<String, Var<T>>;

/// A case as its file has it.
#[derive(Clone, Debug)]
pub struct Reference(pub(super) Arc<Value>);

impl Reference {
    /// Its name, unique within the file.
    pub fn name(&self) -> &str {
        self.0["name"].as_str().or(self.0["op"].as_str()).unwrap_or("")
    }
    /// The operation, as the file calls it.
    pub fn op(&self) -> &str {
        self.0["op"].as_str().unwrap_or("")
    }
    pub(super) fn get(&self, key: &str) -> &Value {
        &self.0[key]
    }
    /// An attribute, null if it is not given.
    pub(super) fn attribute(&self, name: &str) -> &Value {
        &self.0["attrs"][name]
    }
    pub(super) fn flag(&self, name: &str) -> bool {
        self.attribute(name).as_bool().unwrap_or(false)
    }
    pub(super) fn number(&self, name: &str) -> f64 {
        number(self.attribute(name))
    }
    /// An attribute that is a whole number.
    pub(super) fn whole(&self, name: &str) -> isize {
        self.attribute(name).as_i64().expect("a whole number") as isize
    }
    /// An attribute that is a list of whole numbers.
    pub(super) fn list(&self, name: &str) -> Vec<isize> {
        list(self.attribute(name))
    }
    /// The attribute `axes`: a list, or null for all.
    pub(super) fn axes(&self) -> Axes {
        axes(self.attribute("axes"))
    }
    pub(super) fn reduction(&self) -> Reduction {
        match self.attribute("reduction").as_str() {
            Some("sum") => Reduction::Sum,
            Some("none") => Reduction::None,
            _ => Reduction::Mean,
        }
    }
    /// An input that is whole numbers.
    pub(super) fn indices(&self, name: &str) -> Indices {
        indices(&self.0["inputs"][name])
    }
    /// An input as a plain tensor; a mask as ones and zeros.
    pub(super) fn plain<T: Real>(&self, name: &str) -> Tensor<T> {
        tensor(&self.0["inputs"][name])
    }
}

pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("inf, -inf or nan"),
        Value::Bool(holds) => f64::from(u8::from(*holds)),
        _ => value.as_f64().expect("a number"),
    }
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

pub(super) fn list(value: &Value) -> Vec<isize> {
    value.as_array().expect("a list").iter().map(|v| v.as_i64().expect("a whole number") as isize).collect()
}

pub(super) fn axes(value: &Value) -> Axes {
    if value.is_null() { Axes::from(..) } else { list(value)[..].into() }
}

pub(super) fn shape(value: &Value) -> Vec<usize> {
    list(&value["shape"]).into_iter().map(|n| n as usize).collect()
}

pub(super) fn tensor<T: Real>(value: &Value) -> Tensor<T> {
    Tensor::from_vec(numbers(&value["data"]).into_iter().map(T::from_f64).collect(), &shape(value)[..])
}

pub(super) fn indices(value: &Value) -> Indices {
    Indices::new(numbers(&value["data"]).into_iter().map(|v| v as usize).collect(), &shape(value)[..])
}
