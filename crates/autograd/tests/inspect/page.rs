//! The page: what it carries, and that nothing in it can become markup.

use crate::example::{self, model, train};
use autograd::check::{Check, gradcheck};
use autograd::inspect::{Page, Snapshot, paths, saliency};
use autograd::prelude::*;
use autograd::scalar;
use serde_json::Value;

/// The page's data, as its script reads it.
fn data(html: &str) -> Value {
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    assert!(!json.contains('<'), "no text may end the script");
    serde_json::from_str(json).unwrap()
}

fn board<'a>(data: &'a Value, id: &str) -> &'a Value {
    let boards = data["boards"].as_array().unwrap();
    boards.iter().find(|board| board["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_numbers_of_the_example() {
    let html = example::tensor::snapshot().to_html();
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; \
                  style-src 'unsafe-inline'; img-src data:\">";
    assert!(html.contains(policy));
    for outside in ["http://", "https://", "url(h", "@import"] {
        let found = html.replace("http://www.w3.org/2000/svg", "").contains(outside);
        assert!(!found, "{outside}");
    }
    let data = data(&html);
    assert_eq!(data["nodes"]["2"]["face"]["lines"], serde_json::json!(["value 1.2", "grad 4.15345"]));
    assert_eq!(data["rows"][5]["cells"][6], "1 (seed)");
    let third = &data["frames"][2];
    assert_eq!(third["head"], "step 3 of 4: node 3 ln");
    assert_eq!(third["parts"][0]["local"], "1/z = 0.833333");
    assert_eq!(third["parts"][0]["message"], "g/z = 1/1.2 = 0.833333");
    assert_eq!(third["parts"][0]["total"], "z.grad 3.32012 + 0.833333 = 4.15345");
    assert_eq!(data["paths"][0]["rows"][0]["share"], "79.9 %");
    assert_eq!(data["paths"][0]["rows"][0]["product"], "2.65609 = 1 * 3.32012 * 0.8");
    // It is made of the snapshot alone.
    let again = Snapshot::from_json(&example::tensor::snapshot().to_json()).unwrap();
    assert_eq!(again.to_html(), html);
}

#[test]
fn every_report_has_its_place() {
    let data_of = |snapshot: &Snapshot| data(&snapshot.to_html());
    let sound = data_of(&example::tensor::snapshot());
    assert_eq!(board(&sound, "diagnosis")["text"], "diagnosis of 6 nodes, 0 parameters: nothing found");
    let nan = data_of(&model::masked(Tape::keeping()));
    assert!(board(&nan, "nonfinite")["text"].as_str().unwrap().contains("produced NaN at [0]: sqrt(-1)"));
    let lost = data_of(&train::lost().0);
    assert_eq!(board(&lost, "parameters")["alarm"], true);
    let why = board(&lost, "parameters")["rows"].to_string();
    assert!(
        why.contains("`dec.w` has no gradient: its last recorded ancestor `enc.out` was detached at train.rs:19"),
        "{why}"
    );

    let tape = Tape::<f64>::keeping();
    let (x, w) = (tape.var(Tensor::ones([3, 1])).named("x"), tape.var(Tensor::ones([3])).named("w"));
    let loss = (&x - &w).square().mean().named("loss");
    let stretched = data_of(&Snapshot::of_backward(&loss));
    let found = &board(&stretched, "diagnosis")["rows"][0];
    assert_eq!(
        (&found["cells"][1], &found["cells"][3]),
        (&"both stretched".into(), &"elements of the result for each element of an operand: 3".into())
    );
    assert!(board(&stretched, "broadcasting")["text"].as_str().unwrap().contains("both operands are stretched"));
    assert!(board(&stretched, "memory")["rows"].to_string().contains("square keeps its input"));

    let found = paths(&loss, &x, 3);
    let check = Check { full: true, ..Check::default() };
    let report = check.run(&[Tensor::from([[0.5, 0.0], [1.0, 2.0]])], |x| x[0].relu());
    let shown = saliency(|x| x.square().sum(), &Tensor::from([[1.0, -3.0]]));
    let snapshot = Snapshot::of_backward(&loss);
    let page = Page::new(&snapshot)
        .with_paths(found)
        .with_check(&report)
        .with_check(&gradcheck(&[Tensor::from([1.0])], |x| x[0].exp()));
    let data = data(&page.with_attribution(&shown).titled("All").to_html());
    assert_eq!((&data["title"], &data["paths"].as_array().unwrap().len()), (&Value::from("All"), &1));
    let cells = &board(&data, "check")["maps"][0]["cells"];
    let kinds: Vec<&str> = cells.as_array().unwrap().iter().map(|cell| cell["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ok", "kink", "ok", "ok"]);
    assert!(board(&data, "check-2")["maps"].as_array().unwrap().is_empty());
    let levels = &board(&data, "attribution")["maps"][0]["cells"];
    assert_eq!((&levels[0]["level"], &levels[1]["level"]), (&Value::from(2.0 / 6.0), &Value::from(1.0)));
}

#[test]
fn names_stay_text() {
    let name = "</script><img src=x onerror=alert(1)><!-- {{data}} {{script}}";
    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(2.0).named(name), tape.var(3.0).named("\u{2028}\\\"'"));
    let html = Snapshot::of_backward(&(x * y)).to_html();
    assert_eq!(html.matches("</script>").count(), 2);
    assert!(!html.contains("<img") && !html.contains("<!--"));
    let data = data(&html);
    assert_eq!(data["rows"][0]["cells"][2], name);
    assert_eq!(data["rows"][1]["cells"][2], "\u{2028}\\\"'");
    let titled = Page::new(&example::tensor::snapshot()).titled(name).to_html();
    assert!(titled.contains("<title>&lt;/script&gt;"), "the title is escaped");
}

