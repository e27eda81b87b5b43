//! Metrics and splits against scikit-learn.

use crate::{assert_close, load, numbers, tensor, whole};
use autograd::Error;
use nn::data::{Split, k_fold, stratified_k_fold, stratified_split, train_test_split};
use nn::metrics::*;
use serde_json::Value;

#[test]
fn metrics_and_splits() {
    for case in load("metrics") {
        let (name, op) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap());
        let got = computed(op, &case).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (output, got) in got {
            assert_close(&format!("{name} {output}"), &got, &numbers(&case["outputs"][output]), 1e-14);
        }
    }
}

type Outputs = Vec<(&'static str, Vec<f64>)>;

/// What an operation of the file gives, by the names of its outputs.
fn computed(op: &str, case: &Value) -> Result<Outputs, Error> {
    let (attrs, inputs) = (&case["attrs"], &case["inputs"]);
    let labels = |name: &str| whole(&inputs[name]);
    let scores = |name: &str| tensor(&inputs[name]);
    let value = |value: f64| Ok(vec![("value", vec![value])]);
    let matrix =
        || ConfusionMatrix::new(&labels("pred"), &labels("true"), attrs["classes"].as_u64().unwrap_or(2) as usize);
    match op {
        "confusion_matrix" => {
            Ok(vec![("counts", matrix().counts().iter().flatten().map(|&count| count as f64).collect())])
        }
        "precision_recall_f1" => {
            let matrix = matrix().with_zero_division(attrs["zero_division"].as_f64().unwrap());
            let scores = match attrs["average"].as_str().unwrap() {
                "none" => (0..matrix.counts().len()).map(|class| matrix.class(class)).collect(),
                "binary" => vec![matrix.class(1)],
                "micro" => vec![matrix.average(Average::Micro)],
                "macro" => vec![matrix.average(Average::Macro)],
                _ => vec![matrix.average(Average::Weighted)],
            };
            let of = |f: fn(&ClassScores) -> f64| scores.iter().map(f).collect();
            Ok(vec![("precision", of(|s| s.precision)), ("recall", of(|s| s.recall)), ("f1", of(|s| s.f1))])
        }
        "accuracy" => value(accuracy(&labels("pred"), &labels("true"))),
        "balanced_accuracy" => value(matrix().balanced_accuracy()),
        "matthews" => value(matrix().matthews()),
        "top_k_accuracy" => {
            value(top_k_accuracy(&scores("score"), &labels("true"), attrs["k"].as_u64().unwrap() as usize)?)
        }
        "log_loss" => value(log_loss(&scores("prob"), &labels("true"))?),
        "roc_auc" => value(match attrs["multi"].as_str() {
            None => roc_auc(&scores("score"), &labels("true"))?,
            Some("ovr") => roc_auc_of_classes(&scores("score"), &labels("true"), Classes::OneVersusRest)?,
            Some(_) => roc_auc_of_classes(&scores("score"), &labels("true"), Classes::OneVersusOne)?,
        }),
        "average_precision" => value(average_precision(&scores("score"), &labels("true"))?),
        "roc_curve" => {
            let curve = roc_curve(&scores("score"), &labels("true"))?;
            Ok(vec![("fpr", curve.false_positive_rates), ("tpr", curve.true_positive_rates)])
        }
        "mse" => value(mse(&scores("pred"), &scores("true"))?),
        "rmse" => value(rmse(&scores("pred"), &scores("true"))?),
        "mae" => value(mae(&scores("pred"), &scores("true"))?),
        "r2" => value(r2(&scores("pred"), &scores("true"))?),
        "k_fold_sizes" => {
            let (n, k) = (attrs["n"].as_u64().unwrap() as usize, attrs["k"].as_u64().unwrap() as usize);
            let folds = k_fold(n, k, 0)?;
            folds.iter().for_each(|fold| assert_parts(fold, n));
            Ok(vec![("sizes", folds.iter().map(|fold| fold.test.len() as f64).collect())])
        }
        "train_test_sizes" => {
            let n = attrs["n"].as_u64().unwrap() as usize;
            let split = train_test_split(n, attrs["test_fraction"].as_f64().unwrap(), 0)?;
            assert_parts(&split, n);
            Ok(vec![("train", vec![split.train.len() as f64]), ("test", vec![split.test.len() as f64])])
        }
        // These two state a requirement; the counts of the file are one valid answer.
        "stratified_k_fold" => {
            let labels = labels("labels");
            let folds = stratified_k_fold(&labels, attrs["k"].as_u64().unwrap() as usize, 0)?;
            folds.iter().for_each(|fold| assert_parts(fold, labels.len()));
            let within_one = |counts: Vec<usize>| counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1;
            assert!(within_one(folds.iter().map(|fold| fold.test.len()).collect()));
            for class in 0..=*labels.iter().max().unwrap() {
                let count = |fold: &Split| fold.test.iter().filter(|&&row| labels[row] == class).count();
                assert!(within_one(folds.iter().map(count).collect()), "class {class}");
            }
            Ok(Vec::new())
        }
        "stratified_split_sizes" => {
            let (labels, wanted) = (labels("labels"), attrs["test"].as_u64().unwrap() as usize);
            let split = stratified_split(&labels, wanted as f64 / labels.len() as f64, 0)?;
            assert_parts(&split, labels.len());
            assert_eq!(split.test.len(), wanted);
            for class in 0..=*labels.iter().max().unwrap() {
                let of_class = |rows: &[usize]| rows.iter().filter(|&&row| labels[row] == class).count() as f64;
                let share = of_class(&split.train) + of_class(&split.test);
                let share = share * wanted as f64 / labels.len() as f64;
                assert!((of_class(&split.test) - share).abs() < 1.0, "class {class}");
            }
            Ok(Vec::new())
        }
        other => panic!("no metric `{other}`"),
    }
}

/// Every row is in one of the parts.
fn assert_parts(split: &Split, n: usize) {
    let mut rows = [&split.train[..], &split.test[..]].concat();
    rows.sort_unstable();
    assert_eq!(rows, (0..n).collect::<Vec<_>>());
}

/// A split is a shuffle: over seeds, every row is tested on about equally often.
#[test]
fn every_row_has_its_chance() {
    let mut tested = [0; 20];
    for seed in 0..2000 {
        for row in train_test_split(20, 0.25, seed).unwrap().test {
            tested[row] += 1;
        }
    }
    // 500 expected, with a standard deviation of 19.
    assert!(tested.iter().all(|&count| (400..600).contains(&count)), "{tested:?}");
}

#[test]
fn what_makes_no_sense_is_an_error() {
    // The line is the caller's, so it is one of this file; which one does not matter here.
    let cut = |error: Error| {
        let text = error.to_string();
        assert!(text.contains(&format!("at: {}", file!())), "{text}");
        text.lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
    };
    let text = |result: Result<f64, Error>| cut(result.unwrap_err());
    let scores = autograd::Tensor::from([0.1, f64::NAN]);
    insta::assert_snapshot!(text(roc_auc(&scores, &[0, 1])), @"
    roc_auc: the score at position 1 is NaN
      help: scores must be comparable; find where it came from
    ");
    insta::assert_snapshot!(text(roc_auc(&scores, &[0])), @"
    roc_auc: 1 labels for scores of shape [2]
      help: give one label for each score: [n]
    ");
    insta::assert_snapshot!(text(roc_auc(&scores, &[0, 2])), @"
    roc_auc: label 2 at position 1 is neither 0 nor 1
      help: for more classes there is `roc_auc_of_classes`
    ");
    insta::assert_snapshot!(text(roc_auc(&autograd::Tensor::from([0.1, 0.2]), &[1, 1])), @"
    roc_auc: no row is negative
      help: it is not defined without both classes; take a larger sample
    ");
    let rows = autograd::Tensor::from([[0.5, 0.5]]);
    insta::assert_snapshot!(text(log_loss(&rows, &[2])), @"
    log_loss: label 2 at position 0 is out of range for 2 classes
      help: labels count from 0
    ");
    insta::assert_snapshot!(text(top_k_accuracy(&scores, &[0, 1], 1)), @"
    top_k_accuracy: scores of shape [2]
      help: give one row of scores a sample: [n, classes]
    ");
    insta::assert_snapshot!(text(mse(&scores, &rows)), @"
    mse: predictions of shape [2] for numbers of shape [1, 2]
      help: give one prediction for each number, and at least one
    ");
    insta::assert_snapshot!(cut(k_fold(3, 4, 0).unwrap_err()), @"
    k_fold: 4 folds of 3 rows
      help: give from 2 folds up to as many as there are rows
    ");
    insta::assert_snapshot!(cut(train_test_split(3, 1.5, 0).unwrap_err()), @"
    split: a fraction of 1.5
      help: give the part to test on, between 0 and 1
    ");
}
