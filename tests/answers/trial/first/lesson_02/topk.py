"""Answers to topk, written blind."""

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def scatter_gather(h, k):
    places = h.abs().topk(k, dim=1).indices
    return torch.zeros_like(h).scatter(1, places, h.gather(1, places))


def row_by_row(h, k):
    rows = []
    for row in h:
        order = sorted(range(len(row)), key=lambda j: -abs(row[j].item()))
        kept = set(order[:k])
        zero = torch.zeros_like(row[0])
        rows.append(
            torch.stack(
                [row[j] if j in kept else zero for j in range(len(row))]
            )
        )
    return torch.stack(rows)


def by_rank(codes, n):
    order = codes.abs().argsort(dim=1, descending=True)
    rank = order.argsort(dim=1)  # 0 for the largest
    return torch.where(rank < n, codes, torch.zeros_like(codes))


def one_hot(h, k):
    places = torch.topk(h.square().sqrt().detach(), k=k, dim=-1).indices
    picks = F.one_hot(places, num_classes=h.shape[1]).to(h.dtype)  # (B, k, M)
    return torch.einsum("bkm,bm->bm", picks, h)


def zero_the_others(h, k):
    drop = h.detach().abs().sort(dim=1, stable=True).indices
    drop = drop[:, : h.shape[1] - k]
    return h.scatter(1, drop, 0.0)


# ---- wrong -----------------------------------------------------------------


def largest_signed(h, k):
    values, indices = torch.topk(h, k, dim=1)
    out = torch.zeros_like(h)
    return out.scatter(1, indices, values)


def sign_lost(h, k):
    values, indices = h.abs().topk(k, dim=1)
    return torch.zeros_like(h).scatter(1, indices, values)


def threshold(h, k):
    mag = h.abs()
    kth = mag.topk(k, dim=1).values[:, -1:]
    mask = (mag >= kth).to(h.dtype)
    return h * mask


def whole_batch(h, k):
    flat = h.flatten()
    idx = flat.abs().topk(k * h.shape[0]).indices
    mask = torch.zeros_like(flat)
    mask[idx] = 1
    return (flat * mask).view_as(h)


def over_images(h, k):
    k = min(k, h.shape[0])
    idx = h.abs().topk(k, dim=0).indices
    return torch.zeros_like(h).scatter(0, idx, h.gather(0, idx))


def only_kept(h, k):
    idx = h.abs().topk(k, dim=1).indices
    return torch.gather(h, 1, idx)


def smallest(h, k):
    order = torch.argsort(h.abs(), dim=1)
    keep = order[:, :k]
    return torch.zeros_like(h).scatter(1, keep, h.gather(1, keep))


def mask_only(h, k):
    _, idx = torch.topk(torch.abs(h), k, dim=1)
    mask = torch.zeros_like(h)
    mask = mask.scatter(1, idx, 1.0)
    return mask


def straight_through(h, k):
    idx = h.abs().topk(k, dim=-1).indices
    mask = torch.zeros_like(h).scatter_(-1, idx, 1)
    sparse = h * mask
    return h + (sparse - h).detach()


def float32_zeros(h, k):
    B, M = h.shape
    places = h.abs().topk(k, dim=1).indices
    out = torch.zeros(B, M)
    return out.scatter(1, places, h.gather(1, places))


def in_place(h, k):
    idx = h.abs().topk(k, dim=1).indices
    mask = torch.ones_like(h, dtype=torch.bool)
    mask.scatter_(1, idx, False)
    h.data[mask] = 0
    return h


def items(h, k):
    out = torch.zeros_like(h)
    for b in range(h.shape[0]):
        idx = h[b].abs().topk(k).indices
        for j in idx.tolist():
            out[b, j] = h[b, j].item()
    return out


RIGHT = [
    scatter_gather,
    row_by_row,
    by_rank,
    one_hot,
    zero_the_others,
]

WRONG = [
    (
        "keeps the largest, not the largest absolute values",
        "You choose by value, so that",
        largest_signed,
    ),
    (
        "keeps the absolute values: the signs are lost",
        "The signs are lost: choose by",
        sign_lost,
    ),
    (
        "keeps all from the k-th value on: too many where entries are equal",
        "More than k entries stay where",
        threshold,
    ),
    (
        "keeps the largest k B of the whole batch, not k in each row",
        "You choose across the batch: each",
        whole_batch,
    ),
    (
        "keeps the k largest of each column, over the images",
        "You choose across the batch: each",
        over_images,
    ),
    (
        "returns the kept entries only, (B, k)",
        "You return the k entries alone,",
        only_kept,
    ),
    (
        "keeps the smallest: argsort ascends",
        "You keep the smallest entries, not",
        smallest,
    ),
    (
        "returns the mask of ones instead of the entries",
        "You return where the entries are;",
        mask_only,
    ),
    (
        "straight-through: the gradient passes through the dropped ones too",
        "The values are right, but entries",
        straight_through,
    ),
    (
        "makes the zeros in float32: fails in float64",
        "Right in float",
        float32_zeros,
    ),
    (
        "sets the others to 0 in h itself",
        "You change the input h in",
        in_place,
    ),
    (
        "copies with .item(): no gradient",
        "The values are right, but the",
        items,
    ),
]
