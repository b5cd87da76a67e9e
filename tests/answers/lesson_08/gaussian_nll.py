"""Answers to gaussian_nll, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Normal


def nll_usual(x, mean, log_sigma2):
    scaled = (x - mean) ** 2 * torch.exp(-log_sigma2)
    each = 0.5 * (scaled + log_sigma2 + math.log(2 * math.pi))
    return each.flatten(1).sum(1)


def nll_by_distributions(x, mean, log_sigma2):
    p = Normal(mean, torch.exp(0.5 * log_sigma2))
    return -p.log_prob(x).sum(dim=(1, 2, 3))


def nll_by_loss(x, mean, log_sigma2):
    var = log_sigma2.exp().expand(x.shape)
    each = F.gaussian_nll_loss(mean, x, var, full=True, reduction="none")
    return each.sum((1, 2, 3))


def nll_per_image(x, mean, log_sigma2):
    D = x[0].numel()
    sse = F.mse_loss(mean, x, reduction="none").flatten(1).sum(1)
    constant = D / 2 * torch.log(2 * torch.pi * log_sigma2.exp())
    return sse / (2 * log_sigma2.exp()) + constant


RIGHT = [
    nll_usual,
    nll_by_distributions,
    nll_by_loss,
    nll_per_image,
]


def nll_of(x, mean, sigma):
    return -Normal(mean, sigma).log_prob(x).flatten(1).sum(1)


WRONG = [
    ("log of sigma", lambda x, m, v: nll_of(x, m, v.exp())),
    (
        "log of sigma",
        lambda x, m, v: (
            (
                0.5 * (x - m) ** 2 / v
                + 0.5 * v.log()
                + 0.5 * math.log(2 * math.pi)
            )
            .flatten(1)
            .sum(1)
        ),
    ),
    (
        "in place of sigma",
        lambda x, m, v: (
            ((x - m) ** 2 / (v / 2).exp() + v + math.log(2 * math.pi)) / 2
        ).sum((1, 2, 3)),
    ),
    (
        "not divided",
        lambda x, m, v: (((x - m) ** 2 + v + math.log(2 * math.pi)) / 2).sum(
            (1, 2, 3)
        ),
    ),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, v: (((x - m) ** 2 / v.exp() + v) / 2).sum((1, 2, 3)),
    ),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, v: F.gaussian_nll_loss(
            m, x, v.exp().expand(x.shape), reduction="none"
        ).sum((1, 2, 3)),
    ),
    (
        "log sigma.2 is missing",
        lambda x, m, v: ((x - m) ** 2 / (2 * v.exp())).sum((1, 2, 3)),
    ),
    (
        "1/2",
        lambda x, m, v: (
            (x - m) ** 2 / v.exp() + v + math.log(2 * math.pi)
        ).sum((1, 2, 3)),
    ),
    (
        "1/2",
        lambda x, m, v: (
            (x - m) ** 2 / v.exp() + 0.5 * v + 0.5 * math.log(2 * math.pi)
        ).sum((1, 2, 3)),
    ),
    ("log-density", lambda x, m, v: -nll_usual(x, m, v)),
    (
        "sign is turned",
        lambda x, m, v: (
            ((x - m) ** 2 / v.exp() - v + math.log(2 * math.pi)) / 2
        ).sum((1, 2, 3)),
    ),
    (
        "mean over the pixels",
        lambda x, m, v: nll_usual(x, m, v) / x[0].numel(),
    ),
    (
        "once an image",
        lambda x, m, v: (
            ((x - m) ** 2).sum((1, 2, 3)) / (2 * v.exp())
            + 0.5 * (2 * math.pi * v.exp()).log()
        ),
    ),
    (
        "not squared",
        lambda x, m, v: (
            ((x - m).abs() / v.exp() + v + math.log(2 * math.pi)) / 2
        ).sum((1, 2, 3)),
    ),
    ("reduce the batch", lambda x, m, v: nll_usual(x, m, v).mean()),
    (
        "reduce the batch",
        lambda x, m, v: F.gaussian_nll_loss(
            m, x, v.exp().expand(x.shape), full=True
        ),
    ),
    (
        "gradient",
        lambda x, m, v: nll_usual(x, m, v.detach()),
    ),
]
