"""Lesson 01: images from their first principal components."""

from functools import partial
from itertools import product

import torch

from course_lib.checks.exercise import Exercise


def _point_clouds(generator):
    normal = partial(torch.randn, generator=generator)
    for N, B, K in [(40, 4, 2), (30, 3, 3), (30, 1, 1)]:
        # K long axes, then short ones: any method finds them to 1e-3.
        scale = torch.tensor([*[5, 4, 3][:K], 0.2, 0.14, 0.1, 0.07, 0.05][:6])
        rotation = torch.linalg.qr(normal(6, 6)).Q
        train = normal(N, 6) * scale @ rotation + 2 * normal(6)
        yield {"train": train, "x": 2 * normal(B, 6) + 1, "K": K}


def _pca(train, x, K, means="ttt", choose=lambda V, K: V[:, :K]):
    """``means``: subtracted to find V; subtracted; added: train's, x's, none.

    V: (D, D), the principal axes in columns, the longest first.
    """
    mean = {"t": train.mean(0), "x": x.mean(0), "-": 0}
    found, before, after = (mean[letter] for letter in means)
    V = choose(torch.linalg.svd(train - found).Vh.mT, K)
    return (x - before) @ V @ V.mT + after


def _with_means(*choices):
    return [partial(_pca, means=means) for means in choices]


def _with_rows():
    """Rows taken for columns, for all signs and orders that the axes have."""
    for signs in product((1, -1), repeat=6):
        s = torch.tensor(signs)
        yield partial(_pca, choose=lambda V, K, s=s: (V * s)[:K].mT)
        yield partial(_pca, choose=lambda V, K, s=s: (V * s).flip(1)[:K].mT)
        yield partial(_pca, choose=lambda V, K, s=s: (V * s).flip(1)[-K:].mT)


pca_reconstruct = Exercise(
    """pca_reconstruct(train, x, K) -> (B, D): x from its first K components.

    train: (N, D), in which the principal components are found; x: (B, D),
    which is projected on the first K of them.
    """,
    cases=_point_clouds,
    answer=_pca,
    mistakes={
        "The data is not centred: subtract train's mean before you look for "
        "the components, and from x before you project.": (
            _with_means("---", "t--", "t-t", "-tt", "--t", "-t-")
        ),
        "You use the mean of x, the test data: the mean, like the "
        "components, comes from train.": (
            _with_means("txx", "txt", "ttx", "tx-")
        ),
        "You do not restore the mean: add back what you subtracted.": (
            _with_means("tt-")
        ),
        "These are the components of smallest variance (eigh sorts from "
        "small to large): take those of largest variance.": (
            partial(_pca, choose=lambda V, K: V[:, -K:])
        ),
        "The components are transposed: svd's Vh has them in its rows, eigh's "
        "eigenvectors in its columns. Project with a (D, K) matrix.": [
            *_with_rows(),
            partial(_pca, choose=lambda V, K: V.mT[:K]),
            lambda train, x, K: x @ torch.linalg.svd(train).U[:, :K],
        ],
    },
    gradient=["x"],  # by train it would depend on gaps of variances
    tolerance=2e-3,
)
