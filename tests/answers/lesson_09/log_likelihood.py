"""Answers to log_likelihood, in forms that learners write."""

import math

import torch


def by_largest(logw):
    top = logw.max(dim=0).values
    return top + torch.exp(logw - top).mean(0).log()


def streaming(logw):
    total = logw[0]
    for row in logw[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(logw.shape[0])


def in_parts(logw):
    parts = [part.logsumexp(0) for part in logw.split(4)]
    k = torch.tensor(len(logw), dtype=logw.dtype)
    return torch.stack(parts).logsumexp(0) - k.log()


def image_by_image(logw):
    estimates = []
    for column in logw.T:
        top = max(column)
        total = sum(torch.exp(w - top) for w in column)
        estimates.append(top + torch.log(total / len(column)))
    return torch.stack(estimates)


def by_softmax(logw):
    return (logw - logw.log_softmax(0)).mean(0) - math.log(len(logw))


def usual(logw):
    return logw.logsumexp(0) - math.log(logw.shape[0])


RIGHT = [
    usual,
    by_largest,
    streaming,
    in_parts,
    image_by_image,
    by_softmax,
    lambda logw: torch.logsumexp(logw - math.log(len(logw)), dim=0),
    lambda logw: usual(logw.double()),
]


def by_weights(logw):
    return logw.exp().mean(0).log()


def minus(term):
    return lambda logw: logw.logsumexp(0) - term(logw)


WRONG = [
    ("mean of the logs", lambda logw: logw.mean(dim=0)),
    ("add up the logs", lambda logw: logw.sum(0)),
    ("log k is missing", lambda logw: torch.logsumexp(logw, 0)),
    ("wrong sign", minus(lambda logw: -math.log(logw.size(0)))),
    ("log B for log k", minus(lambda logw: math.log(logw.size(1)))),
    ("all weights", minus(lambda logw: math.log(logw.numel()))),
    ("base 2 or 10", minus(lambda logw: math.log2(logw.size(0)))),
    ("that the notebook used", minus(lambda logw: math.log(5000))),
    ("same amount", minus(lambda logw: math.log(len(logw) + 1))),
    ("You subtract k", minus(len)),
    ("log of the sum by k", lambda logw: logw.logsumexp(0) / logw.size(0)),
    ("divide by log k", lambda w: w.logsumexp(0) / math.log(len(w))),
    ("root of every", lambda logw: (logw / len(logw)).logsumexp(0)),
    ("best of k", lambda logw: logw.max(0).values),
    ("by their softmax", lambda logw: (logw.softmax(0) * logw).sum(0)),
    ("not added again", lambda logw: by_weights(logw - logw.amax(0))),
    ("one of k", lambda logw: logw[0]),
    (
        "sign is turned",
        lambda logw: math.log(len(logw)) - logw.logsumexp(0),
    ),
    ("mean weight", lambda logw: logw.exp().mean(0)),
    ("sum of the weights", lambda logw: logw.exp().sum(0)),
    ("log of the log-weights", lambda logw: logw.mean(0).log()),
    ("in bits", lambda logw: usual(logw) / math.log(2)),
    (
        "wrong dimension",
        lambda logw: logw.logsumexp(1) - math.log(logw.size(1)),
    ),
    ("the mean of the values", lambda logw: usual(logw).mean()),
    ("one number", lambda logw: logw.logsumexp((0, 1))),
    ("size 1 too many", lambda logw: by_largest(logw)[None]),
    (
        "not for one image alone",
        lambda logw: logw.squeeze().logsumexp(0) - math.log(len(logw)),
    ),
    ("under- or overflow", by_weights),
    ("under- or overflow", lambda logw: by_weights(logw.double())),
    (
        "under- or overflow",
        lambda logw: (logw.exp().mean(0) + 1e-10).log(),
    ),
    (
        "Each image has its own",
        lambda logw: logw.max() + by_weights(logw - logw.max()),
    ),
    (
        "not where the weights of one image are far apart",
        lambda logw: logw.mean(0) + by_weights(logw - logw.mean(0)),
    ),
    ("gradient", lambda logw: by_largest(logw).detach()),
]
