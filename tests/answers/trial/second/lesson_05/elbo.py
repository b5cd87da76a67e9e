"""Answers to elbo, written blind."""

import math

import torch
from torch.distributions import MultivariateNormal, kl_divergence


def evidence_minus_gap(x, mu, S, W, s2):
    """(5.11): log p(x) - KL(q || posterior), in float64."""
    x64, mu64, W64 = x.double(), mu.double(), W.double()
    S64 = (S.double() + S.double().T) / 2
    D, K = W.shape
    C = W64 @ W64.T + s2 * torch.eye(D, dtype=torch.float64)
    log_p = MultivariateNormal(torch.zeros(D).double(), C).log_prob(x64)
    precision = torch.eye(K, dtype=torch.float64) + W64.T @ W64 / s2
    m = torch.linalg.solve(precision, W64.T @ x64.T).T / s2
    posterior = MultivariateNormal(m, precision_matrix=precision)
    gap = kl_divergence(MultivariateNormal(mu64, S64), posterior)
    return (log_p - gap).to(x.dtype)


def row_by_row(x, mu, S, W, s2):
    D, K = W.shape
    log_det = 2 * torch.linalg.cholesky(S).diagonal().log().sum()
    spread = torch.einsum("dk,kl,dl->", W, S, W)
    values = []
    for image, m in zip(x, mu):
        missed = image - W @ m
        expected = -(missed @ missed + spread) / (2 * s2)
        expected = expected - D / 2 * math.log(2 * math.pi * s2)
        rate = 0.5 * (S.diagonal().sum() + m @ m - K - log_det)
        values.append(expected - rate)
    return torch.stack(values)


def no_trace(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return recon - rate


def diagonal_only(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    var = S.diagonal()
    rate = 0.5 * (var.sum() + mu.square().sum(1) - K - var.log().sum())
    return recon - rate


def whole_batch(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum() - K - torch.logdet(S))
    return recon - rate


D = 784  # the notebook's


def notebook_D(x, mu, S, W, s2):
    K = mu.shape[1]
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return recon - rate


def other_direction(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    prior = MultivariateNormal(
        torch.zeros_like(mu), torch.eye(K, dtype=S.dtype)
    )
    rate = kl_divergence(prior, MultivariateNormal(mu, S))
    return recon - rate


def adds_the_rate(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return recon + kl


RIGHT = [
    evidence_minus_gap,
    row_by_row,
]

WRONG = [
    (
        "the error of the mean code: forgets tr(W^T W S) in the reconstruction",
        r"The trace of W\^T W S",
        no_trace,
    ),
    (
        "log |S| from the diagonal alone: right only for a diagonal S",
        "You take the log-determinant of the",
        diagonal_only,
    ),
    (
        "sums mu^2 over the whole batch instead of each row",
        "The square of mu is summed",
        whole_batch,
    ),
    (
        "uses the notebook's D = 784",
        "Your function reads D from the",
        notebook_D,
    ),
    (
        "KL in the other direction, from the prior to q",
        "This is the KL the other",
        other_direction,
    ),
    (
        "adds the rate instead of subtracting it",
        "The rate has the wrong sign:",
        adds_the_rate,
    ),
]
