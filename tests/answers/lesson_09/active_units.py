"""Answers to active_units, in forms that learners write."""

import numpy as np
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


def active_by_moments(mu):
    return ((mu**2).mean(0) - mu.mean(0) ** 2 > 0.01).sum()


RIGHT = [
    lambda mu: (mu.var(0) > 0.01).sum(),
    lambda mu: torch.sum(mu.var(dim=0, unbiased=False) > 0.01),
    lambda mu: (mu.std(0) > 0.1).sum(),
    lambda mu: torch.count_nonzero(mu.var(0) > 0.01),
    lambda mu: (mu.var(0) > 0.01).float().sum(),
    lambda mu: len(mu.var(0)[mu.var(0) > 0.01]),
    lambda mu: np.sum(np.var(mu.numpy(), axis=0) > 0.01),
    active_loop,
    active_by_cov,
    active_by_moments,
]


def active_first_only(mu):
    count = 0
    for variance in mu.var(0):
        if variance > 0.01:
            count += 1
        return count


def sampled(mu):
    return mu + torch.randn_like(mu)


def centred(mu):
    return mu - mu.mean(0)


WRONG = [
    ("over the latents", lambda mu: (mu.var(dim=-1) > 0.01).sum()),
    ("over the latents", lambda mu: (mu.cov().diagonal() > 0.01).sum()),
    ("standard deviation", lambda mu: (mu.std(0) > 0.01).sum()),
    ("standard deviation", lambda mu: (mu.var(0) > 0.01**2).sum()),
    ("too high", lambda mu: (mu.var(0) > 0.1).sum()),
    ("too high", lambda mu: (0.5 * mu.var(0) > 0.01).sum()),
    ("too low", lambda mu: (mu.var(0) > 0).sum()),
    ("too low", lambda mu: (mu.amax(0) - mu.amin(0) > 0.01).sum()),
    ("sum of squares", lambda mu: ((centred(mu) ** 2).sum(0) > 0.01).sum()),
    ("absolute dev", lambda mu: (centred(mu).abs().mean(0) > 0.01).sum()),
    ("count all latents", lambda mu: (sampled(mu).var(0) > 0.01).sum()),
    ("count all latents", lambda mu: len(mu.var(0) > 0.01)),
    ("constant mean", lambda mu: ((mu**2).mean(0) > 0.01).sum()),
    ("constant mean", lambda mu: (mu.mean(0) ** 2 > 0.01).sum()),
    ("constant mean", lambda mu: (mu.mean(0).abs() > 0.01).sum()),
    ("collapsed", lambda mu: (mu.var(0) < 0.01).sum()),
    ("share", lambda mu: (mu.var(0) > 0.01).float().mean()),
    ("divided by mu.shape", lambda mu: (mu.var(0) > 0.01).sum() / len(mu)),
    ("latents together", lambda mu: mu.var() > 0.01),
    ("latents together", lambda mu: (mu.var(0) > 0.01).any()),
    ("one latent alone", active_first_only),
    ("entries of mu", lambda mu: (mu.abs() > 0.01).sum()),
    ("entries of mu", lambda mu: (centred(mu) ** 2 > 0.01).sum()),
    ("whole covariance", lambda mu: (mu.T.cov() > 0.01).sum()),
    ("add up", lambda mu: mu.var(0).sum()),
    ("sum over dimension 0 is still", lambda mu: mu.var(0) > 0.01),
    (r"shape \(\), one number", lambda mu: mu.var(0)),
    ("size 1", lambda mu: (mu.std(0) > 0.1).sum(0, keepdim=True)),
]
