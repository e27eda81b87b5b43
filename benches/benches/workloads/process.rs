//! A whole process: this program calls itself.

use crate::networks::exclusive_or;
use benches::{Timing, budget, print_row};
use std::process::Command;
use std::time::Instant;

/// The first argument of the process that is timed; the second is the number of steps.
pub const CHILD: &str = "process-of-steps";

/// What the timed process does, with its peak memory in KiB printed last where the system tells it.
pub fn child(steps: &str) {
    let mut step = exclusive_or();
    (0..steps.parse().unwrap_or(0)).for_each(|_| step());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap_or_default().trim().trim_end_matches(" kB"));
}

/// Prints the rows of a process with a thousand steps, and of one with none.
pub fn measure() {
    for (steps, metric) in [("1000", "start, 1000 steps, exit"), ("0", "start, exit")] {
        let (mut times, mut memory) = (Vec::new(), Vec::new());
        let start = Instant::now();
        while times.len() < 5 || start.elapsed() < budget() {
            let program = std::env::current_exe().expect("a program knows where it is");
            let before = Instant::now();
            let output = Command::new(program).args([CHILD, steps]).output().expect("a program can be run again");
            times.push(before.elapsed().as_secs_f64() * 1e6);
            memory.extend(String::from_utf8_lossy(&output.stdout).trim().parse::<f64>());
        }
        Timing::of(&mut times).print("W10", metric, 1);
        if !memory.is_empty() {
            let memory = Timing::of(&mut memory);
            print_row("W10", &format!("{metric}: peak memory"), 1, memory.median / 1024.0, memory.best / 1024.0, "MiB");
        }
    }
}
