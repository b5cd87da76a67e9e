"""Lesson 00: the log of the normal density."""

import math
from functools import partial

import torch

from course_lib.checks.exercise import Exercise


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
