"""Lesson 02: sparse codes of k entries."""

import torch

from course_lib.checks.exercise import Exercise


def _codes(generator):
    def normal(B, M):
        return torch.randn(B, M, generator=generator)

    for B, M, k in [(5, 8, 3), (4, 11, 2), (6, 7, 4)]:
        yield {"h": normal(B, M), "k": k}
    yield "for one row alone", {"h": normal(1, 9), "k": 3}
    yield "where k is the number of units", {"h": normal(3, 4), "k": 4}
    # Whole numbers: many entries of a row have the same absolute value.
    rows = [[1, -1, 1, 0, 1], [2, 0, -2, 2, 2], [3, 3, 0, -3, 3]]
    h = torch.tensor(rows, dtype=torch.float32)
    yield "where entries of a row are equal", {"h": h, "k": 2}


def _kept(topk, h, k):
    """The result or, where the choice between equals is free, what is kept."""
    result = topk(h, k)
    equals = any(len(row.abs().unique()) < len(row) for row in h)
    if equals and getattr(result, "shape", None) == h.shape:
        return {
            "Entries kept in each row": (result != 0).sum(1),
            "Entries that are not those of h": (
                ((result != 0) & (result != h)).sum()
            ),
        }
    return result


def _keep(h, k, score=torch.abs, dim=1, value=lambda h: h, largest=True):
    places = score(h).topk(k, dim=dim, largest=largest).indices
    return torch.zeros_like(h).scatter(
        dim, places, value(h).gather(dim, places)
    )


def _keep_of_all(h, count):
    return _keep(h.reshape(1, -1), count).view_as(h)


def _compared(h, k, above):
    """All entries that a comparison with the k-th largest lets pass."""
    kth = h.abs().topk(k, dim=1).values[:, -1:]
    return torch.where(above(h.abs(), kth), h, 0)


def _first_columns(h, k):
    places = h.abs().topk(k, dim=1).indices
    return torch.zeros_like(h).scatter(1, places, h[:, :k])


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
        "You choose by the first row for all rows: each keeps its own "
        "entries.": [
            lambda h, k: h * (_keep(h[:1], k) != 0),
            lambda h, k: _keep(h, k, score=lambda h: h.abs().mean(0) + 0 * h),
        ],
        "The signs are lost: choose by absolute value, but keep the entries "
        "themselves.": lambda h, k: _keep(h, k, value=torch.abs),
        "You keep the squares: choose by size, but keep the entries "
        "themselves.": lambda h, k: _keep(h, k, value=torch.square),
        "You choose by value, so that large negative entries are dropped: "
        "choose by absolute value.": [
            lambda h, k: _keep(h, k, score=lambda h: h),
            lambda h, k: _keep(h.relu(), k, score=lambda h: h),
            lambda h, k: _keep(h, k, value=torch.relu),
        ],
        "You keep the smallest entries, not the largest.": [
            lambda h, k: _keep(h, k, largest=False),
            lambda h, k: _keep(h, k, score=lambda h: h, largest=False),
        ],
        "You set the k largest to 0 and keep the rest: it is the other way "
        "round.": lambda h, k: h - _keep(h, k),
        "You return where the entries are; return the entries, with zeros "
        "between them.": lambda h, k: (_keep(h, k) != 0).to(h.dtype),
        "You return the k entries alone, (B, k): put them back at their "
        "places among zeros.": [
            lambda h, k: h.gather(1, h.abs().topk(k, 1).indices),
            lambda h, k: h.abs().topk(k, 1).values,
            lambda h, k: h.topk(k, 1).values,
        ],
        "You return the places of the entries, (B, k): return the entries, "
        "at these places, among zeros.": [
            lambda h, k: h.abs().topk(k, 1).indices,
            lambda h, k: h.topk(k, 1).indices,
        ],
        "You put the first k entries of a row at the places of the largest: "
        "gather the entries at those places.": _first_columns,
        "You keep one entry too few: the k-th largest belongs to them.": [
            lambda h, k: _compared(h, k, torch.gt),
            lambda h, k: _keep(h, k - 1),
        ],
        "You keep one entry too many.": (
            lambda h, k: _keep(h, min(k + 1, h.shape[1]))
        ),
        "You return all entries: the others have to become 0.": (
            lambda h, k: h
        ),
        "More than k entries stay where some are equal: a comparison with "
        "the k-th value keeps all of them. Use the places that topk gives.": (
            lambda h, k: _compared(h, k, torch.ge)
        ),
    },
    gradient=["h"],
)
