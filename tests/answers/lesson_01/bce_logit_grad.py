"""Answers to bce_logit_grad, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli


def grad_autograd(a, x):
    a = a.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(a, x, reduction="sum").backward()
    return a.grad


def grad_autograd_by_hand(a, x):
    a.requires_grad_()
    p = torch.sigmoid(a)
    loss = -(x * p.log() + (1 - x) * (1 - p).log())
    return torch.autograd.grad(loss.sum(), a)[0]


def grad_loop(a, x):
    pairs = zip(a.flatten().tolist(), x.flatten().tolist(), strict=True)
    values = [1 / (1 + math.exp(-u)) - v for u, v in pairs]
    return torch.tensor(values).reshape(a.shape)


RIGHT = [
    lambda a, x: torch.sigmoid(a) - x,
    lambda a, x: 1 / (1 + torch.exp(-a)) - x,
    lambda a, x: Bernoulli(logits=a).probs.double() - x,
    lambda a, x: (1 - x) * torch.sigmoid(a) - x * torch.sigmoid(-a),
    grad_autograd,
    grad_autograd_by_hand,
    grad_loop,
]


def grad_of(loss):
    def gradient(a, x):
        a = a.clone().requires_grad_()
        return torch.autograd.grad(loss(a, x), a)[0]

    return gradient


WRONG = [
    ("sign", lambda a, x: x - torch.sigmoid(a)),
    (
        "sign",
        grad_of(
            lambda a, x: (
                Bernoulli(logits=a, validate_args=False).log_prob(x).sum()
            )
        ),
    ),
    (
        "extra factor",
        lambda a, x: (
            (torch.sigmoid(a) - x) * torch.sigmoid(a) * (1 - torch.sigmoid(a))
        ),
    ),
    (
        "extra factor",
        grad_of(lambda a, x: 0.5 * ((a.sigmoid() - x) ** 2).sum()),
    ),
    (
        "respect to p",
        lambda a, x: (
            (torch.sigmoid(a) - x)
            / (torch.sigmoid(a) * (1 - torch.sigmoid(a)))
        ),
    ),
    (
        "respect to p",
        lambda a, x: -x / a.sigmoid() + (1 - x) / (1 - a.sigmoid()),
    ),
    ("logit itself", lambda a, x: a - x),
    ("average", grad_of(F.binary_cross_entropy_with_logits)),
    (
        "the loss itself",
        lambda a, x: F.binary_cross_entropy(a.sigmoid(), x, reduction="none"),
    ),
]
