"""The workloads in JAX: a whole step under `jit` with donated state, called once a step.

Rows whose metric ends in "many steps in one call" run the loop itself inside `jit`, which no per-call engine can.
"""

import os

import timing

if timing.THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

random = np.random.default_rng(1)


def uniform(*shape, low=0.0, high=1.0):
    return jnp.asarray(random.uniform(low, high, shape).astype(np.float32))


def linear(inputs, outputs):
    bound = inputs**-0.5
    return {"weight": uniform(inputs, outputs, low=-bound, high=bound), "bias": jnp.zeros(outputs)}


def apply(layer, x):
    return x @ layer["weight"] + layer["bias"]


def cross_entropy(logits, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()


def descend(rate):
    def update(parameters, gradients, state):
        return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), state

    return update, lambda parameters: ()


def adam(rate, decay=0.0, first=0.9, second=0.999, epsilon=1e-8):
    def start(parameters):
        zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
        return zeros(), zeros(), jnp.float32(0)

    def update(parameters, gradients, state):
        m, v, count = state
        count = count + 1
        m = jax.tree.map(lambda m, g: first * m + (1 - first) * g, m, gradients)
        v = jax.tree.map(lambda v, g: second * v + (1 - second) * g * g, v, gradients)
        size, root = rate / (1 - first**count), jnp.sqrt(1 - second**count)
        step = lambda p, m, v: p * (1 - rate * decay) - size * m / (jnp.sqrt(v) / root + epsilon)
        return jax.tree.map(step, parameters, m, v), (m, v, count)

    return update, start


def train(workload, loss, parameters, data, optimizer, scan=0):
    update, start = optimizer

    def step(parameters, state):
        gradients = jax.grad(loss)(parameters, *data)
        return update(parameters, gradients, state)

    # A copy for each run, since the buffers of the state are given away.
    held = [jax.tree.map(jnp.copy, parameters), start(parameters)]
    compiled = jax.jit(step, donate_argnums=(0, 1))

    def call():
        held[:] = compiled(*held)

    wait = lambda: jax.block_until_ready(held)
    timing.row(workload, "train step", call, wait)
    if scan:
        held[:] = [jax.tree.map(jnp.copy, parameters), start(parameters)]
        compiled_loop = jax.jit(
            lambda p, s: lax.fori_loop(0, scan, lambda _, c: step(*c), (p, s)), donate_argnums=(0, 1)
        )

        def call_loop():
            held[:] = compiled_loop(*held)

        timing.row(workload, "train step with many steps in one call", call_loop, wait, scan)


def perceptron(workload, hidden, batch):
    net = [linear(784, hidden), linear(hidden, hidden), linear(hidden, 10)]

    def loss(net, x, labels):
        for layer in net[:-1]:
            x = jax.nn.relu(apply(layer, x))
        return cross_entropy(apply(net[-1], x), labels)

    data = uniform(batch, 784), jnp.array(timing.labels(batch, 10))
    train(workload, loss, net, data, adam(1e-3), scan=50)


def exclusive_or():
    net = [linear(2, 2), linear(2, 1)]

    def loss(net, x, target):
        p = jax.nn.sigmoid(apply(net[1], jax.nn.relu(apply(net[0], x))))
        return -(target * jnp.log(p + 1e-7) + (1 - target) * jnp.log(1 - p + 1e-7)).mean()

    return loss, net, (jnp.array([[0.0, 1.0]]), jnp.array([[1.0]]))


