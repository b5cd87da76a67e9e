"""Answers to topk, written blind."""

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def scatter_gather(z, k):
    places = z.abs().topk(k, dim=1).indices
    return torch.zeros_like(z).scatter(1, places, z.gather(1, places))


def row_by_row(z, k):
    rows = []
    for row in z:
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


def one_hot(z, k):
    places = torch.topk(z.square().sqrt().detach(), k=k, dim=-1).indices
    picks = F.one_hot(places, num_classes=z.shape[1]).to(z.dtype)  # (B, k, K)
    return torch.einsum("bkm,bm->bm", picks, z)


def zero_the_others(z, k):
    drop = z.detach().abs().sort(dim=1, stable=True).indices
    drop = drop[:, : z.shape[1] - k]
    return z.scatter(1, drop, 0.0)


# ---- wrong -----------------------------------------------------------------


def largest_signed(z, k):
    values, indices = torch.topk(z, k, dim=1)
    out = torch.zeros_like(z)
    return out.scatter(1, indices, values)


def sign_lost(z, k):
    values, indices = z.abs().topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, indices, values)


def threshold(z, k):
    mag = z.abs()
    kth = mag.topk(k, dim=1).values[:, -1:]
    mask = (mag >= kth).to(z.dtype)
    return z * mask


def whole_batch(z, k):
    flat = z.flatten()
    idx = flat.abs().topk(k * z.shape[0]).indices
    mask = torch.zeros_like(flat)
    mask[idx] = 1
    return (flat * mask).view_as(z)


def over_images(z, k):
    k = min(k, z.shape[0])
    idx = z.abs().topk(k, dim=0).indices
    return torch.zeros_like(z).scatter(0, idx, z.gather(0, idx))


def only_kept(z, k):
    idx = z.abs().topk(k, dim=1).indices
    return torch.gather(z, 1, idx)


def smallest(z, k):
    order = torch.argsort(z.abs(), dim=1)
    keep = order[:, :k]
    return torch.zeros_like(z).scatter(1, keep, z.gather(1, keep))


def mask_only(z, k):
    _, idx = torch.topk(torch.abs(z), k, dim=1)
    mask = torch.zeros_like(z)
    mask = mask.scatter(1, idx, 1.0)
    return mask


def straight_through(z, k):
    idx = z.abs().topk(k, dim=-1).indices
    mask = torch.zeros_like(z).scatter_(-1, idx, 1)
    sparse = z * mask
    return z + (sparse - z).detach()


def float32_zeros(z, k):
    B, K = z.shape
    places = z.abs().topk(k, dim=1).indices
    out = torch.zeros(B, K)
    return out.scatter(1, places, z.gather(1, places))


def in_place(z, k):
    idx = z.abs().topk(k, dim=1).indices
    mask = torch.ones_like(z, dtype=torch.bool)
    mask.scatter_(1, idx, False)
    z.data[mask] = 0
    return z


def items(z, k):
    out = torch.zeros_like(z)
    for b in range(z.shape[0]):
        idx = z[b].abs().topk(k).indices
        for j in idx.tolist():
            out[b, j] = z[b, j].item()
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
        "sets the others to 0 in z itself",
        "You change the input z in",
        in_place,
    ),
    (
        "copies with .item(): no gradient",
        "The values are right, but the",
        items,
    ),
]
