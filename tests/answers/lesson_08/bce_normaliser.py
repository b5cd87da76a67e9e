"""Answers to bce_normaliser, in forms that learners write."""

import numpy as np
import torch
import torch.nn.functional as F

from answers.lesson_08._logits import guarded, half, normaliser_usual


def normaliser_clamped(logits):
    size = logits.abs().clamp(min=1e-4)
    return torch.tanh(size / 2) / size


def normaliser_in_double(logits):
    a = logits.double()
    a = torch.where(a.abs() < 1e-6, 1e-6, a)
    return ((2 * torch.sigmoid(a) - 1) / a).to(logits.dtype)


def normaliser_quadrature(logits):
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = torch.tensor((nodes + 1) / 2)
    log_p = F.logsigmoid(logits.double()), F.logsigmoid(-logits.double())
    log_f = x * log_p[0][..., None] + (1 - x) * log_p[1][..., None]
    return log_f.exp() @ torch.tensor(weights / 2)


def normaliser_by_masking(logits):
    result = torch.full_like(logits, 0.5)
    big = logits.abs() > 1e-3
    result[big] = (torch.tanh(logits[big] / 2) / logits[big]).to(result)
    return result + 0 * logits


def normaliser_loop(logits):
    values = [
        0.5 + 0 * a if abs(a) < 1e-3 else torch.tanh(a / 2) / a
        for a in logits.flatten()
    ]
    return torch.stack(values).reshape(logits.shape)


def by_lambda(a):
    return (2 * a.sigmoid() - 1) / a


def by_tanh(a):
    return torch.tanh(a / 2) / a


RIGHT = [
    normaliser_usual,
    normaliser_clamped,
    normaliser_in_double,
    normaliser_quadrature,
    normaliser_by_masking,
    normaliser_loop,
    guarded(half, by_lambda, 1e-3),
    guarded(half, by_tanh, 0.05),
    guarded(lambda a: 0.5 - a**2 / 24, by_tanh, 0.1),
    lambda a: torch.tanh((a + 1e-8) / 2) / (a + 1e-8),
]

WRONG = [
    ("0/0", by_lambda),
    ("not at logit 0(.|\n)*0/0", lambda a: (a.exp() - 1) / (1 + a.exp()) / a),
    ("0/0", lambda a: (2 * a.sigmoid() - 1) / torch.logit(a.sigmoid())),
    (
        "at logit 0, but the gradient .* is NaN",
        lambda a: torch.where(
            a.abs() < 1e-3, torch.tensor(0.5), torch.tanh(a / 2) / a
        ),
    ),
    (
        "at logit 0, but the gradient .* is NaN",
        lambda a: torch.nan_to_num(by_tanh(a), nan=0.5),
    ),
    ("no digits", lambda a: by_lambda(a + 1e-8 * (a == 0))),
    ("no digits", lambda a: torch.nan_to_num(by_lambda(a), nan=0.5)),
    ("no digits", guarded(half, by_lambda, 1e-6)),
    (
        "no digits",
        lambda a: torch.where(a.sigmoid() == 0.5, 0.5, by_lambda(a)),
    ),
    ("divisor alone", lambda a: torch.tanh(a / 2) / (a + 1e-8)),
    ("not at logit 0(.|\n)*yours is 1", guarded(torch.ones_like, by_tanh, 0)),
    ("not for logits near 0", guarded(half, by_tanh, 0.1)),
    ("too wide", guarded(half, by_tanh, 1)),
    ("negative logits", lambda a: by_tanh(a.clamp(min=1e-3))),
    ("logits is negative", lambda a: torch.tanh(a.abs() / 2) / a),
    ("two sides", guarded(by_tanh, half, 1e-3)),
    ("reciprocal", lambda a: 1 / normaliser_usual(a)),
    ("reciprocal", lambda a: a / (2 * a.sigmoid() - 1)),
    ("the logarithm of", lambda a: normaliser_usual(a).log()),
    ("log C", lambda a: a.abs().log() - torch.tanh(a.abs() / 2).log()),
    ("input is the logit", lambda a: (2 * a - 1) / (a / (1 - a)).log()),
    ("lambda where the logit", lambda a: by_tanh(a.sigmoid())),
    ("half the logit", lambda a: torch.tanh(a) / a),
    ("log lambda alone", lambda a: (2 * a.sigmoid() - 1) / a.sigmoid().log()),
    ("division by the logit", lambda a: 2 * a.sigmoid() - 1),
    ("1 - lambda is missing", lambda a: (a.exp() - 1) / a),
    ("not lambda", lambda a: a.sigmoid() * (a.exp() - 1) / a),
    ("twice", lambda a: 2 * normaliser_usual(a)),
    ("sign is turned", lambda a: (1 - 2 * a.sigmoid()) / a),
    (
        "overflows",
        guarded(half, lambda a: (a.exp() - 1) / (1 + a.exp()) / a, 1e-3),
    ),
    (
        "its logit cannot",
        guarded(
            half,
            lambda a: (2 * a.sigmoid() - 1) / torch.logit(a.sigmoid()),
            1e-2,
        ),
    ),
    ("number, the mean", lambda a: normaliser_usual(a).mean()),
    ("lost on the way", lambda a: normaliser_usual(a).detach()),
    (
        "lost on the way",
        lambda a: torch.from_numpy(normaliser_usual(a).numpy()),
    ),
]
