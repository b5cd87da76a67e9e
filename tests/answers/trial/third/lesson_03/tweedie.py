"""Answers to tweedie, written blind."""

import torch


def f1(y, score, sigma):
    D = y.shape[1]
    eye = torch.eye(D, dtype=y.dtype)
    both = torch.cat([y, score], dim=1)  # (B, 2D)
    return both @ torch.cat([eye, sigma**2 * eye])


def w1(y, score, sigma):
    step = sigma * score
    return y + step


def w2(y, score, sigma):
    noise = sigma**2 * score
    x = y - noise
    return x


def w3(y, score, sigma):
    y += sigma**2 * score
    return y


def w4(y, score, sigma):
    x = y + sigma**2 * score
    return x.clamp(0, 1)


RIGHT = [
    f1,
]

WRONG = [
    (
        "multiplies the score by sigma, not by its square",
        r"You take sigma for sigma\^",
        w1,
    ),
    (
        "subtracts the step: takes it for the noise to be removed",
        "The sign of the step is",
        w2,
    ),
    (
        "adds in place and changes the caller's y",
        "You change the input y in",
        w3,
    ),
    (
        "clips the result to [0, 1] as if it were always an image",
        "Your result is what is asked",
        w4,
    ),
]
