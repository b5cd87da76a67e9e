"""Answers to tconv_size, in forms that learners write."""

import torch
import torch.nn.functional as F

from answers.lesson_04._sizes import size_by_torch


def tsize_by_torch(n, k, s=1, p=0, op=0):
    x, w = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    y = F.conv_transpose1d(x, w, stride=s, padding=p, output_padding=op)
    return y.shape[-1]


def tsize_by_zeros(n, k, s=1, p=0, op=0):
    spread = n + (n - 1) * (s - 1)  # zeros between the pixels
    return spread + 2 * (k - 1 - p) + op - k + 1


RIGHT = [
    lambda n, k, s=1, p=0, op=0: (n - 1) * s - 2 * p + k + op,
    tsize_by_torch,
    tsize_by_zeros,
]

WRONG = [
    (
        "of the convolution",
        lambda n, k, s, p, op: size_by_torch(n, k, s, p),
    ),
    ("smaller", lambda n, k, s, p, op: (n - 1) * s + 2 * p + k + op),
    ("both ends", lambda n, k, s, p, op: (n - 1) * s - p + k + op),
    ("left out", lambda n, k, s, p, op: (n - 1) * s - 2 * p + k),
    (
        "counts once",
        lambda n, k, s, p, op: tsize_by_zeros(n, k, s, p) + 2 * op,
    ),
    ("n - 1", lambda n, k, s, p, op: n * s - 2 * p + k + op),
    (
        "as a whole",
        lambda n, k, s, p, op: (n - 1) * s - 2 * p + k + op - 1,
    ),
    (
        "stride does not multiply",
        lambda n, k, s=1, p=0, op=0: (n - 1 + op) * s - 2 * p + k,
    ),
    (
        "multiplies too much",
        lambda n, k, s=1, p=0, op=0: (n - 1 + k - 2 * p + op) * s,
    ),
    (
        "not of s - 1",
        lambda n, k, s=1, p=0, op=0: (n - 1) * (s - 1) - 2 * p + k + op,
    ),
    (
        "signs of an ordinary",
        lambda n, k, s=1, p=0, op=0: (n - 1) * s + 2 * p - k + op,
    ),
    (
        "changed places",
        lambda n, k, s=1, op=0, p=0: (n - 1) * s - 2 * p + k + op,
    ),
    (
        "of the convolution",
        lambda n, k, s=1, p=0, op=0: (n + 2 * p + op - k) // s + 1,
    ),
    ("n - 1 steps", lambda n, k, s=1, p=0, op=0: s * n - 1 - 2 * p + k + op),
]
