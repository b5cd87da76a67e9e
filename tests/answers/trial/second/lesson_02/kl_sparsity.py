"""Answers to kl_sparsity, written blind."""

import math

import torch
import torch.nn.functional as F


def by_table(z, target):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    log_q = torch.stack([rate.log(), torch.log1p(-rate)])  # (2, K)
    p = torch.tensor([[target], [1 - target]], dtype=z.dtype).expand_as(log_q)
    return F.kl_div(log_q, p, reduction="sum")


def unit_by_unit(z, rho):
    entropy = sum(-p * math.log(p) for p in (rho, 1 - rho) if p > 0)
    total = z.new_zeros(())
    for unit in z.T:
        rate = (sum(unit) / len(unit)).clamp(1e-6, 1 - 1e-6)
        cross = -rho * torch.log(rate) - (1 - rho) * torch.log(1 - rate)
        total = total + cross - entropy
    return total


def reversed_kl(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    first = rate * torch.log(rate / rho)
    second = (1 - rate) * torch.log((1 - rate) / (1 - rho))
    return (first + second).sum()


def of_each_entry(z, rho):
    z = z.clamp(1e-6, 1 - 1e-6)
    first = rho * torch.log(rho / z)
    second = (1 - rho) * torch.log((1 - rho) / (1 - z))
    kl = first + second  # (B, K)
    return kl.mean(0).sum()


def lower_limit_only(z, rho):
    rate = z.mean(0).clamp(min=1e-6)
    kl = rho * torch.log(rho / rate)
    kl = kl + (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return kl.sum()


def counts_active(z, rho):
    active = (z > 0.02).to(z.dtype)
    rate = active.mean(0).clamp(1e-6, 1 - 1e-6)
    first, second = rho / rate, (1 - rho) / (1 - rate)
    return (rho * first.log() + (1 - rho) * second.log()).sum()


def mean_over_units(z, rho):
    rate = z.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    first, second = rho / rate, (1 - rho) / (1 - rate)
    kl = rho * first.log() + (1 - rho) * second.log()
    return kl.mean()


rho = torch.tensor(0.02, dtype=torch.float64)  # the notebook's


def notebooks_rho(z, target):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    first, second = rho / rate, (1 - rho) / (1 - rate)
    return (rho * first.log() + (1 - rho) * second.log()).sum()


RIGHT = [
    by_table,
    unit_by_unit,
]

WRONG = [
    (
        "swaps the two rates: KL(rate || rho)",
        "This is the KL the other",
        reversed_kl,
    ),
    (
        "takes the KL of each entry, then means over the batch",
        "You take the KL of every",
        of_each_entry,
    ),
    (
        "clamps below only: infinite at rate 1",
        "A unit that is",
        lower_limit_only,
    ),
    (
        "takes the share of images above 0.02 for the rate",
        "Your rate is how often a",
        counts_active,
    ),
    (
        "averages over units instead of summing",
        "You average over units; sum over",
        mean_over_units,
    ),
    (
        "uses the notebook's rho = 0.02, not the argument",
        "Your function never uses its argument",
        notebooks_rho,
    ),
]
