"""Answers to bce_logit_grad, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli


def grad_autograd(a, x):
    a = a.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(a, x, reduction="sum").backward()
    return a.grad


def grad_softplus(a, x):
    a = a.detach().clone().requires_grad_()
    loss = x * F.softplus(-a) + (1 - x) * F.softplus(a)
    return torch.autograd.grad(loss, a, torch.ones_like(a))[0]


def grad_loop(a, x):
    pairs = zip(a.flatten().tolist(), x.flatten().tolist(), strict=True)
    values = [1 / (1 + math.exp(-u)) - v for u, v in pairs]
    return torch.tensor(values).reshape(a.shape)


RIGHT = [
    lambda a, x: torch.sigmoid(a) - x,
    lambda a, x: 1 / (1 + torch.exp(-a)) - x,
    lambda a, x: torch.exp(a) / (1 + torch.exp(a)) - x,
    lambda a, x: Bernoulli(logits=a).probs.double() - x,
    lambda a, x: (1 - x) * torch.sigmoid(a) - x * torch.sigmoid(-a),
    lambda a, x: (1 + torch.tanh(a / 2)) / 2 - x,
    lambda a, x: torch.stack([torch.zeros_like(a), a]).softmax(0)[1] - x,
    grad_autograd,
    grad_softplus,
    grad_loop,
]


def grad_of(loss):
    def gradient(a, x):
        a = a.clone().requires_grad_()
        return torch.autograd.grad(loss(a, x), a)[0]

    return gradient


def grad_leaf(a, x):
    a.requires_grad_()
    F.binary_cross_entropy_with_logits(a, x, reduction="sum").backward()
    return a.grad


def grad_many(a, x):
    a = a.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(a, x, reduction="none").backward()
    return a.grad


def grad_unasked(a, x):
    loss = F.binary_cross_entropy_with_logits(a, x, reduction="sum")
    loss.backward()
    return a.grad


def entropy(a, x, eps=0):
    p = torch.sigmoid(a)
    return -(x * (p + eps).log() + (1 - x) * (1 - p + eps).log()).sum()


def of_p(change):
    return lambda a, x: change(torch.sigmoid(a), x)


def clamped(a, x):
    p = torch.sigmoid(a).clamp(1e-6, 1 - 1e-6)
    return (p - x) / (p * (1 - p)) * torch.sigmoid(a) * torch.sigmoid(-a)


def first_entry(a, x):
    for logit, pixel in zip(a, x, strict=True):
        return torch.sigmoid(logit) - pixel


WRONG = [
    ("sign is turned", lambda a, x: x - torch.sigmoid(a)),
    (
        "sign is turned",
        grad_of(
            lambda a, x: (
                Bernoulli(logits=a, validate_args=False).log_prob(x).sum()
            )
        ),
    ),
    (r"p \(1 - p\) too many", of_p(lambda p, x: (p - x) * p * (1 - p))),
    (
        r"p \(1 - p\) too many",
        grad_of(lambda a, x: 0.5 * ((a.sigmoid() - x) ** 2).sum()),
    ),
    (
        "squared error",
        grad_of(lambda a, x: F.mse_loss(a.sigmoid(), x, reduction="sum")),
    ),
    ("respect to p", of_p(lambda p, x: (p - x) / (p * (1 - p)))),
    ("respect to p", of_p(lambda p, x: -x / p + (1 - x) / (1 - p))),
    ("only that of p", of_p(lambda p, x: p * (1 - p))),
    ("logit itself", lambda a, x: a - x),
    ("x into a logit", lambda a, x: a - torch.log(x / (1 - x))),
    ("sigmoid of x too", lambda a, x: torch.sigmoid(a) - torch.sigmoid(x)),
    ("of the difference", lambda a, x: torch.sigmoid(a - x)),
    ("1 - p in place of p", lambda a, x: 1 / (1 + torch.exp(a)) - x),
    ("sigmoid twice", of_p(lambda p, x: torch.sigmoid(p) - x)),
    (
        "sigmoid twice",
        grad_of(
            lambda a, x: F.binary_cross_entropy_with_logits(
                a.sigmoid(), x, reduction="sum"
            )
        ),
    ),
    ("p or 1 - p is left", of_p(lambda p, x: (p - x) * p)),
    ("p or 1 - p is left", of_p(lambda p, x: (p - x) / (1 - p))),
    ("Functions of math", lambda a, x: 1 / (1 + math.exp(-a)) - x),
    ("softmax", lambda a, x: torch.softmax(a, dim=-1) - x),
    ("tanh", lambda a, x: torch.tanh(a) - x),
    ("round p", lambda a, x: (a > 0).float() - x),
    ("return p", lambda a, x: torch.sigmoid(a)),
    ("add x", of_p(lambda p, x: p + x)),
    ("square the diff", of_p(lambda p, x: (p - x) ** 2)),
    ("absolute value", of_p(lambda p, x: (p - x).abs())),
    ("twice the expected", of_p(lambda p, x: 2 * (p - x))),
    ("derive -x log p only", of_p(lambda p, x: -x * (1 - p))),
    ("derive -x log p only", of_p(lambda p, x: -x / p)),
    (r"derive -\(1 - x\)", of_p(lambda p, x: p * (1 - x))),
    (
        "term with 1 - x is wrong",
        of_p(lambda p, x: -x / p - (1 - x) / (1 - p)),
    ),
    ("term with x is wrong", of_p(lambda p, x: p + x - 2 * p * x)),
    ("average over", grad_of(F.binary_cross_entropy_with_logits)),
    ("mean taken", lambda a, x: (torch.sigmoid(a) - x) / len(a)),
    ("one number, the sum", of_p(lambda p, x: (p - x).sum())),
    ("first of the values asked for", first_entry),
    (
        "the loss itself",
        lambda a, x: F.binary_cross_entropy(a.sigmoid(), x, reduction="none"),
    ),
    ("the loss itself", F.binary_cross_entropy_with_logits),
    ("asks for one number", grad_many),
    ("No gradient is recorded", grad_unasked),
    ("the input a as a leaf", grad_leaf),
    ("NaN where a logit is large", grad_of(entropy)),
    (
        "NaN where a logit is large",
        of_p(lambda p, x: (-x / p + (1 - x) / (1 - p)) * p * (1 - p)),
    ),
    ("fades to 0", grad_of(lambda a, x: entropy(a, x, 1e-7))),
    (
        "fades to 0",
        grad_of(
            lambda a, x: F.binary_cross_entropy(
                a.sigmoid(), x, reduction="sum"
            )
        ),
    ),
    ("fades to 0", clamped),
]
