"""Lesson 06: the KL divergence between any two Gaussians."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _gaussians(generator):
    normal = partial(torch.randn, generator=generator)
    for K in (3, 2):
        roots = normal(2, K, K)
        S0, S1 = roots @ roots.mT / K + 0.3 * torch.eye(K)
        yield {"m0": normal(K), "S0": S0, "m1": normal(K), "S1": 2 * S1}


def _full_kl(m0, S0, m1, S1, K=1.0, logdet=1.0, half=0.5, square=1.0):
    inverse = torch.linalg.inv(S1)
    squared = (m1 - m0) @ inverse @ (m1 - m0)
    logdets = torch.logdet(S1) - torch.logdet(S0)
    trace = (inverse @ S0).trace()
    return half * (trace + square * squared - K * len(m0) + logdet * logdets)


def _full_kl_with(**factors):
    return partial(_full_kl, **factors)


def _with_inverse_of_S0(m0, S0, m1, S1):
    inverse = torch.linalg.inv(S0)
    squared = (m1 - m0) @ inverse @ (m1 - m0)
    logdets = torch.logdet(S1) - torch.logdet(S0)
    return 0.5 * ((inverse @ S1).trace() + squared - len(m0) + logdets)


kl_full = Exercise(
    """kl_full(m0, S0, m1, S1) -> a scalar: KL(N(m0, S0) || N(m1, S1)), nats.

    m0, m1: (K,), means; S0, S1: (K, K), covariances.
    """,
    cases=_gaussians,
    answer=_full_kl,
    mistakes={
        "This is the KL the other way round: the mean is taken over the "
        "first Gaussian, (m0, S0).": (
            lambda m0, S0, m1, S1: _full_kl(m1, S1, m0, S0)
        ),
        "The -K is missing: the KL of a Gaussian to itself has to be 0.": (
            _full_kl_with(K=0)
        ),
        "K is added: it has to be subtracted.": _full_kl_with(K=-1),
        "One is subtracted where K, the number of dimensions, should be.": (
            lambda m0, *rest: _full_kl(m0, *rest, K=1 / len(m0))
        ),
        "The sign of the log-determinants is turned.": (
            _full_kl_with(logdet=-1)
        ),
        "The log-determinants are missing.": _full_kl_with(logdet=0),
        "The inverse of S0 stands where the inverse of S1 belongs: distances "
        "are measured in units of the second Gaussian.": _with_inverse_of_S0,
        "The factor 1/2 is missing.": _full_kl_with(half=1),
        "The term with the two means is missing.": _full_kl_with(square=0),
    },
    gradient=["m0", "S0", "m1", "S1"],
    tolerance=1e-3,
)
