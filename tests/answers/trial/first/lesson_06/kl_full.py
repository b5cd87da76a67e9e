"""Answers to kl_full, written blind."""

import torch
from torch.distributions import MultivariateNormal, kl_divergence

# ---------------------------------------------------------------- right


def formula(m0, S0, m1, S1):
    P, d = torch.linalg.inv(S1), m1 - m0
    twice = (P @ S0).trace() + d @ P @ d - len(d)
    return 0.5 * (twice + torch.logdet(S1) - torch.logdet(S0))


def library(m0, S0, m1, S1):
    q = MultivariateNormal(m0, covariance_matrix=S0, validate_args=False)
    p = MultivariateNormal(m1, covariance_matrix=S1, validate_args=False)
    return kl_divergence(q, p)


def cholesky_loops(m0, S0, m1, S1):
    K = m0.shape[0]
    L0, L1 = torch.linalg.cholesky(S0), torch.linalg.cholesky(S1)
    inverse = torch.cholesky_inverse(L1)
    total = torch.zeros((), dtype=m0.dtype)
    for i in range(K):
        for j in range(K):
            total = total + inverse[i, j] * S0[j, i]
            total = total + (m1[i] - m0[i]) * inverse[i, j] * (m1[j] - m0[j])
        total = total - 1 + 2 * L1[i, i].log() - 2 * L0[i, i].log()
    return total / 2


def whitened_eigenvalues(mean_q, cov_q, mean_p, cov_p):
    # in units of p: KL(N(d, M) || N(0, I))
    L = torch.linalg.cholesky(cov_p.double())
    half = torch.linalg.solve_triangular(L, cov_q.double(), upper=False)
    M = torch.linalg.solve_triangular(L, half.mT, upper=False)
    gap = (mean_q - mean_p).double()[:, None]
    d = torch.linalg.solve_triangular(L, gap, upper=False)
    values = torch.linalg.eigvalsh((M + M.mT) / 2)
    kl = 0.5 * ((values - 1 - values.log()).sum() + d.square().sum())
    return kl.to(mean_q.dtype)


def one_solve(m0, S0, m1, S1):
    # E_q[(z - m1)' S1^-1 (z - m1)] = tr(S1^-1 (S0 + d d'))
    d = m0 - m1
    moment = S0 + torch.outer(d, d)
    quadratic = torch.einsum("ii->", torch.linalg.solve(S1, moment))
    log_ratio = torch.linalg.slogdet(S1)[1] - torch.linalg.slogdet(S0)[1]
    return (quadratic - m0.numel() + log_ratio).div(2)


# ---------------------------------------------------------------- wrong


def swapped(m0, S0, m1, S1):
    q = MultivariateNormal(m0, S0)
    p = MultivariateNormal(m1, S1)
    return kl_divergence(p, q)


def wrong_inverse_in_trace(m0, S0, m1, S1):
    K = len(m0)
    d = m1 - m0
    trace = torch.trace(torch.linalg.inv(S0) @ S1)
    quad = d @ torch.linalg.inv(S1) @ d
    return 0.5 * (trace + quad - K + torch.logdet(S1) - torch.logdet(S0))


def log_determinants_swapped(m0, S0, m1, S1):
    K = m0.shape[0]
    inv1 = torch.linalg.inv(S1)
    d = m1 - m0
    logs = torch.logdet(S0) - torch.logdet(S1)
    return 0.5 * (torch.trace(inv1 @ S0) + d @ inv1 @ d - K + logs)


def three_hard_coded(m0, S0, m1, S1):
    inverse = torch.linalg.inv(S1)
    d = m1 - m0
    kl = (inverse @ S0).trace() + d @ inverse @ d - 3
    kl = 0.5 * (kl + torch.logdet(S1) - torch.logdet(S0))
    return kl


def covariance_as_root(m0, S0, m1, S1):
    q = MultivariateNormal(m0, scale_tril=torch.tril(S0))
    p = MultivariateNormal(m1, scale_tril=torch.tril(S1))
    return kl_divergence(q, p)


