"""Answers to bce_normaliser, in forms that learners write."""

import numpy as np
import torch
import torch.nn.functional as F

from answers.lesson_08._normaliser import normaliser_usual


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


RIGHT = [
    normaliser_usual,
    normaliser_clamped,
    normaliser_in_double,
    normaliser_quadrature,
    normaliser_by_masking,
]

WRONG = [
    ("0/0", lambda a: (2 * a.sigmoid() - 1) / a),
    ("0/0", lambda a: (torch.exp(a) - 1) / (1 + torch.exp(a)) / a),
    ("0/0", lambda a: (2 * a.sigmoid() - 1) / torch.logit(a.sigmoid())),
    (
        "gradient is NaN",
        lambda a: torch.where(
            a.abs() < 1e-3, torch.tensor(0.5), torch.tanh(a / 2) / a
        ),
    ),
    (
        "no digits",
        lambda a: (
            (2 * (a + 1e-8 * (a == 0)).sigmoid() - 1) / (a + 1e-8 * (a == 0))
        ),
    ),
    (
        "no digits",
        lambda a: torch.nan_to_num((2 * a.sigmoid() - 1) / a, nan=0.5),
    ),
    ("reciprocal", lambda a: 1 / normaliser_usual(a)),
    ("reciprocal", lambda a: a / (2 * a.sigmoid() - 1)),
    ("logarithm", lambda a: normaliser_usual(a).log()),
    ("logarithm", lambda a: a.abs().log() - torch.tanh(a.abs() / 2).log()),
    ("input is the logit", lambda a: (2 * a - 1) / (a / (1 - a)).log()),
    ("half the logit", lambda a: torch.tanh(a) / a),
    ("division by the logit", lambda a: 2 * a.sigmoid() - 1),
    ("sign", lambda a: (1 - 2 * a.sigmoid()) / a),
    (
        "overflows",
        lambda a: torch.where(
            a.abs() < 1e-3,
            0.5,
            (a.exp() - 1)
            / (1 + a.exp())
            / torch.where(a.abs() < 1e-3, 1.0, a),
        ),
    ),
    ("no gradient", lambda a: normaliser_usual(a).detach()),
    (
        r"numpy\(\)",
        lambda a: torch.from_numpy(normaliser_usual(a).numpy()),
    ),
]
