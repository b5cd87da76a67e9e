"""Answers to unseen_error, written blind."""

import torch

sigma = 0.5  # the notebook's


def with_identity(y, A, mean, noise):
    D = A.shape[0]
    M = A - torch.eye(D).to(A)
    residual = ((y - mean) @ M.T).norm(dim=1) ** 2
    return residual + 2 * noise**2 * M.trace() + D * noise**2


def matmul(y, A, mean, sigma):
    r = torch.matmul(A, (y - mean)[:, :, None]).squeeze(2) + mean
    variance = sigma * sigma
    return (r - y).square().sum(1) + variance * (2 * A.diag() - 1).sum()


def per_pixel(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().mean(1)
    return residual + sigma**2 * (2 * A.trace() / y.shape[1] - 1)


def half_per_pixel(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().mean(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


def from_the_mean(y, A, mean, sigma):
    r = (y - mean) @ A.T  # forgets to add the mean again
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


def squares(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * (A * A).sum() - y.shape[1])


def root(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).norm(dim=1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


def global_sigma(y, A, mean, s):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


RIGHT = [with_identity, matmul]

WRONG = [
    ("means over the pixels throughout", "pixel", per_pixel),
    ("mean over the pixels in one term only", "pixel", half_per_pixel),
    ("does not add the mean again", "mean", from_the_mean),
    ("squares of A for its trace", "trace", squares),
    ("the norm, not its square", "square", root),
    ("uses the notebook's sigma", "sigma", global_sigma),
]