#[test]
fn modules_have_a_picture_for_each_choice() {
    let blocks = |modules: usize| {
        let tape = Tape::<f64>::keeping();
        let last = (0..modules).fold(tape.var([1.0, 2.0]).named("x"), |x, _| {
            let _outer = x.scope("Block");
            let y = x.tanh();
            let _inner = y.scope("Inner");
            &y * &x
        });
        Snapshot::of_backward(&last.sum())
    };
    let pictures = |snapshot: &Snapshot| data(&snapshot.to_html())["graph"].clone();
    // A block is folded, open with its inner one folded, or all open: 3 × 3.
    let graph = pictures(&blocks(2));
    assert_eq!((graph["pictures"].as_object().unwrap().len(), &graph["is_complete"]), (9, &Value::from(true)));
    assert_eq!(graph["start"], "0,1,2,3");
    let graph = pictures(&blocks(8));
    // All folded, all open as at first, and each of 16 alone.
    assert_eq!((graph["pictures"].as_object().unwrap().len(), &graph["is_complete"]), (18, &Value::from(false)));
}

#[test]
fn what_the_limits_leave_out_is_said() {
    let tape = scalar::Tape::traced();
    let (x, w) = (tape.var(0.5).named("x"), tape.var(0.99).named("w"));
    let chain = (1..3000).fold(x, |y, _| y * w + x);
    let data = data(&Snapshot::of_backward(&chain).to_html());
    assert_eq!(data["rows"].as_array().unwrap().len(), 5000);
    assert_eq!(data["left_out"], "The table has the first 5000 of 6000 nodes, the player the first 5000 steps.");
}

/// Nothing to show is shown all the same.
#[test]
fn recordings_without_anything() {
    for snapshot in [Snapshot::of(&Tape::<f32>::keeping()), Snapshot::of(&scalar::Tape::traced())] {
        assert!(data(&snapshot.to_html())["frames"].as_array().unwrap().is_empty());
        assert!(snapshot.to_svg().contains("Recording: 0 nodes"));
    }
    let tape = Tape::<f32>::keeping();
    let _empty = tape.var(Tensor::zeros([0, 3])).named("empty").exp();
    assert!(Snapshot::of(&tape).to_html().contains("\"frames\":[]"));
}
