"""Answers to kl, written blind."""

import torch
import torch.nn.functional as F


def where_p(p, q):
    on = p > 0
    return p[on] @ (p[on].log() - q[on].log())


def term_by_term(p, q):
    total = torch.zeros((), dtype=p.dtype)
    for a, b in zip(p, q):
        if a > 0:
            total = total - a * torch.log(b / a)
    return total


def arguments_of_kl_div(p, q):
    return F.kl_div(p.log(), q, reduction="sum")


def no_negative_terms(p, q):
    on = p > 0
    terms = p[on] * (p[on] / q[on]).log()
    return terms.clamp(min=0).sum()


def cross_entropy(p, q):
    on = p > 0
    return -(p[on] * q[on].log()).sum()


def in_bits(p, q):
    on = p > 0
    ratio = p[on] / q[on]
    return (p[on] * ratio.log2()).sum()


def plain(p, q):
    ratio = p / q
    return (p * ratio.log()).sum()


def unweighted(p, q):
    on = p > 0
    log_ratio = (p[on] / q[on]).log()
    return log_ratio.mean()


RIGHT = [
    where_p,
    term_by_term,
]

WRONG = [
    (
        "F.kl_div with its arguments mixed up: KL(q || p)",
        "This is the KL the other",
        arguments_of_kl_div,
    ),
    (
        "sets negative terms to 0, because KL is never negative",
        "You cut off negative terms: only",
        no_negative_terms,
    ),
    (
        "the cross-entropy: forgets the entropy of p",
        "This is the cross-entropy: the entropy",
        cross_entropy,
    ),
    ("in bits instead of nats", "The unit is the nat: take", in_bits),
    ("0 * log 0 = NaN where p is 0", "NaN where p is", plain),
    (
        "a plain mean of the log ratios instead of one weighted by p",
        "The log ratios are not weighted:",
        unweighted,
    ),
]
