"""Lesson 03: the score of a noised mixture."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _mixtures(generator):
    for batch_size, components, s0, sigma in [
        (5, 3, 0.6, 0.9),
        (4, 2, 1, 0.5),
    ]:
        y = torch.randn(batch_size, 2, generator=generator)
        means = 1.5 * torch.randn(components, 2, generator=generator)
        yield {"y": y, "means": means, "s0": s0, "sigma": sigma}


def _noised(s0, sigma):
    return s0**2 + sigma**2


def _away(y, means):
    """y - mean for each pair, (B, M, 2)."""
    return y[:, None] - means


def _exponents(y, means, variance):
    return -_away(y, means).square().sum(2) / (2 * variance)


def _score(y, means, s0, sigma, variance=_noised, divisor=None, weights=None):
    v = variance(s0, sigma)
    weights = weights or (lambda exponents: exponents.softmax(1))
    share = weights(_exponents(y, means, v))[:, :, None]
    return -(share * _away(y, means)).sum(1) / (divisor or variance)(s0, sigma)


def _density(y, means, s0, sigma):
    v = _noised(s0, sigma)
    each = _exponents(y, means, v).exp() / (2 * torch.pi * v)
    return each.mean(1, keepdim=True)


mixture_score = Exercise(
    """mixture_score(y, means, s0, sigma) -> (B, 2): the score at y.

    y: (B, 2); means: (M, 2). The clean points are an equal mixture of
    Gaussians N(mean, s0^2 I); y is a clean point plus sigma times standard
    normal noise. The score is the gradient by y of the log density of y.
    """,
    cases=_mixtures,
    answer=_score,
    mistakes={
        "This is the score of the clean density: noise adds its variance to "
        "every component.": partial(_score, variance=lambda s0, sigma: s0**2),
        "You use the variance of the noise alone; a component has its own "
        "variance too.": partial(_score, variance=lambda s0, sigma: sigma**2),
        "You take a standard deviation for a variance: variances add, and "
        "both the exponent and the divisor have the variance.": [
            partial(_score, variance=lambda s0, sigma: (s0 + sigma) ** 2),
            partial(_score, variance=lambda s0, sigma: s0 + sigma),
            partial(
                _score, variance=lambda s0, sigma: _noised(s0, sigma) ** 0.5
            ),
            partial(
                _score, divisor=lambda s0, sigma: _noised(s0, sigma) ** 0.5
            ),
        ],
        "The sign is turned: the score points towards larger density.": (
            lambda *inputs: -_score(*inputs)
        ),
        "The weights are not normalised: divide them by their sum over the "
        "components (softmax does).": [
            partial(_score, weights=torch.exp),
            lambda y, means, s0, sigma: (
                partial(_score, weights=torch.exp)(y, means, s0, sigma)
                / len(means)
            ),
        ],
        "All components weigh the same: a component weighs as much as it is "
        "probable to have made y.": [
            partial(_score, weights=lambda e: torch.ones_like(e) / e.shape[1]),
            partial(_score, weights=torch.ones_like),
        ],
        "You normalise over the batch; for each y the weights of the "
        "components sum to 1.": (
            partial(_score, weights=lambda exponents: exponents.softmax(0))
        ),
        "This is the gradient of the density; the score is that of its "
        "logarithm.": lambda *inputs: _density(*inputs) * _score(*inputs),
    },
    no_gradient="autograd.grad of the log density",
)
