"""Answers to continuous_bernoulli_mean, in forms that learners write."""

import math

import torch
from torch.distributions import ContinuousBernoulli

from answers.lesson_08._normaliser import normaliser_usual


def mean_usual(logits):
    small = logits.abs() < 0.1
    safe = torch.where(small, torch.ones_like(logits), logits)
    exact = 1 / (1 - torch.exp(-safe)) - 1 / safe
    return torch.where(small, 0.5 + logits / 12, exact)


def mean_of_lambda(logits):
    lam = torch.sigmoid(logits.double())
    near = (lam - 0.5).abs() < 1e-4
    safe = torch.where(near, 0.3, lam)
    far = safe / (2 * safe - 1) - 1 / torch.log(safe / (1 - safe))
    far = torch.where(
        logits.abs() > 30, (logits > 0).float() - 1 / logits, far
    )
    return torch.where(near, 0.5, far).to(logits.dtype)


def mean_by_autograd(logits):
    a = logits.detach().clone().double()
    a = torch.where(a.abs() < 1e-4, 1e-4, a).requires_grad_()
    size = a.abs()
    log_sum = torch.where(a > 0, a, 0) + torch.log(-torch.expm1(-size) / size)
    return torch.autograd.grad(log_sum.sum(), a)[0].to(logits.dtype)


def mean_loop(logits):
    values = [
        0.5 + a / 12 if abs(a) < 0.01 else -1 / math.expm1(-a) - 1 / a
        for a in logits.flatten().tolist()
    ]
    return torch.tensor(values).reshape(logits.shape)


RIGHT = [
    mean_usual,
    mean_of_lambda,
    mean_by_autograd,
    mean_loop,
]

WRONG = [
    ("lambda itself", lambda a: torch.sigmoid(a)),
    ("0/0", lambda a: 1 / (1 - torch.exp(-a)) - 1 / a),
    (
        "0/0",
        lambda a: (
            (p := a.sigmoid()) / (2 * p - 1) + 1 / (2 * torch.atanh(1 - 2 * p))
        ),
    ),
    (
        "no digits",
        lambda a: torch.where(a == 0, 0.5, 1 / (1 - torch.exp(-a)) - 1 / a),
    ),
    (
        "sign of 1/a",
        lambda a: (
            (p := a.sigmoid()) / (2 * p - 1) + 1 / (2 * torch.atanh(2 * p - 1))
        ),
    ),
    ("for large logits", lambda a: ContinuousBernoulli(logits=a).mean),
    ("1/a is missing", lambda a: 1 / (1 - torch.exp(-a))),
    (
        "factor 2",
        lambda a: (
            (p := a.sigmoid()) / (2 * p - 1) + 1 / torch.atanh(1 - 2 * p)
        ),
    ),
    ("1 minus the mean", lambda a: mean_usual(-a)),
    ("no mean", lambda a: a.sigmoid() * a / torch.tanh(a / 2)),
    ("not divided", lambda a: mean_usual(a) * normaliser_usual(a)),
    (
        "input is the logit",
        lambda a: a / (2 * a - 1) + 1 / (2 * torch.atanh(1 - 2 * a)),
    ),
    (
        "overflows",
        lambda a: torch.where(
            a.abs() < 0.01,
            0.5 + a / 12,
            a.exp() / (a.exp() - 1) - 1 / a,
        ),
    ),
]
