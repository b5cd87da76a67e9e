"""Answers to free_bits, written blind."""

import math

import numpy as np
import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right


def one_line(kl, lam):
    return kl.mean(0).clamp(min=lam).sum()


def loop(kl, lam):
    total = kl.new_zeros(())
    for k in range(kl.shape[1]):
        rate = sum(kl[b, k] for b in range(kl.shape[0])) / kl.shape[0]
        total = total + (rate if rate > lam else lam)
    return total + 0 * kl.sum()  # a graph also if no latent pays


def above_the_allowance(kl, lam):
    excess = F.relu(kl.mean(dim=0) - lam)
    return excess.sum() + kl.size(1) * lam


def with_maximum(kl_each, free):
    R = torch.einsum("bk->k", kl_each.double()) / len(kl_each)
    floor = torch.full_like(R, free)
    return torch.maximum(R, floor).sum().to(kl_each.dtype)


def matrix_and_where(kl, lam):
    B, K = kl.shape
    rates = torch.full((1, B), 1 / B, dtype=kl.dtype) @ kl  # (1, K)
    pays = (rates > lam).to(kl.dtype)
    return (pays * rates + (1 - pays) * lam).sum()


# ---------------------------------------------------------------- wrong


def each_image(kl, lam):
    free = torch.full_like(kl, lam)
    clamped = torch.max(kl, free)
    return clamped.sum(dim=1).mean()


def one_allowance(kl, lam):
    total = kl.sum(dim=1).mean()
    return torch.clamp(total, min=lam)


def latents_averaged(kl, lam):
    rates = kl.mean(dim=0)
    rates = torch.clamp(rates, min=lam)
    return rates.mean()


def ceiling(kl, lam):
    rates = kl.mean(dim=0)
    rates = torch.clamp(rates, max=lam)
    return rates.sum()


def only_excess(kl, lam):
    rates = kl.mean(dim=0)
    return F.relu(rates - lam).sum()


def batch_summed(kl, lam):
    rates = kl.sum(dim=0)
    return rates.clamp(min=lam).sum()


def wrong_axis(kl, lam):
    rates = kl.mean(dim=1)
    rates = rates.clamp(min=lam)
    return rates.sum()


def fixed_allowance(kl, lam):
    lam = 0.2
    rates = kl.mean(dim=0)
    return rates.clamp(min=lam).sum()


def really_bits(kl, lam):
    lam_nats = lam * math.log(2)  # bits to nats
    rates = kl.mean(dim=0)
    return rates.clamp(min=lam_nats).sum()


def dropped(kl, lam):
    rates = kl.mean(dim=0)
    used = rates[rates > lam]
    return used.sum()


def with_numpy(kl, lam):
    rates = kl.mean(axis=0)
    rates = np.maximum(rates, lam)
    return rates.sum()


def in_place(kl, lam):
    with torch.no_grad():
        kl /= len(kl)
    rates = kl.sum(dim=0)
    return rates.clamp(min=lam).sum()


RIGHT = [
    one_line,
    loop,
    above_the_allowance,
    with_maximum,
    matrix_and_where,
]

WRONG = [
    (
        "clamps each image, and averages afterwards",
        "You take the maximum for every",
        each_image,
    ),
    (
        "one allowance for the sum of all latents",
        "The allowance has no effect here:",
        one_allowance,
    ),
    (
        "averages over the latents instead of summing",
        "You average over the latents: sum",
        latents_averaged,
    ),
    (
        "clamp(max=lam): a ceiling, no floor",
        "This is a minimum: it caps",
        ceiling,
    ),
    (
        "counts only what exceeds the allowance",
        "You subtract the allowance: the gradient",
        only_excess,
    ),
    (
        "sums over the batch instead of averaging",
        "The rate is summed over the",
        batch_summed,
    ),
    (
        "averages over the latents and sums over the images",
        "The mean goes over the latents:",
        wrong_axis,
    ),
    (
        "0.2 of the notebook in place of lam",
        "Your result is the same for",
        fixed_allowance,
    ),
    ("takes lam for bits and converts it", "Expected", really_bits),
    (
        "leaves out the latents below the allowance",
        "You leave out the latents below",
        dropped,
    ),
    (
        "np.maximum, which fails on a tensor with a gradient",
        "The values are right, but the",
        with_numpy,
    ),
    ("divides its input in place", "You change the input kl in", in_place),
]
