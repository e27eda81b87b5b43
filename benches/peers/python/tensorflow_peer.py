"""The workloads in TensorFlow: a Keras model and optimizer in one `tf.function` a step; rows of Keras' own `fit` beside it."""

import os
import sys

import timing

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

tf.config.threading.set_intra_op_parallelism_threads(timing.THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)
random = np.random.default_rng(1)
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def uniform(*shape, low=0.0, high=1.0):
    return random.uniform(low, high, shape).astype(np.float32)


def labels(count, classes):
    return np.array(timing.labels(count, classes), np.int32)


def stepper(model, loss, x, y, optimizer):
    x, y = tf.constant(x), tf.constant(y)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)

    return step


def train(workload, model, loss, x, y, optimizer, fit=0):
    timing.row(workload, "train step", stepper(model, loss, x, y, optimizer))
    if fit:
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
        many_x, many_y = np.concatenate([x] * fit), np.concatenate([y] * fit)
        call = lambda: model.fit(many_x, many_y, batch_size=len(x), epochs=1, verbose=0)
        timing.row(workload, "train step of Keras fit", call, steps=fit)


def perceptron(workload, hidden, batch):
    hidden_layers = [layers.Dense(hidden, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((784,)), *hidden_layers, layers.Dense(10)])
    train(workload, model, cross_entropy, uniform(batch, 784), labels(batch, 10), keras.optimizers.Adam(1e-3), fit=100)


def exclusive_or():
    model = keras.Sequential(
        [keras.Input((2,)), layers.Dense(2, activation="relu"), layers.Dense(1, activation="sigmoid")]
    )
    x, y = np.array([[0.0, 1.0]], np.float32), np.array([[1.0]], np.float32)
    return model, keras.losses.BinaryCrossentropy(), x, y, keras.optimizers.Adam(1e-3)


def convolutions():
    block = lambda filters: [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    head = [layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *block(32), *block(64), *head])
    train("W4", model, cross_entropy, uniform(32, 28, 28, 1), labels(32, 10), keras.optimizers.Adam(1e-3))


def recurrent():
    model = keras.Sequential([keras.Input((64, 32)), layers.LSTM(128), layers.Dense(10)])
    train("W5", model, cross_entropy, uniform(16, 64, 32), labels(16, 10), keras.optimizers.SGD(0.01))


def transformer(features=128, heads=4, places=64, batch=8, tokens=65):
    ids = keras.Input((places,), dtype="int32")
    x = layers.Embedding(tokens, features)(ids)
    x = x + layers.Embedding(places, features)(keras.ops.arange(places))
    for _ in range(2):
        normed = layers.LayerNormalization(epsilon=1e-5)(x)
        x = x + layers.MultiHeadAttention(heads, features // heads)(normed, normed, use_causal_mask=True)
        inner = layers.Dense(512, activation=keras.activations.gelu)(layers.LayerNormalization(epsilon=1e-5)(x))
        x = x + layers.Dense(features)(inner)
    model = keras.Model(ids, layers.Dense(tokens)(layers.LayerNormalization(epsilon=1e-5)(x)))
    inputs = labels(batch * places, tokens).reshape(batch, places)
    targets = labels(batch * places, 61).reshape(batch, places)
    train("W6", model, cross_entropy, inputs, targets, keras.optimizers.AdamW(3e-4))


def curve():
    x = tf.constant(uniform(1_000_000, low=-2.0, high=2.0))

    @tf.function
    def f():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.tanh(x) * tf.sigmoid(x) + tf.exp(-x * x))
        return y, tape.gradient(y, x)

    timing.row("W7", "value and gradient", f)


def products():
    for n in (512, 1024, 2048):
        a, b, cotangent = (tf.constant(uniform(n, n, low=-1.0, high=1.0)) for _ in range(3))

        @tf.function
        def both():
            with tf.GradientTape() as tape:
                tape.watch([a, b])
                value = a @ b
            return value, tape.gradient(value, [a, b], output_gradients=cotangent)

        timing.row("W8", f"matmul {n} forward and backward", both)


def chain():
    x = tf.constant([0.3])

    @tf.function
    def f():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in range(1000):
                y = tf.sin(y) * 1.01 + 0.001
        return tape.gradient(y, x)

    timing.row("W9", "1000 triples forward and backward", f)


if "process-of-steps" in sys.argv:
    step = stepper(*exclusive_or())
    for _ in range(int(sys.argv[-1])):
        step()
    sys.exit()

for workload, run in {
    "W1": lambda: perceptron("W1", 64, 32),
    "W2": lambda: perceptron("W2", 512, 128),
    "W3": lambda: train("W3", *exclusive_or(), fit=1000),
    "W4": convolutions,
    "W5": recurrent,
    "W6": transformer,
    "W7": curve,
    "W8": products,
    "W9": chain,
}.items():
    if timing.wanted(workload):
        run()
