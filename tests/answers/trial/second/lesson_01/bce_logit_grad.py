"""Answers to bce_logit_grad, written blind."""

import torch
import torch.nn.functional as F


def by_autograd(logits, pixels):
    def total(a):
        return F.binary_cross_entropy_with_logits(a, pixels, reduction="sum")

    return torch.func.grad(total)(logits)


def weighted(a, x):
    # -log p falls by 1 - p = s(-a) as a rises, -log(1 - p) rises by p
    return (1 - x) * torch.sigmoid(a) - x * torch.sigmoid(-a)


def of_squared_error(a, x):
    p = torch.sigmoid(a)
    return 2 * (p - x) * p * (1 - p)


def by_p(a, x):
    p = torch.sigmoid(a)
    eps = 1e-7
    return (p - x) / (p * (1 - p) + eps)


def not_simplified(a, x):
    p = torch.sigmoid(a)
    dl_dp = (p - x) / (p * (1 - p))
    dp_da = p * (1 - p)
    return dl_dp * dp_da


def of_the_mean(a, x):
    def loss(logits):
        return F.binary_cross_entropy_with_logits(logits, x)

    return torch.func.grad(loss)(a)


def black_or_white(a, x):
    p = torch.sigmoid(a)
    ink = x > 0.5
    return torch.where(ink, p - 1, p)


def marks_input(a, x):
    a.requires_grad_()
    loss = F.binary_cross_entropy_with_logits(a, x, reduction="sum")
    loss.backward()
    return a.grad


RIGHT = [
    by_autograd,
    weighted,
]

WRONG = [
    (
        "gives the squared error's gradient (1.4)",
        "That is the gradient of the",
        of_squared_error,
    ),
    (
        "stops at the derivative by p, forgets dp/da",
        "That is the derivative with respect",
        by_p,
    ),
    (
        "does not cancel p (1 - p): NaN for large logits",
        "NaN where a logit is large:",
        not_simplified,
    ),
    (
        "lets autograd differentiate the mean over all entries",
        "You average over the entries: each",
        of_the_mean,
    ),
    ("treats grey pixels as black or white", "You take x for", black_or_white),
    (
        "turns on gradients of its input and fills its .grad",
        r"You call backward\(\) with the input",
        marks_input,
    ),
]
