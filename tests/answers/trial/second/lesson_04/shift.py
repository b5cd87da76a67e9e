"""Answers to shift, written blind."""

import torch
import torch.nn.functional as F


def by_matrices(x, dy, dx):
    height, width = x.shape[-2:]
    i, j = torch.arange(height), torch.arange(width)
    down = (i[:, None] - i == dy).to(x)  # (H, H), ones on one diagonal
    right = (j[:, None] - j == dx).to(x)  # (W, W)
    return torch.einsum("ih,bchw,jw->bcij", down, x, right)


def generous(images, down, right):
    H, W = images.shape[2], images.shape[3]
    m = max(abs(down), abs(right)) + 1
    big = F.pad(images, (m, m, m, m))
    return big[
        :, :, m - down : m - down + H, m - right : m - right + W
    ].clone()


def rolled(x, dy, dx):
    return torch.roll(x, shifts=(dy, dx), dims=(2, 3))


def pad_order(x, dy, dx):
    H, W = x.shape[2:]
    m = max(abs(dy), abs(dx))
    big = F.pad(x, (m, m, m, m))
    return big[:, :, m - dx : m - dx + H, m - dy : m - dy + W]


def up_is_positive(x, dy, dx):
    H, W = x.shape[2:]
    m = max(abs(dy), abs(dx))
    big = F.pad(x, (m, m, m, m))
    return big[:, :, m + dy : m + dy + H, m - dx : m - dx + W]


def zero_one_side(x, dy, dx):
    y = torch.roll(x, (dy, dx), (2, 3))
    if dy > 0:
        y[:, :, :dy] = 0
    if dx > 0:
        y[:, :, :, :dx] = 0
    return y


def edge_repeated(x, dy, dx):
    H, W = x.shape[2:]
    rows = (torch.arange(H) - dy).clamp(0, H - 1)
    columns = (torch.arange(W) - dx).clamp(0, W - 1)
    return x[:, :, rows][:, :, :, columns]


def window_28(x, dy, dx):
    m = max(abs(dy), abs(dx))
    big = F.pad(x, (m, m, m, m))
    return big[:, :, m - dy : m - dy + 28, m - dx : m - dx + 28]


RIGHT = [
    by_matrices,
    generous,
]

WRONG = [
    (
        "torch.roll: what leaves on one side comes back on the other",
        "What leaves on one side comes",
        rolled,
    ),
    ("mixes up dy and dx", "The axes are swapped: dy goes", pad_order),
    (
        "a positive dy shifts up",
        "Up and down are turned round:",
        up_is_positive,
    ),
    (
        "rolls, and sets to 0 only for positive shifts; negative ones wrap around",
        "With a negative number",
        zero_one_side,
    ),
    (
        "repeats the edge pixels instead of zeros",
        "The free pixels repeat the edge:",
        edge_repeated,
    ),
    (
        "cuts out a window of 28 x 28, whatever the size",
        r"Your result has shape \(",
        window_28,
    ),
]
