"""Answers to ppca_posterior, written blind."""

import torch


def conditioning(x, W, s2):
    """x and z are jointly Gaussian: condition on x, in D dimensions."""
    x64, W64 = x.double(), W.double()
    C = W64 @ W64.T + s2 * torch.eye(W.shape[0], dtype=torch.float64)
    gain = torch.linalg.solve(C, W64)  # (D, K)
    cov = torch.eye(W.shape[1], dtype=torch.float64) - W64.T @ gain
    return (x64 @ gain).to(x.dtype), cov.to(x.dtype)


def with_eigenvectors(x, W, s2):
    lam, U = torch.linalg.eigh(W.T @ W)
    cov = (U * (s2 / (lam + s2))) @ U.T
    rows = [cov @ (W.T @ row) / s2 for row in x]
    return torch.stack(rows), cov


def gives_precision(x, W, s2):
    K = W.shape[1]
    precision = torch.eye(K, dtype=W.dtype) + W.T @ W / s2
    mean = torch.linalg.solve(precision, W.T @ x.T).T / s2
    return mean, precision


def least_squares(x, W, s2):
    mean = x @ torch.linalg.pinv(W).T
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    return mean, s2 * torch.linalg.inv(M)


def centres_again(x, W, s2):
    b = x.mean(0)
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    mean = (x - b) @ W @ M_inv
    return mean, s2 * M_inv


def squares_s2(x, W, s2):
    sigma2 = s2**2
    M = W.T @ W + sigma2 * torch.eye(W.shape[1], dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    return x @ W @ M_inv, sigma2 * M_inv


def ten_latents(x, W, s2):
    K = 10
    M = W.T @ W + s2 * torch.eye(K, dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    return x @ W @ M_inv, s2 * M_inv


def cov_without_s2(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    mean = torch.linalg.solve(M, W.T @ x.T).T
    cov = torch.linalg.inv(M)
    return mean, cov


RIGHT = [
    conditioning,
    with_eigenvectors,
]

WRONG = [
    (
        "returns the precision instead of the covariance",
        "You return the precision; return its",
        gives_precision,
    ),
    (
        "takes the least-squares code as mean: no shrinking by the prior",
        r"W\^T W alone is inverted: the",
        least_squares,
    ),
    (
        "subtracts the batch's mean again",
        "You centre x once more, by",
        centres_again,
    ),
    (
        "takes s2 for a standard deviation and squares it",
        "You square what is a variance",
        squares_s2,
    ),
    (
        "hard-codes K = 10",
        "Your function raises RuntimeError: The size",
        ten_latents,
    ),
    (
        "returns M^-1 as covariance, without the factor s2",
        "The covariance has no s",
        cov_without_s2,
    ),
]
