"""Reconstructions by PCA, right and wrong."""

from functools import partial

import torch
from torch.linalg import svd

from course_lib.checks.compare import agree


def pca(train, x, K, means="ttt", choose=lambda V, K: V[:, :K]):
    """``means``: subtracted to find V; subtracted; added: see ``_mean``.

    V: (D, D), the principal axes in columns, the longest first.
    """
    found, before, after = means
    V = svd(train - _mean(found, train, x, train)).Vh.mT
    W = choose(V, K)
    coded = (x - _mean(before, train, x, x)) @ W
    return coded @ W.mT + _mean(after, train, x, x)


def _mean(letter, train, x, points):
    """Train's, x's, train's as one number, that of each row, or none."""
    return {
        "t": train.mean(0),
        "x": x.mean(0),
        "1": train.mean(),
        "r": points.mean(1, keepdim=True),
        "-": 0,
    }[letter]


def with_means(*choices):
    return [partial(pca, means=means) for means in choices]


def from_deviations(x, K):
    return pca(x, x, K, means="---")


def with_axes(choose):
    return partial(pca, choose=choose)


def standardised(finish):
    """``finish(z_hat, mean, scale)``: back from columns of variance 1."""

    def wrong(train, x, K):
        mean, scale = train.mean(0), train.std(0)
        z, z_train = ((points - mean) / scale for points in (x, train))
        return finish(pca(z_train, z, K), mean, scale)

    return wrong


def weighted(weigh):
    """Codes times a function of the singular values and of N."""

    def wrong(train, x, K):
        mean = train.mean(0)
        _, S, Vh = svd(train - mean, full_matrices=False)
        codes = (x - mean) @ Vh[:K].mT * weigh(S[:K], len(train))
        return codes @ Vh[:K] + mean

    return wrong


def is_transposed(f, train, K, tolerance):
    """Whether f takes rows for columns, whatever the columns' signs are."""
    mean = train.mean(0)
    if len(mean) == K:
        return False
    try:
        projector = (f(train, torch.eye(len(mean)) + mean, K) - mean).abs()
    except Exception:
        return False
    V = svd(train - mean).Vh.mT
    rows = [part for axes in (V, V.flip(1)) for part in (axes[:K], axes[-K:])]
    return any(agree(projector, (R.mT @ R).abs(), tolerance) for R in rows)
