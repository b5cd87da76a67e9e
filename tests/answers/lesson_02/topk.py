"""Answers to topk, in forms that learners write."""

import torch
import torch.nn.functional as F


def topk_mask(h, k):
    order = h.abs().argsort(dim=1, descending=True)
    mask = torch.zeros_like(h, dtype=torch.bool)
    return h * mask.scatter(1, order[:, :k], True)


def topk_loop(h, k):
    rows = []
    for row in h:
        keep = torch.topk(row.abs(), k)[1]
        rows.append(torch.zeros_like(row).index_put((keep,), row[keep]))
    return torch.stack(rows)


def topk_scatter(h, k):
    values, places = h.abs().topk(k)
    return torch.zeros_like(h).scatter_(1, places, values) * h.sign()


RIGHT = [topk_mask, topk_loop, topk_scatter]


def topk_columns(h, k):
    return topk_mask(h.T, min(k, len(h))).T


def topk_threshold(h, k):
    return h * (h.abs() >= h.abs().sort(1, descending=True)[0][:, k - 1 : k])


WRONG = [
    ("across the batch", topk_columns),
    (
        "across the batch",
        lambda h, k: topk_mask(h.reshape(1, -1), k * len(h)).view_as(h),
    ),
    (
        "across the batch",
        lambda h, k: topk_mask(h.flatten()[None], k).reshape(h.shape),
    ),
    ("equal", topk_threshold),
    ("signs are lost", lambda h, k: topk_mask(h.abs(), k)),
    (
        "by value",
        lambda h, k: torch.zeros_like(h).scatter(1, *h.topk(k)[::-1]),
    ),
    ("by value", lambda h, k: topk_mask(F.relu(h), k)),
    (
        "smallest",
        lambda h, k: h - topk_mask(h, h.shape[1] - k),
    ),
    ("where the entries are", lambda h, k: 1.0 * (topk_mask(h, k) != 0)),
    (r"\(B, k\)", lambda h, k: h.topk(k).values),
    ("gradient", lambda h, k: topk_mask(h.detach(), k)),
    (
        "gradient",
        lambda h, k: torch.tensor(topk_mask(h, k).tolist()).to(h),
    ),
]
