"""Answers to psnr, written blind."""

import math

import torch


def by_root(x, y):
    rmse = torch.linalg.vector_norm(x - y, dim=(1, 2, 3)) / x[0].numel() ** 0.5
    return 20 * torch.log10(1 / rmse)


def image_by_image(a, b):
    decibels = []
    for first, second in zip(a, b):
        mse = torch.nn.functional.mse_loss(first, second)
        decibels.append(-10 * torch.log(mse) / math.log(10))
    return torch.stack(decibels)


def of_the_mean_error(x, y):
    mse = ((x - y) ** 2).mean()
    value = 10 * torch.log10(1 / mse)
    return value.expand(len(x))


def peak_of_image(x, y):
    mse = (x - y).square().flatten(1).mean(1)
    peak = x.flatten(1).amax(1)
    return 10 * torch.log10(peak**2 / mse)


def by_784(x, y):
    squared = (x - y).square().flatten(1).sum(1)
    mse = squared / 784
    return -10 * mse.log10()


def natural(x, y):
    mse = (x - y).square().flatten(1).mean(dim=1)
    return 10 * torch.log(1 / mse)


def squeezed(x, y):
    error = (x - y).squeeze() ** 2
    mse = error.mean(dim=(-2, -1))
    return -10 * torch.log10(mse)


def with_eps(x, y):
    eps = 1e-3  # no division by 0
    mse = (x - y).square().flatten(1).mean(1)
    return 10 * torch.log10(1 / (mse + eps))


RIGHT = [
    by_root,
    image_by_image,
]

WRONG = [
    (
        "the PSNR of the batch's mean error, the same for every image",
        "All images share one error: the",
        of_the_mean_error,
    ),
    (
        "takes the largest pixel of x as the peak instead of 1",
        "You take the largest pixel of",
        peak_of_image,
    ),
    (
        "divides by 784, whatever the image's size",
        "Your code has the number",
        by_784,
    ),
    (
        "natural logarithm instead of base 10",
        "Decibels need the logarithm to base",
        natural,
    ),
    (
        "squeezes, so a batch of one image gives a scalar",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "adds 1e-3 to the mean squared error, so good images are capped at 30 dB and identical ones are not infinite",
        "A number added to the error",
        with_eps,
    ),
]
