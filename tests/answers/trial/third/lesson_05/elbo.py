"""Answers to elbo, written blind."""

import math

import torch
from torch.distributions import MultivariateNormal, kl_divergence


def f1(x, mu, S, W, s2):
    # (5.11): the evidence minus the KL to the posterior
    kind = x.dtype
    x, mu, S, W = x.double(), mu.double(), S.double(), W.double()
    D, K = W.shape
    C = W @ W.T + s2 * torch.eye(D, dtype=x.dtype)
    log_evidence = MultivariateNormal(
        x.new_zeros(D), C, validate_args=False
    ).log_prob(x)
    precision = torch.eye(K, dtype=x.dtype) + W.T @ W / s2
    m = torch.linalg.solve(precision, W.T @ x.T / s2).T
    p = MultivariateNormal(m, precision_matrix=precision, validate_args=False)
    q = MultivariateNormal(mu, S, validate_args=False)
    return (log_evidence - kl_divergence(q, p)).to(kind)


D = 784


def w1(x, mu, S, W, s2):
    n = x.shape[1]
    K = W.shape[1]
    squared = (x - mu @ W.T).square().sum(1)
    rec = -0.5 * n * math.log(2 * math.pi * s2) - 0.5 * squared / s2
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return rec - rate


def w2(x, mu, S, W, s2):
    n, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    rec = -0.5 * (n * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + (mu * mu).sum() - K - torch.logdet(S))
    return rec - rate


def w3(x, mu, S, W, s2):
    n, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    rec = -0.5 * (n * math.log(2 * math.pi * s2) + squared / s2)
    logdet = S.diagonal().log().sum()
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - logdet)
    return rec - rate


def w4(x, mu, S, W, s2):
    K = mu.shape[1]
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    rec = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return rec - rate


RIGHT = [
    f1,
]

WRONG = [
    (
        "forgets tr(W^T W S) in the reconstruction, as if the code were just mu",
        r"The trace of W\^T W S",
        w1,
    ),
    (
        "sums mu^2 over the whole batch instead of for each x",
        "The square of mu is summed",
        w2,
    ),
    (
        "takes the log determinant from the diagonal of S alone",
        "You take the log-determinant of the",
        w3,
    ),
    (
        "uses the notebook's D = 784 whatever the number of pixels",
        "Your function reads D from the",
        w4,
    ),
]
