"""Answers to gaussian_nll, written blind."""

import math

import torch
from torch.distributions import Normal

D = 784  # the notebook's


def by_distribution(x, mean, log_sigma2):
    p = Normal(mean, torch.exp(log_sigma2 / 2))
    return -p.log_prob(x).flatten(1).sum(1)


def by_loop(x, mean, log_sigma2):
    result = []
    for image, center in zip(x, mean):
        e = (image - center).flatten().double()
        half = 0.5 * torch.dot(e, e) * torch.exp(-log_sigma2.double())
        half = half + 0.5 * len(e) * (
            math.log(2 * math.pi) + log_sigma2.double()
        )
        result.append(half)
    return torch.stack(result).to(x.dtype)


def no_constant(x, mean, log_sigma2):
    squares = (x - mean) ** 2
    each = squares / (2 * torch.exp(log_sigma2)) + 0.5 * log_sigma2
    return each.sum(dim=(1, 2, 3))


def averaged(x, mean, log_sigma2):
    sigma2 = log_sigma2.exp()
    each = (x - mean) ** 2 / (2 * sigma2) + 0.5 * torch.log(
        2 * math.pi * sigma2
    )
    return each.mean(dim=(1, 2, 3))


def log_sigma(x, mean, log_sigma2):
    sigma = torch.exp(log_sigma2)
    return -Normal(mean, sigma).log_prob(x).sum((1, 2, 3))


def notebook_pixels(x, mean, log_sigma2):
    sse = (x - mean).square().sum((1, 2, 3))
    constant = D / 2 * (math.log(2 * math.pi) + log_sigma2)
    return sse / (2 * log_sigma2.exp()) + constant


def squeezed(x, mean, log_sigma2):
    error = (x - mean).squeeze()  # drop the channel
    pixels = error.shape[-2] * error.shape[-1]
    sse = error.square().sum((-2, -1))
    constant = pixels / 2 * (math.log(2 * math.pi) + log_sigma2)
    return sse / (2 * log_sigma2.exp()) + constant


def python_number(x, mean, log_sigma2):
    sigma2 = math.exp(log_sigma2.item())
    sse = (x - mean).square().flatten(1).sum(1)
    pixels = x[0].numel()
    return sse / (2 * sigma2) + pixels / 2 * math.log(2 * math.pi * sigma2)


RIGHT = [
    by_distribution,
    by_loop,
]

WRONG = [
    (
        "leaves out the constant log 2 pi",
        r"The constant with log\(",
        no_constant,
    ),
    (
        "averages over the pixels instead of summing",
        "You average over the pixels: sum",
        averaged,
    ),
    (
        "takes exp(log_sigma2) for sigma, not for sigma^2",
        "You take log_sigma",
        log_sigma,
    ),
    (
        "uses the notebook's D = 784, whatever the size of the images",
        "The number of pixels is not",
        notebook_pixels,
    ),
    (
        "squeeze() drops the batch axis too if there is one image: shape ()",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "turns log_sigma2 into a Python number: sigma gets no gradient",
        "The values are right, but the",
        python_number,
    ),
]
