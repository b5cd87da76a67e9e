"""Answers to psnr, written blind."""

import math

import torch


def f1(x, y):
    distance = torch.linalg.vector_norm((x - y).flatten(1), dim=1)
    pixels = x[0].numel()
    return 10 * math.log10(pixels) - 20 * torch.log10(distance)


def w1(x, y):
    mse = torch.nn.functional.mse_loss(x, y)
    value = 10 * torch.log10(1 / mse)
    return value.expand(len(x))


def w2(x, y):
    rmse = (x - y).square().mean((1, 2, 3)).sqrt()
    return 10 * torch.log10(1 / rmse)


def w3(x, y):
    mse = (x - y).square().mean((1, 2, 3))
    peak = x.amax((1, 2, 3))
    return 10 * torch.log10(peak**2 / mse)


def w4(x, y):
    squared = (x - y).square().flatten(1).sum(1)
    mse = squared / 784
    return -10 * mse.log10()


RIGHT = [
    f1,
]

WRONG = [
    (
        "takes one mean squared error over the whole batch and repeats its PSNR",
        "All images share one error: the",
        w1,
    ),
    (
        "puts the root of the mean squared error under the 10 log10, so half the decibels",
        "You take the root of the",
        w2,
    ),
    (
        "takes the largest value of each image as the peak instead of 1",
        "You take the largest pixel of",
        w3,
    ),
    (
        "divides by 784 pixels whatever the size of the images",
        "Your code has the number",
        w4,
    ),
]
