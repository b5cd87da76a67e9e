"""Lesson 06: the KL divergence between any two Gaussians."""

from math import log

import torch

from course_lib.checks import sentences
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._full_kl import (
    full_kl,
    logdets,
    some,
    squares,
    traces,
    with_factors,
    with_other,
)


def _gaussians(generator):
    def gaussian(K, size=1.0):
        root = torch.randn(K, K, generator=generator)
        S = root @ root.T / K + 0.3 * torch.eye(K)
        return torch.randn(K, generator=generator), size * S

    def pair(first, second):
        return {"m0": first[0], "S0": first[1]} | {
            "m1": second[0],
            "S1": second[1],
        }

    for K, size in [(5, 2.0), (2, 0.4), (6, 1.3)]:
        yield pair(gaussian(K), gaussian(K, size))
    yield "in one dimension", pair(gaussian(1), gaussian(1, 2.0))
    same = gaussian(5)
    yield "where both Gaussians are the same", pair(same, same)
    sizes = torch.linspace(0.005, 0.015, 25)  # of determinant 1e-51
    many = {"m0": torch.zeros(25), "S0": sizes.diag()}
    many |= {"m1": torch.full((25,), 0.1), "S1": 2 * sizes.diag()}
    yield "in many dimensions", many
    yield "where both means are the same", pair(same, (same[0], 2 * same[1]))


_inv = torch.linalg.inv


def _with_jitter(eps):
    def wrong(m0, S0, m1, S1):
        small = eps * torch.eye(len(m0)).to(S0)
        return full_kl(m0, S0 + small, m1, S1 + small)

    return wrong


def _diagonal(m0, S0, m1, S1):
    return full_kl(m0, S0.diagonal().diag(), m1, S1.diagonal().diag())


