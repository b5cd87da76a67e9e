"""Lesson 05: small models of probabilistic PCA, with data."""

from functools import partial

import torch


def models(generator):
    normal = partial(torch.randn, generator=generator)
    for B, D, K, s2 in [(4, 5, 2, 0.3), (3, 7, 4, 1.7), (5, 6, 3, 0.8)]:
        yield {"x": normal(B, D), "W": normal(D, K), "s2": s2}
