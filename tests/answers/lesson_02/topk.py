"""Answers to topk, in forms that learners write."""

import torch
import torch.nn.functional as F


def topk_mask(z, k):
    order = z.abs().argsort(dim=1, descending=True)
    mask = torch.zeros_like(z, dtype=torch.bool)
    return z * mask.scatter(1, order[:, :k], True)


def topk_loop(z, k):
    rows = []
    for row in z:
        keep = torch.topk(row.abs(), k)[1]
        rows.append(torch.zeros_like(row).index_put((keep,), row[keep]))
    return torch.stack(rows)


def topk_scatter(z, k):
    values, places = z.abs().topk(k)
    return torch.zeros_like(z).scatter_(1, places, values) * z.sign()


RIGHT = [topk_mask, topk_loop, topk_scatter]


def topk_columns(z, k):
    return topk_mask(z.T, min(k, len(z))).T


def topk_threshold(z, k):
    return z * (z.abs() >= z.abs().sort(1, descending=True)[0][:, k - 1 : k])


WRONG = [
    ("across the batch", topk_columns),
    (
        "across the batch",
        lambda z, k: topk_mask(z.reshape(1, -1), k * len(z)).view_as(z),
    ),
    (
        "across the batch",
        lambda z, k: topk_mask(z.flatten()[None], k).reshape(z.shape),
    ),
    ("equal", topk_threshold),
    ("signs are lost", lambda z, k: topk_mask(z.abs(), k)),
    (
        "by value",
        lambda z, k: torch.zeros_like(z).scatter(1, *z.topk(k)[::-1]),
    ),
    ("by value", lambda z, k: topk_mask(F.relu(z), k)),
    (
        "smallest",
        lambda z, k: z - topk_mask(z, z.shape[1] - k),
    ),
    ("where the entries are", lambda z, k: 1.0 * (topk_mask(z, k) != 0)),
    (r"\(B, k\)", lambda z, k: z.topk(k).values),
    ("gradient", lambda z, k: topk_mask(z.detach(), k)),
    (
        "gradient",
        lambda z, k: torch.tensor(topk_mask(z, k).tolist()).to(z),
    ),
]
