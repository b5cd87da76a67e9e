"""Answers to free_bits, written blind."""

import torch


def latent_by_latent(kl, lam):
    B, K = kl.shape
    total = 0
    for k in range(K):
        rate = sum(kl[b, k] for b in range(B)) / B
        total = total + torch.maximum(rate, torch.full_like(rate, lam))
    return total


def allowance_and_excess(kl_each, nats):
    B, K = kl_each.shape
    rates = torch.einsum("bk->k", kl_each) / B
    return nats * K + torch.relu(rates - nats).sum()


def inside_the_mean(kl, lam):
    floored = torch.clamp(kl, min=lam)
    return floored.mean(0).sum()


def on_the_total(kl, lam):
    rate = kl.sum(1).mean()
    return torch.clamp(rate, min=lam)


def only_excess(kl, lam):
    rates = kl.mean(0)
    return torch.clamp(rates - lam, min=0).sum()


def over_latents(kl, lam):
    rates = kl.mean(1)
    return rates.clamp(min=lam).sum()


def squeezed(kl, lam):
    kl = kl.squeeze()
    return kl.mean(0).clamp(min=lam).sum()


def python_max(kl, lam):
    total = 0.0
    for rate in kl.mean(0):
        total += max(lam, rate.item())
    return torch.tensor(total, dtype=kl.dtype)


RIGHT = [
    latent_by_latent,
    allowance_and_excess,
]

WRONG = [
    (
        "the maximum for each image, before the mean over the batch",
        "You take the maximum for every",
        inside_the_mean,
    ),
    (
        "one allowance for the sum over all latents",
        "The allowance has no effect here:",
        on_the_total,
    ),
    (
        "subtracts the allowance: counts only what lies above it",
        "You subtract the allowance: the gradient",
        only_excess,
    ),
    (
        "mean over the latents, sum over the images",
        "The mean goes over the latents:",
        over_latents,
    ),
    (
        "squeeze() drops the batch axis if there is one image",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "Python's max of .item(): the value is right, the gradient lost",
        "The values are right, but the",
        python_max,
    ),
]
