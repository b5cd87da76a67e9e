"""Lesson 02: sparse codes of k entries."""

import torch

from course_lib.checks.exercise import Exercise


def _codes(generator):
    def normal(B, K):
        return torch.randn(B, K, generator=generator)

    for B, K, k in [(5, 8, 3), (4, 11, 2), (6, 7, 4)]:
        yield {"z": normal(B, K), "k": k}
    yield "for one row alone", {"z": normal(1, 9), "k": 3}
    yield "where k is the number of units", {"z": normal(3, 4), "k": 4}
    # Whole numbers: many entries of a row have the same absolute value.
    rows = [[1, -1, 1, 0, 1], [2, 0, -2, 2, 2], [3, 3, 0, -3, 3]]
    z = torch.tensor(rows, dtype=torch.float32)
    yield "where entries of a row are equal", {"z": z, "k": 2}


def _kept(topk, z, k):
    """The result or, where the choice between equals is free, what is kept."""
    result = topk(z, k)
    equals = any(len(row.abs().unique()) < len(row) for row in z)
    if equals and getattr(result, "shape", None) == z.shape:
        return {
            "Entries kept in each row": (result != 0).sum(1),
            "Entries that are not those of z": (
                ((result != 0) & (result != z)).sum()
            ),
        }
    return result


def _keep(z, k, score=torch.abs, dim=1, value=lambda z: z, largest=True):
    places = score(z).topk(k, dim=dim, largest=largest).indices
    return torch.zeros_like(z).scatter(
        dim, places, value(z).gather(dim, places)
    )


def _keep_of_all(z, count):
    return _keep(z.reshape(1, -1), count).view_as(z)


def _compared(z, k, above):
    """All entries that a comparison with the k-th largest lets pass."""
    kth = z.abs().topk(k, dim=1).values[:, -1:]
    return torch.where(above(z.abs(), kth), z, 0)


def _first_columns(z, k):
    places = z.abs().topk(k, dim=1).indices
    return torch.zeros_like(z).scatter(1, places, z[:, :k])


topk = Exercise(
    """topk(z, k) -> (B, K): the k entries of largest absolute value a row.

    z: (B, K) codes. What is kept keeps its sign and passes gradients; all
    other entries are 0. Exactly k are kept, also where entries are equal.
    """,
    cases=_codes,
    experiment=_kept,
    answer=_keep,
    mistakes={
        "You choose across the batch: each image, a row, keeps its own k "
        "entries.": [
            lambda z, k: _keep(z, min(k, len(z)), dim=0),
            _keep_of_all,
            lambda z, k: _keep_of_all(z, k * len(z)),
        ],
        "You choose by the first row for all rows: each keeps its own "
        "entries.": [
            lambda z, k: z * (_keep(z[:1], k) != 0),
            lambda z, k: _keep(z, k, score=lambda z: z.abs().mean(0) + 0 * z),
        ],
        "The signs are lost: choose by absolute value, but keep the entries "
        "themselves.": lambda z, k: _keep(z, k, value=torch.abs),
        "You keep the squares: choose by size, but keep the entries "
        "themselves.": lambda z, k: _keep(z, k, value=torch.square),
        "You choose by value, so that large negative entries are dropped: "
        "choose by absolute value.": [
            lambda z, k: _keep(z, k, score=lambda z: z),
            lambda z, k: _keep(z.relu(), k, score=lambda z: z),
            lambda z, k: _keep(z, k, value=torch.relu),
        ],
        "You keep the smallest entries, not the largest.": [
            lambda z, k: _keep(z, k, largest=False),
            lambda z, k: _keep(z, k, score=lambda z: z, largest=False),
        ],
        "You set the k largest to 0 and keep the rest: it is the other way "
        "round.": lambda z, k: z - _keep(z, k),
        "You return where the entries are; return the entries, with zeros "
        "between them.": lambda z, k: (_keep(z, k) != 0).to(z.dtype),
        "You return the k entries alone, (B, k): put them back at their "
        "places among zeros.": [
            lambda z, k: z.gather(1, z.abs().topk(k, 1).indices),
            lambda z, k: z.abs().topk(k, 1).values,
            lambda z, k: z.topk(k, 1).values,
        ],
        "You return the places of the entries, (B, k): return the entries, "
        "at these places, among zeros.": [
            lambda z, k: z.abs().topk(k, 1).indices,
            lambda z, k: z.topk(k, 1).indices,
        ],
        "You put the first k entries of a row at the places of the largest: "
        "gather the entries at those places.": _first_columns,
        "You keep one entry too few: the k-th largest belongs to them.": [
            lambda z, k: _compared(z, k, torch.gt),
            lambda z, k: _keep(z, k - 1),
        ],
        "You keep one entry too many.": (
            lambda z, k: _keep(z, min(k + 1, z.shape[1]))
        ),
        "You return all entries: the others have to become 0.": (
            lambda z, k: z
        ),
        "More than k entries stay where some are equal: a comparison with "
        "the k-th value keeps all of them. Use the places that topk gives.": (
            lambda z, k: _compared(z, k, torch.ge)
        ),
    },
    gradient=["z"],
)
