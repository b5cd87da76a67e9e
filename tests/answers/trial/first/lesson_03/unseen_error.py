"""Answers to unseen_error, written blind."""

import numpy as np
import torch

# ---------------------------------------------------------------- right ones


def expanded(y, A, mean, sigma):
    centred = y - mean
    r = mean + centred @ A.T
    D = y.shape[1]
    mixed = 2 * sigma**2 * (torch.trace(A) - D)
    return ((r - y) ** 2).sum(dim=1) + mixed + sigma**2 * D


def einsum(y, A, mean, sigma):
    eye = torch.eye(len(A), dtype=A.dtype)
    step = torch.einsum("ij,bj->bi", A - eye, y - mean)
    return step.pow(2).sum(-1) + sigma**2 * torch.trace(2 * A - eye)


def loop(y, A, mean, sigma):
    estimates = []
    for row in y:
        r = mean + A @ (row - mean)
        estimate = (r - row) @ (r - row)
        for i in range(len(A)):
            estimate = estimate + sigma**2 * (2 * A[i, i] - 1)
        estimates.append(estimate)
    return torch.stack(estimates)


def columns(y, A, mean, sigma):
    # work with column vectors, as in the derivation
    Y = (y - mean).T
    missed = A @ Y - Y
    correction = 2 * A.diagonal().sum() - A.shape[0]
    return (missed * missed).sum(0) + correction * sigma**2


def like_numpy(y, A, mean, sigma):
    r = torch.addmm(mean.expand_as(y), y - mean, A.t())
    residual = torch.linalg.vector_norm(r - y, dim=1).square()
    return residual - sigma**2 * A.shape[1] + 2 * sigma**2 * A.diag().sum()


# ---------------------------------------------------------------- wrong ones


def residual_only(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    return (r - y).square().sum(1)


def independent(y, A, mean, sigma):
    # thinks that r(y) - y and eps are independent
    r = mean + (y - mean) @ A.T
    return (r - y).square().sum(1) + sigma**2 * y.shape[1]


def no_two(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (A.trace() - y.shape[1])


def eps_forgotten(y, A, mean, sigma):
    # leaves out sigma^2 |eps|^2
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + 2 * sigma**2 * (A.trace() - y.shape[1])


def identity_forgotten(y, A, mean, sigma):
    # the mixed term with tr A in place of tr(A - I)
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + 2 * sigma**2 * A.trace() + sigma**2 * y.shape[1]


def sigma_once(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma * (2 * A.trace() - y.shape[1])


def not_transposed(y, A, mean, sigma):
    r = mean + (y - mean) @ A
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


def no_mean(y, A, mean, sigma):
    r = y @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])


def scalar(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return (residual + sigma**2 * (2 * A.trace() - y.shape[1])).mean()


def batch_size(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - len(y))


def sum_of_all(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.sum() - y.shape[1])


def minus(y, A, mean, sigma):
    # x = y + sigma eps: the mixed term has the wrong sign
    r = mean + (y - mean) @ A.T
    residual = (r - y).square().sum(1)
    mixed = -2 * sigma**2 * (A.trace() - y.shape[1])
    return residual + mixed + sigma**2 * y.shape[1]


def not_negative(y, A, mean, sigma):
    return expanded(y, A, mean, sigma).clamp(min=0)


def with_numpy(y, A, mean, sigma):
    Y, a, m = y.detach().numpy(), A.detach().numpy(), mean.numpy()
    r = m + (Y - m) @ a.T
    estimate = ((r - Y) ** 2).sum(1) + sigma**2 * (2 * np.trace(a) - len(a))
    return torch.from_numpy(estimate)


RIGHT = [expanded, einsum, loop, columns, like_numpy]

WRONG = [
    ("takes the residual for the error", "residual", residual_only),
    ("takes r(y) - y and eps for independent", "mixed", independent),
    ("forgets the 2 of the mixed term", "2", no_two),
    ("forgets |sigma eps|^2", "eps", eps_forgotten),
    (
        "trace of A, not of A - I, in the mixed term",
        "A - I",
        identity_forgotten,
    ),
    ("sigma for its square", r"sigma\^2", sigma_once),
    ("multiplies by A on the wrong side", "transpose", not_transposed),
    ("forgets the mean", "mean", no_mean),
    ("returns the batch's mean", "mean over the batch|each", scalar),
    ("number of images for that of pixels", "images", batch_size),
    ("sum of the matrix for its trace", "trace", sum_of_all),
    ("turns the sign of the mixed term", "sign", minus),
    ("clips at 0", "negative", not_negative),
    ("loses the gradient on the way through NumPy", "gradient", with_numpy),
]
