"""Lesson 08: the Gaussian likelihood with a learned variance."""

from functools import partial
from math import log, pi

import torch

from course_lib.checks.exercise import Exercise


def _images(generator):
    for B, side, log_sigma2 in [(3, 4, 0.8), (2, 5, -1.3)]:
        x, mean = torch.rand(2, B, 1, side, side, generator=generator)
        log_sigma2 = torch.tensor(log_sigma2)
        yield {"x": x, "mean": mean, "log_sigma2": log_sigma2}


def _nll_terms(x, mean, log_var, square=0.5, log_=0.5, constant=0.5):
    scaled = (x - mean) ** 2 / log_var.exp()
    return square * scaled + log_ * log_var + constant * log(2 * pi)


def _nll(x, mean, log_var, **factors):
    return _nll_terms(x, mean, log_var, **factors).flatten(1).sum(1)


def _nll_with(**factors):
    return partial(_nll, **factors)


def _constants_once(x, mean, log_var):
    squares = _nll(x, mean, log_var, log_=0, constant=0)
    return squares + 0.5 * (log_var + log(2 * pi))


def _not_squared(x, mean, log_var):
    absolute = 0.5 * (x - mean).abs() / log_var.exp()
    rest = _nll_terms(x, mean, log_var, square=0)
    return (absolute + rest).flatten(1).sum(1)


gaussian_nll = Exercise(
    """gaussian_nll(x, mean, log_sigma2) -> (B,): nats an image.

    x, mean: (B, 1, H, W); log_sigma2: a tensor of shape (), the log of the
    variance of all pixels.
    """,
    cases=_images,
    answer=_nll,
    mistakes={
        "Is log_sigma2 the log of sigma, or sigma, or sigma^2? It is log "
        "sigma^2, and the variance is its exponential.": [
            lambda x, m, v: _nll(x, m, 2 * v),
            lambda x, m, v: _nll(x, m, v.log()),
            lambda x, m, v: _nll(x, m, 2 * v.abs().log()),
        ],
        "The square is divided by sigma or by sigma to the fourth, in place "
        "of sigma^2.": [
            lambda x, m, v: _nll(x, m, v, square=0.5 * (v / 2).exp()),
            lambda x, m, v: _nll(x, m, v, square=0.5 * (-v).exp()),
        ],
        "The square is not divided by the variance.": (
            lambda x, m, v: _nll(x, m, v, square=0.5 * v.exp())
        ),
        "The constant with log(2 pi) is missing: then it is not minus the "
        "log of a density.": _nll_with(constant=0),
        "The term with log sigma^2 is missing: a learned sigma would grow "
        "without end.": [_nll_with(log_=0), _nll_with(log_=0, constant=0)],
        "A factor 1/2 is missing.": [
            _nll_with(square=1),
            _nll_with(log_=1),
            _nll_with(constant=1),
            _nll_with(log_=1, constant=1),
            lambda *inputs: 2 * _nll(*inputs),
        ],
        "The sign is turned: this is the log-density. Return minus it.": (
            lambda *inputs: -_nll(*inputs)
        ),
        "A sign is turned: a larger sigma makes the square's term smaller "
        "and the log's term larger.": [
            _nll_with(log_=-0.5),
            _nll_with(square=-0.5),
            lambda x, m, v: _nll(x, m, -v),
        ],
        "You take the mean over the pixels: sum them.": (
            lambda x, m, v: _nll(x, m, v) / x[0].numel()
        ),
        "The constants are added once an image: each pixel has them.": (
            _constants_once
        ),
        "The error is not squared.": _not_squared,
    },
    gradient=["mean", "log_sigma2"],
)
