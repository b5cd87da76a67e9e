"""Answers to warm_up, written blind."""

import math

import torch


def two_cases(step, length):
    if step >= length:
        return 1.0
    return step / length


def from_table(t, T):
    table = torch.linspace(0, 1, T + 1, dtype=torch.float64)
    return table[min(t, T)].item()


def without_end(step, length):
    beta = step / length
    return beta


def falling(step, length):
    if step >= length:
        return 0.0
    return 1.0 - step / length


def s_curve(step, length):
    if step >= length:
        return 1.0
    middle = length / 2
    return 1 / (1 + math.exp(-10 * (step - middle) / length))


def whole_numbers(step, length):
    return float(min(1, step // length))


def cyclic(step, length):
    return (step % length) / length


def starts_at_one(step, length):
    return min(1.0, (step + 1) / length)


RIGHT = [
    two_cases,
    from_table,
]

WRONG = [
    (
        "never stops growing: beyond 1 after length",
        "After the warm-up beta exceeds",
        without_end,
    ),
    ("goes from 1 down to 0", "This starts at", falling),
    (
        "a sigmoid instead of a straight line",
        "beta grows, but not linearly: in",
        s_curve,
    ),
    ("integer division: 0 until length", "beta is 0 up to the", whole_numbers),
    (
        "starts again at 0 after each length steps",
        "After the warm-up beta falls back",
        cyclic,
    ),
    (
        "counts the steps from 1: not 0 at step 0",
        "You are a step ahead: beta",
        starts_at_one,
    ),
]
