//! Products that follow each other closely, as the steps of a sequence do. A thread that has just done half of one still looks
//! for more, so that it need not be woken up for the next.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A thread without work looks for some for about as long before it sleeps.
const AWAKE: Duration = Duration::from_micros(16);

/// So many products, each soon after the one before, are a series, of which more is to come.
const SERIES: u32 = 3;

thread_local! {
    /// When this thread's last product ended, and how many came before it without a break.
    static LAST: Cell<Option<(Instant, u32)>> = const { Cell::new(None) };
}

/// Runs a product, which is told whether it is one of a series. What it gives may not depend on that.
pub(super) fn in_series<R>(product: impl FnOnce(bool) -> R) -> R {
    let before = LAST.get().filter(|(end, _)| end.elapsed() < AWAKE).map_or(0, |(_, before)| before.saturating_add(1));
    let result = product(before >= SERIES);
    LAST.set(Some((Instant::now(), before)));
    result
}
