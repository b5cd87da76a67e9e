"""Lesson 06: the KL of two full Gaussians, term by term, and wrong forms."""

from functools import partial
from itertools import combinations

import torch


def terms_of(m0, S0, m1, S1):
    inverse, d = torch.linalg.inv(S1), m1 - m0
    return {
        "trace": (inverse @ S0).trace(),
        "square": d @ inverse @ d,
        "K": -len(m0),
        "logdet": torch.logdet(S1) - torch.logdet(S0),
    }


def full_kl(*gaussians, half=0.5, **factors):
    terms = terms_of(*gaussians)
    return half * sum(terms[name] * factors.get(name, 1) for name in terms)


def with_factors(**factors):
    return partial(full_kl, **factors)


def some(factor, *sizes):
    """A factor at some of the terms: all choices of so many of them."""
    names = ("trace", "square", "K", "logdet")
    return [
        with_factors(**dict.fromkeys(chosen, factor))
        for size in sizes
        for chosen in combinations(names, size)
    ]


def with_other(**others):
    """The KL with f(m0, S0, m1, S1) in place of terms."""

    def wrong(*gaussians):
        replaced = {name: f(*gaussians) for name, f in others.items()}
        return 0.5 * sum((terms_of(*gaussians) | replaced).values())

    return wrong


def traces(*factors):
    return [
        with_other(trace=lambda m0, S0, m1, S1, f=f: f(S0, S1))
        for f in factors
    ]


def squares(*factors):
    return [
        with_other(square=lambda m0, S0, m1, S1, f=f: f(m1 - m0, S0, S1))
        for f in factors
    ]


def logdets(*factors):
    return [
        with_other(logdet=lambda m0, S0, m1, S1, f=f: f(S0, S1))
        for f in factors
    ]
