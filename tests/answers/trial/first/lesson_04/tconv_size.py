"""Answers to tconv_size, written blind."""

import torch
from torch import nn

# ---------------------------------------------------------------- right ones


def formula(n, k, s=1, p=0, op=0):
    return (n - 1) * s + k - 2 * p + op


def ask_pytorch(n, k, s=1, p=0, op=0):
    layer = nn.ConvTranspose1d(
        1,
        1,
        kernel_size=k,
        stride=s,
        padding=p,
        output_padding=op,
        device="meta",
    )
    return layer(torch.empty(1, 1, n, device="meta")).shape[-1]


def paint_squares(n, k, s=1, p=0, op=0):
    end = 0
    for i in range(n):
        for tap in range(k):
            end = max(end, i * s + tap + 1)
    return end - p - p + op


def zeros_between(n, k, s=1, p=0, op=0):
    # s - 1 zeros between pixels, then an ordinary convolution of stride 1
    stretched = n + (n - 1) * (s - 1)
    padded = stretched + 2 * (k - 1 - p)
    return padded - (k - 1) + op


def smallest_preimage(n, k, s=1, p=0, op=0):
    # the smallest input that a convolution takes to n pixels
    m = 1
    while (m + 2 * p - k) // s + 1 < n:
        m += 1
    return m + op


# ---------------------------------------------------------------- wrong ones


def n_steps(n, k, s=1, p=0, op=0):
    return n * s + k - 2 * p + op


def size_of_convolution(n, k, s=1, p=0, op=0):
    out = (n + 2 * p - k) // s + 1
    return out + op


def padding_added(n, k, s=1, p=0, op=0):
    begin_last = (n - 1) * s
    width = begin_last + k
    return width + 2 * p + op


def padding_once(n, k, s=1, p=0, op=0):
    return (n - 1) * s + k - p + op


def no_output_padding(n, k, s=1, p=0, op=0):
    last = (n - 1) * s
    return last + k - 2 * p


def keras_same(n, k, s=1, p=0, op=0):
    # Conv2DTranspose(..., padding="same")
    return n * s


def keras_valid(n, k, s=1, p=0, op=0):
    # Keras's deconv_output_length for "valid", then PyTorch's paddings
    length = n * s + max(k - s, 0)
    return length - 2 * p + op


def no_brackets(n, k, s=1, p=0, op=0):
    return n - 1 * s + k - 2 * p + op


def one_tap_short(n, k, s=1, p=0, op=0):
    d = 1
    return (n - 1) * s - 2 * p + d * (k - 1) + op


def returns_nothing(n, k, s=1, p=0, op=0):
    n_out = (n - 1) * s + k - 2 * p + op


def lesson_defaults(n, k=4, s=2, p=1, op=0):
    size = (n - 1) * s + k
    size = size - 2 * p
    return size + op


o = 2  # left over from some loop


def global_o(n, k, s=1, p=0, op=0):
    begin = (n - 1) * s
    return begin + k - 2 * p + o


RIGHT = [
    formula,
    ask_pytorch,
    paint_squares,
    zeros_between,
    smallest_preimage,
]

WRONG = [
    ("n steps instead of n - 1", "n pixels have n -", n_steps),
    (
        "the size of the ordinary convolution",
        "This is the formula of the",
        size_of_convolution,
    ),
    (
        "adds the padding instead of cutting it off",
        "Padding makes the output of a",
        padding_added,
    ),
    (
        "cuts the padding off at one end only",
        "The padding is cut off at",
        padding_once,
    ),
    (
        "forgets the output padding",
        r"The output padding is left out\.",
        no_output_padding,
    ),
    (
        "Keras's rule for padding 'same': n times stride",
        "The size depends on the kernel",
        keras_same,
    ),
    (
        "Keras's rule with max(k - s, 0): wrong where k < s",
        "Expected",
        keras_valid,
    ),
    (
        "forgets the brackets around n - 1",
        "Brackets are missing: the stride multiplies",
        no_brackets,
    ),
    ("k - 1 instead of k", "The kernel counts as a whole:", one_tap_short),
    (
        "assigns the result and returns nothing, as in MATLAB",
        r"Your function returns nothing \(None\) here:",
        returns_nothing,
    ),
    (
        "the lesson's layer as defaults: stride 2, padding 1",
        "Your defaults are not those asked",
        lesson_defaults,
    ),
    (
        "reads the notebook's o instead of op",
        "Your function reads o from the",
        global_o,
    ),
]
