"""Answers to iwae, written blind."""

import math

import torch

# ---------------------------------------------------------------- right ones


def logsumexp_form(logw):
    return logw.logsumexp(1) - math.log(logw.shape[1])


def by_hand(logw):
    largest = logw.max(dim=1, keepdim=True).values.detach()
    largest = torch.where(largest.isfinite(), largest, 0.0)
    return (largest + (logw - largest).exp().mean(1, keepdim=True).log())[:, 0]


def pairwise_loop(log_weights):
    k = log_weights.size(1)
    columns = log_weights.unbind(dim=1)
    total = columns[0]
    for column in columns[1:]:
        total = torch.logaddexp(total, column)
    return total + math.log(1 / k)


def running_sum(logw):
    shifted = logw - torch.log(torch.tensor(logw.shape[-1], dtype=logw.dtype))
    return torch.logcumsumexp(shifted, dim=-1)[..., -1]


def rows_in_double(logw):
    B, k = logw.shape
    rows = [torch.logsumexp(row.double(), dim=0) - math.log(k) for row in logw]
    return torch.stack(rows).to(logw.dtype)


# ---------------------------------------------------------------- wrong ones


def no_k(logw):
    return torch.logsumexp(logw, dim=1)


def k_outside(logw):
    k = logw.shape[1]
    return torch.logsumexp(logw, dim=1) / k


def overflows(logw):
    w = torch.exp(logw)
    return torch.log(w.mean(dim=1))


def mean_of_logs(logw):
    # average over the samples
    return logw.mean(dim=1)


def over_images(logw):
    B, k = logw.shape
    log_sum = torch.logsumexp(logw, dim=0)
    return log_sum - math.log(B)


def largest_is_lost(logw):
    m, _ = logw.max(dim=1, keepdim=True)
    w = torch.exp(logw - m)
    return w.mean(dim=1).log()


def one_largest_for_all(logw):
    m = logw.max()
    w = (logw - m).exp()
    return m + w.mean(1).log()


def number_of_images(logw):
    k = len(logw)
    return logw.logsumexp(1) - math.log(k)


def clamped(logw):
    w = logw.clamp(-80, 80).exp()  # no overflow
    return w.mean(1).log()


def column(logw):
    k = logw.shape[1]
    return torch.logsumexp(logw, dim=1, keepdim=True) - math.log(k)


def self_normalised(logw):
    weights = torch.softmax(logw, dim=1)
    return (weights * logw).sum(dim=1)


def shifts_in_place(logw):
    m = logw.max(dim=1).values
    logw -= m[:, None]
    return m + logw.exp().mean(dim=1).log()


RIGHT = [
    logsumexp_form,
    by_hand,
    pairwise_loop,
    running_sum,
    rows_in_double,
]

WRONG = [
    (
        "the sum of the weights: forgets 1 / k",
        "1/k is missing: the log of",
        no_k,
    ),
    ("divides the logarithm by k", "You divide by k outside", k_outside),
    (
        "exp, mean, log without a shift: overflows",
        "The weights under- or overflow: never",
        overflows,
    ),
    (
        "the mean of the logarithms: the ELBO",
        "This is the mean of the",
        mean_of_logs,
    ),
    (
        "over the images instead of the samples",
        "Wrong axis: average over the samples",
        over_images,
    ),
    (
        "subtracts the largest and forgets to add it again",
        "The largest log weight, which you",
        largest_is_lost,
    ),
    (
        "one largest for the whole batch: images far below underflow",
        "One image's largest weight serves all",
        one_largest_for_all,
    ),
    (
        "subtracts log of the number of images",
        "You subtract the log of another",
        number_of_images,
    ),
    (
        "clamps the logarithms: wrong for extreme weights",
        "Right in the ordinary cases, but",
        clamped,
    ),
    ("returns (B, 1)", r"Your result has shape \(", column),
    (
        "averages the logarithms with self-normalised weights",
        "The logs are averaged with the",
        self_normalised,
    ),
    ("shifts logw in place", "You change the input logw in", shifts_in_place),
]
