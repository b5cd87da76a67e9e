"""Answers to active_units, in forms that learners write."""

import torch


def active_loop(mu):
    count = 0
    for column in mu.T:
        mean = sum(column.tolist()) / len(column)
        variance = sum((m - mean) ** 2 for m in column.tolist()) / len(mu)
        count += variance > 0.01
    return count


def active_by_cov(mu):
    return int((torch.cov(mu.T).diagonal() > 1e-2).sum().item())


RIGHT = [
    lambda mu: (mu.var(0) > 0.01).sum(),
    lambda mu: torch.sum(mu.var(dim=0, unbiased=False) > 0.01),
    lambda mu: (mu.std(0) > 0.1).sum(0, keepdim=True),
    active_loop,
    active_by_cov,
]

WRONG = [
    ("over the latents", lambda mu: (mu.var(dim=-1) > 0.01).sum()),
    ("standard deviation", lambda mu: (mu.std(0) > 0.01).sum()),
    (
        "sampled codes",
        lambda mu: (
            (
                mu
                + torch.randn(
                    mu.shape, generator=torch.Generator().manual_seed(0)
                )
            ).var(0)
            > 0.01
        ).sum(),
    ),
    ("constant mean", lambda mu: ((mu**2).mean(0) > 0.01).sum()),
    ("constant mean", lambda mu: (mu.mean(0) ** 2 > 0.01).sum()),
    ("collapsed", lambda mu: (mu.var(0) < 0.01).sum()),
    ("share", lambda mu: (mu.var(0) > 0.01).float().mean()),
    ("for each latent", lambda mu: mu.var(0) > 0.01),
    ("for each latent", lambda mu: mu.var(0)),
]
