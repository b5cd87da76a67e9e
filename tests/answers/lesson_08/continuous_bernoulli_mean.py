"""Answers to continuous_bernoulli_mean, in forms that learners write."""

import math

import torch
from torch.distributions import ContinuousBernoulli

from answers.lesson_08._logits import guarded, half, normaliser_usual


def line(a):
    return 0.5 + a / 12


def by_exp(a):
    return 1 / (1 - torch.exp(-a)) - 1 / a


def by_expm1(a):
    return -1 / torch.expm1(-a) - 1 / a


mean_usual = guarded(line, by_exp, 0.1)


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


def mean_of_a_grid(logits):
    x = torch.linspace(0, 1, 4001)
    p = torch.softmax(logits[..., None] * x, -1)
    return (p * x).sum(-1)


def mean_kept_away(logits):
    """As the lesson's own: to three digits."""
    s = logits.abs().clamp(min=0.01)
    light = 1 / s - 1 / torch.expm1(s)
    return torch.where(logits > 0, 1 - light, light)


RIGHT = [
    mean_usual,
    mean_of_lambda,
    mean_by_autograd,
    mean_loop,
    mean_of_a_grid,
    mean_kept_away,
    guarded(line, by_exp, 0.01),
    guarded(line, by_exp, 1e-3),
    guarded(line, by_expm1, 1e-4),
    guarded(half, by_exp, 0.01),
    guarded(half, by_expm1, 1e-3),
    guarded(line, lambda a: 0.5 + 0.5 / torch.tanh(a / 2) - 1 / a, 0.05),
    lambda a: torch.where(a.abs() < 0.1, line(a), by_exp(a)),
]


def by_artanh(a, p):
    return p / (2 * p - 1) + 1 / (2 * torch.atanh(1 - 2 * p))


WRONG = [
    ("lambda itself", lambda a: torch.sigmoid(a)),
    ("0/0", by_exp),
    ("0/0", lambda a: by_artanh(a, a.sigmoid())),
    ("no digits", lambda a: torch.where(a == 0, 0.5, by_exp(a))),
    ("no digits", guarded(line, by_exp, 1e-6)),
    ("no digits", guarded(line, by_exp, 1e-4)),
    ("nor for tiny logits", lambda a: by_exp(a + 1e-6).nan_to_num(0.5)),
    ("not for logits near 0(.|\n)*yours is 0.5", guarded(half, by_exp, 0.1)),
    ("no constant", guarded(half, by_exp, 0.5)),
    ("line .* turned", guarded(lambda a: 0.5 - a / 12, by_exp, 0.1)),
    ("too steep", guarded(lambda a: 0.5 + a / 4, by_exp, 0.1)),
    ("starts at 0", guarded(lambda a: a / 12, by_exp, 0.1)),
    ("negative logits", lambda a: torch.where(a < 0.1, line(a), by_exp(a))),
    ("line .* everywhere", guarded(by_exp, line, 0.1)),
    ("1/2 for any input", guarded(by_exp, half, 0.1)),
    (
        "sign of 1/a",
        lambda a: (
            (p := a.sigmoid()) / (2 * p - 1) + 1 / (2 * torch.atanh(2 * p - 1))
        ),
    ),
    (
        "first term is turned",
        lambda a: (p := a.sigmoid()) / (1 - 2 * p) - 1 / a,
    ),
    ("for large logits", lambda a: ContinuousBernoulli(logits=a).mean),
    ("1/a is missing", lambda a: 1 / (1 - torch.exp(-a))),
    ("has another one", lambda a: -1 / a),
    (
        "factor 2",
        lambda a: (
            (p := a.sigmoid()) / (2 * p - 1) + 1 / torch.atanh(1 - 2 * p)
        ),
    ),
    ("exponent is turned", lambda a: 1 / (1 - torch.exp(a)) - 1 / a),
    ("too small by 1", lambda a: 1 / (torch.exp(a) - 1) - 1 / a),
    ("first term is lambda", lambda a: 1 / (1 + torch.exp(-a)) - 1 / a),
    ("lambda where the logit", lambda a: by_exp(a.sigmoid())),
    ("1 minus the mean", lambda a: mean_usual(-a)),
    ("divide lambda", lambda a: a.sigmoid() * a / torch.tanh(a / 2)),
    ("multiply lambda", lambda a: a.sigmoid() * normaliser_usual(a)),
    ("not divided", lambda a: mean_usual(a) * normaliser_usual(a)),
    ("differentiate", lambda a: mean_usual(a) - a.sigmoid()),
    ("exercise 1, not the mean", normaliser_usual),
    ("input is the logit", lambda a: by_artanh(a, a)),
    (
        "overflows",
        lambda a: torch.where(
            a.abs() < 0.01,
            0.5 + a / 12,
            a.exp() / (a.exp() - 1) - 1 / a,
        ),
    ),
    (
        "its logit cannot",
        guarded(
            line,
            lambda a: (
                (p := a.sigmoid()) / (2 * p - 1) - 1 / torch.log(p / (1 - p))
            ),
            0.1,
        ),
    ),
]
