"""Lesson 03: Tweedie's formula."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import SIGMA_FOR_VARIANCE


def _noisy_points(generator):
    for B, D, sigma in [(5, 2, 0.5), (3, 4, 1.7), (4, 3, 0.8)]:
        y, score = torch.randn(2, B, D, generator=generator)
        yield {"y": y, "score": score, "sigma": sigma}
    y, score = torch.randn(2, 1, 6, generator=generator)
    yield "for one point alone", {"y": y, "score": score, "sigma": 1.2}


def _denoised(y, score, sigma, power=2.0, factor=1.0, start=1.0):
    return start * y + factor * sigma**power * score


def _with(**changes):
    return partial(_denoised, **changes)


tweedie = Exercise(
    """tweedie(y, score, sigma) -> (B, D): the mean of the clean x given y.

    y: (B, D) noisy points; score: (B, D) of their density at y; sigma: the
    standard deviation of the noise.
    """,
    cases=_noisy_points,
    answer=_denoised,
    mistakes={
        SIGMA_FOR_VARIANCE: _with(power=1),
        "You take the root of sigma: the score is weighted by the noise's "
        "variance.": _with(power=0.5),
        "You square the variance: the score is weighted by the variance "
        "itself, and sigma is the standard deviation.": _with(power=4),
        "You divide by the variance: large noise asks for a large step.": (
            _with(power=-2)
        ),
        "You divide by sigma: large noise asks for a large step.": (
            _with(power=-1)
        ),
        "The variance is missing: the step grows with the noise.": (
            _with(power=0)
        ),
        "The sign of the step is turned: denoising goes along the score, "
        "towards larger density.": [
            _with(factor=-1),
            _with(factor=-1, power=1),
        ],
        "y has the wrong sign: the step begins at y.": _with(start=-1),
        "y is missing: this is the step alone; it begins at y.": [
            _with(start=0),
            _with(start=0, power=1),
        ],
        "A factor 1/2 is too much: the step is the whole variance times the "
        "score.": _with(factor=0.5),
        "A factor 2 is too much: the step is the variance times the score.": (
            _with(factor=2)
        ),
        "You subtract y from the score: the score is the direction itself.": [
            lambda y, score, sigma: y + sigma**2 * (score - y),
            lambda y, score, sigma: (score - y) / sigma**2,
        ],
        "You double sigma: its square belongs here.": (
            _with(power=1, factor=2)
        ),
        "y is weighted by the variance: it is the score that is.": [
            lambda y, score, sigma: sigma**2 * y + score,
            lambda y, score, sigma: sigma**2 * (y + score),
        ],
        "y is multiplied by the score: add the step to y.": [
            lambda y, score, sigma: y * sigma**2 * score,
            lambda y, score, sigma: y + sigma**2 * score * y,
        ],
        "The result is divided: y plus the step is all.": [
            lambda y, score, sigma: (y + sigma**2 * score) / (1 + sigma**2),
            lambda y, score, sigma: (y + sigma**2 * score) / sigma**2,
        ],
    },
    gradient=["y", "score"],
)
