"""Answers to warm_up, written blind."""

import math

import numpy as np
import torch

# ---------------------------------------------------------------- right


def two_cases(step, length):
    if step >= length:
        return 1.0
    return step / length


def interpolation(step, length):
    return float(np.interp(step, [0, length], [0.0, 1.0]))


def table(epoch, epochs):
    ramp = torch.linspace(0, 1, epochs + 1, dtype=torch.float64)
    return ramp[min(epoch, epochs)].item()


def counting(step, length):
    done = 0
    for s in range(step):
        if s < length:
            done += 1
    return done / length


def what_is_missing(step, length):
    return 1.0 - max(0, length - step) / length


# ---------------------------------------------------------------- wrong


def never_stops(step, length):
    beta = step / length
    return beta


def floor_division(step, length):
    beta = step // length
    return float(min(1, beta))


def decay(step, length):
    t = min(step, length) / length
    return 1.0 - t


def from_one(step, length):
    beta = (step + 1) / length
    return min(1.0, beta)


def cosine(step, length):
    t = min(1.0, step / length)
    return 0.5 * (1 - math.cos(math.pi * t))


def cyclical(step, length):
    position = step % length
    return position / length


def no_else(step, length):
    if step < length:
        beta = step / length
        return beta


def thousand(step, length):
    return min(1.0, step / 1000)


def late(step, length):
    beta = step / length - 1
    return min(1.0, max(0.0, beta))


def tensor(step, length):
    t = torch.tensor(step / length)
    return torch.clamp(t, 0.0, 1.0)


def percent(step, length):
    beta = 100 * step / length
    return min(100.0, beta)


def biggest(step, length):
    beta = step / length
    return max(1.0, beta)


RIGHT = [
    two_cases,
    interpolation,
    table,
    counting,
    what_is_missing,
]

WRONG = [
    (
        "never stops: grows beyond 1",
        "After the warm-up beta exceeds",
        never_stops,
    ),
    (
        "divides with //: 0 up to the end",
        "beta is 0 up to the",
        floor_division,
    ),
    ("goes down from 1 to 0, like a learning rate", "This starts at", decay),
    ("counts from 1: not 0 at step 0", "You are a step ahead: beta", from_one),
    (
        "a cosine ramp, not a linear one",
        "beta grows, but not linearly: in",
        cosine,
    ),
    (
        "cyclical: starts again after length steps",
        "After the warm-up beta falls back",
        cyclical,
    ),
    (
        "returns nothing from step length on",
        r"Your function returns nothing \(None\) here:",
        no_else,
    ),
    (
        "1000 of the notebook in place of length",
        "Your function never uses its argument",
        thousand,
    ),
    (
        "0 for length steps, and grows only then, like late_warm_up",
        "You wait for length steps before",
        late,
    ),
    ("in percent, up to 100", "Your result is", percent),
    ("max in place of min: never below 1", "You take the larger of", biggest),
]

ACCEPTED = [
    ("returns a tensor, not a float", tensor),
]
