"""Answers to lesson 04's exercises, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from scipy import ndimage


def size_by_torch(n, k, s=1, p=0, d=1):
    x, w = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    return F.conv1d(x, w, stride=s, padding=p, dilation=d).shape[-1]


def size_by_counting(n, k, s=1, p=0, d=1):
    starts = range(-p, n + p, s)
    return sum(start + d * (k - 1) < n + p for start in starts)


def tsize_by_torch(n, k, s=1, p=0, op=0):
    x, w = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    y = F.conv_transpose1d(x, w, stride=s, padding=p, output_padding=op)
    return y.shape[-1]


def tsize_by_zeros(n, k, s=1, p=0, op=0):
    spread = n + (n - 1) * (s - 1)  # zeros between the pixels
    return spread + 2 * (k - 1 - p) + op - k + 1


def field_backwards(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = (field - 1) * s + d * (k - 1) + 1
    return field


def field_products(layers):
    strides = [s for _, s, _ in layers]
    return 1 + sum(
        (k - 1) * d * math.prod(strides[:i])
        for i, (k, _, d) in enumerate(layers)
    )


def field_by_gradient(layers):
    x = torch.zeros(1, 1, 400, dtype=torch.float64, requires_grad=True)
    y = x
    for k, s, d in layers:
        w = torch.ones(1, 1, k, dtype=torch.float64)
        y = F.conv1d(y, w, stride=s, dilation=d)
    y[0, 0, 10].backward()
    seen = x.grad.flatten().nonzero().flatten()
    return int(seen.max() - seen.min()) + 1


def shift_pad(x, dy, dx):
    H, W = x.shape[-2:]
    a, b = abs(dy), abs(dx)
    padded = F.pad(x, (b, b, a, a))
    return padded[..., a - dy : a - dy + H, b - dx : b - dx + W]


def shift_roll(x, dy, dx):
    y = torch.roll(x, (dy, dx), dims=(2, 3))
    rows, columns = torch.arange(x.shape[2]), torch.arange(x.shape[3])
    inside = (rows - dy >= 0) & (rows - dy < x.shape[2])
    within = (columns - dx >= 0) & (columns - dx < x.shape[3])
    return y * (inside[:, None] & within)


def shift_loop(x, dy, dx):
    y = torch.zeros_like(x)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            if 0 <= i - dy < x.shape[2] and 0 <= j - dx < x.shape[3]:
                y[:, :, i, j] = x[:, :, i - dy, j - dx]
    return y


def shift_matrix(x, dy, dx):
    up = torch.diag(torch.ones(x.shape[2] - abs(dy)).to(x), -dy)
    left = torch.diag(torch.ones(x.shape[3] - abs(dx)).to(x), dx)
    return up @ x @ left


def shift_numpy(x, dy, dx):
    return torch.from_numpy(ndimage.shift(x.numpy(), (0, 0, dy, dx), order=0))


def shift_in_place(x, dy, dx):
    moved = shift_pad(x, dy, dx)
    x.copy_(moved)
    return x


def formula(pads=2, one=1, dilation=True):
    def conv_size(n, k, s=1, p=0, d=1):
        width = (d if dilation else 1) * (k - 1) + 1
        return (n + pads * p - width) // s + one

    return conv_size


RIGHT = {
    "conv_size": [
        lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) // s + 1,
        lambda n, k, s=1, p=0, d=1: int((n + 2 * p - d * (k - 1) - 1) / s + 1),
        lambda n, k, s=1, p=0, d=1: torch.tensor(size_by_torch(n, k, s, p, d)),
        size_by_torch,
        size_by_counting,
    ],
    "tconv_size": [
        lambda n, k, s=1, p=0, op=0: (n - 1) * s - 2 * p + k + op,
        tsize_by_torch,
        tsize_by_zeros,
    ],
    "receptive_field": [field_backwards, field_products, field_by_gradient],
    "shift": [shift_pad, shift_roll, shift_loop, shift_matrix],
}

WRONG = {
    "conv_size": [
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
        ("expected", lambda n, k, s, p, d: n // s),
    ],
    "tconv_size": [
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
    ],
    "receptive_field": [
        ("add up", lambda layers: sum(k for k, s, d in layers)),
        ("add up", lambda layers: 1 + sum(k - 1 for k, s, d in layers)),
        ("add up", lambda layers: 1 + sum(d * (k - 1) for k, s, d in layers)),
        (
            "dilation",
            lambda layers: field_products([(k, s, 1) for k, s, d in layers]),
        ),
        ("wrong order", lambda layers: field_products(layers[::-1])),
        ("begin at 0", lambda layers: field_backwards(layers) - 1),
        (
            "own stride",
            lambda layers: (
                1
                + sum(
                    (k - 1) * d * math.prod(s for _, s, _ in layers[: i + 1])
                    for i, (k, _, d) in enumerate(layers)
                )
            ),
        ),
    ],
    "shift": [
        ("comes back", lambda x, dy, dx: x.roll((dy, dx), (2, 3))),
        ("swapped", lambda x, dy, dx: shift_pad(x, dx, dy)),
        ("sign", lambda x, dy, dx: shift_pad(x, -dy, -dx)),
        ("in place", shift_in_place),
        ("gradient", shift_numpy),
        (
            "do nothing",
            lambda x, dy, dx: shift_pad(x, max(0, dy), max(0, dx)),
        ),
        ("same way", lambda x, dy, dx: shift_pad(x, abs(dy), abs(dx))),
        (
            "repeat the edge",
            lambda x, dy, dx: F.pad(x, (3,) * 4, "replicate")[
                ..., 3 - dy : 9 - dy, 3 - dx : 10 - dx
            ],
        ),
    ],
}
