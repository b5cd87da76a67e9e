"""Answers to gaussian_kl, written blind."""

import math

import torch


def by_loops(mu, logvar):
    rates = []
    for m_row, l_row in zip(mu, logvar):
        total = 0
        for m, l in zip(m_row, l_row):
            total = total + (m * m + torch.expm1(l) - l) / 2
        rates.append(total)
    return torch.stack(rates)


def cross_entropy_minus_entropy(mean, log_variance):
    m, l = mean.double(), log_variance.double()
    K = m.shape[-1]
    second_moment = torch.einsum("bk,bk->b", m, m) + l.exp().sum(-1)
    cross = 0.5 * (K * math.log(2 * math.pi) + second_moment)
    entropy = 0.5 * (K * math.log(2 * math.pi * math.e) + l.sum(-1))
    return (cross - entropy).to(mean.dtype)


def sign_turned(mu, logvar):
    return 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def sigma_for_variance(mu, logvar):
    sigma = torch.exp(0.5 * logvar)
    kl = 0.5 * (mu**2 + sigma - 1 - logvar)
    return kl.sum(1)


def mean_over_latents(mu, logvar):
    var = logvar.exp()
    kl = 0.5 * (mu**2 + var - 1 - logvar)
    return kl.mean(dim=1)


def one_outside(mu, logvar):
    squares = (mu**2).sum(1)
    variances = logvar.exp().sum(1)
    logs = logvar.sum(1)
    return 0.5 * (squares + variances - 1 - logs)


def log_of_padded_variance(mu, logvar):
    var = logvar.exp()
    kl = 0.5 * (mu**2 + var - 1 - torch.log(var + 1e-10))
    return kl.sum(1)


def batch_mean(mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return kl.mean()


RIGHT = [
    by_loops,
    cross_entropy_minus_entropy,
]

WRONG = [
    (
        "copies the formula with the sign turned: minus the KL",
        "The sign is turned: this is",
        sign_turned,
    ),
    (
        "puts sigma where sigma squared belongs",
        r"You take sigma for sigma\^",
        sigma_for_variance,
    ),
    (
        "averages over the latents instead of summing",
        "You average over the latents: sum",
        mean_over_latents,
    ),
    (
        "subtracts 1 once per image instead of once per latent",
        "The 1 is subtracted once: every",
        one_outside,
    ),
    (
        "leaves the logarithm: log(exp(logvar) + 1e-10), wrong for very negative logvar",
        "A small number in the logarithm",
        log_of_padded_variance,
    ),
    (
        "averages over the batch as well, one number in all",
        r"Your result has shape \(\); asked",
        batch_mean,
    ),
]