def convolutions():
    filters = lambda size, inputs, outputs: {
        "weight": uniform(size, size, inputs, outputs, low=-0.1, high=0.1),
        "bias": jnp.zeros(outputs),
    }
    net = [filters(3, 1, 32), filters(3, 32, 64), linear(1600, 128), linear(128, 10)]

    def block(layer, x):
        x = lax.conv_general_dilated(
            x, layer["weight"], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = jax.nn.relu(x + layer["bias"])
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(net, x, labels):
        x = block(net[1], block(net[0], x)).reshape(x.shape[0], -1)
        return cross_entropy(apply(net[3], jax.nn.relu(apply(net[2], x))), labels)

    data = uniform(32, 28, 28, 1), jnp.array(timing.labels(32, 10))
    train("W4", loss, net, data, adam(1e-3))


def recurrent():
    net = {"inputs": linear(32, 512), "hidden": linear(128, 512), "head": linear(128, 10)}

    def loss(net, x, labels):
        def cell(state, from_input):
            hidden, memory = state
            gates = from_input + apply(net["hidden"], hidden)
            take, keep, change, give = jnp.split(gates, 4, axis=1)
            memory = jax.nn.sigmoid(keep) * memory + jax.nn.sigmoid(take) * jnp.tanh(change)
            return (jax.nn.sigmoid(give) * jnp.tanh(memory), memory), None

        start = jnp.zeros((x.shape[1], 128))
        (hidden, _), _ = lax.scan(cell, (start, start), apply(net["inputs"], x))
        return cross_entropy(apply(net["head"], hidden), labels)

    data = uniform(64, 16, 32), jnp.array(timing.labels(16, 10))
    train("W5", loss, net, data, descend(0.01))


def transformer(features=128, heads=4, places=64, batch=8, tokens=65):
    scale = lambda: {"scale": jnp.ones(features), "shift": jnp.zeros(features)}
    block = lambda: {
        "norms": [scale(), scale()],
        "attention": [linear(features, 3 * features), linear(features, features)],
        "feed": [linear(features, 512), linear(512, features)],
    }
    net = {
        "tokens": uniform(tokens, features, low=-1.0, high=1.0),
        "places": uniform(places, features, low=-0.02, high=0.02),
        "blocks": [block(), block()],
        "norm": scale(),
        "head": linear(features, tokens),
    }
    causal = jnp.tril(jnp.ones((places, places), bool))

    def normed(layer, x):
        centred = x - x.mean(-1, keepdims=True)
        return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * layer["scale"] + layer["shift"]

    def attention(layers, x):
        parts = apply(layers[0], x).reshape(batch, places, 3, heads, features // heads)
        query, key, value = parts.transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(-1, -2) * (features // heads) ** -0.5
        mixed = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf)) @ value
        return apply(layers[1], mixed.transpose(0, 2, 1, 3).reshape(batch, places, features))

    def loss(net, ids, labels):
        x = net["tokens"][ids] + net["places"]
        for block in net["blocks"]:
            x = x + attention(block["attention"], normed(block["norms"][0], x))
            inner = jax.nn.gelu(apply(block["feed"][0], normed(block["norms"][1], x)))
            x = x + apply(block["feed"][1], inner)
        return cross_entropy(apply(net["head"], normed(net["norm"], x)).reshape(-1, tokens), labels)

    count = batch * places
    data = jnp.array(timing.labels(count, tokens)).reshape(batch, places), jnp.array(timing.labels(count, 61))
    train("W6", loss, net, data, adam(3e-4, decay=0.01))


def curve():
    x = uniform(1_000_000, low=-2.0, high=2.0)
    f = jax.jit(jax.value_and_grad(lambda x: (jnp.tanh(x) * jax.nn.sigmoid(x) + jnp.exp(-(x**2))).sum()))
    timing.row("W7", "value and gradient", lambda: jax.block_until_ready(f(x)))


def products():
    for n in (512, 1024, 2048):
        a, b, cotangent = (uniform(n, n, low=-1.0, high=1.0) for _ in range(3))

        @jax.jit
        def both(a, b, cotangent):
            value, pull_back = jax.vjp(jnp.matmul, a, b)
            return value, pull_back(cotangent)

        call = lambda: jax.block_until_ready(both(a, b, cotangent))
        timing.row("W8", f"matmul {n} forward and backward", call)


def chain():
    link = lambda y: jnp.sin(y) * 1.01 + 0.001
    f = jax.jit(jax.grad(lambda x: lax.scan(lambda y, _: (link(y), None), x, None, length=1000)[0].sum()))
    x = jnp.array([0.3])
    call = lambda: jax.block_until_ready(f(x))
    timing.row("W9", "1000 triples forward and backward with many steps in one call", call)


if "process-of-steps" in sys.argv:
    loss, net, data = exclusive_or()
    update, start = adam(1e-3)
    state = start(net)
    step = jax.jit(lambda net, state: update(net, jax.grad(loss)(net, *data), state), donate_argnums=(0, 1))
    for _ in range(int(sys.argv[-1])):
        net, state = step(net, state)
    jax.block_until_ready(net)
    sys.exit()

for workload, run in {
    "W1": lambda: perceptron("W1", 64, 32),
    "W2": lambda: perceptron("W2", 512, 128),
    "W3": lambda: train("W3", *exclusive_or(), adam(1e-3), scan=1000),
    "W4": convolutions,
    "W5": recurrent,
    "W6": transformer,
    "W7": curve,
    "W8": products,
    "W9": chain,
}.items():
    if timing.wanted(workload):
        run()
