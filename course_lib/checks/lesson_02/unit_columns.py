"""Lesson 02: features of length 1."""

import torch

from course_lib.checks.exercise import Exercise


def _columns(generator):
    for shape in (6, 4), (5, 7):
        yield {"W": 3 * torch.randn(shape, generator=generator)}
    W = torch.randn(4, 3, generator=generator)
    yield {"W": W * torch.tensor([1.0, 0, 1])}


unit_columns = Exercise(
    """unit_columns(W) -> (D, M): W with columns of length 1.

    W: (D, M). A column of zeros stays as it is.
    """,
    cases=_columns,
    answer=lambda W: W / W.norm(dim=0).clamp(min=1e-12),
    mistakes={
        "You divide the rows by their lengths: a column is W[:, j].": (
            lambda W: W / W.norm(dim=1, keepdim=True)
        ),
        "You divide by the squared length: take the root.": (
            lambda W: W / W.square().sum(0)
        ),
        "You divide by the sum of absolute values; the length is the root of "
        "the sum of squares.": lambda W: W / W.abs().sum(0),
        "You divide by the largest entry; the length is the root of the sum "
        "of squares.": lambda W: W / W.abs().amax(0),
        "You divide by the norm of the whole matrix: each column has a "
        "length of its own.": lambda W: W / W.norm(),
        "A column of zeros becomes NaN: its length is 0, so keep the "
        "divisor away from 0.": lambda W: W / W.norm(dim=0),
    },
    gradient=["W"],
)
