//! Every schedule over fifty steps.

use super::{assert_close, load, numbers};
use nn::prelude::*;
use nn::schedule::*;
use serde_json::Value;

/// The rates of the first fifty steps of a case.
fn rates(case: &Value) -> Vec<f64> {
    let attrs = &case["attrs"];
    let number = |name: &str| attrs[name].as_f64().unwrap();
    let count = |name: &str| attrs[name].as_u64().unwrap();
    let rate = attrs["lr"].as_f64().unwrap_or(0.0);
    let schedule: Box<dyn Schedule> = match case["op"].as_str().unwrap() {
        "step" => Box::new(Step::new(rate, count("step_size"), number("gamma"))),
        "multistep" => {
            let milestones = attrs["milestones"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap());
            Box::new(MultiStep::new(rate, milestones, number("gamma")))
        }
        "exponential" => Box::new(Exponential::new(rate, number("gamma"))),
        "constant" => {
            let low = rate * number("factor");
            Box::new((move |_| low).then(count("total_iters"), move |_| rate))
        }
        "linear" => Box::new(Ramp::new(rate, number("start_factor"), number("end_factor"), count("total_iters"))),
        "cosine" => Box::new(Cosine::new(rate, count("t_max")).with_least(number("eta_min"))),
        "cosine_warm_restarts" => {
            let cycles = WarmRestarts::new(rate, count("t_0")).with_growth(count("t_mult"));
            Box::new(cycles.with_least(number("eta_min")))
        }
        "one_cycle" => {
            let cycle = OneCycle::new(number("max_lr"), count("total")).with_rise(number("pct_start"));
            let cycle = cycle.with_start_divisor(number("div_factor")).with_end_divisor(number("final_div_factor"));
            let cycle = if attrs["anneal"] == "linear" { cycle.with_lines() } else { cycle };
            Box::new(if attrs["three_phase"] == true { cycle.with_three_phases() } else { cycle })
        }
        "polynomial" => Box::new(Polynomial::new(rate, count("total_iters"), number("power"))),
        "sequential" => {
            let (warm, cosine) = (&attrs["warmup"], &attrs["cosine"]);
            let of = |part: &Value, name: &str| part[name].as_f64().unwrap();
            let steps = |part: &Value, name: &str| part[name].as_u64().unwrap();
            let warm = Ramp::new(rate, of(warm, "start_factor"), of(warm, "end_factor"), steps(warm, "total_iters"));
            let cosine = Cosine::new(rate, steps(cosine, "t_max")).with_least(of(cosine, "eta_min"));
            Box::new(warm.then(count("milestone"), cosine))
        }
        "reduce_on_plateau" => return plateau(case),
        other => panic!("no schedule `{other}`"),
    };
    (0..50).map(|step| schedule.rate(step)).collect()
}

fn plateau(case: &Value) -> Vec<f64> {
    let attrs = &case["attrs"];
    let (number, count) = (|name: &str| attrs[name].as_f64().unwrap(), |name: &str| attrs[name].as_u64().unwrap());
    let by = number("threshold");
    let made = ReduceOnPlateau::new(number("lr"))
        .with_factor(number("factor"))
        .with_patience(count("patience"))
        .with_threshold(if attrs["threshold_mode"] == "rel" {
            Threshold::Relative(by)
        } else {
            Threshold::Absolute(by)
        })
        .with_cooldown(count("cooldown"))
        .with_least(number("min_lr"));
    let mut plateau = if attrs["mode"] == "max" { made.with_larger_better() } else { made };
    let rates = numbers(&case["inputs"]["metric"]).into_iter().map(|measure| {
        let rate = plateau.rate();
        plateau.report(measure);
        // Stopped and gone on with after every report.
        let state = plateau.state();
        plateau = if attrs["mode"] == "max" { made.with_larger_better() } else { made };
        plateau.load_state(state).unwrap();
        rate
    });
    rates.collect()
}

#[test]
fn rates_of_fifty_steps() {
    let mut ran = 0;
    for case in load("schedules") {
        let name = case["name"].as_str().unwrap();
        let want = numbers(&case["outputs"]["lr"]);
        for (step, (got, want)) in rates(&case).into_iter().zip(want).enumerate() {
            assert_close(&format!("{name} step {step}"), &[got], &[want], 1e-12);
        }
        ran += 1;
    }
    assert_eq!(ran, 20);
}
