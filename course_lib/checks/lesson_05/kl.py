"""Lesson 05: the KL of finite distributions."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.special import xlogy

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import BITS, KL_REVERSED


def _dice(generator):
    for sides in (4, 6, 5):
        q, p = torch.rand(2, sides, generator=generator).square() + 0.05
        yield {"q": q / q.sum(), "p": p / p.sum()}
    q, p = torch.tensor([0.0, 0.7, 0.3]), torch.tensor([0.5, 0.3, 0.2])
    yield "where q is 0", {"q": q, "p": p}
    certain = {"q": torch.tensor([0.0, 1, 0]), "p": p}
    yield "where q is certain of one value", certain
    p = torch.tensor([0.0, 0.4, 0.6])
    yield "where q and p are both 0", {"q": q, "p": p}
    yield "where q and p are equal", {"q": p[1:], "p": p[1:].clone()}


def _within_simplex(kl, q, p):
    """Gradients along q.sum() = 1, where those of right answers agree."""
    if q.requires_grad:
        q, p = q / q.sum(), p / p.sum()
    return kl(q, p)


def _kl(q: Tensor, p: Tensor) -> Tensor:
    return (xlogy(q, q) - xlogy(q, p)).sum()


kl = Exercise(
    """kl(q, p) -> (): the Kullback-Leibler divergence KL(q || p), in nats.

    q, p: shape (M,), probabilities that sum to 1. Where q is 0, the term
    is 0.
    """,
    cases=_dice,
    experiment=_within_simplex,
    answer=_kl,
    mistakes={
        KL_REVERSED + " Here that is q.": lambda q, p: _kl(p, q),
        "The sign is turned: the log has q above the line.": (
            lambda q, p: -_kl(q, p)
        ),
        "Two things are turned round: the weights, and the ratio inside the "
        "log. Both begin with q.": lambda q, p: -_kl(p, q),
        BITS: [
            lambda q, p: _kl(q, p) / math.log(2),
            lambda q, p: _kl(q, p) / math.log(10),
        ],
        "The log ratios are not weighted: multiply them by q.": [
            lambda q, p: (q / p).log().sum(),
            lambda q, p: (q / p).log().mean(),
            lambda q, p: (p / q).log().sum(),
        ],
        "The logarithm is missing: the ratio stands inside a log.": [
            lambda q, p: (q * (q / p)).sum(),
            lambda q, p: (q * q / p).sum() - 1,
            lambda q, p: (q / p).sum(),
        ],
        "You take the mean over the values; sum the terms.": (
            lambda q, p: _kl(q, p) / len(q)
        ),
        "You look at one value only: does the return stand inside the loop?": [
            lambda q, p: xlogy(q[0], q[0]) - xlogy(q[0], p[0]),
            lambda q, p: xlogy(q[-1], q[-1]) - xlogy(q[-1], p[-1]),
        ],
        "You add up too few values: the last one is left out.": (
            lambda q, p: (xlogy(q, q) - xlogy(q, p))[:-1].sum()
        ),
        "You take the largest term: the KL is their sum.": (
            lambda q, p: (xlogy(q, q) - xlogy(q, p)).max()
        ),
        "NaN becomes 0 too late: one term is 0 where q is 0, not the sum.": (
            lambda q, p: (q * (q / p).log()).sum().nan_to_num()
        ),
        "You treat it as a coin, with the first value against all others: "
        "each value has a term.": lambda q, p: _kl(
            torch.stack([q[0], 1 - q[0]]), torch.stack([p[0], 1 - p[0]])
        ),
        "Each value gets a second term, with 1 - q: the values are not "
        "coins.": lambda q, p: _kl(q, p) + _kl(1 - q, 1 - p),
        "This is the cross-entropy: the entropy of q is missing.": (
            lambda q, p: -xlogy(q, p).sum()
        ),
        "This is minus the cross-entropy: the log of q is missing in it.": (
            lambda q, p: xlogy(q, p).sum()
        ),
        "This is a cross-entropy weighted with p: weight with q, and put both "
        "logarithms in it.": lambda q, p: -xlogy(p, q).sum(),
        "You subtract two entropies: both logarithms are weighted with q.": [
            lambda q, p: (xlogy(q, q) - xlogy(p, p)).sum(),
            lambda q, p: (xlogy(p, p) - xlogy(q, q)).sum(),
        ],
        "The logarithms are added: subtract them.": (
            lambda q, p: (xlogy(q, q) + xlogy(q, p)).sum()
        ),
        "The logarithms are divided: the logarithm of the ratio is asked "
        "for.": lambda q, p: (q * (q.log() / p.log())).sum(),
        "The logarithm is taken after the sum: each value has its own.": [
            lambda q, p: (q * q / p).sum().log(),
            lambda q, p: (q / p).sum().log(),
        ],
        "You compare with the mean of q and p (Jensen-Shannon): the KL "
        "compares q with p itself.": [
            lambda q, p: (_kl(q, (q + p) / 2) + _kl(p, (q + p) / 2)) / 2,
            lambda q, p: _kl(q, (q + p) / 2),
        ],
        "This is an entropy: p and q both have to be in it.": [
            lambda q, p: -xlogy(q, q).sum(),
            lambda q, p: xlogy(q, q).sum(),
            lambda q, p: -xlogy(p, p).sum(),
        ],
        "The entropy of q has the wrong sign.": (
            lambda q, p: -(xlogy(q, q) + xlogy(q, p)).sum()
        ),
        "You add both directions, or average them: the KL has one.": [
            lambda q, p: _kl(q, p) + _kl(p, q),
            lambda q, p: (_kl(q, p) + _kl(p, q)) / 2,
        ],
        "You cut off negative terms: only the sum of all of them cannot be "
        "negative.": lambda q, p: (
            (xlogy(q, q) - xlogy(q, p)).clamp(min=0).sum()
        ),
        "You take absolute values: a term may be negative.": (
            lambda q, p: (xlogy(q, q) - xlogy(q, p)).abs().sum()
        ),
        "The logarithm of p is missing: F.kl_div wants a logarithm first.": [
            lambda q, p: (xlogy(q, q) - q * p).sum(),
            lambda q, p: (xlogy(q, q) - q * p).mean(),
        ],
        "F.kl_div wants the logarithm of the second distribution first, then "
        "the first distribution itself.": [
            lambda q, p: (xlogy(p, p) - q * p).sum(),
            lambda q, p: (xlogy(p, p) - q * p).mean(),
            lambda q, p: _kl(p, q) / len(q),
        ],
        "q and p are probabilities already: no softmax, and no logits.": [
            lambda q, p: _kl(q.softmax(0), p.softmax(0)),
            lambda q, p: _kl(q, p.softmax(0)),
            lambda q, p: F.cross_entropy(p, q),
        ],
        "This is a distance of the probabilities, not their KL.": [
            lambda q, p: (q - p).abs().sum(),
            lambda q, p: (q - p).abs().sum() / 2,
            lambda q, p: (q - p).square().sum(),
            lambda q, p: (q - p).square().mean(),
        ],
        "NaN where q is 0: 0 log 0 counts as 0 (torch.special.xlogy).": [
            lambda q, p: (q * (q / p).log()).sum(),
            lambda q, p: (q * (q.log() - p.log())).sum(),
        ],
        "NaN where q and p are both 0: there the term is 0, too.": [
            lambda q, p: xlogy(q, q / p).sum(),
            lambda q, p: (xlogy(q, q) - q * p.log()).sum(),
        ],
    },
    gradient=["q", "p"],
)