def elementwise_reciprocal(m0, S0, m1, S1):
    K = len(m0)
    d = m1 - m0
    S1_inv = S1 ** (-1)
    trace = torch.trace(S1_inv @ S0)
    quad = d @ S1_inv @ d
    return 0.5 * (trace + quad - K + torch.logdet(S1) - torch.logdet(S0))


def diagonals_only(m0, S0, m1, S1):
    v0 = torch.diagonal(S0)
    v1 = torch.diagonal(S1)
    d = m1 - m0
    return 0.5 * (v0 / v1 + d**2 / v1 - 1 + torch.log(v1 / v0)).sum()


def log_of_det(m0, S0, m1, S1):
    K = len(m0)
    inv1 = torch.linalg.inv(S1)
    d = m1 - m0
    logs = torch.log(torch.linalg.det(S1) / torch.linalg.det(S0))
    return 0.5 * (torch.trace(inv1 @ S0) + d @ inv1 @ d - K + logs)


def mahalanobis_not_squared(m0, S0, m1, S1):
    K = len(m0)
    inv1 = torch.linalg.inv(S1)
    d = m1 - m0
    mahalanobis = torch.sqrt(d @ inv1 @ d)  # as scipy's
    logs = torch.logdet(S1) - torch.logdet(S0)
    return 0.5 * (torch.trace(inv1 @ S0) + mahalanobis - K + logs)


def column_vectors(m0, S0, m1, S1):
    K = len(m0)
    d = (m1 - m0).reshape(-1, 1)
    inv1 = torch.linalg.inv(S1)
    quad = d.T @ inv1 @ d
    logs = torch.logdet(S1) - torch.logdet(S0)
    return 0.5 * (torch.trace(inv1 @ S0) + quad - K + logs)


def no_such_function(m0, S0, m1, S1):
    K = len(m0)
    inv1 = torch.linalg.inv(S1)
    d = m1 - m0
    logs = torch.linalg.logdet(S1) - torch.linalg.logdet(S0)
    return 0.5 * (torch.trace(inv1 @ S0) + d @ inv1 @ d - K + logs)


def jitter(m0, S0, m1, S1):
    K = len(m0)
    ridge = 1e-3 * torch.eye(K, dtype=S0.dtype)  # numerical stability
    S0 = S0 + ridge
    S1 = S1 + ridge
    inv1 = torch.linalg.inv(S1)
    d = m1 - m0
    logs = torch.logdet(S1) - torch.logdet(S0)
    return 0.5 * (torch.trace(inv1 @ S0) + d @ inv1 @ d - K + logs)


RIGHT = [
    formula,
    library,
    cholesky_loops,
    whitened_eigenvalues,
    one_solve,
]

WRONG = [
    ("the other direction, KL(N1 || N0)", "This is the KL the other", swapped),
    (
        "the trace of S0^-1 S1 instead of S1^-1 S0",
        "In the trace, S",
        wrong_inverse_in_trace,
    ),
    (
        "the log determinants with swapped signs",
        "The sign of the log-determinants is",
        log_determinants_swapped,
    ),
    (
        "K = 3 hard-coded, from the notebook's check",
        "Your result is off as if",
        three_hard_coded,
    ),
    (
        "takes the covariances for Cholesky factors",
        "Expected",
        covariance_as_root,
    ),
    (
        "1 / S1 entry by entry instead of the inverse",
        r"You calculate entry by entry \(\*",
        elementwise_reciprocal,
    ),
    (
        "uses the diagonals only",
        "Only the diagonals of the covariances",
        diagonals_only,
    ),
    (
        "log of the determinant: underflows for many dimensions",
        "In many dimensions the determinant is",
        log_of_det,
    ),
    (
        "the Mahalanobis distance, not its square",
        "The distance of the means is",
        mahalanobis_not_squared,
    ),
    (
        "column vectors: the result is (1, 1)",
        r"Your result has shape \(",
        column_vectors,
    ),
    (
        "calls torch.linalg.logdet, which doesn't exist",
        r"Your function raises AttributeError: module 'torch\.linalg'",
        no_such_function,
    ),
    (
        "adds 0.001 to the diagonals: wrong for small covariances",
        "Expected",
        jitter,
    ),
]
