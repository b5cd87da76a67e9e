"""Answers to topk, written blind."""

import torch


def by_sorting_in_python(z, k):
    rows = []
    for row in z:
        sizes = [abs(value) for value in row.tolist()]
        order = sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)
        mask = torch.zeros(len(sizes), dtype=torch.bool)
        for j in order[:k]:
            mask[j] = True
        rows.append(torch.where(mask, row, torch.zeros_like(row)))
    return torch.stack(rows)


def by_ranks(codes, k):
    order = codes.abs().argsort(dim=1, descending=True)
    rank = order.argsort(dim=1)  # 0 for the largest, no two are equal
    return codes.masked_fill(rank >= k, 0)


def largest_signed(z, k):
    values, places = z.topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, places, values)


def sign_lost(z, k):
    values, places = z.abs().topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, places, values)


def threshold(z, k):
    size = z.abs()
    limit = size.topk(k, dim=1).values[:, -1:]
    return torch.where(size >= limit, z, torch.zeros_like(z))


def over_the_batch(z, k):
    flat = z.flatten()
    places = flat.abs().topk(k * len(z)).indices
    kept = torch.zeros_like(flat).scatter(0, places, flat[places])
    return kept.view_as(z)


def in_columns(z, k):
    k = min(k, len(z))
    places = z.abs().topk(k, dim=0).indices
    return torch.zeros_like(z).scatter(0, places, z.gather(0, places))


def straight_through(z, k):
    places = z.abs().topk(k, dim=1).indices
    kept = torch.zeros_like(z).scatter(1, places, z.gather(1, places))
    return z + (kept - z).detach()


RIGHT = [
    by_sorting_in_python,
    by_ranks,
]

WRONG = [
    (
        "keeps the largest, not those of largest absolute value",
        "You choose by value, so that",
        largest_signed,
    ),
    (
        "returns absolute values: the signs are lost",
        "The signs are lost: choose by",
        sign_lost,
    ),
    (
        "compares with the k-th value: keeps too many at ties",
        "More than k entries stay where",
        threshold,
    ),
    (
        "keeps the k B largest of the whole batch",
        "You choose across the batch: each",
        over_the_batch,
    ),
    (
        "keeps the k largest of each column",
        "You choose across the batch: each",
        in_columns,
    ),
    (
        "passes gradients to the dropped entries as well",
        "The values are right, but entries",
        straight_through,
    ),
]
