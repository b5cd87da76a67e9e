"""Answers to warm_up, in forms that learners write."""

import math

import numpy as np
import torch


def ramp(step, length):
    if step >= length:
        return 1
    return step / length


def ramp_tensor(step, length):
    return torch.tensor(step / length).clamp(0, 1)


def ramp_in_steps(step, length):
    beta = 0
    for _ in range(min(step, length)):
        beta += 1 / length
    return beta


def linear(step, length):
    return min(1.0, step / length)


RIGHT = [
    linear,
    ramp,
    ramp_tensor,
    ramp_in_steps,
    lambda step, length: min(step, length) / length,
    lambda step, length: np.clip(step / length, 0, 1),
    lambda step, length: np.interp(step, [0, length], [0, 1]),
    lambda step, length: torch.linspace(0, 1, length + 1)[min(step, length)],
]


def ramp_without_end(step, length):
    if step < length:
        return step / length


WRONG = [
    ("//", lambda step, length: min(1, step // length)),
    ("//", lambda step, length: min(1, int(step / length))),
    ("beta is 0 up to", lambda step, length: float(step >= length)),
    ("starts at 1", lambda step, length: max(0, 1 - step / length)),
    ("no ramp", lambda step, length: 1),
    ("the larger of 1", lambda step, length: max(1, step / length)),
    ("turned over", lambda step, length: length / (step or 1)),
    ("turned over", lambda step, length: min(1, length / step)),
    ("a step ahead", lambda step, length: min((step + 1) / length, 1)),
    ("a step late", lambda step, length: min((step - 1) / length, 1)),
    ("a step too early", lambda step, length: min(1, step / (length - 1))),
    ("a step too far", lambda step, length: min(1, step / (length + 1))),
    ("not linearly", lambda step, length: (step / length) ** 2),
    ("not linearly", lambda step, length: 1 / (1 + math.exp(-step / length))),
    (
        "not linearly",
        lambda step, length: 0.5 - 0.5 * math.cos(math.pi * step / length),
    ),
    ("half of the warm-up already", lambda s, n: min(1, 2 * s / n)),
    ("half of the expected", lambda s, n: min(1, s / (2 * n))),
    ("You return the step", lambda step, length: min(1, step)),
    ("grows by in one step", lambda step, length: 1 / length),
    ("exceeds 1", lambda step, length: step / length),
    ("falls back", lambda step, length: step % length / length),
    ("falls back", lambda s, n: s / n if s < n else 0),
    ("returns nothing", ramp_without_end),
    ("never uses its argument length", lambda step, length: step / 1000),
    ("100 times", lambda s, n: 100 * linear(s, n)),
    ("not at step 0", lambda s, n: max(1e-3, linear(s, n))),
    ("not at step length", lambda s, n: min(0.99, s / n)),
    ("not after", lambda s, n: min(2, s / n)),
    ("TypeError", lambda s, n: torch.clamp(s / n, max=1)),
]
