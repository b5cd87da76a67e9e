"""Lesson 01: images from their first principal components."""

from functools import partial

import torch
from torch import Tensor

from course_lib.checks.compare import agree
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_01._pca import (
    from_deviations,
    is_transposed,
    pca,
    standardised,
    weighted,
    with_axes,
    with_means,
)
from course_lib.checks.mistake import Mistake

TOLERANCE = 2e-3


def _point_clouds(generator):
    normal = partial(torch.randn, generator=generator)
    for label, N, D, B, K in [
        ("", 40, 6, 4, 2),
        ("", 30, 5, 7, 3),
        ("", 25, 8, 3, 2),
        ("for one component, K = 1", 30, 6, 4, 1),
        ("for one row of x", 30, 6, 1, 2),
        ("where K is D", 30, 4, 3, 4),
        ("where train has fewer rows than columns", 6, 9, 4, 2),
    ]:
        # K long axes, then short ones: any method finds them to 1e-4.
        long, rest = [12, 8, 5, 3][:K], [0.25, *[0.12] * D]
        scale = torch.tensor([*long, *rest[: D - K]])
        scale[max(K + 1, D - K) :] = 0.03  # the shortest
        rotation = torch.linalg.qr(normal(D, D)).Q
        train = normal(N, D) * scale @ rotation + 2 * normal(D)
        yield label, {"train": train, "x": 2 * normal(B, D) + 1, "K": K}


def _project(f, train, x, K):
    """What f gives; what no table can hold is named here.

    The axes of a right answer may have any sign, and so may those that are
    transposed: each combination gives another wrong result.
    """
    given = f(train, x, K)
    if not isinstance(given, Tensor):
        return given
    if given.shape == (len(x), K) and x.shape[1] > K:
        raise Mistake(
            "You return the codes, (B, K), of the rows of x: bring them back "
            "to D columns, and restore the mean."
        )
    right = pca(train, x, K)
    if not agree(given, right, TOLERANCE) and is_transposed(
        f, train, K, TOLERANCE
    ):
        raise Mistake(
            "The components are transposed: svd's Vh has them in its rows, "
            "eigh's eigenvectors in its columns. Project with a (D, K) "
            "matrix, a component a column."
        )
    return given


pca_reconstruct = Exercise(
    """pca_reconstruct(train, x, K) -> (B, D): x from its first K components.

    train: (N, D), in which the principal components are found; x: (B, D),
    which is projected on the first K of them.
    """,
    cases=_point_clouds,
    experiment=_project,
    answer=pca,
    mistakes={
        "Nothing is centred: subtract train's mean before you look for the "
        "components, and from x before you project.": with_means("---"),
        "x is not centred: subtract train's mean from it too, before you "
        "project.": with_means("t--"),
        "You add the mean, but never subtract it from x.": with_means(
            "t-t", "--t"
        ),
        "train is not centred where you look for the components: those are "
        "the directions of its distances from the mean.": with_means("-tt"),
        "You do not restore the mean: add back what you subtracted.": (
            with_means("tt-", "-t-")
        ),
        "You subtract the mean at the end, too: add it back.": (
            lambda train, x, K: pca(train, x, K) - 2 * train.mean(0)
        ),
        "You add the mean first and subtract it at the end: the other way "
        "round.": lambda train, x, K: (
            pca(train, x + 2 * train.mean(0), K) - 2 * train.mean(0)
        ),
        "You use the mean of x, the test data: the mean, like the "
        "components, comes from train.": (
            with_means("txx", "txt", "ttx", "tx-", "xxx")
        ),
        "You find the components in x: they come from train.": [
            lambda train, x, K: pca(x, x, K),
            lambda train, x, K: (
                from_deviations(x - train.mean(0), K) + train.mean(0)
            ),
        ],
        "You subtract one number, the mean of all of train: each of the D "
        "columns has a mean of its own.": with_means("111", "t11"),
        "You subtract the mean of each row (dimension 1): it is each column "
        "that has to have mean 0.": with_means("rrr", "r--", "rr-"),
        "You divide by the columns' standard deviations: that finds other "
        "components. Subtract the mean only.": [
            standardised(lambda z, mean, scale: z * scale + mean),
            standardised(lambda z, mean, scale: z + mean),
            standardised(lambda z, mean, scale: z),
        ],
        "You weight the components by their singular values, or variances: "
        "a projection leaves lengths as they are.": [
            weighted(lambda S, N: S),
            weighted(lambda S, N: 1 / S),
            weighted(lambda S, N: S**2 / N),
            weighted(lambda S, N: S**2 / (N - 1)),
            weighted(lambda S, N: S / (N - 1) ** 0.5),
        ],
        "These are the components of smallest variance (eigh sorts from "
        "small to large): take those of largest variance.": (
            with_axes(lambda V, K: V[:, -K:])
        ),
        "You take K + 1 components: a slice leaves out its end.": (
            with_axes(lambda V, K: V[:, : K + 1])
        ),
        "You take K - 1 components: a slice leaves out its end.": (
            with_axes(lambda V, K: V[:, : K - 1])
        ),
        "You leave out the first component: Python counts from 0.": [
            with_axes(lambda V, K: V[:, 1 : K + 1]),
            with_axes(lambda V, K: V[:, 1:K]),
        ],
        "You take one component alone, not the first K.": [
            with_axes(lambda V, K: V[:, K - 1 : K]),
            with_axes(lambda V, K: V[:, K : K + 1]),
            with_axes(lambda V, K: V[:, :1]),
        ],
        "You reconstruct train: the rows of x are asked for.": (
            lambda train, x, K: pca(train, train, K)
        ),
        "You return what is lost, the difference: its complement is asked "
        "for.": [
            lambda train, x, K: x - pca(train, x, K),
            lambda train, x, K: pca(train, x, K) - x,
            lambda train, x, K: x - pca(train, x, K) + train.mean(0),
        ],
        "Your matrix of components has N rows, one for each point of train, "
        "and needs D: svd's V in place of U, or the covariance of the "
        "columns in place of the rows'.": (
            lambda train, x, K: x @ torch.linalg.svd(train).U[:, :K]
        ),
        "Your matrix of components lies on its side, (K, D): codes come from "
        "a (D, K) matrix, a component a column.": (
            with_axes(lambda V, K: V.mT[:K])
        ),
    },
    gradient=["x"],  # by train it would depend on gaps of variances
    tolerance=TOLERANCE,
)
