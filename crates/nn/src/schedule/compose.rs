//! Schedules made of schedules.

use super::Schedule;

/// One schedule after another; see [`Schedule::then`]. `r(t) = a(t)` for `t < n`, then `b(t − n)`.
#[derive(Clone, Copy, Debug)]
pub struct Then<A, B> {
    pub(super) first: A,
    pub(super) steps: u64,
    pub(super) next: B,
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn rate(&self, step: u64) -> f64 {
        match step.checked_sub(self.steps) {
            None => self.first.rate(step),
            Some(step) => self.next.rate(step),
        }
    }
}

/// One schedule times another; see [`Schedule::times`]. `r(t) = a(t) · b(t)`.
#[derive(Clone, Copy, Debug)]
pub struct Times<A, B> {
    pub(super) schedule: A,
    pub(super) factor: B,
}

impl<A: Schedule, B: Schedule> Schedule for Times<A, B> {
    fn rate(&self, step: u64) -> f64 {
        self.schedule.rate(step) * self.factor.rate(step)
    }
}
