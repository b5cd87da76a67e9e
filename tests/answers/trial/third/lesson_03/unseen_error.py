"""Answers to unseen_error, written blind."""

import torch


def f1(y, A, mean, sigma):
    d = (A @ (y - mean).T).T - (y - mean)
    return (d**2).sum(1) + sigma**2 * (2 * A.trace() - A.shape[0])


def w1(y, A, mean, sigma):
    d = (y - mean) @ A.T - (y - mean)
    return (d**2).sum() + sigma**2 * (2 * A.trace() - A.shape[0])


def w2(y, A, mean, sigma):
    d = (y - mean) @ A.T - (y - mean)
    return (d**2).sum(1) - sigma**2 * (2 * A.trace() - A.shape[0])


def w3(y, A, mean, sigma):
    y -= mean
    d = y @ A.T - y
    return (d**2).sum(1) + sigma**2 * (2 * A.trace() - A.shape[0])


def w4(y, A, mean, sigma):
    eps = torch.randn_like(y)
    r = mean + (y - mean) @ A.T
    return (r - y + sigma * eps).square().sum(1)


RIGHT = [f1]

WRONG = [
    ("sums over the batch too", "sum", w1),
    ("turns the sign of all that is added", "sign", w2),
    ("changes y in place", "You change the input y in", w3),
    ("draws new noise", "random|mixed|Your result", w4),
]
