"""Answers to shift, in forms that learners write."""

import torch
import torch.nn.functional as F
from scipy import ndimage


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


RIGHT = [shift_pad, shift_roll, shift_loop, shift_matrix]


def kept(x, dy, dx):
    y, rows, columns = x.clone(), range(x.shape[2]), range(x.shape[3])
    for i in rows:
        for j in columns:
            if i - dy in rows and j - dx in columns:
                y[:, :, i, j] = x[:, :, i - dy, j - dx]
    return y


def shift_numpy(x, dy, dx):
    return torch.from_numpy(ndimage.shift(x.numpy(), (0, 0, dy, dx), order=0))


def shift_in_place(x, dy, dx):
    moved = shift_pad(x, dy, dx)
    x.copy_(moved)
    return x


def shift_crop(x, dy, dx):
    moved = F.pad(x, (max(dx, 0), 0, max(dy, 0), 0))
    return moved[..., : x.shape[2], : x.shape[3]]


def shift_channel(x, dy, dx):
    moved = x.clone()
    moved[:, 0] = shift_pad(x, dy, dx)[:, 0]
    return moved


def shift_wrong_end(x, dy, dx):
    y = torch.roll(x, (dy, dx), dims=(2, 3)).clone()
    y[:, :, -dy:] = 0 if dy > 0 else y[:, :, -dy:]
    y[:, :, : max(-dy, 0)] = 0
    y[..., -dx:] = 0 if dx > 0 else y[..., -dx:]
    y[..., : max(-dx, 0)] = 0
    return y


def shift_by_slices(x, dy, dx):
    y = torch.zeros_like(x)
    y[:, :, dy:, dx:] = x[:, :, :-dy, :-dx]
    return y


def shift_first_image(x, dy, dx):
    y = torch.zeros_like(x)
    y[0] = shift_pad(x, dy, dx)[0]
    return y


WRONG = [
    ("do nothing", shift_crop),
    ("Only the first channel", shift_channel),
    ("Up and down are turned", lambda x, dy, dx: shift_pad(x, -dy, dx)),
    ("dx is left out", lambda x, dy, dx: shift_pad(x, dy, 0)),
    ("keep what was there", lambda x, dy, dx: kept(x, dy, dx)),
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
            ..., 3 - dy : 3 - dy + x.shape[2], 3 - dx : 3 - dx + x.shape[3]
        ],
    ),
    ("axes are swapped, and", lambda x, dy, dx: shift_pad(x, -dx, -dy)),
    ("wrong end", shift_wrong_end),
    ("positive shifts alone", shift_by_slices),
    ("other axes", lambda x, dy, dx: x.roll((dy, dx), (1, 2))),
    ("first image", shift_first_image),
    (
        "Positive shifts do nothing",
        lambda x, dy, dx: shift_pad(x, min(0, dy), min(0, dx)),
    ),
]
