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


RIGHT = [
    lambda logw: logw.logsumexp(0) - math.log(logw.shape[0]),
    by_largest,
    streaming,
    in_parts,
]

WRONG = [
    ("mean of the logs", lambda logw: logw.mean(dim=0)),
    ("log k is missing", lambda logw: torch.logsumexp(logw, 0)),
    (
        "wrong sign",
        lambda logw: logw.logsumexp(0) + math.log(logw.size(0)),
    ),
    (
        "another number",
        lambda logw: logw.logsumexp(0) - math.log(logw.size(1)),
    ),
    (
        "another number",
        lambda logw: logw.logsumexp(0) - math.log2(logw.size(0)),
    ),
    ("divide by k", lambda logw: logw.logsumexp(0) / logw.size(0)),
    ("best of k", lambda logw: logw.max(0).values),
    (
        "sign is turned",
        lambda logw: math.log(len(logw)) - logw.logsumexp(0),
    ),
    ("mean weight", lambda logw: logw.exp().mean(0)),
    (
        "Wrong axis",
        lambda logw: logw.logsumexp(1) - math.log(logw.size(1)),
    ),
    (
        "reduce the batch",
        lambda logw: (logw.logsumexp(0) - math.log(len(logw))).mean(),
    ),
    ("under- or overflow", lambda logw: logw.exp().mean(0).log()),
    (
        "under- or overflow",
        lambda logw: (logw.exp().mean(0) + 1e-10).log(),
    ),
    ("gradient", lambda logw: by_largest(logw).detach()),
]
