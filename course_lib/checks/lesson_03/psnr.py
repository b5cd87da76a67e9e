"""Lesson 03: the peak signal-to-noise ratio."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import PIXEL_SUM


def _image_pairs(generator):
    for B, size, noise in [(4, (9, 8), 0.1), (3, (7, 10), 0.3)]:
        yield _pair(generator, (B, 1, *size), noise)
    yield "for one image alone", _pair(generator, (1, 1, 8, 6), 0.2)
    near = _pair(generator, (3, 1, 6, 9), 3e-4)
    yield "for images that hardly differ", near


def _pair(generator, size, noise):
    """Images that reach neither 0 nor 1, with errors of several sizes."""
    x = 0.1 + 0.7 * torch.rand(size, generator=generator)
    scale = noise * torch.linspace(0.4, 1.6, len(x)).view(-1, 1, 1, 1)
    y = x + scale * torch.randn(size, generator=generator)
    return {"x": x, "y": (y + noise / 2).clamp(0, 0.9)}


def _mse(x, y):
    return (x - y).square().flatten(1).mean(1)


def _absolute(x, y):
    return (x - y).abs().flatten(1).mean(1)


def _variance(x, y):
    return (x - y).flatten(1).var(1, correction=0)


def _ratio(x, y, peak=1.0, factor=10.0, log=torch.log10, error=_mse):
    return factor * log(peak / error(x, y))


def _with(**changes):
    return partial(_ratio, **changes)


def _largest(x):
    return x.flatten(1).amax(1)


def _one_error(x, y):
    return _mse(x, y).mean().expand(len(x))


psnr = Exercise(
    """psnr(x, y) -> (B,): the peak signal-to-noise ratio, in dB.

    x, y: (B, 1, H, W) with values in [0, 1], so the peak is 1. One number
    for each image, from the mean squared error over its pixels.
    """,
    cases=_image_pairs,
    answer=_ratio,
    mistakes={
        "The factor is 10: 20 would go with the root of the mean squared "
        "error.": _with(factor=20),
        "You take the root of the mean squared error: then the factor would "
        "be 20.": _with(error=lambda x, y: _mse(x, y).sqrt()),
        "The factor 10 is missing: one tenth of the unit is asked for, the "
        "decibel.": [_with(factor=1), _with(factor=-1)],
        "Decibels need the logarithm to base 10.": [
            _with(log=torch.log),
            _with(log=torch.log2),
        ],
        "The peak is 1 here, not 255: these images lie in [0, 1].": [
            _with(peak=255**2),
            _with(peak=255),
        ],
        "You take the largest pixel of these images for the peak: it is 1, "
        "the largest that a pixel can be.": [
            lambda x, y: _ratio(x, y, peak=x.max() ** 2),
            lambda x, y: _ratio(x, y, peak=x.max()),
            lambda x, y: _ratio(x, y, peak=y.max() ** 2),
            lambda x, y: _ratio(x, y, peak=_largest(x) ** 2),
        ],
        "You divide the images' own power by the error: the peak is 1 for "
        "every image.": [
            lambda x, y: _ratio(x, y, peak=_mse(x, 0 * x)),
            lambda x, y: _ratio(x, y, peak=x.flatten(1).var(1)),
        ],
        PIXEL_SUM: _with(error=lambda x, y: x[0].numel() * _mse(x, y)),
        "You take the mean absolute error: square the differences.": [
            _with(error=_absolute),
            _with(error=lambda x, y: _absolute(x, y) ** 2),
        ],
        "You subtract the mean difference: an offset between the images is an "
        "error too.": _with(error=_variance),
        "Differences of one sign count as 0: square them all.": [
            _with(error=lambda x, y: _mse((x - y).relu(), 0 * x)),
            _with(error=lambda x, y: _mse((y - x).relu(), 0 * x)),
        ],
        "You square the mean difference: square each difference, then take "
        "their mean.": (
            _with(error=lambda x, y: (x - y).flatten(1).mean(1).square())
        ),
        "You take the logarithm of each pixel's error: first the mean over "
        "the pixels, then its logarithm.": (
            lambda x, y: (-10 * (x - y).square().log10()).flatten(1).mean(1)
        ),
        "All images share one error: the mean goes over the pixels of each "
        "image.": [
            _with(error=_one_error),
            lambda x, y: _ratio(x, y, error=_one_error)[0],
        ],
        "The error is summed over the images: each has its own.": (
            _with(error=lambda x, y: _mse(x, y).sum())
        ),
        "The sign is turned: a smaller error is a larger PSNR.": (
            _with(factor=-10)
        ),
        "That is the mean squared error itself: the PSNR is a logarithm of "
        "it.": _mse,
        "You return the ratio: its logarithm, in decibels, is asked for.": (
            lambda x, y: 1 / _mse(x, y)
        ),
        "A number added to the error hides small errors.": [
            _with(error=lambda x, y, e=e: _mse(x, y) + e)
            for e in (1e-8, 1e-7, 1e-4, 1e-3, 1e-2)
        ],
    },
    gradient=["x", "y"],
)
