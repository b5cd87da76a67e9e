"""Answers to kl, written blind."""

import torch
import torch.nn.functional as F


def where_q(q, p):
    on = q > 0
    return q[on] @ (q[on].log() - p[on].log())


def term_by_term(q, p):
    total = torch.zeros((), dtype=q.dtype)
    for a, b in zip(q, p):
        if a > 0:
            total = total - a * torch.log(b / a)
    return total


def arguments_of_kl_div(q, p):
    return F.kl_div(q.log(), p, reduction="sum")


def no_negative_terms(q, p):
    on = q > 0
    terms = q[on] * (q[on] / p[on]).log()
    return terms.clamp(min=0).sum()


def cross_entropy(q, p):
    on = q > 0
    return -(q[on] * p[on].log()).sum()


def in_bits(q, p):
    on = q > 0
    ratio = q[on] / p[on]
    return (q[on] * ratio.log2()).sum()


def plain(q, p):
    ratio = q / p
    return (q * ratio.log()).sum()


def unweighted(q, p):
    on = q > 0
    log_ratio = (q[on] / p[on]).log()
    return log_ratio.mean()


RIGHT = [
    where_q,
    term_by_term,
]

WRONG = [
    (
        "F.kl_div with its arguments mixed up: KL(p || q)",
        "This is the KL the other",
        arguments_of_kl_div,
    ),
    (
        "sets negative terms to 0, because KL is never negative",
        "You cut off negative terms: only",
        no_negative_terms,
    ),
    (
        "the cross-entropy: forgets the entropy of q",
        "This is the cross-entropy: the entropy",
        cross_entropy,
    ),
    ("in bits instead of nats", "The unit is the nat: take", in_bits),
    ("0 * log 0 = NaN where q is 0", "NaN where q is", plain),
    (
        "a plain mean of the log ratios instead of one weighted by q",
        "The log ratios are not weighted:",
        unweighted,
    ),
]
