"""Answers to conv_size, in forms that learners write."""

import math

import torch

from answers.lesson_04._sizes import size_by_torch


def size_by_counting(n, k, s=1, p=0, d=1):
    starts = range(-p, n + p, s)
    return sum(start + d * (k - 1) < n + p for start in starts)


RIGHT = [
    lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) // s + 1,
    lambda n, k, s=1, p=0, d=1: int((n + 2 * p - d * (k - 1) - 1) / s + 1),
    lambda n, k, s=1, p=0, d=1: torch.tensor(size_by_torch(n, k, s, p, d)),
    size_by_torch,
    size_by_counting,
]


def formula(pads=2, one=1, dilation=True):
    def conv_size(n, k, s=1, p=0, d=1):
        width = (d if dilation else 1) * (k - 1) + 1
        return (n + pads * p - width) // s + one

    return conv_size


WRONG = [
    (
        "rounding down",
        lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) / s + 1,
    ),
    (
        "round up",
        lambda n, k, s=1, p=0, d=1: (
            math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1
        ),
    ),
    ("counts twice", formula(pads=1)),
    ("padding is left out", formula(pads=0)),
    ("One is missing", formula(one=0)),
    ("dilation is left out", formula(dilation=False)),
    ("not d k", lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1),
    ("stride is left out", lambda n, k, s, p, d: n + 2 * p - d * (k - 1)),
    ("half the kernel", lambda n, k, s, p, d: n // s),
    (
        "Only the last term",
        lambda n, k, s=1, p=0, d=1: n + 2 * p - d * (k - 1) - 1 // s + 1,
    ),
    ("one too many", lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1),
    ("one by one", lambda n, k, s, p, d: (n + 2 * p) // s - d * (k - 1) // s),
    (
        "defaults",
        lambda n, k, s=2, p=1, d=1: (n + 2 * p - d * (k - 1) - 1) // s + 1,
    ),
    (
        "cannot be called as conv_size",
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1,
    ),
    (
        "to the nearest",
        lambda n, k, s=1, p=0, d=1: math.floor(
            (n + 2 * p - d * (k - 1) - 1) / s + 1.5
        ),
    ),
    (
        "first term is divided",
        lambda n, k, s=1, p=0, d=1: n // s + 2 * p - d * (k - 1),
    ),
    (
        "first tap is one pixel",
        lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 2) // s + 1,
    ),
    (
        "leaves d - 1 pixels",
        lambda n, k, s=1, p=0, d=1: (n + 2 * p - k - (k - 1) * d) // s + 1,
    ),
    (
        "changed places",
        lambda n, k, s=1, d=1, p=0: (n + 2 * p - d * (k - 1) - 1) // s + 1,
    ),
    (
        "counts four times",
        lambda n, k, s=1, p=0, d=1: (n + 4 * p - d * (k - 1) - 1) // s + 1,
    ),
]
