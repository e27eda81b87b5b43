//! The tape table, and what a snapshot holds.

use crate::example;
use autograd::inspect::{Flow, Kept, Numbers, Operand, Snapshot, Why};
use autograd::prelude::*;

#[test]
fn the_table_of_tensors_and_of_scalars() {
    insta::assert_snapshot!(example::tensor::snapshot(), @"
    tape: 6 nodes, 4 ops, 32 B saved                              loss.rs:12
     id  op    name  args    value      grad       saved   where
      0  leaf  x             1.5        3.32276    -       :8
      1  leaf  y             0.8        6.23018    -       :9
      2  mul   z     0 1     1.2        4.15345    x,y     :10
      3  ln          2       0.182322   1          z       :11
      4  exp         2       3.32012    1          out     :11
      5  add   h     3 4     3.50244    1 (seed)   -       :11
    ");
    insta::assert_snapshot!(example::scalar::snapshot(), @"
    tape: 6 nodes, 4 ops, 32 B saved                              loss.rs:12
     id  op    name  args    value      grad       saved   where
      0  leaf  x             1.5        3.32276    -       :8
      1  leaf  y             0.8        6.23018    -       :9
      2  mul   z     0 1     1.2        4.15345    x,y     :10
      3  ln          2       0.182322   1          z       :11
      4  exp         2       3.32012    1          out     :11
      5  add   h     3 4     3.50244    1 (seed)   -       :11
    ");
}

#[test]
fn it_prints_the_same_after_a_way_through_json() {
    for snapshot in [example::tensor::snapshot(), example::scalar::snapshot(), layered(), not_finite()] {
        let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
        assert_eq!(again.to_string(), snapshot.to_string());
        assert_eq!(again.to_json(), snapshot.to_json());
    }
    let error = Snapshot::from_json("{}").unwrap_err().to_string();
    assert!(error.starts_with("no snapshot: missing field"), "{error}");
}

/// A step of a small network with a constant, a frozen parameter, something detached, and a module.
fn layered() -> Snapshot {
    let tape = Tape::<f32>::keeping();
    let (mut w, mut frozen) = (Param::new(Tensor::full([80, 3], 0.5)), Param::new(Tensor::ones([80])));
    w.set_path("hidden.weight");
    frozen.set_path("scale");
    frozen.set_frozen(true);
    let x = tape.constant(&Tensor::from([[1.0, 2.0, -3.0], [0.5, 0.0, 0.25]]));
    let hidden = {
        let _scope = x.scope("Linear");
        x.linear(&x.param(&w), None).named("hidden")
    };
    let y = hidden.relu() * tape.param(&frozen) + hidden.detach();
    Snapshot::of_backward(&y.mean())
}

fn not_finite() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([-1.0, 0.0, f64::INFINITY]).named("x");
    Snapshot::of_backward(&x.ln().sum())
}

#[test]
fn a_snapshot_tells_what_is_on_the_tape() {
    let snapshot = layered();
    insta::assert_snapshot!(lines_from(&snapshot.to_string(), "let tape = Tape::<f32>::keeping();"), @"
    tape: 6 nodes, 5 ops, 1944 B saved                                                                                                           table.rs:+11
     id  op      name           args           shape     value                        grad                               saved                         where
      0  leaf    hidden.weight                 [80, 3]   0.5 ± 0 [0.5 .. 0.5]         0.00156 ± 0.00128 [0 .. 0.00313]   -                             :+7
      1  linear  hidden         ([2, 3]) 0     [2, 80]   0.188 ± 0.188 [0 .. 0.375]   0.00313 ± 0.00313 [0 .. 0.00625]   const,hidden.weight (984 B)   :+7
      2  relu                   1              [2, 80]   0.188 ± 0.188 [0 .. 0.375]   0.00625 ± 0 [0.00625 .. 0.00625]   out (640 B)                   :+10
      3  mul                    2 ([80])       [2, 80]   0.188 ± 0.188 [0 .. 0.375]   0.00625 ± 0 [0.00625 .. 0.00625]   v2,const (960 B)              :+10
      4  add                    3 ([2, 80])    [2, 80]   0.375 ± 0.375 [0 .. 0.75]    0.00625 ± 0 [0.00625 .. 0.00625]   -                             :+10
      5  mean                   4 axes=all               0.375                        1 (seed)                           -                             :+11
    ");
    let linear = &snapshot.nodes[1];
    assert_eq!(snapshot.module_path(linear), "Linear");
    let detached = snapshot.stops.iter().find(|stop| stop.why == Why::Detached).unwrap();
    assert_eq!(detached.node, Some(1));
    let frozen = snapshot.stops.iter().find(|stop| stop.why == Why::Frozen).unwrap();
    assert_eq!(frozen.path.as_deref(), Some("scale"));
    let Operand::Constant(constant) = &snapshot.nodes[3].operands[1] else {
        panic!("a frozen parameter is a constant")
    };
    assert_eq!(snapshot.stops[constant.stop.unwrap()].why, Why::Frozen);
    assert_eq!(snapshot.parameters[0].path.as_deref(), Some("hidden.weight"));
    assert!(matches!(&snapshot.nodes[0].gradient, Flow::Value(Numbers::Summary(_))));
    assert_eq!(snapshot.nodes[2].saved[0].what, Kept::Output);
    assert_eq!(snapshot.nodes[2].decisions.as_ref().unwrap().len(), 160);
}

/// Lines counted from that of `mark`, so that editing this file does not change the text.
pub fn lines_from(text: &str, mark: &str) -> String {
    let first = 1 + include_str!("table.rs").lines().position(|line| line.contains(mark)).expect("the mark");
    let relative = |line: &str| match line.rsplit_once(':') {
        Some((rest, number)) => match number.parse::<i64>() {
            Ok(number) => format!("{rest}:{:+}", number - first as i64),
            Err(_) => line.to_string(),
        },
        None => line.to_string(),
    };
    text.lines().map(relative).collect::<Vec<_>>().join("\n")
}
