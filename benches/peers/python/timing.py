"""The timing rule of `benches::measure`, for the peers in Python, and rows as every benchmark of the project prints them."""

import os
import statistics
import sys
import time

THREADS = int(os.environ.get("RAYON_NUM_THREADS", "1"))
BUDGET = float(os.environ.get("BENCH_SECS", "1"))


def wanted(name):
    """Whether a workload was asked for; all are, if none is named."""
    return len(sys.argv) == 1 or name in sys.argv[1:]


def measure(call, wait=lambda: None):
    """Median and least time of a call in microseconds: a sample repeats it until it lasts a millisecond."""

    def sample(repeats):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        wait()
        return time.perf_counter() - start

    sample(3)
    repeats = 1
    while sample(repeats) < 1e-3:
        repeats *= 2
    samples, start = [], time.perf_counter()
    while len(samples) < 5 or time.perf_counter() - start < BUDGET:
        samples.append(sample(repeats) * 1e6 / repeats)
    return statistics.median(samples), min(samples)


def row(workload, metric, call, wait=lambda: None, steps=1):
    """Prints the row of a call that makes so many steps."""
    median, best = measure(call, wait)
    print(f"{workload},{metric},{THREADS},{median / steps:.4f},{best / steps:.4f},us", flush=True)


def labels(count, classes):
    """Labels that are spread over so many classes, as in our own workloads."""
    return [(i * 7 + 3) % classes for i in range(count)]
