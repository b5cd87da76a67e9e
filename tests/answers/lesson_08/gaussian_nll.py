"""Answers to gaussian_nll, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Normal

LOG_2PI = math.log(2 * math.pi)


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


def nll_standardised(x, mean, log_sigma2):
    sigma = (log_sigma2 / 2).exp()
    each = ((x - mean) / sigma).square() / 2 + sigma.log() + LOG_2PI / 2
    return each.view(len(x), -1).sum(1)


def nll_loop(x, mean, log_sigma2):
    """Image by image and pixel by pixel."""
    totals = []
    for image, other in zip(x.flatten(1), mean.flatten(1), strict=True):
        square = sum((a - b) ** 2 for a, b in zip(image, other, strict=True))
        rest = len(image) * (log_sigma2 + LOG_2PI)
        totals.append((square / log_sigma2.exp() + rest) / 2)
    return torch.stack(totals)


def nll_einsum(x, mean, log_sigma2):
    d = (x - mean).flatten(1)
    rest = d.shape[1] * (log_sigma2 + LOG_2PI)
    return (torch.einsum("bd,bd->b", d, d) / log_sigma2.exp() + rest) / 2


RIGHT = [
    nll_usual,
    nll_by_distributions,
    nll_by_loss,
    nll_per_image,
    nll_standardised,
    nll_loop,
    nll_einsum,
]


def nll_of(x, mean, sigma):
    return -Normal(mean, sigma).log_prob(x).flatten(1).sum(1)


def of_terms(each):
    """The sum over pixels of something else than the three terms."""
    return lambda x, m, v: each((x - m) ** 2, v).flatten(1).sum(1)


def with_number(count):
    """The constants as often as another number says."""
    return lambda x, m, v: (
        ((x - m) ** 2).sum((1, 2, 3)) / (2 * v.exp())
        + count(x) / 2 * torch.log(2 * math.pi * v.exp())
    )


WRONG = [
    ("for log sigma: it", lambda x, m, v: nll_of(x, m, v.exp())),
    ("for sigma.2: the", lambda x, m, v: nll_of(x, m, v.sqrt())),
    (
        "for sigma.2: the",
        of_terms(lambda e, v: 0.5 * (e / v + v.log() + LOG_2PI)),
    ),
    ("for sigma: it", lambda x, m, v: nll_of(x, m, v)),
    ("standard deviation", lambda x, m, v: nll_of(x, m, (v / 4).exp())),
    (
        "by sigma, in place",
        of_terms(lambda e, v: (e / (v / 2).exp() + v + LOG_2PI) / 2),
    ),
    ("not divided", of_terms(lambda e, v: (e + v + LOG_2PI) / 2)),
    (
        "multiplied by the variance",
        of_terms(lambda e, v: e / 2 * v.exp() + v / 2 + LOG_2PI / 2),
    ),
    (
        "by log sigma.2, in place",
        of_terms(lambda e, v: (e / v + v + LOG_2PI) / 2),
    ),
    (
        r"^The constant with log\(2 pi\) is missing",
        of_terms(lambda e, v: (e / v.exp() + v) / 2),
    ),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, v: F.gaussian_nll_loss(
            m, x, v.exp().expand(x.shape), reduction="none"
        ).sum((1, 2, 3)),
    ),
    (
        r"log sigma.2 is missing(.|\n)*log\(2 pi\) is missing",
        of_terms(lambda e, v: e / (2 * v.exp())),
    ),
    ("squared error alone", of_terms(lambda e, v: e)),
    ("A factor 1/2 is", of_terms(lambda e, v: e / v.exp() + v + LOG_2PI)),
    (
        "square's term is twice",
        of_terms(lambda e, v: e / v.exp() + 0.5 * v + 0.5 * LOG_2PI),
    ),
    (
        "square's term is half",
        of_terms(lambda e, v: (e / (2 * v.exp()) + v + LOG_2PI) / 2),
    ),
    (
        "log sigma.2 is twice(.|\n)*constant .* is twice",
        with_number(lambda x: 2 * x[0].numel()),
    ),
    (
        "not for log sigma",
        of_terms(lambda e, v: (e / v.exp() + v / 2 + LOG_2PI) / 2),
    ),
    (
        "variance itself",
        of_terms(lambda e, v: (e / v.exp() + v.exp() + LOG_2PI) / 2),
    ),
    ("log-density", lambda x, m, v: -nll_usual(x, m, v)),
    (
        "^The sign of the term with log sigma.2",
        of_terms(lambda e, v: (e / v.exp() - v + LOG_2PI) / 2),
    ),
    (
        "constant is off",
        of_terms(lambda e, v: (e / v.exp() + v + math.log(2) * math.pi) / 2),
    ),
    (
        "unit is the nat",
        of_terms(
            lambda e, v: (e / v.exp() + (2 * math.pi * v.exp()).log2()) / 2
        ),
    ),
    ("average over", lambda x, m, v: nll_usual(x, m, v) / x[0].numel()),
    (
        "average the squared error",
        lambda x, m, v: nll_per_image(
            x, m + (x - m) * (1 - x[0].numel() ** -0.5), v
        ),
    ),
    ("once an image", with_number(lambda x: 1)),
    ("whole batch", with_number(lambda x: x.numel())),
    ("another number of pixels", with_number(len)),
    ("not always 784", with_number(lambda x: 784)),
    (
        "not squared",
        lambda x, m, v: (((x - m).abs() / v.exp() + v + LOG_2PI) / 2).sum(
            (1, 2, 3)
        ),
    ),
    ("the mean of the values", lambda x, m, v: nll_usual(x, m, v).mean()),
    (
        "You return one number",
        lambda x, m, v: F.gaussian_nll_loss(
            m, x, v.exp().expand(x.shape), full=True
        ),
    ),
    (
        "not for one image alone",
        lambda x, m, v: (
            (((x - m) ** 2 / v.exp() + v + LOG_2PI) / 2).squeeze().sum((1, 2))
        ),
    ),
    (
        "not for a small variance",
        lambda x, m, v: nll_usual(x, m, v.clamp(min=-5)),
    ),
    ("lost on the way", lambda x, m, v: nll_usual(x, m, v.detach())),
]
