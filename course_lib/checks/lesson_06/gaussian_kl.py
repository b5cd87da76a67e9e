"""Lesson 06: the KL divergence to the standard normal."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._rates import WRONG_RATES, rate


def _codes(generator):
    normal = partial(torch.randn, generator=generator)
    for B, K in [(6, 5), (5, 7), (7, 2)]:
        yield {"mu": normal(B, K), "logvar": normal(B, K)}
    yield "for one row alone", {"mu": normal(1, 6), "logvar": normal(1, 6)}
    yield "for one latent", {"mu": normal(5, 1), "logvar": normal(5, 1)}
    zeros = torch.zeros(2, 5)
    yield "at the prior", {"mu": zeros, "logvar": zeros}
    # exp(-60) = 9e-27: a small number added to it would hide it
    for label, far in [("tiny, logvar = -60", -60), ("huge", 25)]:
        logvar = torch.tensor([[far, 1.0]] * 5)
        label = f"where a variance is {label}"
        yield label, {"mu": normal(5, 2), "logvar": logvar}


def _padded(pad):
    """The log computed from the variance, or from sigma, after pad."""

    def from_variance(mu, logvar):
        log = pad(logvar.exp()).log()
        return rate(mu, logvar, log=0) - 0.5 * log.sum(1)

    def from_sigma(mu, logvar):
        log = pad((0.5 * logvar).exp()).log()
        return rate(mu, logvar, log=0) - log.sum(1)

    return [from_variance, from_sigma]


_SMALL = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)

gaussian_kl = Exercise(
    """gaussian_kl(mu, logvar) -> (B,): the KL to N(0, I), in nats.

    mu, logvar: (B, K), the means and log variances of the Gaussians.
    """,
    cases=_codes,
    answer=rate,
    mistakes=WRONG_RATES
    | {
        "The sign is turned: this is minus the KL, and as a loss it runs "
        "away.": lambda mu, logvar: -rate(mu, logvar),
        "You sum over the batch: sum over the latents, dimension 1.": (
            lambda mu, logvar: rate(mu.mT, logvar.mT)
        ),
        "You average over the batch: sum over the latents, dimension 1.": (
            lambda mu, logvar: rate(mu.mT, logvar.mT) / len(mu)
        ),
        "You average over the latents and the batch at once: sum over the "
        "latents, and keep the rows apart.": (
            lambda mu, logvar: rate(mu, logvar).sum() / mu.numel()
        ),
        "A small number in the logarithm hides tiny variances: logvar is the "
        "logarithm already.": [
            f
            for small in _SMALL
            for pad in (lambda v, s=small: v + s, lambda v, s=small: v.clip(s))
            for f in _padded(pad)
        ],
    },
    gradient=["mu", "logvar"],
)
