"""Answers to unit_columns, written blind."""

import torch


def f1(matrix):
    columns = []
    for column in matrix.T:
        peak = column.abs().max()
        if peak > 0:
            column = column / peak
            column = column / column.square().sum().sqrt()
        columns.append(column)
    return torch.stack(columns, dim=1)


def w1(W):
    lengths = W.norm(dim=0)
    return W / lengths.clamp(min=1)


def w2(W):
    length = W.norm().clamp(min=1e-12)
    return W / length


def w3(W):
    lengths = (W**2).sum(0)
    return W / lengths.clamp(min=1e-12)


def w4(W):
    for j in range(W.shape[1]):
        length = W[:, j].norm()
        if length > 0:
            W[:, j] /= length
    return W


RIGHT = [
    f1,
]

WRONG = [
    (
        "clamps the lengths at 1, so short columns stay short",
        "Columns shorter than",
        w1,
    ),
    (
        "divides by the norm of the whole matrix",
        "You divide by the norm of",
        w2,
    ),
    (
        "forgets the root: divides by the squared length",
        "You divide by the squared length:",
        w3,
    ),
    ("changes W in place", "You change the input W in", w4),
]
