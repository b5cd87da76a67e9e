"""Answers to unit_columns, written blind."""

import torch


def column_by_column(W):
    columns = []
    for column in W.double().unbind(dim=1):
        if column.any():
            column = column / torch.sqrt(torch.dot(column, column))
        columns.append(column)
    return torch.stack(columns, dim=1).to(W.dtype)


def by_diagonal(matrix):
    K = matrix.double()
    squares = torch.einsum("dm,dm->m", K, K)
    squares = torch.where(squares > 0, squares, torch.ones_like(squares))
    return (K @ torch.diag(squares.rsqrt())).to(matrix.dtype)


def absolute_sum(W):
    length = W.abs().sum(dim=0)
    return W / length.clamp(min=1e-12)


def at_most_one(W):
    length = W.norm(dim=0, keepdim=True)
    return W / length.clamp(min=1)


def zero_over_zero(W):
    length = W.square().sum(0).sqrt()
    return W / length


def rows(W):
    length = W.norm(dim=1, keepdim=True)
    return W / length.clamp(min=1e-12)


def sum_tells_zero(W):
    columns = []
    for j in range(W.shape[1]):
        w = W[:, j]
        if w.sum() == 0:
            columns.append(w)
        else:
            columns.append(w / w.norm())
    return torch.stack(columns, dim=1)


def in_place(W):
    length = W.norm(dim=0).clamp(min=1e-12)
    W /= length
    return W


RIGHT = [
    column_by_column,
    by_diagonal,
]

WRONG = [
    (
        "divides by the sum of absolute values",
        "You divide by the sum of",
        absolute_sum,
    ),
    (
        "only shortens: columns shorter than 1 stay",
        "Columns shorter than",
        at_most_one,
    ),
    (
        "divides zero columns by 0: NaN",
        "A column of zeros becomes NaN:",
        zero_over_zero,
    ),
    ("gives rows length 1", "You divide the rows by their", rows),
    (
        "takes columns that sum to 0 for zero columns",
        "Right in the ordinary cases, but",
        sum_tells_zero,
    ),
    ("changes W in place", "You change the input W in", in_place),
]
