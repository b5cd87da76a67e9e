"""Answers to salt_pepper, written blind."""

import torch


def f1(x, p, generator):
    chances = torch.tensor([1 - p, p / 2, p / 2], dtype=torch.float64)
    fate = torch.multinomial(
        chances, x.numel(), replacement=True, generator=generator
    ).reshape(x.shape)
    out = x.clone()
    out[fate == 1] = 0
    out[fate == 2] = 1
    return out


def w1(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    hit = u < p
    salt = u < 0.5
    values = salt.to(x.dtype)
    return torch.where(hit, values, x)


def w2(x, p, generator):
    pepper = torch.rand(x.shape, generator=generator) < p / 2
    salt = torch.rand(x.shape, generator=generator) < p / 2
    y = x.clone()
    y[pepper] = 0.0
    y[salt] = 1.0
    return y


def w3(x, p, generator):
    B, C, H, W = x.shape
    u = torch.rand((H, W), generator=generator)
    y = torch.where(u < p / 2, torch.zeros_like(x), x)
    y = torch.where(u > 1 - p / 2, torch.ones_like(x), y)
    return y


def w4(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    black_or_white = torch.randint_like(x, 0, 2)
    return torch.where(hit, black_or_white, x)


RIGHT = [
    f1,
]

WRONG = [
    (
        "takes the same random number for 'hit' (u < p) and for the colour (u < 0.5), so at small p all hits are white",
        "Every hit pixel becomes white: half",
        w1,
    ),
    (
        "draws pepper and salt independently with p/2 each; where both hit, salt overwrites, so fewer than p are hit",
        "You draw once for each colour,",
        w2,
    ),
    (
        "draws one pattern (H, W) and uses it for all images of the batch",
        "All images of the batch get",
        w3,
    ),
    (
        "draws the colour of the hit pixels from the global generator (randint_like)",
        "The generator is ignored: hand it",
        w4,
    ),
]
