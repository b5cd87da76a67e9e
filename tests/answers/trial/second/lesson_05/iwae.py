"""Answers to iwae, written blind."""

import math

import torch

k = 256  # left over from the notebook's loop


def pairwise_sums(logw):
    total = logw[:, 0]
    for column in logw.T[1:]:
        total = torch.logaddexp(total, column)
    return total - math.log(logw.shape[1])


def equal_shares(log_weights):
    """log sum exp(log(1/k) + l), cumulatively; the last one is wanted."""
    n = log_weights.size(-1)
    return torch.logcumsumexp(log_weights + math.log(1 / n), dim=-1)[:, -1]


def mean_of_logs(logw):
    return logw.mean(1)


def log_of_the_sum(logw):
    return torch.logsumexp(logw, dim=1)


def leftover_k(logw):
    return logw.logsumexp(1) - math.log(k)


def batch_maximum(logw):
    top = logw.max()
    weights = (logw - top).exp()
    return weights.mean(1).log() + top


def len_of_logw(logw):
    n = len(logw)
    return logw.logsumexp(1) - math.log(n)


def normalised_weights(logw):
    share = torch.softmax(logw, dim=1)
    return (share * logw).sum(1)


RIGHT = [
    pairwise_sums,
    equal_shares,
]

WRONG = [
    (
        "the mean of the logarithms, which is the plain ELBO",
        "This is the mean of the",
        mean_of_logs,
    ),
    (
        "the logarithm of the sum: forgets log k",
        "1/k is missing: the log of",
        log_of_the_sum,
    ),
    (
        "uses the notebook's k = 256",
        "Your function reads k from the",
        leftover_k,
    ),
    (
        "subtracts the maximum of the whole batch: an image far below the others underflows to -inf",
        "One image's largest weight serves all",
        batch_maximum,
    ),
    (
        "divides by the batch size: len(logw) is B, not k",
        "You subtract the log of another",
        len_of_logw,
    ),
    (
        "weights the logarithms by the normalised weights",
        "The logs are averaged with the",
        normalised_weights,
    ),
]
