"""Lesson 05: the ELBO of probabilistic PCA as a sum of terms."""

from functools import partial
from itertools import combinations
from math import log, pi

import torch

# The terms of the ELBO, each with the factor that is right for it.
TERMS = {
    "log": -0.5,  # D log(2 pi s2)
    "error": -0.5,  # |x - W mu|^2 / s2
    "spread": -0.5,  # tr(W^T W S) / s2
    "trace": -0.5,  # tr S
    "square": -0.5,  # |mu|^2
    "K": 0.5,
    "entropy": 0.5,  # log |S|
}
RATE = ("trace", "square", "K", "entropy")
RECONSTRUCTION = ("log", "error", "spread")


def term_values(x, mu, S, W, s2):
    D, K = W.shape
    return {
        "log": D * log(2 * pi * s2),
        "error": (x - mu @ W.mT).square().sum(1) / s2,
        "spread": (W.mT @ W @ S).trace() / s2,
        "trace": S.trace(),
        "square": mu.square().sum(1),
        "K": K,
        "entropy": torch.logdet(S),
    }


def summed(values, factors):
    return sum(value * factors[name] for name, value in values.items())


def terms_times(x, mu, S, W, s2, **times):
    """The ELBO, its terms multiplied by ``times``."""
    factors = {name: f * times.get(name, 1) for name, f in TERMS.items()}
    return summed(term_values(x, mu, S, W, s2), factors)


def with_factors(**times):
    return partial(terms_times, **times)


def each(names, factor):
    return dict.fromkeys(names, factor)


def instead(**terms):
    """The ELBO with other terms: {name: function of the inputs}."""

    def elbo(x, mu, S, W, s2):
        values = term_values(x, mu, S, W, s2)
        values |= {name: f(x, mu, S, W, s2) for name, f in terms.items()}
        return summed(values, TERMS)

    return elbo


def subsets(names):
    """All subsets of names but the empty one."""
    sizes = range(1, len(names) + 1)
    return [some for size in sizes for some in combinations(names, size)]


def other_s2(power, names=RECONSTRUCTION):
    """s2 to another power in one of the terms, or in several."""

    def value(name):
        return lambda *a: term_values(*a[:4], a[4] ** power)[name]

    return [
        instead(**{name: value(name) for name in some})
        for some in subsets(names)
    ]


def other_log(log_of):
    """The logarithms of another base: of the constant, of S, of both."""
    constant = {"log": lambda *a: len(a[3]) * log_of(2 * pi * a[4])}
    entropy = {"entropy": lambda *a: torch.logdet(a[2]) * log_of(2.0) / log(2)}
    each = [constant, entropy, constant | entropy]
    return [instead(**terms) for terms in each]


def other_spread(square):
    """Another W^T W S, of which the trace is taken."""
    return instead(
        spread=lambda x, mu, S, W, s2: square(W.mT @ W, S).trace() / s2
    )


def other_error(distance):
    """Another distance of images from decoded codes."""
    return instead(error=lambda x, mu, S, W, s2: distance(x - mu @ W.mT) / s2)


def reversed_rate(x, mu, S, W, s2):
    inverse = torch.linalg.inv(S)
    return {
        "trace": inverse.trace(),
        "square": (mu @ inverse * mu).sum(1),
        "entropy": -torch.logdet(S),
    }


def divided(x, mu, S, W, s2, sizes):
    """The ELBO, its terms divided by sizes: a mean in place of a sum."""
    return terms_times(
        x, mu, S, W, s2, **{n: 1 / size for n, size in sizes.items()}
    )