kl_full = Exercise(
    """kl_full(m0, S0, m1, S1) -> a scalar: KL(N(m0, S0) || N(m1, S1)), nats.

    m0, m1: (K,), means; S0, S1: (K, K), covariances.
    """,
    cases=_gaussians,
    answer=full_kl,
    mistakes={
        sentences.KL_REVERSED: (
            lambda m0, S0, m1, S1: full_kl(m1, S1, m0, S0)
        ),
        sentences.HALF_MISSING: with_factors(half=1),
        "The factor 1/2 stands at some of the four terms only: all have it.": (
            some(2, 1, 2, 3)
        ),
        "One of the terms is halved twice.": [
            with_factors(trace=0.5),
            with_factors(square=0.5),
            with_factors(K=0.5),
        ],
        "The -K is missing: the KL of a Gaussian to itself has to be 0.": (
            with_factors(K=0)
        ),
        "K is added: it has to be subtracted.": with_factors(K=-1),
        "1 is subtracted where K, the number of dimensions, belongs.": (
            with_other(K=lambda *_: -1)
        ),
        "The sign of the log-determinants is turned: a narrow q has to cost "
        "more.": with_factors(logdet=-1),
        "The trace has the wrong sign.": with_factors(trace=-1),
        "The term with the two means has the wrong sign.": with_factors(
            square=-1
        ),
        "More than one of the four terms has the wrong sign: the KL of a "
        "Gaussian to itself has to be 0, and no KL is negative.": (
            some(-1, 2, 3)
        ),
        "The log-determinants don't count in your result.": with_factors(
            logdet=0
        ),
        "The log-determinant of S0 is missing.": logdets(
            lambda S0, S1: S1.logdet()
        ),
        "The log-determinant of S1 is missing.": logdets(
            lambda S0, S1: -S0.logdet()
        ),
        "In many dimensions the determinant is rounded to 0, or becomes "
        "infinite: take its logarithm without it (logdet).": logdets(
            lambda S0, S1: S1.det().log() - S0.det().log(),
            lambda S0, S1: (S1.det() / S0.det()).log(),
        ),
        "The logarithm of the determinants is missing.": logdets(
            lambda S0, S1: S1.det() - S0.det(),
            lambda S0, S1: S1.det() / S0.det(),
        ),
        "You multiply the two determinants: it is their ratio that counts.": (
            logdets(
                lambda S0, S1: S1.logdet() + S0.logdet(),
                lambda S0, S1: -S1.logdet() - S0.logdet(),
            )
        ),
        "The log-determinants count half: the determinant of S is the square "
        "of that of its Cholesky factor.": with_factors(logdet=0.5),
        sentences.BITS: [
            with_factors(logdet=1 / log(2)),
            with_factors(logdet=1 / log(10)),
        ],
        "You take the product of the diagonal for the determinant.": logdets(
            lambda S0, S1: (S1.diagonal() / S0.diagonal()).log().sum()
        ),
        "The inverse of S0 stands where the inverse of S1 belongs: distances "
        "are measured in units of the second Gaussian.": with_other(
            trace=lambda m0, S0, m1, S1: (_inv(S0) @ S1).trace(),
            square=lambda m0, S0, m1, S1: (m1 - m0) @ _inv(S0) @ (m1 - m0),
        ),
        "In the trace, S0 and S1 have changed places.": traces(
            lambda S0, S1: (_inv(S0) @ S1).trace()
        ),
        "In the trace, S1 is not inverted.": traces(
            lambda S0, S1: (S1 @ S0).trace()
        ),
        "S1 is inverted nowhere: distances are measured in its units.": (
            with_other(
                trace=lambda m0, S0, m1, S1: (S1 @ S0).trace(),
                square=lambda m0, S0, m1, S1: (m1 - m0) @ S1 @ (m1 - m0),
            )
        ),
        "In the trace, S1 is missing.": traces(lambda S0, S1: S0.trace()),
        "In the trace, S0 is missing.": traces(
            lambda S0, S1: _inv(S1).trace()
        ),
        "You take S0 and S1 for Cholesky factors: they are the covariances "
        "themselves.": lambda m0, S0, m1, S1: full_kl(
            m0, S0 @ S0.mT, m1, S1 @ S1.mT
        ),
        "You add a number to the diagonals: the covariances are meant as they "
        "are.": _with_jitter(1e-2),
        "The trace is missing.": with_factors(trace=0),
        "In the place of the trace stands the sum over all entries.": traces(
            lambda S0, S1: (_inv(S1) @ S0).sum()
        ),
        "You take the product of two traces: it is the trace of a product.": (
            traces(lambda S0, S1: _inv(S1).trace() * S0.trace())
        ),
        "You calculate entry by entry (* or /): a matrix product and an "
        "inverse matrix are meant.": [
            *traces(
                lambda S0, S1: (S0 / S1).trace(),
                lambda S0, S1: (_inv(S1) * S0).trace(),
                lambda S0, S1: (S0 / S1).sum(),
            ),
            *squares(lambda d, S0, S1: d @ (1 / S1) @ d),
            with_other(
                trace=lambda m0, S0, m1, S1: ((1 / S1) @ S0).trace(),
                square=lambda m0, S0, m1, S1: (m1 - m0) @ (1 / S1) @ (m1 - m0),
            ),
        ],
        "Only the diagonals of the covariances count in your result.": (
            _diagonal
        ),
        "The term with the two means is missing.": with_factors(square=0),
        "Between the means, the inverse of S1 is missing: a distance counts "
        "in units of the second Gaussian.": squares(lambda d, S0, S1: d @ d),
        "Between the means, S1 is not inverted.": squares(
            lambda d, S0, S1: d @ S1 @ d
        ),
        "Between the means stands the inverse of S0: that of S1 belongs "
        "there.": squares(lambda d, S0, S1: d @ _inv(S0) @ d),
        "The distance of the means is not squared.": squares(
            lambda d, S0, S1: (d @ _inv(S1) @ d).sqrt(),
            lambda d, S0, S1: (_inv(S1) @ d).sum(),
        ),
    },
    gradient=["m0", "S0", "m1", "S1"],
    tolerance=1e-3,  # of inverses in float32
)
