"""Reads events that the library wrote, with TensorBoard's own reader: read.py FOLDER."""

import json
import math
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FOLDER = sys.argv[1]
EVERYTHING = {"scalars": 0, "histograms": 0}


def read(name):
    return EventAccumulator(f"{FOLDER}/{name}", size_guidance=EVERYTHING).Reload()


with open(f"{FOLDER}/log.json") as file:
    expected = json.load(file)
log, weights = expected["log"], expected["weights"]
records = log["records"]
assert [record["step"] for record in records] == [0, 5, 10, 15, 20]

# Written as the run went, and from its log.
for name in ("run", "again"):
    events = read(name)
    losses = events.Scalars("loss")
    assert [event.step for event in losses] == [record["step"] for record in records]
    assert [event.value for event in losses] == [np.float32(record["loss"]) for record in records]
    twice = events.Scalars("twice the step")
    assert [(event.step, event.value) for event in twice] == [(step, 2 * step) for step in range(21)]
    for place, numbers in enumerate(weights):
        path = records[0]["parameters"][place]["path"]
        numbers = np.array(numbers, dtype=np.float32).astype(np.float64)
        histogram = events.Histograms(f"weight/{path}")[0]
        value = histogram.histogram_value
        assert (histogram.step, value.num) == (0, len(numbers))
        assert (value.min, value.max) == (numbers.min(), numbers.max())
        assert math.isclose(value.sum, numbers.sum(), rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(value.sum_squares, (numbers**2).sum(), rel_tol=1e-9)
        limits = np.array(value.bucket_limit)
        assert (np.diff(limits) > 0).all(), limits
        counts, _ = np.histogram(numbers, np.concatenate([[-np.inf], limits]))
        assert (counts == np.array(value.bucket)).all(), (path, counts, value.bucket)
        for record, event in zip(records, events.Scalars(f"log10 update/{path}")):
            assert event.value == np.float32(math.log10(record["parameters"][place]["update"]))
        assert len(events.Histograms(f"gradient/{path}")) == len(records)

# What a histogram has no place for is beside it.
odd = read("odd")
assert odd.Histograms("odd")[0].histogram_value.num == 4
counts = {tag: odd.Scalars(tag)[0].value for tag in odd.Tags()["scalars"]}
assert counts == {"odd/nan": 2, "odd/plus_infinity": 1, "odd/minus_infinity": 1}, counts
print(f"TensorBoard reads {len(weights)} parameters at {len(records)} steps")
