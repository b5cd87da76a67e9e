"""Answers to kl, written blind."""

import torch


def f1(p, q):
    total = torch.zeros((), dtype=p.dtype)
    for a, b in zip(p, q):
        if a > 0:
            total = total + a * (torch.log(a) - torch.log(b))
    return total


def w1(p, q):
    terms = torch.special.xlogy(q, q) - torch.special.xlogy(q, p)
    return terms.sum()


def w2(p, q):
    return -torch.special.xlogy(p, q).sum()


def w3(p, q):
    ratio = p / q
    terms = p * torch.log(ratio)
    return terms.sum()


def w4(p, q):
    possible = p > 0
    p, q = p[possible], q[possible]
    return (p * torch.log2(p / q)).sum()


RIGHT = [
    f1,
]

WRONG = [
    (
        "computes KL(q || p), the other direction",
        "This is the KL the other",
        w1,
    ),
    (
        "returns the cross-entropy: the entropy of p is not subtracted",
        "This is the cross-entropy: the entropy",
        w2,
    ),
    ("writes p log(p / q) plainly: NaN where p is 0", "NaN where p is", w3),
    (
        "takes the logarithm to base 2: bits, not nats",
        "The unit is the nat: take",
        w4,
    ),
]
