"""Answers to mixture_score, written blind."""

import torch
from torch.distributions import Normal


def via_distributions(y, means, s0, sigma):
    scale = (s0**2 + sigma**2) ** 0.5
    log_p = Normal(means, scale).log_prob(y[:, None]).sum(-1)  # (B, M)
    log_share = log_p - log_p.logsumexp(1, keepdim=True)
    pull = torch.einsum("bm,md->bd", log_share.exp(), means)
    return (pull - y) / scale**2


def cloud_by_cloud(points, centres, s_clean, s_noise):
    v = s_clean * s_clean + s_noise * s_noise
    rows = []
    for point in points:
        exponents = [-((point - m) @ (point - m)) / (2 * v) for m in centres]
        top = max(exponents)
        weights = [torch.exp(e - top) for e in exponents]
        total = sum(weights)
        row = torch.zeros_like(point)
        for weight, m in zip(weights, centres):
            row = row + weight / total * (m - point) / v
        rows.append(row)
    return torch.stack(rows)


def of_clean(y, means, s0, sigma):
    v = s0**2
    diff = means[None] - y[:, None]
    share = torch.softmax(-diff.square().sum(-1) / (2 * v), dim=1)
    return (share[..., None] * diff).sum(1) / v


def deviations_added(y, means, s0, sigma):
    s = s0 + sigma
    diff = means[None] - y[:, None]
    share = torch.softmax(-diff.square().sum(-1) / (2 * s**2), dim=1)
    return (share[..., None] * diff).sum(1) / s**2


def mean_of_scores(y, means, s0, sigma):
    v = s0**2 + sigma**2
    total = 0
    for m in means:
        total = total + (m - y) / v  # gradient of the log of one cloud
    return total / len(means)


def softmax_over_points(y, means, s0, sigma):
    v = s0**2 + sigma**2
    diff = means[None] - y[:, None]  # (B, M, 2)
    logits = -diff.square().sum(2) / (2 * v)
    share = logits.softmax(0)
    return (share[:, :, None] * diff).sum(1) / v


def plain_exp(y, means, s0, sigma):
    v = s0**2 + sigma**2
    diff = means[None] - y[:, None]
    weight = torch.exp(-diff.square().sum(2) / (2 * v))
    top = (weight[:, :, None] * diff / v).sum(1)
    bottom = weight.sum(1, keepdim=True)
    return top / bottom


def divided_by_noise(y, means, s0, sigma):
    v = s0**2 + sigma**2
    squared = torch.cdist(y, means) ** 2
    share = torch.softmax(-squared / (2 * v), dim=1)
    centre = share @ means
    return (centre - y) / sigma**2


RIGHT = [
    via_distributions,
    cloud_by_cloud,
]

WRONG = [
    (
        "the score of the clean density: variance s0^2 alone",
        "This is the score of the",
        of_clean,
    ),
    (
        "adds the standard deviations instead of the variances",
        "You add standard deviations: it is",
        deviations_added,
    ),
    (
        "takes the logarithm of the sum as a sum of logarithms: plain mean of the clouds' scores, without shares",
        "All components weigh the same: a",
        mean_of_scores,
    ),
    (
        "softmax over the points (dim 0) instead of over the clouds",
        "You normalise over the batch; for",
        softmax_over_points,
    ),
    (
        "exp without softmax: 0 / 0 = NaN far from all clouds",
        "Far from all means every exponential",
        plain_exp,
    ),
    (
        "right shares, but divides by sigma^2 in the end",
        "The exponents and the divisor have",
        divided_by_noise,
    ),
]
