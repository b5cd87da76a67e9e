"""Answers to free_bits, written blind."""

import torch


def allowance_plus_excess(kl, lam):
    B, K = kl.shape
    rates = kl.new_ones(B) @ kl / B
    return K * lam + torch.relu(rates - lam).sum()


def clamp_first(kl, lam):
    clamped = torch.clamp(kl, min=lam)
    return clamped.mean(0).sum()


def subtracts(kl, lam):
    rate = kl.mean(0)
    paid = (rate - lam).clamp(min=0)
    return paid.sum()


def wrong_axis(kl, lam):
    rates = kl.mean(dim=1)
    return rates.clamp(min=lam).sum()


def with_item(kl, lam):
    total = 0.0
    for k in range(kl.shape[1]):
        rate = kl[:, k].mean().item()
        total += max(lam, rate)
    return torch.tensor(total, dtype=kl.dtype)


RIGHT = [
    allowance_plus_excess,
]

WRONG = [
    (
        "takes the maximum for each image, before the mean",
        "You take the maximum for every",
        clamp_first,
    ),
    (
        "makes the allowance free: only what exceeds lam is summed",
        "You subtract the allowance: the gradient",
        subtracts,
    ),
    (
        "averages over the latents and sums over the batch",
        "The mean goes over the latents:",
        wrong_axis,
    ),
    (
        "takes .item() of each rate: no gradient",
        "The values are right, but the",
        with_item,
    ),
]
