"""Answers to gaussian_nll, written blind."""

import math

import torch

D = 784


def scaled(x, mean, log_sigma2):
    r = (x - mean) * torch.exp(-log_sigma2 / 2)
    pixels = math.prod(x.shape[1:])
    energy = torch.einsum("bchw,bchw->b", r, r)
    return (energy + pixels * (log_sigma2 + math.log(2 * math.pi))) / 2


def drops_log(x, mean, log_sigma2):
    error = (x - mean).square().sum((1, 2, 3))
    num_pixels = x[0].numel()
    constant = num_pixels / 2 * math.log(2 * math.pi)
    return error / (2 * log_sigma2.exp()) + constant


def as_log_sigma(x, mean, log_sigma2):
    sigma = torch.exp(log_sigma2)
    normal = torch.distributions.Normal(mean, sigma)
    return -normal.log_prob(x).flatten(1).sum(1)


def global_pixels(x, mean, log_sigma2):
    sse = (x - mean).square().sum((1, 2, 3))
    nll = sse / (2 * log_sigma2.exp())
    return nll + D / 2 * (math.log(2 * math.pi) + log_sigma2)


def squeezes(x, mean, log_sigma2):
    each = (x - mean) ** 2 / (2 * torch.exp(log_sigma2))
    each = each + 0.5 * (math.log(2 * math.pi) + log_sigma2)
    return each.sum((2, 3)).squeeze()


RIGHT = [
    scaled,
]

WRONG = [
    (
        "drops D/2 log sigma^2 and keeps only D/2 log 2 pi",
        r"The term with log sigma\^",
        drops_log,
    ),
    (
        "takes exp(log_sigma2) for sigma, not for sigma^2",
        "You take log_sigma",
        as_log_sigma,
    ),
    (
        "takes the number of pixels from the notebook's D = 784",
        "The number of pixels is not",
        global_pixels,
    ),
    (
        "squeezes all axes: a batch of one gives a scalar",
        "Right in the ordinary cases, but",
        squeezes,
    ),
]
