"""Lesson 03: the score of a noised mixture."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _mixtures(generator):
    for B, M, s0, sigma in [
        (5, 3, 0.6, 0.9),
        (4, 2, 1.1, 0.5),
        (6, 5, 0.7, 1.3),
    ]:
        y = torch.randn(B, 2, generator=generator)
        means = 1.5 * torch.randn(M, 2, generator=generator)
        yield {"y": y, "means": means, "s0": s0, "sigma": sigma}
    y, mean = torch.randn(2, 1, 2, generator=generator)
    one = {"y": y, "means": means, "s0": 0.8, "sigma": 0.7}
    yield "for one point alone", one
    y = torch.randn(3, 2, generator=generator)
    single = {"y": y, "means": mean, "s0": 0.8, "sigma": 0.7}
    yield "for a single component", single
    far = {"y": y + 40, "means": means, "s0": 0.8, "sigma": 0.7}
    yield "far from all means", far


def _noised(s0, sigma):
    return s0**2 + sigma**2


def _root(s0, sigma):
    return _noised(s0, sigma) ** 0.5


def _away(y, means):
    """y - mean for each pair, (B, M, 2)."""
    return y[:, None] - means


def _exponents(y, means, variance):
    return -_away(y, means).square().sum(2) / (2 * variance)


def _score(
    y,
    means,
    s0,
    sigma,
    variance=_noised,
    divisor=None,
    weights=lambda exponents: exponents.softmax(1),
    exponents=_exponents,
):
    v = variance(s0, sigma)
    share = weights(exponents(y, means, v))[:, :, None]
    return -(share * _away(y, means)).sum(1) / (divisor or variance)(s0, sigma)


def _with(**changes):
    return partial(_score, **changes)


def _density(y, means, s0, sigma):
    v = _noised(s0, sigma)
    each = _exponents(y, means, v).exp() / (2 * torch.pi * v)
    return each.mean(1, keepdim=True)


def _nearest(exponents):
    best = exponents.argmax(1, keepdim=True)
    return torch.zeros_like(exponents).scatter(1, best, 1.0)


def _mean_of_x(y, means, s0, sigma):
    return y + sigma**2 * _score(y, means, s0, sigma)


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
        "every component.": _with(variance=lambda s0, sigma: s0**2),
        "You use the variance of the noise alone; a component has its own "
        "variance too.": _with(variance=lambda s0, sigma: sigma**2),
        "You add standard deviations: it is the variances that add.": [
            _with(variance=lambda s0, sigma: (s0 + sigma) ** 2),
            _with(variance=lambda s0, sigma: s0 + sigma),
        ],
        "You take a standard deviation for a variance: both the exponent and "
        "the divisor have the variance.": [
            _with(variance=_root),
            _with(divisor=_root),
            _with(variance=_root, divisor=_noised),
        ],
        "You square a variance once more.": [
            _with(variance=lambda s0, sigma: _noised(s0, sigma) ** 2),
            _with(divisor=lambda s0, sigma: _noised(s0, sigma) ** 2),
        ],
        "The exponents and the divisor have different variances: both are "
        "of the noised points.": [
            _with(divisor=lambda s0, sigma: s0**2),
            _with(divisor=lambda s0, sigma: sigma**2),
            _with(variance=lambda s0, sigma: s0**2, divisor=_noised),
            _with(variance=lambda s0, sigma: sigma**2, divisor=_noised),
        ],
        "The division by the variance is missing.": (
            _with(divisor=lambda *_: 1)
        ),
        "A factor 1/2 is missing in the exponents of the weights.": (
            _with(weights=lambda e: (2 * e).softmax(1))
        ),
        "The weights grow with the distance: the exponents are negative.": (
            _with(weights=lambda e: (-e).softmax(1))
        ),
        "The weights go with the distance: its square belongs in the "
        "exponents.": _with(
            exponents=lambda y, m, v: -_away(y, m).norm(dim=2) / (2 * v)
        ),
        "The sign is turned: the score points towards larger density.": (
            lambda *inputs: -_score(*inputs)
        ),
        "The weights are not normalised: divide them by their sum over the "
        "components (softmax does).": [
            _with(weights=torch.exp),
            _with(weights=lambda e: e.exp() / e.shape[1]),
        ],
        "Far from all means every exponential is rounded to 0, and the "
        "weights are 0/0: softmax avoids that.": _with(
            weights=lambda e: e.exp() / e.exp().sum(1, keepdim=True)
        ),
        "The weights sum to 1 already: do not divide by the number of "
        "components once more.": (
            _with(weights=lambda e: e.softmax(1) / e.shape[1])
        ),
        "All components weigh the same: a component weighs as much as it is "
        "probable to have made y.": [
            _with(weights=lambda e: torch.ones_like(e) / e.shape[1]),
            _with(weights=torch.ones_like),
        ],
        "Only the nearest component counts: every one has a weight.": (
            _with(weights=_nearest)
        ),
        "You look at one component only: does the return stand inside the "
        "loop?": [
            lambda y, means, s0, sigma: _score(y, means[:1], s0, sigma),
            lambda y, means, s0, sigma: _score(y, means[-1:], s0, sigma),
        ],
        "You normalise over the batch; for each y the weights of the "
        "components sum to 1.": (
            _with(weights=lambda exponents: exponents.softmax(0))
        ),
        "This is the gradient of the density; the score is that of its "
        "logarithm.": lambda *inputs: _density(*inputs) * _score(*inputs),
        "You return the log density; the score is its gradient by y.": [
            lambda *inputs: _density(*inputs).log().squeeze(1),
            lambda y, means, s0, sigma: _exponents(
                y, means, _noised(s0, sigma)
            ).logsumexp(1),
        ],
        "You return the density; the score is the gradient of its "
        "logarithm.": lambda *inputs: _density(*inputs).squeeze(1),
        "You go on to the mean of the clean point: the score alone is asked "
        "for.": _mean_of_x,
        "This is the weighted mean of the components: the score is the way "
        "to it from y, divided by the variance.": (
            lambda y, means, s0, sigma: (
                y + _noised(s0, sigma) * _score(y, means, s0, sigma)
            )
        ),
    },
    no_gradient="autograd.grad of the log density",
)
