"""Lesson 00: squared error, log of the normal density, standard error."""

import math
from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _images(generator):
    for B, *size in [
        (4, 1, 28, 28),
        (3, 1, 28, 28),
        (1, 1, 28, 28),
        (2, 3, 8),
    ]:
        x, x_hat = torch.rand(2, B, *size, generator=generator)
        yield {"x": x, "x_hat": x_hat}


sse = Exercise(
    "sse",
    """sse(x, x_hat) -> (B,): each image's squared error, summed over pixels.

    x, x_hat: (B, ...) images of any size, here (B, 1, 28, 28), in [0, 1].
    """,
    cases=_images,
    answer=lambda x, y: (x - y).square().flatten(1).sum(1),
    mistakes={
        "You average over pixels; the course sums over them, and averages "
        "over the batch only (the reduction rule).": [
            lambda x, y: (x - y).square().flatten(1).mean(1),
            lambda x, y: (x - y).square().mean(),
        ],
        "You reduce the batch too: keep dimension 0, so that each image has "
        "an error of its own, shape (B,).": [
            lambda x, y: (x - y).square().sum(),
            lambda x, y: (x - y).square().sum() / len(x),
        ],
        "The square is missing: you sum the differences, or their absolute "
        "values. Square each difference first.": [
            lambda x, y: (x - y).flatten(1).sum(1),
            lambda x, y: (y - x).flatten(1).sum(1),
            lambda x, y: (x - y).abs().flatten(1).sum(1),
        ],
        "You sum first and square the sum, so errors of opposite sign "
        "cancel: square each difference, then sum.": (
            lambda x, y: (x - y).flatten(1).sum(1).square()
        ),
        "You take the square root: that is a distance; the squared error "
        "has no root.": lambda x, y: (x - y).flatten(1).norm(dim=1),
        "Broadcasting: x and x_hat have different shapes when you subtract, "
        "such as (B, 784) and (B, 1, 28, 28), so an image is compared with "
        "other images, or with none. Reshape both alike.": [
            lambda x, y: x.flatten(1) - y,
            lambda x, y: x - y.flatten(1),
            lambda x, y: (x.flatten(2) - y.flatten(1)).square().sum((1, 2)),
            lambda x, y: (x.flatten(1) - y.flatten(2)).square().sum((1, 2)),
            lambda x, y: x.new_empty(len(x), len(x), device="meta"),
        ],
    },
    gradient=["x_hat"],
)


def _points(generator):
    for shapes in [((5,),) * 3, ((4, 3), (3,), (4, 1)), ((2, 6), (2, 1), ())]:
        x, mu, u = (torch.rand(s, generator=generator) for s in shapes)
        yield {"x": 4 * x - 2, "mu": 2 * mu - 1, "sigma": 0.4 + 2 * u}


def _log_normal(x, mu, sigma, factors=(-1 / 2, -1, -1 / 2), power=2):
    """The factors of the squared distance, of log sigma and of log(2 pi)."""
    squared, log_2pi = (x - mu) ** 2 / sigma**power, math.log(2 * math.pi)
    a, b, c = factors
    return a * squared + b * sigma.log() + c * log_2pi


def _with_factors(*choices, power=2):
    return [partial(_log_normal, factors=f, power=power) for f in choices]


normal_logpdf = Exercise(
    "normal_logpdf",
    """normal_logpdf(x, mu, sigma): log N(x; mu, sigma**2) of each entry of x.

    x: any shape, and the result has it too; mu, sigma (the standard
    deviation): shapes that broadcast to it. In nats.
    """,
    cases=_points,
    answer=_log_normal,
    mistakes={
        "You return the density; return its logarithm.": (
            lambda *inputs: _log_normal(*inputs).exp()
        ),
        "A sign is wrong: a log density falls with the distance from mu and "
        "with sigma, and log(2 pi) lowers it further.": _with_factors(
            (0.5, 1, 0.5), (0.5, -1, -0.5), (-0.5, 1, -0.5), (-0.5, -1, 0.5)
        ),
        "log(2 pi) is missing: without the constant the density does not "
        "integrate to 1.": _with_factors((-0.5, -1, 0)),
        "log sigma is missing: a wider density is a lower one.": (
            _with_factors((-0.5, 0, -0.5))
        ),
        "A factor 1/2 is missing: the squared term has one, and so has "
        "log(2 pi sigma**2).": [
            *_with_factors((-1, -1, -0.5), (-1, -1, -1), (-1, -2, -1)),
            *_with_factors((-0.5, -2, -0.5), (-0.5, -1, -1), (-0.5, -2, -1)),
        ],
        "You take sigma for sigma**2: sigma is the standard deviation; the "
        "formula has the variance, its square.": [
            *_with_factors((-0.5, -1, -0.5), (-0.5, -0.5, -0.5), power=1),
            *_with_factors((-0.5, -0.5, -0.5)),
        ],
        "You square sigma twice: sigma is the standard deviation, so "
        "sigma**2 is the variance already.": (
            _with_factors((-0.5, -1, -0.5), (-0.5, -2, -0.5), power=4)
        ),
    },
    gradient=["x", "mu", "sigma"],
)


def _samples(generator):
    # So many that dividing by n or by n - 1 makes no difference.
    for n in (4000, 3000):
        yield {"samples": 20 + 37 * torch.randn(n, generator=generator)}


standard_error = Exercise(
    "standard_error",
    """standard_error(samples) -> (): the standard error of their mean.

    samples: (n,) independent draws; the result has their unit.
    """,
    cases=_samples,
    answer=lambda s: s.std() / len(s) ** 0.5,
    mistakes={
        "That is the standard deviation, the spread of single draws; the "
        "mean of n draws spreads less.": lambda s: s.std(),
        "You divide by n; the standard error falls with the root of n.": (
            lambda s: s.std() / len(s)
        ),
        "That is a variance, in squared units: take the root.": [
            lambda s: s.var(),
            lambda s: s.var() / len(s),
            lambda s: s.var() / len(s) ** 0.5,
        ],
        "You do not subtract the mean before you square.": (
            lambda s: s.square().mean().sqrt() / len(s) ** 0.5
        ),
    },
    tolerance=1e-3,
)
