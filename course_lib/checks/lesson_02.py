"""Lesson 02: sparse codes, and features of length 1."""

import torch

from course_lib.checks.exercise import Exercise


def _codes(generator):
    for batch_size, units, k in [(5, 8, 3), (4, 11, 2)]:
        h = torch.randn(batch_size, units, generator=generator)
        yield {"h": h, "k": k}
    # Whole numbers: many entries of a row have the same absolute value.
    rows = [[1, -1, 1, 0, 1], [2, 0, -2, 2, 2], [3, 3, 0, -3, 3]]
    yield {"h": torch.tensor(rows, dtype=torch.float32), "k": 2}


def _kept(topk, h, k):
    """The result or, where the choice between equals is free, its size."""
    result = topk(h, k)
    equals = any(len(row.abs().unique()) < len(row) for row in h)
    if equals and result.shape == h.shape:
        return {"Entries kept in each row": (result != 0).sum(1)}
    return result


def _keep(h, k, score=torch.abs, dim=1, value=lambda h: h, largest=True):
    places = score(h).topk(k, dim=dim, largest=largest).indices
    return torch.zeros_like(h).scatter(
        dim, places, value(h).gather(dim, places)
    )


def _keep_of_all(h, count):
    return _keep(h.reshape(1, -1), count).view_as(h)


def _above_threshold(h, k):
    kth = h.abs().topk(k, dim=1).values[:, -1:]
    return torch.where(h.abs() >= kth, h, 0)


topk = Exercise(
    "topk",
    """topk(h, k) -> (B, M): the k entries of largest absolute value a row.

    h: (B, M) codes. What is kept keeps its sign and passes gradients; all
    other entries are 0. Exactly k are kept, also where entries are equal.
    """,
    cases=_codes,
    experiment=_kept,
    answer=_keep,
    mistakes={
        "You choose across the batch: each image, a row, keeps its own k "
        "entries.": [
            lambda h, k: _keep(h, min(k, len(h)), dim=0),
            _keep_of_all,
            lambda h, k: _keep_of_all(h, k * len(h)),
        ],
        "The signs are lost: choose by absolute value, but keep the entries "
        "themselves.": lambda h, k: _keep(h, k, value=torch.abs),
        "You choose by value, so that large negative entries are dropped: "
        "choose by absolute value.": [
            lambda h, k: _keep(h, k, score=lambda h: h),
            lambda h, k: _keep(h.relu(), k, score=lambda h: h),
        ],
        "You keep the smallest entries, not the largest.": (
            lambda h, k: _keep(h, k, largest=False)
        ),
        "You return where the entries are; return the entries, with zeros "
        "between them.": lambda h, k: (_keep(h, k) != 0).to(h.dtype),
        "You return the k entries alone, (B, k): put them back at their "
        "places among zeros.": (
            lambda h, k: h.new_empty(len(h), k, device="meta")
        ),
        "More than k entries stay where some are equal: a comparison with "
        "the k-th value keeps all of them. Use the places that topk gives.": (
            _above_threshold
        ),
    },
    gradient=["h"],
)


def _columns(generator):
    for shape in (6, 4), (5, 7):
        yield {"W": 3 * torch.randn(shape, generator=generator)}
    W = torch.randn(4, 3, generator=generator)
    yield {"W": W * torch.tensor([1.0, 0, 1])}


unit_columns = Exercise(
    "unit_columns",
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
