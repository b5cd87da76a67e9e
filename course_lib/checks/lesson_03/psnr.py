"""Lesson 03: the peak signal-to-noise ratio."""

import torch

from course_lib.checks.exercise import Exercise


def _image_pairs(generator):
    for batch_size, noise in [(4, 0.1), (3, 0.3)]:
        x = torch.rand(batch_size, 1, 9, 8, generator=generator)
        scale = noise * torch.linspace(0.5, 1.5, batch_size)
        eps = torch.randn(x.shape, generator=generator)
        yield {"x": x, "y": (x + scale[:, None, None, None] * eps).clamp(0, 1)}


def _mse(x, y):
    return (x - y).square().flatten(1).mean(1)


psnr = Exercise(
    """psnr(x, y) -> (B,): the peak signal-to-noise ratio, in dB.

    x, y: (B, 1, H, W) with values in [0, 1], so the peak is 1. One number
    for each image, from the mean squared error over its pixels.
    """,
    cases=_image_pairs,
    answer=lambda x, y: -10 * _mse(x, y).log10(),
    mistakes={
        "The factor is 10: 20 would go with the root of the mean squared "
        "error.": lambda x, y: -20 * _mse(x, y).log10(),
        "You take the root of the mean squared error: then the factor would "
        "be 20.": lambda x, y: -10 * _mse(x, y).sqrt().log10(),
        "Decibels need the logarithm to base 10.": (
            lambda x, y: -10 * _mse(x, y).log()
        ),
        "The peak is 1 here, not 255: these images lie in [0, 1].": (
            lambda x, y: 10 * (255**2 / _mse(x, y)).log10()
        ),
        "You sum over the pixels; the PSNR has their mean.": (
            lambda x, y: -10 * (x[0].numel() * _mse(x, y)).log10()
        ),
        "The sign is turned: a smaller error is a larger PSNR.": (
            lambda x, y: 10 * _mse(x, y).log10()
        ),
    },
    gradient=["x", "y"],
)
