"""Lesson 06: the KL divergence to the standard normal."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _codes(generator):
    normal = partial(torch.randn, generator=generator)
    for B, K in [(4, 3), (3, 2)]:
        yield {"mu": normal(B, K), "logvar": normal(B, K)}
    yield {"mu": torch.ones(1, 1), "logvar": torch.zeros(1, 1)}
    # A tiny variance, which a small number added to it would hide.
    yield {"mu": torch.zeros(2, 2), "logvar": torch.tensor([[-40.0, 1]] * 2)}


def _kl_terms(mu, logvar, square=1.0, var=1.0, one=1.0, log=1.0):
    return square * mu**2 + var * logvar.exp() - one - log * logvar


def _kl(mu, logvar, **factors):
    return 0.5 * _kl_terms(mu, logvar, **factors).sum(1)


def _kl_with(**factors):
    return partial(_kl, **factors)


def _kl_padded(mu, logvar, padding):
    padded = (logvar.exp() + padding).log()
    return _kl(mu, logvar) + 0.5 * (logvar - padded).sum(1)


gaussian_kl = Exercise(
    """gaussian_kl(mu, logvar) -> (B,): the KL to N(0, I), in nats.

    mu, logvar: (B, K), the means and log variances of the Gaussians.
    """,
    cases=_codes,
    answer=_kl,
    mistakes={
        "The sign is turned: this is minus the KL, and as a loss it runs "
        "away.": lambda mu, logvar: -_kl(mu, logvar),
        "The factor 1/2 is missing.": lambda mu, logvar: 2 * _kl(mu, logvar),
        "The -1 is missing: the KL of the prior to itself has to be 0.": (
            _kl_with(one=0)
        ),
        "Is logvar the standard deviation, or its log? It is log sigma^2, "
        "and the variance is exp(logvar).": [
            lambda mu, s: 0.5 * (mu**2 + s**2 - 1 - (s**2).log()).sum(1),
            lambda mu, log_s: _kl(mu, 2 * log_s),
        ],
        "In place of the variance exp(logvar) you add sigma, or sigma to "
        "the fourth.": [
            lambda mu, logvar: _kl(mu, logvar, var=(-logvar / 2).exp()),
            lambda mu, logvar: _kl(mu, logvar, var=logvar.exp()),
        ],
        "You add logvar where the variance exp(logvar) belongs.": (
            lambda mu, logvar: 0.5 * (mu**2 - 1).sum(1)
        ),
        "You add the log variance: subtract it.": _kl_with(log=-1),
        "1 is subtracted once: every latent has its own.": (
            lambda mu, logvar: _kl(mu, logvar) + 0.5 * (mu.shape[1] - 1)
        ),
        "You subtract log sigma in place of log sigma^2.": _kl_with(log=0.5),
        "The mean's square is missing, or mu is not squared.": [
            _kl_with(square=0),
            lambda mu, logvar: _kl(mu, logvar) + 0.5 * (mu - mu**2).sum(1),
        ],
        "You take the mean over the latents: each of them is paid for, so "
        "sum them.": lambda mu, logvar: _kl(mu, logvar) / mu.shape[1],
        "You sum over the batch: sum over the latents, dimension 1.": (
            lambda mu, logvar: 0.5 * _kl_terms(mu, logvar).sum(0)
        ),
        "You return one number for each latent: sum them for each row.": (
            lambda mu, logvar: 0.5 * _kl_terms(mu, logvar)
        ),
        "A small number added inside the logarithm hides tiny variances: "
        "logvar is the logarithm already.": [
            lambda mu, logvar: _kl_padded(mu, logvar, 1e-10),
            lambda mu, logvar: _kl_padded(mu, logvar, 1e-8),
        ],
    },
    gradient=["mu", "logvar"],
)
