"""Lesson 05: the KL of finite distributions."""

import math

import torch
from torch import Tensor
from torch.special import xlogy

from course_lib.checks.exercise import Exercise


def _dice(generator):
    for sides in (4, 6):
        p, q = torch.rand(2, sides, generator=generator).square() + 0.05
        yield {"p": p / p.sum(), "q": q / q.sum()}
    yield {
        "p": torch.tensor([0.0, 0.7, 0.3]),
        "q": torch.tensor([0.5, 0.3, 0.2]),
    }


def _within_simplex(kl, p, q):
    """Gradients along p.sum() = 1, where those of right answers agree."""
    if p.requires_grad:
        p, q = p / p.sum(), q / q.sum()
    return kl(p, q)


def _kl(p: Tensor, q: Tensor) -> Tensor:
    return (xlogy(p, p) - xlogy(p, q)).sum()


kl = Exercise(
    """kl(p, q) -> (): the Kullback-Leibler divergence KL(p || q), in nats.

    p, q: shape (M,), probabilities that sum to 1. Where p is 0, the term
    is 0.
    """,
    cases=_dice,
    experiment=_within_simplex,
    answer=_kl,
    mistakes={
        "This is KL(q || p): the expectation is taken under the first one, "
        "p.": lambda p, q: _kl(q, p),
        "The sign is turned: the log has p above the line.": (
            lambda p, q: -_kl(p, q)
        ),
        "The unit is the nat: take the natural logarithm.": [
            lambda p, q: _kl(p, q) / math.log(2),
            lambda p, q: _kl(p, q) / math.log(10),
        ],
        "The log ratios are not weighted: multiply them by p.": [
            lambda p, q: (p / q).log().sum(),
            lambda p, q: (p / q).log().mean(),
        ],
        "You take the mean over the values; sum the terms.": (
            lambda p, q: _kl(p, q) / len(p)
        ),
        "This is the cross-entropy: the entropy of p is missing.": (
            lambda p, q: -xlogy(p, q).sum()
        ),
        "NaN where p is 0: 0 log 0 counts as 0 (torch.special.xlogy).": (
            lambda p, q: (p * (p / q).log()).sum()
        ),
    },
    gradient=["p", "q"],
)
