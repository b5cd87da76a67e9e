"""Answers to tweedie, written blind."""

import torch

sigma = 0.5  # the notebook's


def addcmul(y, score, noise):
    variance = torch.full_like(y, float(noise)).square()
    return torch.addcmul(y, variance, score)


def entry_by_entry(y, score, sigma):
    rows = []
    for i in range(y.shape[0]):
        row = [
            y[i, j] + sigma * sigma * score[i, j] for j in range(y.shape[1])
        ]
        rows.append(torch.stack(row))
    return torch.stack(rows)


def not_squared(y, score, sigma):
    step = sigma * score
    return y + step


def minus(y, score, sigma):
    noise = sigma**2 * score
    return y - noise


def langevin(y, score, sigma):
    return y + 0.5 * sigma**2 * score


def global_sigma(y, score, s):
    return y + sigma**2 * score


def clipped(y, score, sigma):
    x_hat = y + sigma**2 * score
    return x_hat.clamp(0, 1)


def in_place(y, score, sigma):
    y += sigma**2 * score
    return y


RIGHT = [
    addcmul,
    entry_by_entry,
]

WRONG = [
    (
        "multiplies the score by sigma, not by its square",
        r"You take sigma for sigma\^",
        not_squared,
    ),
    ("subtracts: goes away from the data", "The sign of the step is", minus),
    ("half a step, as in Langevin's sampling", "A factor", langevin),
    (
        "uses the notebook's sigma = 0.5 instead of the argument",
        "Your function reads sigma from the",
        global_sigma,
    ),
    (
        "clips the result to [0, 1], though y need not be an image",
        "Your result is what is asked",
        clipped,
    ),
    ("changes y in place", "You change the input y in", in_place),
]
