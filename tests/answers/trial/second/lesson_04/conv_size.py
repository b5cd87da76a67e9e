"""Answers to conv_size, written blind."""

import math

import torch
import torch.nn.functional as F


def count_windows(n, k, s=1, p=0, d=1):
    windows, start = 0, -p
    while start + d * (k - 1) <= n - 1 + p:  # the last tap still fits
        windows += 1
        start += s
    return windows


def ask_pytorch(n, k, s=1, p=0, d=1):
    signal, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    y = F.conv1d(signal, kernel, stride=s, padding=p, dilation=d)
    return y.shape[2]


def one_side(n, k, s=1, p=0, d=1):
    left = n + p - d * (k - 1) - 1
    return left // s + 1


def d_times_k(n, k, s=1, p=0, d=1):
    covered = d * k
    return (n + 2 * p - covered) // s + 1


def rounded_up(n, k, s=1, p=0, d=1):
    left = n + 2 * p - d * (k - 1) - 1
    return math.ceil(left / s) + 1


def ones_cancelled(n, k, s=1, p=0, d=1):
    # -1 and +1 cancel
    return (n + 2 * p - d * (k - 1)) // s


def true_division(n, k, s=1, p=0, d=1):
    left = n + 2 * p - d * (k - 1) - 1
    return left / s + 1


def floors_apart(n, k, s=1, p=0, d=1):
    pixels = (n + 2 * p) // s
    kernel = (d * (k - 1) + 1) // s
    return pixels - kernel + 1


RIGHT = [
    count_windows,
    ask_pytorch,
]

WRONG = [
    (
        "counts the padding once instead of on both sides",
        "The padding is on both sides:",
        one_side,
    ),
    (
        "a kernel with dilation covers d * k pixels",
        "A dilated kernel has gaps between",
        d_times_k,
    ),
    (
        "rounds up: counts a last window that does not fit",
        "You round up: where the kernel",
        rounded_up,
    ),
    (
        "cancels -1 against +1 through the division: right for stride 1 only",
        "The 1 for the kernel's first",
        ones_cancelled,
    ),
    (
        "divides with / and returns a float, not rounded down",
        "Without rounding down you get a",
        true_division,
    ),
    (
        "rounds down image and kernel separately",
        "You round the terms one by",
        floors_apart,
    ),
]
