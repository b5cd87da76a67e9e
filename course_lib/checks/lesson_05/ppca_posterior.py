"""Lesson 05: probabilistic PCA's posterior."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_05._models import models


def _posterior(x, W, s2, noise=None, scale=None):
    noise = s2 if noise is None else noise
    M = W.mT @ W + noise * torch.eye(W.shape[1], dtype=W.dtype)
    inverse = torch.linalg.inv(M)
    return x @ W @ inverse, (s2 if scale is None else scale) * inverse


def _precision(x, W, s2):
    mean, covariance = _posterior(x, W, s2)
    return mean, torch.linalg.inv(covariance)


def _scaled_mean(x, W, s2, power=1):
    mean, covariance = _posterior(x, W, s2)
    return mean / s2**power, covariance


ppca_posterior = Exercise(
    """ppca_posterior(x, W, s2) -> (B, K), (K, K): mean and covariance of z.

    x: (B, D), centred; W: (D, K); s2: the noise's variance, a float. The
    model is p(z) = N(0, I), p(x | z) = N(W z, s2 I).
    """,
    cases=models,
    answer=_posterior,
    mistakes={
        "You take a root of s2, or square it: s2 is the variance already.": [
            lambda x, W, s2: _posterior(x, W, s2**0.5),
            lambda x, W, s2: _posterior(x, W, s2**2),
            lambda x, W, s2: _posterior(x, W, s2, noise=s2**0.5),
            lambda x, W, s2: _posterior(x, W, s2, scale=s2**0.5),
        ],
        "The covariance has no s2 in front: more noise leaves more doubt.": (
            lambda x, W, s2: _posterior(x, W, s2, scale=1)
        ),
        "W^T W alone is inverted: the prior adds s2 times the identity.": (
            lambda x, W, s2: _posterior(x, W, s2, noise=0)
        ),
        "The prior adds s2 times the identity to W^T W, not the identity.": (
            lambda x, W, s2: _posterior(x, W, s2, noise=1)
        ),
        "The mean is divided by s2 as well: with M in place of the precision, "
        "s2 has cancelled.": _scaled_mean,
        "The mean is multiplied by s2: with M in place of the precision, s2 "
        "has cancelled.": partial(_scaled_mean, power=-1),
        "You return the precision; return its inverse, the covariance.": (
            _precision
        ),
        "Mean and covariance are swapped: return the mean first.": (
            lambda x, W, s2: _posterior(x, W, s2)[::-1]
        ),
    },
    gradient=["x", "W"],
    tolerance=1e-3,
)
