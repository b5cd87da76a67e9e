"""Answers to kl, written blind."""

import torch


def f1(q, p):
    total = torch.zeros((), dtype=q.dtype)
    for a, b in zip(q, p):
        if a > 0:
            total = total + a * (torch.log(a) - torch.log(b))
    return total


def w1(q, p):
    terms = torch.special.xlogy(p, p) - torch.special.xlogy(p, q)
    return terms.sum()


def w2(q, p):
    return -torch.special.xlogy(q, p).sum()


def w3(q, p):
    ratio = q / p
    terms = q * torch.log(ratio)
    return terms.sum()


def w4(q, p):
    possible = q > 0
    q, p = q[possible], p[possible]
    return (q * torch.log2(q / p)).sum()


RIGHT = [
    f1,
]

WRONG = [
    (
        "computes KL(p || q), the other direction",
        "This is the KL the other",
        w1,
    ),
    (
        "returns the cross-entropy: the entropy of q is not subtracted",
        "This is the cross-entropy: the entropy",
        w2,
    ),
    ("writes q log(q / p) plainly: NaN where q is 0", "NaN where q is", w3),
    (
        "takes the logarithm to base 2: bits, not nats",
        "The unit is the nat: take",
        w4,
    ),
]
