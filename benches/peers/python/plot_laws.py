"""Draws how cost grows from rows `law,size,value,unit`: `plot_laws.py laws.csv FOLDER`."""

import csv
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
# The same file for the same numbers, and text that can be searched.
matplotlib.rcParams.update({"svg.hashsalt": "laws", "svg.fonttype": "none", "font.size": 11})
import matplotlib.pyplot as plt

# A picture for each: laws in it, its title, its axes, whether the value is on a logarithmic axis.
PICTURES = {
    "scalar-time-and-memory": (["scalar time", "scalar memory"], "Scalar tape: linear in its nodes", "nodes", "ms or MiB", True),
    "scalar-ratio": (["scalar ratio"], "Gradient over function, as the problem grows", "nodes", "times the function", False),
    "products": (["product"], "n × n products, one thread", "n", "GFLOP/s", False),
    "second-thread-products": (["speed-up of a product"], "What a second thread brings, n × n products", "n", "times as fast", False),
    "second-thread-elementwise": (["speed-up of tanh"], "What a second thread brings, tanh", "elements", "times as fast", False),
    "memory-of-steps": (["steps memory"], "Memory of a process that trains", "steps", "MiB", False),
}

laws, folder = {}, Path(sys.argv[2])
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        laws.setdefault(row["law"], []).append((float(row["size"]), float(row["value"])))

for name, (wanted, title, size, value, logarithmic) in PICTURES.items():
    if not all(law in laws for law in wanted):
        continue
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for law in wanted:
        axes.plot(*zip(*laws[law]), marker="o", markersize=4, label=law)
    axes.set(title=title, xlabel=size, ylabel=value, xscale="log")
    if logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
    axes.grid(alpha=0.3)
    if len(wanted) > 1:
        axes.legend()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)
