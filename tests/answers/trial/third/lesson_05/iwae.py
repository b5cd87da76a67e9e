"""Answers to iwae, written blind."""

import math
from itertools import accumulate

import torch


def f1(logw):
    columns = logw.unbind(1)
    *_, total = accumulate(columns, torch.logaddexp)
    return total - math.log(len(columns))


def w1(logw):
    k = logw.shape[1]
    total = logw.sum(1)
    return total / k


def w2(logw):
    k = logw.shape[1]
    return torch.logsumexp(logw, dim=1) / k


def w3(logw):
    k = len(logw)
    return logw.logsumexp(1) - math.log(k)


def w4(logw):
    top = logw.max()
    w = torch.exp(logw - top)
    return w.mean(1).log() + top


RIGHT = [
    f1,
]

WRONG = [
    (
        "averages the log weights: the plain ELBO",
        "This is the mean of the",
        w1,
    ),
    (
        "divides the log of the sum by k instead of subtracting log k",
        "You divide by k outside the",
        w2,
    ),
    (
        "takes len(logw), the number of images, for k",
        "You subtract the log of another",
        w3,
    ),
    (
        "subtracts the maximum of the whole batch, so images with much smaller weights underflow to -inf",
        "One image's largest weight serves all",
        w4,
    ),
]
