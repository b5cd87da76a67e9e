"""Answers to warm_up, written blind."""

import math

import numpy as np


def interpolated(step, length):
    return float(np.interp(step, [0, length], [0.0, 1.0]))


def cosine_ramp(step, length):
    if step >= length:
        return 1.0
    return 0.5 * (1 - math.cos(math.pi * step / length))


def one_ahead(step, length):
    beta = (step + 1) / length
    return min(1.0, beta)


def cyclic(step, length):
    if step == length:
        return 1.0
    return (step % length) / length


def max_for_min(step, length):
    return max(1.0, step / length)


RIGHT = [
    interpolated,
]

WRONG = [
    (
        "grows along a half cosine, not linearly",
        "beta grows, but not linearly: in",
        cosine_ramp,
    ),
    (
        "counts steps from 1: not 0 at step 0",
        "You are a step ahead: beta",
        one_ahead,
    ),
    (
        "starts again from 0 after length",
        "Right in the ordinary cases, but",
        cyclic,
    ),
    ("max in place of min", "You take the larger of", max_for_min),
]
