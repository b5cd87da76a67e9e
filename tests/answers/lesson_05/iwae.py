"""Answers to iwae, in forms that learners write."""

import math

import torch


def iwae_by_shift(logw):
    top = logw.max(dim=1, keepdim=True).values
    return (top + (logw - top).exp().mean(1, keepdim=True).log()).squeeze(1)


def iwae_loop(logw):
    rows = [torch.logsumexp(row, 0) - math.log(len(row)) for row in logw]
    return torch.stack(rows)


RIGHT = [
    lambda logw: torch.logsumexp(logw, 1) - math.log(logw.shape[1]),
    lambda logw: (logw - math.log(logw.shape[-1])).logsumexp(-1),
    iwae_by_shift,
    iwae_loop,
]


def one_top(logw):
    top = logw.max()
    return top + (logw - top).exp().mean(1).log()


def iwae_by_mean(logw):
    mean = logw.mean(1, keepdim=True)
    return mean.squeeze(1) + (logw - mean).exp().mean(1).log()


WRONG = [
    ("mean of the logs", lambda logw: logw.mean(dim=-1)),
    ("1/k", lambda logw: torch.logsumexp(logw, dim=1)),
    ("Wrong axis", lambda logw: logw.logsumexp(0) - math.log(len(logw))),
    ("overflow", lambda logw: torch.log(torch.exp(logw).mean(1))),
    ("divide", lambda logw: torch.logsumexp(logw, 1) / logw.shape[1]),
    ("over images", lambda logw: logw.logsumexp(1).mean()),
    ("not added again", lambda logw: iwae_by_shift(logw) - logw.amax(1)),
    ("serves all images", one_top),
    ("averaged with the weights", lambda w: (w.softmax(1) * w).sum(1)),
    ("largest of the weights", lambda logw: logw.max(1).values),
    ("mean weight", lambda logw: iwae_loop(logw).exp()),
    ("gradient", lambda logw: iwae_loop(logw.detach())),
    ("smallest of an image", iwae_by_mean),
    (
        "inside the exponential",
        lambda logw: (logw / logw.shape[1]).logsumexp(1),
    ),
    ("minus the bound", lambda logw: -iwae_loop(logw)),
    ("normalise", lambda logw: logw.log_softmax(1).mean(1)),
    ("one weight alone", lambda logw: logw[:, 0]),
    ("sum of the weights", lambda logw: logw.exp().sum(1)),
    ("under- or overflow", lambda logw: logw.double().exp().mean(1).log()),
]
