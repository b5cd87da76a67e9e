"""Answers to ppca_posterior, written blind."""

import numpy as np
import torch

# ---------------------------------------------------------------- right ones


def by_precision(x, W, s2):
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    covariance = torch.linalg.inv(precision)
    return x @ W @ covariance / s2, covariance


def by_solve(x, W, s2):
    K = W.shape[1]
    eye = torch.eye(K, dtype=W.dtype)
    M = W.T @ W + s2 * eye
    mean = torch.linalg.solve(M, (x @ W).T).T
    return mean, s2 * torch.linalg.solve(M, eye)


def by_cholesky_rows(data, loadings, noise):
    gram = torch.einsum("dk,dl->kl", loadings, loadings)
    root = torch.linalg.cholesky(gram + noise * torch.eye(len(gram)).to(gram))
    means = []
    for row in data:
        right = (loadings * row[:, None]).sum(0)[:, None]
        means.append(torch.cholesky_solve(right, root)[:, 0])
    return torch.stack(means), noise * torch.cholesky_inverse(root)


def by_conditioning(x, W, s2):
    # (z, x) is jointly Gaussian: condition z on x, in double precision
    X, V = x.double(), W.double()
    C = V @ V.T + s2 * torch.eye(len(V), dtype=torch.float64)  # of x
    gain = torch.linalg.solve(C, V).T  # (K, D)
    mean = X @ gain.T
    cov = torch.eye(V.shape[1], dtype=torch.float64) - gain @ V
    return mean.to(x.dtype), cov.to(x.dtype)


def by_qr(x, W, s2):
    # ridge regression as least squares with K more rows
    K = W.shape[1]
    below = s2**0.5 * torch.eye(K, dtype=W.dtype)
    Q, R = torch.linalg.qr(torch.cat([W, below]))
    inverse = torch.linalg.solve_triangular(
        R, torch.eye(K, dtype=W.dtype), upper=True
    )
    mean = x @ Q[: len(W)] @ inverse.T
    return mean, s2 * inverse @ inverse.T


# ---------------------------------------------------------------- wrong ones


def least_squares(x, W, s2):
    precision = W.T @ W / s2
    cov = torch.linalg.inv(precision)
    mean = x @ W @ cov / s2
    return mean, cov


def returns_precision(x, W, s2):
    K = W.shape[1]
    Lam = torch.eye(K, dtype=W.dtype) + W.T @ W / s2
    mean = torch.linalg.solve(Lam, W.T @ x.T / s2).T
    return mean, Lam


def mean_without_s2(x, W, s2):
    Lam = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    cov = torch.linalg.inv(Lam)
    mean = x @ W @ cov
    return mean, cov


def covariance_without_s2(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    mean = x @ W @ M_inv
    return mean, M_inv


def covariance_first(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    cov = s2 * M_inv
    mean = x @ W @ M_inv
    return cov, mean


def transposed_mean(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    mean = torch.linalg.solve(M, W.T @ x.T)
    cov = s2 * torch.linalg.inv(M)
    return mean, cov


def centres_again(x, W, s2):
    b = x.mean(0)
    x = x - b
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    covariance = torch.linalg.inv(precision)
    return x @ W @ covariance / s2, covariance


def squares_s2(x, W, s2):
    var = s2**2
    M = W.T @ W + var * torch.eye(W.shape[1], dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    return x @ W @ M_inv, var * M_inv


def best_diagonal(x, W, s2):
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    mean = torch.linalg.solve(precision, W.T @ x.T / s2).T
    cov = torch.diag(1 / precision.diagonal())
    return mean, cov


def entrywise_inverse(x, W, s2):
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    cov = precision**-1
    mean = x @ W @ cov / s2
    return mean, cov


D, K = 784, 10  # the notebook's


def ten_latents(x, W, s2):
    M = W.T @ W + s2 * torch.eye(K, dtype=W.dtype)
    M_inv = torch.linalg.inv(M)
    return x @ W @ M_inv, s2 * M_inv


def in_numpy(x, W, s2):
    x_np = x.detach().numpy()
    W_np = W.detach().numpy()
    M = W_np.T @ W_np + s2 * np.eye(W_np.shape[1])
    M_inv = np.linalg.inv(M)
    mean = x_np @ W_np @ M_inv
    return mean, s2 * M_inv


RIGHT = [
    by_precision,
    by_solve,
    by_cholesky_rows,
    by_conditioning,
    by_qr,
]

WRONG = [
    (
        "forgets the prior's I: least squares",
        r"W\^T W alone is inverted: the",
        least_squares,
    ),
    (
        "returns the precision instead of the covariance",
        "You return the precision; return its",
        returns_precision,
    ),
    ("forgets 1 / s2 in the mean", "The mean is s", mean_without_s2),
    (
        "the covariance is M^-1 without s2",
        "The covariance has no s",
        covariance_without_s2,
    ),
    (
        "returns the covariance first",
        "Mean and covariance are swapped: return",
        covariance_first,
    ),
    (
        "the mean is transposed, (K, B)",
        r"The covariance is right\. The mean",
        transposed_mean,
    ),
    (
        "centres x again, by the batch's mean",
        "You centre x once more, by",
        centres_again,
    ),
    (
        "takes s2 for a standard deviation and squares it",
        "You square what is a variance",
        squares_s2,
    ),
    (
        "returns the best diagonal covariance, 1 / Lambda_ii",
        "You look at the diagonal alone:",
        best_diagonal,
    ),
    (
        "inverts each entry instead of the matrix",
        "You divide",
        entrywise_inverse,
    ),
    (
        "ten latents, the notebook's K",
        "Your function raises RuntimeError: The size",
        ten_latents,
    ),
    ("computes in NumPy and returns arrays", "The mean is wrong:", in_numpy),
]
