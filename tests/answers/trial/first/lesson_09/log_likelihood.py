"""Answers to log_likelihood, written blind."""

import math

import torch

# ---------------------------------------------------------------- right


def one_line(logw):
    return logw.logsumexp(0) - math.log(len(logw))


def shifted(logw):
    top = logw.detach().amax(dim=0, keepdim=True)
    top = torch.where(top.isfinite(), top, torch.zeros_like(top))
    return torch.log(torch.exp(logw - top).mean(dim=0)) + top.squeeze(0)


def running(log_weights):
    """One code after the other."""
    total = log_weights[0]
    for row in log_weights[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(log_weights.shape[0])


def cumulative(logw):
    k = logw.size(0)
    return torch.logcumsumexp(logw - math.log(k), dim=0)[-1]


def image_by_image(logw):
    k = torch.tensor(logw.shape[0], dtype=torch.float64)
    result = []
    for column in logw.double().T.unbind():
        best = column.argmax()
        share = torch.softmax(column, 0)[best]  # of the largest weight
        result.append(column[best] - share.log() - k.log())
    return torch.stack(result).to(logw.dtype)


# ---------------------------------------------------------------- wrong


def elbo(logw):
    estimate = logw.mean(dim=0)
    return estimate


def no_k(logw):
    return torch.logsumexp(logw, dim=0)


def codes_second(logw):
    k = logw.shape[-1]
    return torch.logsumexp(logw, axis=-1) - math.log(k)


def naive(logw):
    w = torch.exp(logw)
    return torch.log(w.mean(dim=0))


def largest_only(logw):
    k = logw.shape[0]
    best, _ = logw.max(dim=0)
    return best - math.log(k)


def one_shift(logw):
    m = logw.max()
    w = torch.exp(logw - m)
    return torch.log(w.mean(dim=0)) + m


def self_normalised(logw):
    weights = torch.softmax(logw, dim=0)
    return (weights * logw).sum(dim=0)


def negative(logw):
    k = logw.shape[0]
    log_p = torch.logsumexp(logw, dim=0) - math.log(k)
    return -log_p


def five_thousand(logw):
    return torch.logsumexp(logw, dim=0) - math.log(5000)


def bits(logw):
    k = logw.shape[0]
    return torch.logsumexp(logw, dim=0) - math.log2(k)


def mean_of_images(logw):
    k = logw.shape[0]
    log_p = torch.logsumexp(logw, dim=0) - math.log(k)
    return log_p.mean()


def numpy_max(logw):
    top = logw.max(axis=0)
    w = torch.exp(logw - top)
    return torch.log(w.mean(axis=0)) + top


RIGHT = [
    one_line,
    shifted,
    running,
    cumulative,
    image_by_image,
]

WRONG = [
    ("averages the log-weights: the ELBO", "This is the mean of the", elbo),
    ("forgets log k", "log k is missing: the log", no_k),
    (
        "sums over the images, as if the codes were second",
        r"Your result has shape \(",
        codes_second,
    ),
    (
        "exp, mean, log: underflows for the log-weights of images",
        "The weights under- or overflow: never",
        naive,
    ),
    (
        "takes only the largest weight for the sum",
        "This is the best of k",
        largest_only,
    ),
    (
        "one maximum of all images: the others underflow",
        "You subtract the largest log-weight of",
        one_shift,
    ),
    (
        "average of the log-weights with normalised weights",
        "You weight the log-weights by their",
        self_normalised,
    ),
    (
        "returns the negative log-likelihood",
        "The sign is turned: asked is",
        negative,
    ),
    (
        "log 5000 of the notebook in place of log k",
        "k is the number of codes",
        five_thousand,
    ),
    ("subtracts log2 k from nats", "You take log k to base", bits),
    (
        "averages over the images: a scalar",
        r"Your result has shape \(\); asked",
        mean_of_images,
    ),
    (
        "max(axis=0) as in NumPy: in torch it is a pair, an error",
        "Your function raises TypeError: unsupported operand",
        numpy_max,
    ),
]
