"""Answers to lesson 02's exercises, in forms that learners write."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, kl_divergence


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


def topk_columns(h, k):
    return topk_mask(h.T, min(k, len(h))).T


def topk_threshold(h, k):
    return h * (h.abs() >= h.abs().sort(1, descending=True)[0][:, k - 1 : k])


def rate_of(h):
    return torch.clamp(h.mean(dim=0), min=1e-6, max=1 - 1e-6)


def kl_terms(rho, q):
    first = rho * torch.log(torch.as_tensor(rho) / q)
    return first + (1 - rho) * torch.log((1 - rho) / (1 - q))


def kl_loop(h, rho):
    return sum(kl_terms(rho, q) for q in rate_of(h))


def kl_oracle(h, rho):
    target = Bernoulli(torch.tensor(rho, dtype=h.dtype))
    return kl_divergence(target, Bernoulli(rate_of(h))).sum()


def kl_entropy(h, rho):
    q = rate_of(h)
    rho = torch.full_like(q, rho)
    cross = F.binary_cross_entropy(q, rho, reduction="sum")
    return cross - Bernoulli(rho).entropy().sum()


def dead_loop(h):
    return sum(int((column == 0).all()) for column in h.T)


def columns_loop(W):
    columns = [w / w.norm() if w.any() else w for w in W.unbind(1)]
    return torch.stack(columns, 1)


RIGHT = {
    "topk": [topk_mask, topk_loop, topk_scatter],
    "kl_sparsity": [
        lambda h, rho: kl_terms(rho, rate_of(h)).sum(),
        kl_loop,
        kl_oracle,
        kl_entropy,
    ],
    "dead_units": [
        lambda h: (h == 0).all(0).sum(),
        lambda h: (h.abs().sum(0) == 0).sum(),
        lambda h: h.shape[1] - (h != 0).any(dim=0).sum().item(),
        lambda h: (h.abs().amax(0) == 0).sum(0, keepdim=True),
        dead_loop,
    ],
    "unit_columns": [
        lambda W: F.normalize(W, dim=0),
        lambda W: W / W.norm(dim=0, keepdim=True).clamp_min(1e-8),
        lambda W: W / ((W**2).sum(0) + 1e-20).sqrt(),
        columns_loop,
    ],
}

WRONG = {
    "topk": [
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
    ],
    "kl_sparsity": [
        (
            "reversed",
            lambda h, rho: kl_divergence(
                Bernoulli(rate_of(h)), Bernoulli(torch.tensor(rho).to(h))
            ).sum(),
        ),
        (
            "second term",
            lambda h, rho: torch.sum(rho * torch.log(rho / rate_of(h))),
        ),
        (
            "every activation",
            lambda h, rho: (
                kl_terms(rho, h.clamp(1e-6, 1 - 1e-6)).sum(1).mean()
            ),
        ),
        (
            "every activation",
            lambda h, rho: kl_terms(rho, h.clamp(1e-6, 1 - 1e-6)).sum(),
        ),
        ("average over units", lambda h, rho: kl_oracle(h, rho) / h.shape[1]),
        ("means over units", lambda h, rho: kl_oracle(h.T, rho)),
        ("sign", lambda h, rho: -kl_oracle(h, rho)),
        ("one KL for each", lambda h, rho: kl_terms(rho, rate_of(h))),
        ("infinite", lambda h, rho: kl_terms(rho, h.mean(0)).sum()),
        ("gradient", lambda h, rho: kl_oracle(h.detach(), rho)),
    ],
    "dead_units": [
        ("images for which", lambda h: (h == 0).all(dim=1).sum()),
        ("count the zeros", lambda h: (h == 0).sum()),
        ("count the zeros", lambda h: h.numel() - h.count_nonzero()),
        ("mean", lambda h: (h.sum(0) == 0).sum()),
        ("mean", lambda h: (h.mean(dim=0).abs() < 1e-3).sum()),
        ("threshold", lambda h: (h.abs().amax(0) < 0.01).sum()),
        ("negative", lambda h: (h.amax(0) <= 0).sum()),
        ("negative", lambda h: (F.relu(h).sum(0) == 0).sum()),
        ("some image", lambda h: (h == 0).any(0).sum()),
        ("living", lambda h: h.any(0).sum()),
        ("share", lambda h: (h == 0).all(0).float().mean()),
        ("for each unit", lambda h: (h == 0).all(0)),
    ],
    "unit_columns": [
        ("rows", lambda W: F.normalize(W, dim=1)),
        ("squared length", lambda W: W / (W**2).sum(0, keepdim=True)),
        ("whole matrix", lambda W: W / torch.linalg.norm(W)),
        ("NaN", lambda W: W / W.square().sum(0).sqrt()),
        ("absolute values", lambda W: F.normalize(W, p=1, dim=0)),
        ("largest entry", lambda W: W / W.abs().max(0).values),
        ("in place", lambda W: W.div_(W.norm(dim=0).clamp(min=1e-8))),
        ("gradient", lambda W: F.normalize(W.detach(), dim=0)),
    ],
}
