"""Answers to tconv_size, written blind."""

import torch
import torch.nn.functional as F


def f1(n, k, s=1, p=0, op=0):
    last_painted = max(i * s + tap for i in range(n) for tap in range(k))
    return last_painted + 1 - p - p + op


def w1(n, k, s=1, p=0, op=0):
    last = (n - 1) * s
    return last + k + 2 * p + op


def w2(n, k, s=1, p=0, op=0):
    painted = n * s + max(k - s, 0)
    return painted - 2 * p + op


def w3(n, k, s=1, p=0, op=0):
    size = (n - 1) * s + k
    size = size - 2 * p
    size = size + 2 * op
    return size


def w4(n, k, s=1, p=0, op=0):
    signal = torch.zeros(1, 1, n)
    kernel = torch.zeros(1, 1, k)
    y = F.conv_transpose1d(signal, kernel, None, s, p, op)
    return y.shape[2:]


RIGHT = [
    f1,
]

WRONG = [
    (
        "adds the padding instead of cutting it off",
        "Padding makes the output of a",
        w1,
    ),
    (
        "gives each pixel a whole stride, which is too much where the kernel is smaller than the stride",
        "Expected",
        w2,
    ),
    (
        "adds the output padding at both ends",
        "The output padding is added at",
        w3,
    ),
    (
        "returns torch's shape, torch.Size([n]), instead of the number",
        "You return a Size of length",
        w4,
    ),
]
