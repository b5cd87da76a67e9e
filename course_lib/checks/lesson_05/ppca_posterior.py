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


def _by_precision(power, in_mean=-1):
    """With s2 to other powers in the precision and in front of the mean."""

    def posterior(x, W, s2):
        precision = torch.eye(W.shape[1]).to(W) + s2**power * W.mT @ W
        covariance = torch.linalg.inv(precision)
        return s2**in_mean * x @ W @ covariance, covariance

    return posterior


def _one_of(wrong):
    """A wrong posterior, of which the mean alone or the rest is kept."""
    return [
        lambda *inputs: (wrong(*inputs)[0], _posterior(*inputs)[1]),
        lambda *inputs: (_posterior(*inputs)[0], wrong(*inputs)[1]),
    ]


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


def _of_covariance_and_noise(x, W, s2):
    mean, covariance = _posterior(x, W, s2)
    return mean, covariance + s2 * torch.eye(W.shape[1]).to(W)


def _spread(rows):
    away = rows - rows.mean(0)
    return away.mT @ away / max(len(rows) - 1, 1)


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
            *_one_of(_with(noise=2)),
            _by_precision(-2),
        ],
        ROOT_OF_VARIANCE: [
            _with(noise=0.5, scale=0.5),
            _with(noise=0.5),
            _with(scale=0.5),
            *_one_of(_with(noise=0.5)),
            _by_precision(-0.5),
            _with(mean=0.5),
            _with(mean=-0.5),
        ],
        "The covariance has no s2 in front: more noise leaves more doubt.": (
            _with(scale=0)
        ),
        "The covariance is divided by s2: more noise leaves more doubt.": (
            _with(scale=-1)
        ),
        "W^T W alone is inverted: the prior adds s2 times the identity.": [
            _without_prior,
            *_one_of(_without_prior),
        ],
        "W^T W is not divided by the noise's variance in the precision: the "
        "less noise, the more the data count.": [
            _by_precision(0),
            _by_precision(0, in_mean=0),
        ],
        "W^T W is multiplied by the noise's variance in the precision: the "
        "less noise, the more the data count.": [
            _by_precision(1),
            _by_precision(1, in_mean=1),
            _by_precision(1, in_mean=0),
        ],
        "The prior adds s2 times the identity to W^T W, not the identity.": (
            _with(noise=0)
        ),
        "The prior adds the identity divided by s2: with M in place of the "
        "precision it is multiplied.": _with(noise=-1),
        "A number is added to every entry of the matrix that is inverted: it "
        "belongs on the diagonal.": (_with(add=lambda K: torch.ones(K, K))),
        "The mean is divided by s2 once too often: beside the inverse of M, "
        "s2 has cancelled.": _with(mean=-1),
        "The mean is s2 times the right one: beside the covariance, W^T x is "
        "divided by s2; beside the inverse of M, there is no s2.": (
            _with(mean=1)
        ),
        "In the mean, W^T x is not multiplied by the inverse of a matrix.": [
            lambda x, W, s2: (x @ W, _posterior(x, W, s2)[1]),
            lambda x, W, s2: (x @ W / s2, _posterior(x, W, s2)[1]),
        ],
        "You multiply by M: the mean has its inverse.": [
            _one_of(_with(inv=lambda M: M))[0],
            _with(inv=lambda M: M),
        ],
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
            _of_covariance(torch.diagonal),
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
        "already.": [
            _centred,
            lambda x, W, s2: _posterior(x - x.mean(1, keepdim=True), W, s2),
            lambda x, W, s2: _posterior(x - x.mean(), W, s2),
        ],
        "The rows are averaged: each x has a mean of its own.": (
            _of_mean(lambda mean, _: mean.mean(0).expand_as(mean))
        ),
        "You return standard deviations: the covariance is a matrix, of "
        "variances and of what codes have in common.": (
            _of_covariance(lambda S: S.diagonal().sqrt())
        ),
        "This is the covariance of the pixels: that of z given x is asked "
        "for.": lambda x, W, s2: (
            _posterior(x, W, s2)[0],
            W @ W.mT + s2 * torch.eye(len(W)).to(W),
        ),
        "The noise is added to the covariance: this is that of a code, not "
        "of pixels.": _of_covariance_and_noise,
        "This is the covariance of the means of these few rows: that of z "
        "given x does not depend on x.": (
            lambda x, W, s2: (
                _posterior(x, W, s2)[0],
                _spread(_posterior(x, W, s2)[0]),
            )
        ),
        "This is the prior's covariance: data make it smaller.": (
            _of_covariance(lambda S: torch.eye(len(S)).to(S))
        ),
        "Mean and covariance are swapped: return the mean first.": (
            lambda x, W, s2: _posterior(x, W, s2)[::-1]
        ),
    },
    gradient=["x", "W"],
    tolerance=1e-3,
)
