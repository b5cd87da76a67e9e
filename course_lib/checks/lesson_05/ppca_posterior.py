"""Lesson 05: probabilistic PCA's posterior."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_05._models import models
from course_lib.checks.sentences import ROOT_OF_VARIANCE, VARIANCE_SQUARED


def _cases(generator):
    yield from models(generator)
    first = next(models(generator))
    yield "for one x alone", first | {"x": first["x"][:1]}


def _posterior(
    x,
    W,
    s2,
    noise=1.0,
    scale=1.0,
    mean=0.0,
    add=torch.eye,
    inv=torch.linalg.inv,
):
    """The posterior, with s2 to other powers.

    noise: in M; scale: in front of the covariance; mean: in front of the mean.
    """
    inverse = inv(W.mT @ W + s2**noise * add(W.shape[1]).to(W))
    return s2**mean * x @ W @ inverse, s2**scale * inverse


def _with(**powers):
    return partial(_posterior, **powers)


def _of_covariance(change):
    def posterior(x, W, s2):
        mean, covariance = _posterior(x, W, s2)
        return mean, change(covariance)

    return posterior


def _of_mean(change):
    def posterior(x, W, s2):
        mean, covariance = _posterior(x, W, s2)
        return change(mean, s2), covariance

    return posterior


def _diagonal(matrix):
    return matrix.diagonal().diag()


def _without_prior(x, W, s2):
    inverse = torch.linalg.inv(W.mT @ W)
    return x @ W @ inverse, s2 * inverse


def _centred(x, W, s2):
    return _posterior(x - x.mean(0), W, s2)


ppca_posterior = Exercise(
    """ppca_posterior(x, W, s2) -> (B, K), (K, K): mean and covariance of z.

    x: (B, D), centred; W: (D, K); s2: the noise's variance, a float. The
    model is p(z) = N(0, I), p(x | z) = N(W z, s2 I).
    """,
    cases=_cases,
    answer=_posterior,
    outputs=("mean", "covariance"),
    mistakes={
        VARIANCE_SQUARED: [
            _with(noise=2, scale=2),
            _with(noise=2),
            _with(scale=2),
        ],
        ROOT_OF_VARIANCE: [
            _with(noise=0.5, scale=0.5),
            _with(noise=0.5),
            _with(scale=0.5),
        ],
        "The covariance has no s2 in front: more noise leaves more doubt.": (
            _with(scale=0)
        ),
        "The covariance is divided by s2: more noise leaves more doubt.": (
            _with(scale=-1)
        ),
        "W^T W alone is inverted: the prior adds s2 times the identity.": (
            _without_prior
        ),
        "The prior adds s2 times the identity to W^T W, not the identity.": (
            _with(noise=0)
        ),
        "The prior adds the identity divided by s2: with M in place of the "
        "precision it is multiplied.": _with(noise=-1),
        "s2 is added to every entry of W^T W: it belongs on the diagonal.": (
            _with(add=lambda K: torch.ones(K, K))
        ),
        "The mean is divided by s2 as well: with M in place of the precision, "
        "s2 has cancelled.": _with(mean=-1),
        "The mean is multiplied by s2: with M in place of the precision, s2 "
        "has cancelled.": _with(mean=1),
        "The mean is not multiplied by the inverse of M.": (
            lambda x, W, s2: (x @ W, _posterior(x, W, s2)[1])
        ),
        "The sign of the mean is turned.": _of_mean(lambda mean, _: -mean),
        "You return the precision; return its inverse, the covariance.": (
            _of_covariance(torch.linalg.inv)
        ),
        "You return M itself: its inverse belongs in the covariance.": [
            lambda x, W, s2: (
                _posterior(x, W, s2)[0],
                s2 * torch.linalg.inv(_posterior(x, W, s2)[1]),
            ),
            lambda x, W, s2: (
                _posterior(x, W, s2)[0],
                s2 * s2 * torch.linalg.inv(_posterior(x, W, s2)[1]),
            ),
        ],
        "You divide 1 by each entry: that is no inverse of a matrix.": [
            _with(inv=torch.reciprocal),
            lambda x, W, s2: (
                _posterior(x, W, s2)[0],
                _posterior(x, W, s2, inv=torch.reciprocal)[1],
            ),
        ],
        "You look at the diagonal alone: codes are correlated given x.": [
            _of_covariance(_diagonal),
            _with(inv=lambda M: torch.linalg.inv(_diagonal(M))),
            lambda x, W, s2: (
                _posterior(x, W, s2)[0],
                _posterior(
                    x, W, s2, inv=lambda M: torch.linalg.inv(_diagonal(M))
                )[1],
            ),
        ],
        "You return a Cholesky factor: the covariance is its product with its "
        "transpose.": _of_covariance(torch.linalg.cholesky),
        "You centre x once more, by the mean of these few rows: it is centred "
        "already.": _centred,
        "The rows are averaged: each x has a mean of its own.": (
            _of_mean(lambda mean, _: mean.mean(0).expand_as(mean))
        ),
        "Mean and covariance are swapped: return the mean first.": (
            lambda x, W, s2: _posterior(x, W, s2)[::-1]
        ),
    },
    gradient=["x", "W"],
    tolerance=1e-3,
)
