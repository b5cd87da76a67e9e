"""Answers to log_likelihood, written blind."""

import math

import torch

k = 5000


def cumulative(log_weights):
    running = torch.logcumsumexp(log_weights, dim=0)
    return running[-1] - math.log(log_weights.shape[0])


def mean_of_logs(logw):
    return logw.mean(0)


def global_k(logw):
    return logw.logsumexp(0) - math.log(k)


def global_max(logw):
    largest = logw.max()
    weights = torch.exp(logw - largest)
    return largest + weights.mean(0).log()


def divides_the_log(logw):
    n = len(logw)
    return torch.logsumexp(logw, dim=0) / n


RIGHT = [
    cumulative,
]

WRONG = [
    (
        "averages the log-weights: the ELBO",
        "This is the mean of the",
        mean_of_logs,
    ),
    (
        "takes the notebook's k = 5000 for the number of codes",
        "k is the number of codes",
        global_k,
    ),
    (
        "subtracts the largest of all images' weights: others underflow",
        "You subtract the largest log-weight of",
        global_max,
    ),
    (
        "divides the log of the sum by k",
        "You divide the log of the",
        divides_the_log,
    ),
]
