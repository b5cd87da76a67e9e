"""Answers to shift, written blind."""

import torch
import torch.nn.functional as F


def f1(x, dy, dx):
    H, W = x.shape[-2:]
    h, w = torch.arange(H), torch.arange(W)
    down = (h[:, None] - h == dy).to(x.dtype)  # (H, H)
    right = (w[:, None] - w == dx).to(x.dtype)  # (W, W)
    return torch.einsum("ij,bcjk,lk->bcil", down, x, right)


def w1(x, dy, dx):
    return torch.roll(x, shifts=(dy, dx), dims=(2, 3))


def w2(x, dy, dx):
    return F.pad(x, (dy, -dy, dx, -dx))


def w3(x, dy, dx):
    out = torch.roll(x, (dy, dx), (2, 3))
    if dy > 0:
        out[:, :, :dy] = 0
    else:
        out[:, :, dy:] = 0
    if dx > 0:
        out[:, :, :, :dx] = 0
    else:
        out[:, :, :, dx:] = 0
    return out


def w4(x, dy, dx):
    big = F.pad(x, (28, 28, 28, 28))
    top, left = 28 - dy, 28 - dx
    return big[:, :, top : top + 28, left : left + 28]


RIGHT = [
    f1,
]

WRONG = [
    (
        "rolls: what leaves on one side comes back on the other",
        "What leaves on one side comes",
        w1,
    ),
    ("swaps dy and dx in F.pad", "The axes are swapped: dy goes", w2),
    (
        "after rolling clears out[:, :, dy:], which is everything when dy (or dx) is 0",
        "A shift of",
        w3,
    ),
    (
        "cuts a window of 28 x 28 whatever the size of the images",
        r"Your result has shape \(",
        w4,
    ),
]
