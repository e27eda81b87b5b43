//! A run as a value: tables, files, pictures, logs.

use nn::train::History;

/// Two epochs of two steps, with numbers that JSON has no words for.
fn history() -> History {
    let mut history = History::default();
    history.add_step(1, 0.1 + 0.2, 1e-3, None);
    history.add_step(1, f64::INFINITY, 1e-3, Some(1.0 / 3.0));
    history.add_epoch(vec![("loss".to_string(), 2.0_f64.sqrt()), ("validation loss".to_string(), 123456.0)]);
    history.add_step(2, 5e-324, 5e-4, Some(2.5));
    history.add_step(2, -0.0, 5e-4, None);
    history.add_epoch(vec![("loss".to_string(), 1e-7), ("validation loss".to_string(), f64::NEG_INFINITY)]);
    history
}

#[test]
fn a_history_comes_back_from_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, json) = (folder.path().join("run.csv"), folder.path().join("run.json"));
    history().save_csv(&csv).unwrap();
    history().save_json(&json).unwrap();
    assert_eq!(History::load_csv(&csv).unwrap(), history());
    assert_eq!(History::load_json(&json).unwrap(), history());
    let text = std::fs::read_to_string(&csv).unwrap();
    insta::assert_snapshot!(text, @r"
    step,epoch,loss,rate,gradient norm,epoch loss,epoch validation loss
    1,1,0.30000000000000004,0.001,,,
    2,1,inf,0.001,0.3333333333333333,1.4142135623730951,123456.0
    3,2,5e-324,0.0005,2.5,,
    4,2,-0.0,0.0005,,1e-7,-inf
    ");
}

#[test]
fn a_history_prints_as_a_table() {
    insta::assert_snapshot!(history(), @r"
    epoch    step      loss  validation loss
        1       2    1.4142          1.235e5
        2       4  1.000e-7             -inf
    ");
}

#[test]
fn files_that_are_no_history_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let after_path = |error: nn::FileError| error.to_string().split_once(": ").unwrap().1.to_string();
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    insta::assert_snapshot!(after_path(History::load_csv(&path).unwrap_err()), @r"
    the first columns are not step, epoch, loss, rate, gradient norm
      help: give a file that `save_csv` wrote
    ");
    std::fs::write(&path, "step,epoch,loss,rate,gradient norm\n1,1,x,0.1,\n").unwrap();
    insta::assert_snapshot!(after_path(History::load_csv(&path).unwrap_err()), @r"
    row 2: `x` under `loss` is not a number
      help: give a file that `save_csv` wrote
    ");
    std::fs::write(&path, "step,epoch,loss,rate,gradient norm\n1,1,,0.1,\n").unwrap();
    insta::assert_snapshot!(after_path(History::load_csv(&path).unwrap_err()), @r"
    row 2 has no `loss`
      help: give a file that `save_csv` wrote
    ");
    std::fs::write(&path, "[1]").unwrap();
    insta::assert_snapshot!(after_path(History::load_json(&path).unwrap_err()), @r"
    not the history of a run: invalid type: integer `1`, expected a sequence at line 1 column 2
      help: give a file that `save_json` wrote
    ");
}

#[test]
fn a_picture_has_a_line_for_each_curve() {
    let mut history = History::default();
    for step in 1..=40_u64 {
        history.add_step(step.div_ceil(4), 100.0 / step as f64, 0.1 / step as f64, None);
        if step % 4 == 0 {
            let values =
                [("loss", 90.0 / step as f64), ("validation loss", 95.0 / step as f64), ("validation accuracy", 0.9)];
            history.add_epoch(values.map(|(name, value)| (name.to_string(), value)).to_vec());
        }
    }
    let svg = history.to_svg();
    let picture = roxmltree::Document::parse(&svg).unwrap();
    let lines: Vec<usize> = picture
        .descendants()
        .filter(|node| node.has_tag_name("polyline"))
        .map(|node| node.attribute("points").unwrap().split_whitespace().count())
        .collect();
    for points in [40, 10] {
        assert!(lines.contains(&points), "{lines:?}");
    }
    let texts: Vec<&str> = picture.descendants().filter_map(|node| node.text()).map(str::trim).collect();
    for text in ["loss", "each step", "validation loss", "metrics", "validation accuracy", "learning rate", "step"] {
        assert!(texts.contains(&text), "no `{text}` in {texts:?}");
    }
    // Runs of one step and of none are pictures, too, and what is not finite leaves none broken.
    for history in [History::default(), super::history::history()] {
        assert!(roxmltree::Document::parse(&history.to_svg()).is_ok());
    }
}
