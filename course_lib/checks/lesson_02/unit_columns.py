"""Lesson 02: features of length 1."""

import torch

from course_lib.checks.exercise import Exercise


def _columns(generator):
    for D, K in (6, 4), (5, 7), (3, 9):
        W = torch.randn(D, K, generator=generator)
        lengths = torch.logspace(-1.5, 1.3, K)  # 0.03 to 20
        yield {"W": W / W.norm(dim=0) * lengths.roll(K // 2)}
    W = torch.randn(4, 3, generator=generator)
    zero = torch.tensor([1.0, 0, 1])
    yield "where a column is zero", {"W": W * zero}
    even = torch.tensor([[1.0, 2], [-1, 0], [3, -1], [-3, -1]])
    yield "where a column's entries add up to 0", {"W": even}
    yield (
        "where an entry is zero",
        {"W": W * torch.tensor([[1.0]] * 3 + [[0]])},
    )


def _over(length):
    return lambda W: W / length(W)


unit_columns = Exercise(
    """unit_columns(W) -> (D, K): W with columns of length 1.

    W: (D, K). A column of zeros stays as it is.
    """,
    cases=_columns,
    answer=lambda W: W / W.norm(dim=0).clamp(min=1e-12),
    mistakes={
        "You divide the rows by their lengths: a column is W[:, j].": (
            _over(lambda W: W.norm(dim=1, keepdim=True))
        ),
        "You divide by the squared length: take the root.": (
            _over(lambda W: W.square().sum(0).clamp(min=1e-12))
        ),
        "You divide by the sum of absolute values; the length is the root of "
        "the sum of squares.": (
            _over(lambda W: W.abs().sum(0).clamp(min=1e-12))
        ),
        "You divide by the largest entry; the length is the root of the sum "
        "of squares.": [
            _over(lambda W: W.abs().amax(0).clamp(min=1e-12)),
            _over(lambda W: W.amax(0)),
        ],
        "You divide by the sum of a column's entries: square them first, "
        "and take the root of the sum.": _over(lambda W: W.sum(0)),
        "You divide by the norm of the whole matrix: each column has a "
        "length of its own.": [
            lambda W: W / W.norm(),
            lambda W: W / W.abs().max(),
        ],
        "You divide by the standard deviation: the length has neither a mean "
        "subtracted nor a division by the number of entries.": [
            _over(lambda W: W.std(0)),
            _over(lambda W: W.std(0, correction=0)),
        ],
        "You subtract the column's mean: only the length changes, not the "
        "direction.": [
            lambda W: (W - W.mean(0)) / W.norm(dim=0),
            lambda W: (W - W.mean(0)) / (W - W.mean(0)).norm(dim=0),
            lambda W: (W - W.mean(0)) / W.std(0),
        ],
        "You multiply by the length: divide by it.": (
            lambda W: W * W.norm(dim=0)
        ),
        "Columns shorter than 1 stay short: only a length of 0 needs care.": (
            _over(lambda W: W.norm(dim=0).clamp(min=1))
        ),
        "The number that keeps the divisor away from 0 is so large that it "
        "shortens the columns.": [
            _over(lambda W: W.norm(dim=0) + 1),
            _over(lambda W: W.norm(dim=0) + 0.1),
            _over(lambda W: W.norm(dim=0) + 1e-2),
            _over(lambda W: W.norm(dim=0) + 1e-3),
            _over(lambda W: (W.square().sum(0) + 1).sqrt()),
            _over(lambda W: (W.square().sum(0) + 1e-2).sqrt()),
            _over(lambda W: W.norm(dim=0).clamp(min=0.1)),
        ],
        "The signs are lost: a column keeps its direction.": (
            lambda W: W.abs() / W.norm(dim=0).clamp(min=1e-12)
        ),
        "A column of zeros becomes NaN: its length is 0, so keep the "
        "divisor away from 0.": lambda W: W / W.norm(dim=0),
        "A column of zeros becomes something else: it has to stay as it is.": [
            lambda W: (W / W.norm(dim=0)).nan_to_num(len(W) ** -0.5),
            lambda W: (W / W.norm(dim=0)).nan_to_num(1.0),
        ],
    },
    gradient=["W"],
    tolerance=1e-3,  # a small number may be added to the lengths
)
