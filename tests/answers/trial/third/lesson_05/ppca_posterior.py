"""Answers to ppca_posterior, written blind."""

import torch


def f1(x, W, s2):
    # ridge regression: extend the data by K pixels that the prior sees as 0
    K = W.shape[1]
    s = s2**0.5
    eye = torch.eye(K, dtype=W.dtype)
    Q, R = torch.linalg.qr(torch.cat([W / s, eye]))
    R_inverse = torch.linalg.solve_triangular(R, eye, upper=True)
    mean = (x / s) @ Q[: len(W)] @ R_inverse.T
    return mean, R_inverse @ R_inverse.T


def w1(x, W, s2):
    precision = W.T @ W / s2
    covariance = torch.linalg.inv(precision)
    mean = x @ W @ covariance / s2
    return mean, covariance


def w2(x, W, s2):
    K = W.shape[1]
    Lambda = torch.eye(K, dtype=W.dtype) + W.T @ W / s2
    mean = torch.linalg.solve(Lambda, W.T @ x.T / s2).T
    return mean, Lambda


def w3(x, W, s2):
    precision = 1 + W.square().sum(0) / s2  # (K,)
    variance = 1 / precision
    mean = x @ W * variance / s2
    return mean, torch.diag(variance)


def w4(x, W, s2):
    K = W.shape[1]
    M = W.T @ W + s2 * torch.eye(K, dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    mean = (M_inv @ W.T @ x.T).T.squeeze()
    return mean, s2 * M_inv


RIGHT = [
    f1,
]

WRONG = [
    (
        "forgets the prior: no identity in the precision",
        r"W\^T W alone is inverted: the",
        w1,
    ),
    (
        "returns the precision instead of the covariance",
        "You return the precision; return its",
        w2,
    ),
    (
        "takes only the diagonal of W^T W, which is right in PCA's axes alone",
        "You look at the diagonal alone:",
        w3,
    ),
    (
        "squeezes the mean, so that a batch of one loses its axis",
        "Right in the ordinary cases, but",
        w4,
    ),
]
