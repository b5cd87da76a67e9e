"""Lesson 02: sparse codes of k entries."""

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
        "More than k entries stay where some are equal: a comparison with "
        "the k-th value keeps all of them. Use the places that topk gives.": (
            _above_threshold
        ),
    },
    gradient=["h"],
)
