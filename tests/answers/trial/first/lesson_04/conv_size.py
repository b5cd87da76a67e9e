"""Answers to conv_size, written blind."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# ---------------------------------------------------------------- right ones


def formula(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def ask_pytorch(n, k, s=1, p=0, d=1):
    signal, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    y = F.conv1d(signal, kernel, stride=s, padding=p, dilation=d)
    return y.shape[-1]


def count_windows(n, k, s=1, p=0, d=1):
    span = d * (k - 1) + 1
    windows, begin = 0, -p
    while begin + span <= n + p:
        windows += 1
        begin += s
    return windows


def length_of_range(n, k, s=1, p=0, d=1):
    last = n + 2 * p - (k - 1) * d  # one behind the last place to begin
    return len(range(0, last, s))


def layer_on_meta(n, k, s=1, p=0, d=1):
    layer = nn.Conv1d(
        in_channels=1,
        out_channels=1,
        kernel_size=k,
        stride=s,
        padding=p,
        dilation=d,
        device="meta",
    )
    return layer(torch.empty(1, 1, n, device="meta")).size(2)


# ---------------------------------------------------------------- wrong ones


def no_dilation(n, k, s=1, p=0, d=1):
    return (n + 2 * p - k) // s + 1


def no_first_window(n, k, s=1, p=0, d=1):
    left = n + 2 * p - d * (k - 1) - 1
    return left // s


def padding_once(n, k, s=1, p=0, d=1):
    k_eff = d * (k - 1) + 1
    return (n + p - k_eff) // s + 1


def true_division(n, k, s=1, p=0, d=1):
    out = (n + 2 * p - d * (k - 1) - 1) / s + 1
    return out


def keras_same(n, k, s=1, p=0, d=1):
    # padding="same"
    return math.ceil(n / s)


def rounds_up(n, k, s=1, p=0, d=1):
    k_eff = d * (k - 1) + 1
    steps = math.ceil((n + 2 * p - k_eff) / s)
    return steps + 1


def one_before_division(n, k, s=1, p=0, d=1):
    covered = d * (k - 1) + 1
    return (n + 2 * p - covered + 1) // s


def lesson_defaults(n, k, s=2, p=1, d=1):
    covered = d * (k - 1) + 1
    left = n + 2 * p - covered
    return left // s + 1


def gaps_of_d(n, k, s=1, p=0, d=1):
    k_eff = k + (k - 1) * d  # d zeros between taps
    return (n + 2 * p - k_eff) // s + 1


def no_brackets(n, k, s=1, p=0, d=1):
    return n + 2 * p - d * (k - 1) - 1 // s + 1


def strict_end(n, k, s=1, p=0, d=1):
    size = n + 2 * p
    k_eff = d * (k - 1) + 1
    count = 0
    start = 0
    while start + k_eff < size:
        count = count + 1
        start = start + s
    return count


def height_and_width(n, k, s=1, p=0, d=1):
    h = (n + 2 * p - d * (k - 1) - 1) // s + 1
    w = (n + 2 * p - d * (k - 1) - 1) // s + 1
    return h, w


RIGHT = [
    formula,
    ask_pytorch,
    count_windows,
    length_of_range,
    layer_on_meta,
]

WRONG = [
    ("forgets the dilation", "The dilation is left out: with", no_dilation),
    (
        "forgets the first window, + 1",
        "One is missing: the kernel's first",
        no_first_window,
    ),
    (
        "counts the padding once instead of on both sides",
        "The padding is on both sides:",
        padding_once,
    ),
    (
        "divides with /: a float, not rounded down",
        "Without rounding down you get a",
        true_division,
    ),
    ("Keras's rule for padding 'same'", "This is the size that a", keras_same),
    ("rounds up", "You round up: where the kernel", rounds_up),
    (
        "adds the 1 before the division",
        "The 1 for the kernel's first",
        one_before_division,
    ),
    (
        "the lesson's layers as defaults: stride 2, padding 1",
        "Your defaults are not those asked",
        lesson_defaults,
    ),
    (
        "takes the dilation as the number of gaps between taps",
        "A dilation of d leaves d",
        gaps_of_d,
    ),
    (
        "forgets the brackets around the dividend",
        "Only the last term is divided",
        no_brackets,
    ),
    (
        "< instead of <=: misses the last window where it fits exactly",
        "One too many is subtracted: of",
        strict_end,
    ),
    (
        "returns height and width, a tuple",
        "You return a tuple of length",
        height_and_width,
    ),
]
