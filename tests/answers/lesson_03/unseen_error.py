"""Answers to unseen_error, in forms that learners write."""

import torch


def by_trace(y, A, mean, sigma, variance=None, factor=2, pixels=None):
    r = mean + (y - mean) @ A.T
    variance = sigma**2 if variance is None else variance
    pixels = y.shape[1] if pixels is None else pixels
    residual = (r - y).square().sum(1)
    return residual + variance * (factor * A.trace() - pixels)


def three_terms(y, A, mean, sigma):
    step = A - torch.eye(A.shape[0]).to(A)
    first = ((y - mean) @ step.T).pow(2).sum(dim=1)
    mixed = 2 * sigma**2 * torch.trace(step)
    return first + mixed + sigma**2 * y.shape[1]


def by_rows(y, A, mean, sigma):
    estimates = []
    for row in y:
        r = mean + A @ (row - mean)
        estimate = torch.sum((r - row) ** 2)
        estimate += sigma**2 * (2 * A.diagonal().sum() - len(row))
        estimates.append(estimate)
    return torch.stack(estimates)


def without_noise(y, A, mean, sigma):
    return by_trace(y, A, mean, 0.0)


def mixed_term_left_out(y, A, mean, sigma):
    return without_noise(y, A, mean, sigma) + sigma**2 * y.shape[1]


def mixed_term_turned(y, A, mean, sigma):
    mixed = 2 * sigma**2 * (A.trace() - y.shape[1])
    return mixed_term_left_out(y, A, mean, sigma) - mixed


def all_turned(y, A, mean, sigma):
    return by_trace(y, A, mean, sigma, variance=-(sigma**2))


def transposed(y, A, mean, sigma):
    return by_trace(y, A.T, mean, sigma)


def no_mean(y, A, mean, sigma):
    return by_trace(y, A, 0 * mean, sigma)


def mean_squares(y, A, mean, sigma):
    r = mean + (y - mean) @ A.T
    D = y.shape[1]
    return (r - y).square().mean(1) + sigma**2 * (2 * A.trace() - D)


def in_place(y, A, mean, sigma):
    y -= mean
    return three_terms(y, A, 0 * mean, sigma)


RIGHT = [by_trace, three_terms, by_rows]

WRONG = [
    ("This is the residual", without_noise),
    ("mixed term is missing", mixed_term_left_out),
    ("factor 2", lambda *inputs: by_trace(*inputs, factor=1)),
    (
        "last term is missing",
        lambda y, *rest: by_trace(y, *rest, pixels=2 * y.shape[1]),
    ),
    (
        "A - I",
        lambda y, *rest: by_trace(y, *rest, pixels=-y.shape[1]),
    ),
    ("Only the trace", lambda *inputs: by_trace(*inputs, pixels=0)),
    ("trace of A is missing", lambda *inputs: by_trace(*inputs, factor=0)),
    ("sign of the mixed term", mixed_term_turned),
    ("sign of all", all_turned),
    ("sign of the trace", lambda *inputs: by_trace(*inputs, factor=-2)),
    (
        "sigma for sigma",
        lambda y, A, m, s: by_trace(y, A, m, s, variance=s),
    ),
    (
        "square the variance",
        lambda y, A, m, s: by_trace(y, A, m, s, variance=s**4),
    ),
    (
        "variance is missing",
        lambda *inputs: by_trace(*inputs, variance=1),
    ),
    ("transposed", transposed),
    ("mean is forgotten", no_mean),
    ("means over pixels", mean_squares),
    (
        "number of images",
        lambda y, *rest: by_trace(y, *rest, pixels=len(y)),
    ),
    ("average over the images", lambda *inputs: by_trace(*inputs).mean()),
    ("sum over the images", lambda *inputs: by_trace(*inputs).sum()),
    ("negative", lambda *inputs: by_trace(*inputs).relu()),
    ("input y", in_place),
    ("gradient", torch.no_grad()(by_trace)),
]
