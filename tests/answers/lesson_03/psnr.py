"""Answers to psnr, in forms that learners write."""

import math

import torch
import torch.nn.functional as F


def psnr_loop(x, y):
    pairs = zip(x, y, strict=True)
    return torch.stack([-10 * F.mse_loss(a, b).log10() for a, b in pairs])


def mse_of(x, y):
    return ((x - y) ** 2).mean(dim=(1, 2, 3))


RIGHT = [
    lambda x, y: 10 * torch.log10(1 / mse_of(x, y)),
    lambda x, y: -20 * torch.log10(mse_of(x, y).sqrt()),
    lambda x, y: -10 * mse_of(x, y).log() / math.log(10),
    psnr_loop,
]


def psnr_floats(x, y):
    values = [
        10 * math.log10(1 / ((a - b) ** 2).mean().item())
        for a, b in zip(x, y, strict=True)
    ]
    return torch.tensor(values)


def psnr_of_images(x, y):
    return 10 * torch.log10(x.max() ** 2 / mse_of(x, y))


def l1_of(x, y):
    return (x - y).abs().mean((1, 2, 3))


def snr(x, y):
    return 10 * torch.log10((x**2).mean((1, 2, 3)) / mse_of(x, y))


WRONG = [
    ("20 would go", lambda x, y: 20 * torch.log10(1 / mse_of(x, y))),
    ("root", lambda x, y: 10 * torch.log10(1 / mse_of(x, y).sqrt())),
    ("base 10", lambda x, y: 10 * torch.log(1 / mse_of(x, y))),
    ("255", lambda x, y: 10 * torch.log10(255**2 / mse_of(x, y))),
    (
        "sum over the pixels",
        lambda x, y: 10 * torch.log10(1 / ((x - y) ** 2).sum((1, 2, 3))),
    ),
    ("share one error", lambda x, y: -10 * F.mse_loss(x, y).log10()),
    ("the mean of the values", lambda x, y: -10 * mse_of(x, y).log10().mean()),
    ("sign", lambda x, y: 10 * torch.log10(mse_of(x, y))),
    ("gradient", psnr_floats),
    ("size 1 too many", lambda x, y: -10 * mse_of(x, y).log10()[:, None]),
    ("largest pixel", psnr_of_images),
    ("absolute error", lambda x, y: -20 * l1_of(x, y).log10()),
    ("own power", snr),
    ("factor 10", lambda x, y: torch.log10(1 / mse_of(x, y))),
]
