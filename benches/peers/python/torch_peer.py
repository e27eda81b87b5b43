"""The workloads in PyTorch, eager with its fused optimizers; only where it is installed already, as its wheels are 5 GB."""

import sys

import timing
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(timing.THREADS)
torch.manual_seed(1)


def labels(count, classes):
    return torch.tensor(timing.labels(count, classes))


def stepper(model, loss, x, y, optimizer):
    def step():
        optimizer.zero_grad(set_to_none=True)
        loss(model(x), y).backward()
        optimizer.step()

    return step


def train(workload, model, loss, x, y, optimizer):
    timing.row(workload, "train step", stepper(model, loss, x, y, optimizer))


def adam(model, rate=1e-3):
    return torch.optim.Adam(model.parameters(), rate, fused=True)


def perceptron(workload, hidden, batch):
    model = nn.Sequential(
        nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )
    train(workload, model, F.cross_entropy, torch.rand(batch, 784), labels(batch, 10), adam(model))


def exclusive_or():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1), nn.Sigmoid())
    x, y = torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0]])
    return model, F.binary_cross_entropy, x, y, adam(model)


def convolutions():
    block = lambda inputs, outputs: [nn.Conv2d(inputs, outputs, 3), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)]
    model = nn.Sequential(*block(1, 32), *block(32, 64), *head)
    train("W4", model, F.cross_entropy, torch.rand(32, 1, 28, 28), labels(32, 10), adam(model))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(32, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][-1])


def recurrent():
    model = Recurrent()
    optimizer = torch.optim.SGD(model.parameters(), 0.01, fused=True)
    train("W5", model, F.cross_entropy, torch.rand(64, 16, 32), labels(16, 10), optimizer)


class Transformer(nn.Module):
    def __init__(self, features=128, heads=4, places=64, tokens=65):
        super().__init__()
        self.tokens, self.places = nn.Embedding(tokens, features), nn.Embedding(places, features)
        block = lambda: nn.TransformerEncoderLayer(
            features, heads, 512, dropout=0.0, activation=F.gelu, batch_first=True, norm_first=True
        )
        self.blocks = nn.ModuleList([block(), block()])
        self.norm, self.head = nn.LayerNorm(features), nn.Linear(features, tokens)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(places))

    def forward(self, ids):
        x = self.tokens(ids) + self.places.weight
        for block in self.blocks:
            x = block(x, src_mask=self.mask, is_causal=True)
        return self.head(self.norm(x)).flatten(0, 1)


def transformer(places=64, batch=8):
    model = Transformer()
    ids = labels(batch * places, 65).reshape(batch, places)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4, fused=True)
    train("W6", model, F.cross_entropy, ids, labels(batch * places, 61), optimizer)


def curve():
    x = (torch.rand(1_000_000) * 4 - 2).requires_grad_()

    def call():
        x.grad = None
        (torch.tanh(x) * torch.sigmoid(x) + torch.exp(-x * x)).sum().backward()

    timing.row("W7", "value and gradient", call)


def products():
    for n in (512, 1024, 2048):
        a, b = (torch.rand(n, n, requires_grad=True) for _ in range(2))
        cotangent = torch.rand(n, n)

        def call():
            a.grad = b.grad = None
            (a @ b).backward(cotangent)

        timing.row("W8", f"matmul {n} forward and backward", call)


def chain():
    x = torch.tensor([0.3], requires_grad=True)

    def call():
        x.grad, y = None, x
        for _ in range(1000):
            y = torch.sin(y) * 1.01 + 0.001
        y.sum().backward()

    timing.row("W9", "1000 triples forward and backward", call)


if "process-of-steps" in sys.argv:
    step = stepper(*exclusive_or())
    for _ in range(int(sys.argv[-1])):
        step()
    sys.exit()

for workload, run in {
    "W1": lambda: perceptron("W1", 64, 32),
    "W2": lambda: perceptron("W2", 512, 128),
    "W3": lambda: train("W3", *exclusive_or()),
    "W4": convolutions,
    "W5": recurrent,
    "W6": transformer,
    "W7": curve,
    "W8": products,
    "W9": chain,
}.items():
    if timing.wanted(workload):
        run()
