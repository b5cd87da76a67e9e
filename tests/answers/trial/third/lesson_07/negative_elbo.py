"""Answers to negative_elbo, written blind."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Independent


def image_by_image(logits, x, mu, logvar):
    pixels = Bernoulli(logits=logits, validate_args=False)
    log_p = Independent(pixels, 3, validate_args=False).log_prob(x)
    values = []
    for lp, m, l in zip(log_p, mu, logvar):
        values.append(0.5 * (m @ m + (torch.expm1(l) - l).sum()) - lp)
    return torch.stack(values)


def subtracts_the_rate(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll - kl


def mean_over_pixels(logits, x, mu, logvar):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    rec = bce.mean(dim=(1, 2, 3))
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return rec + kl


def rate_of_the_batch(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return nll + kl


def padded_probabilities(logits, x, mu, logvar):
    p = torch.sigmoid(logits)
    log_p = x * torch.log(p + 1e-10) + (1 - x) * torch.log(1 - p + 1e-10)
    nll = -log_p.sum(dim=(1, 2, 3))
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


RIGHT = [
    image_by_image,
]

WRONG = [
    (
        "subtracts the rate instead of adding it",
        "The KL has the wrong sign:",
        subtracts_the_rate,
    ),
    (
        "averages the cross-entropy over the pixels",
        "You take the mean over the",
        mean_over_pixels,
    ),
    (
        "sums the rate over the whole batch and adds it to each image",
        "The KL is summed over the",
        rate_of_the_batch,
    ),
    (
        "takes log(p + 1e-10) of the sigmoid, wrong for large logits",
        "A sigmoid and then a log",
        padded_probabilities,
    ),
]
