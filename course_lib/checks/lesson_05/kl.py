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
        p, q = torch.rand(2, sides, generator=generator).square() + 0.05
        yield {"p": p / p.sum(), "q": q / q.sum()}
    p, q = torch.tensor([0.0, 0.7, 0.3]), torch.tensor([0.5, 0.3, 0.2])
    yield "where p is 0", {"p": p, "q": q}
    certain = {"p": torch.tensor([0.0, 1, 0]), "q": q}
    yield "where p is certain of one value", certain
    q = torch.tensor([0.0, 0.4, 0.6])
    yield "where p and q are both 0", {"p": p, "q": q}
    yield "where p and q are equal", {"p": q[1:], "q": q[1:].clone()}


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
        KL_REVERSED + " Here that is p.": lambda p, q: _kl(q, p),
        "The sign is turned: the log has p above the line.": (
            lambda p, q: -_kl(p, q)
        ),
        "Two things are turned round: the weights, and the ratio inside the "
        "log. Both begin with p.": lambda p, q: -_kl(q, p),
        BITS: [
            lambda p, q: _kl(p, q) / math.log(2),
            lambda p, q: _kl(p, q) / math.log(10),
        ],
        "The log ratios are not weighted: multiply them by p.": [
            lambda p, q: (p / q).log().sum(),
            lambda p, q: (p / q).log().mean(),
            lambda p, q: (q / p).log().sum(),
        ],
        "The logarithm is missing: the ratio stands inside a log.": [
            lambda p, q: (p * (p / q)).sum(),
            lambda p, q: (p * p / q).sum() - 1,
            lambda p, q: (p / q).sum(),
        ],
        "You take the mean over the values; sum the terms.": (
            lambda p, q: _kl(p, q) / len(p)
        ),
        "You look at one value only: does the return stand inside the loop?": [
            lambda p, q: xlogy(p[0], p[0]) - xlogy(p[0], q[0]),
            lambda p, q: xlogy(p[-1], p[-1]) - xlogy(p[-1], q[-1]),
        ],
        "You add up too few values: the last one is left out.": (
            lambda p, q: (xlogy(p, p) - xlogy(p, q))[:-1].sum()
        ),
        "You take the largest term: the KL is their sum.": (
            lambda p, q: (xlogy(p, p) - xlogy(p, q)).max()
        ),
        "NaN becomes 0 too late: one term is 0 where p is 0, not the sum.": (
            lambda p, q: (p * (p / q).log()).sum().nan_to_num()
        ),
        "You treat it as a coin, with the first value against all others: "
        "each value has a term.": lambda p, q: _kl(
            torch.stack([p[0], 1 - p[0]]), torch.stack([q[0], 1 - q[0]])
        ),
        "Each value gets a second term, with 1 - p: the values are not "
        "coins.": lambda p, q: _kl(p, q) + _kl(1 - p, 1 - q),
        "This is the cross-entropy: the entropy of p is missing.": (
            lambda p, q: -xlogy(p, q).sum()
        ),
        "This is minus the cross-entropy: the log of p is missing in it.": (
            lambda p, q: xlogy(p, q).sum()
        ),
        "This is a cross-entropy weighted with q: weight with p, and put both "
        "logarithms in it.": lambda p, q: -xlogy(q, p).sum(),
        "You subtract two entropies: both logarithms are weighted with p.": [
            lambda p, q: (xlogy(p, p) - xlogy(q, q)).sum(),
            lambda p, q: (xlogy(q, q) - xlogy(p, p)).sum(),
        ],
        "The logarithms are added: subtract them.": (
            lambda p, q: (xlogy(p, p) + xlogy(p, q)).sum()
        ),
        "The logarithms are divided: the logarithm of the ratio is asked "
        "for.": lambda p, q: (p * (p.log() / q.log())).sum(),
        "The logarithm is taken after the sum: each value has its own.": [
            lambda p, q: (p * p / q).sum().log(),
            lambda p, q: (p / q).sum().log(),
        ],
        "You compare with the mean of p and q (Jensen-Shannon): the KL "
        "compares p with q itself.": [
            lambda p, q: (_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / 2,
            lambda p, q: _kl(p, (p + q) / 2),
        ],
        "This is an entropy: q and p both have to be in it.": [
            lambda p, q: -xlogy(p, p).sum(),
            lambda p, q: xlogy(p, p).sum(),
            lambda p, q: -xlogy(q, q).sum(),
        ],
        "The entropy of p has the wrong sign.": (
            lambda p, q: -(xlogy(p, p) + xlogy(p, q)).sum()
        ),
        "You add both directions, or average them: the KL has one.": [
            lambda p, q: _kl(p, q) + _kl(q, p),
            lambda p, q: (_kl(p, q) + _kl(q, p)) / 2,
        ],
        "You cut off negative terms: only the sum of all of them cannot be "
        "negative.": lambda p, q: (
            (xlogy(p, p) - xlogy(p, q)).clamp(min=0).sum()
        ),
        "You take absolute values: a term may be negative.": (
            lambda p, q: (xlogy(p, p) - xlogy(p, q)).abs().sum()
        ),
        "The logarithm of q is missing: F.kl_div wants a logarithm first.": [
            lambda p, q: (xlogy(p, p) - p * q).sum(),
            lambda p, q: (xlogy(p, p) - p * q).mean(),
        ],
        "F.kl_div wants the logarithm of the second distribution first, then "
        "the first distribution itself.": [
            lambda p, q: (xlogy(q, q) - p * q).sum(),
            lambda p, q: (xlogy(q, q) - p * q).mean(),
            lambda p, q: _kl(q, p) / len(p),
        ],
        "p and q are probabilities already: no softmax, and no logits.": [
            lambda p, q: _kl(p.softmax(0), q.softmax(0)),
            lambda p, q: _kl(p, q.softmax(0)),
            lambda p, q: F.cross_entropy(q, p),
        ],
        "This is a distance of the probabilities, not their KL.": [
            lambda p, q: (p - q).abs().sum(),
            lambda p, q: (p - q).abs().sum() / 2,
            lambda p, q: (p - q).square().sum(),
            lambda p, q: (p - q).square().mean(),
        ],
        "NaN where p is 0: 0 log 0 counts as 0 (torch.special.xlogy).": [
            lambda p, q: (p * (p / q).log()).sum(),
            lambda p, q: (p * (p.log() - q.log())).sum(),
        ],
        "NaN where p and q are both 0: there the term is 0, too.": [
            lambda p, q: xlogy(p, p / q).sum(),
            lambda p, q: (xlogy(p, p) - p * q.log()).sum(),
        ],
    },
    gradient=["p", "q"],
)
