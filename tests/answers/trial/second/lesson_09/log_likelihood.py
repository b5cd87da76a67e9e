"""Answers to log_likelihood, written blind."""

import math

import torch
from scipy.special import logsumexp


def one_code_after_another(logw):
    total = logw[0]
    for row in logw[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(len(logw))


def shifted(log_weights):
    w = log_weights.double()
    top = w.max(dim=0, keepdim=True).values.detach()
    average = torch.exp(w - top).mean(dim=0)
    return (average.log() + top.squeeze(0)).to(log_weights.dtype)


def mean_of_logs(logw):
    return logw.mean(dim=0)


def without_shift(logw):
    weights = torch.exp(logw)
    return torch.log(weights.mean(0))


def no_log_k(logw):
    return torch.logsumexp(logw, dim=0)


def over_images(logw):
    k = logw.shape[1]
    return torch.logsumexp(logw, dim=1) - math.log(k)


def one_shift_for_all(logw):
    biggest = logw.max()
    weights = torch.exp(logw - biggest)
    return biggest + torch.log(weights.mean(0))


def by_scipy(logw):
    k = len(logw)
    return logsumexp(logw.detach().numpy(), axis=0) - math.log(k)


RIGHT = [
    one_code_after_another,
    shifted,
]

WRONG = [
    (
        "averages the logarithms: the ELBO",
        "This is the mean of the",
        mean_of_logs,
    ),
    (
        "exp without a shift: underflows to -inf",
        "The weights under- or overflow: never",
        without_shift,
    ),
    (
        "forgets the 1/k: sum instead of average",
        "log k is missing: the log",
        no_log_k,
    ),
    (
        "sums over the images: takes the second axis for the codes",
        r"Your result has shape \(",
        over_images,
    ),
    (
        "one shift for all images: those far below the best underflow",
        "You subtract the largest log-weight of",
        one_shift_for_all,
    ),
    (
        "returns a NumPy array from SciPy, without gradient",
        "You return a NumPy array: stay",
        by_scipy,
    ),
]
