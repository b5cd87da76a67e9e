"""Answers to mixture_score, written blind."""

import torch
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
)

# ---------------------------------------------------------------- right ones


def softmax_form(y, means, s0, sigma):
    v = s0**2 + sigma**2
    squared = (y[:, None] - means).square().sum(2)  # (B, M)
    return ((-squared / (2 * v)).softmax(1) @ means - y) / v


def double_loop(points, centres, s0, sigma):
    var = s0 * s0 + sigma * sigma
    rows = []
    for point in points:
        logs = torch.stack(
            [-((point - m) ** 2).sum() / 2 / var for m in centres]
        )
        total = torch.logsumexp(logs, dim=0)
        row = torch.zeros_like(point)
        for log, m in zip(logs, centres):
            row = row + (log - total).exp() * (m - point) / var
        rows.append(row)
    return torch.stack(rows)


def with_distributions(y, means, s0, sigma):
    var = s0**2 + sigma**2
    cov = var * torch.eye(means.shape[1], dtype=means.dtype)
    log_prob = MultivariateNormal(means, cov).log_prob(y[:, None, :])  # (B, M)
    share = Categorical(logits=log_prob).probs
    return torch.einsum("bm,bmd->bd", share, (means - y[:, None, :]) / var)


def completed_square(y, means, s0, sigma):
    # |y|^2 is the same for all clouds, so softmax does not need it
    v = s0**2 + sigma**2
    logits = (y @ means.T - 0.5 * means.square().sum(1)) / v
    responsibility = torch.softmax(logits, dim=-1)
    return responsibility @ (means / v) - y / v


def numpy_style_double(y, means, s0, sigma):
    Y, Mu = y.double(), means.double()
    v = float(s0) ** 2 + float(sigma) ** 2
    d = Y[:, None, :] - Mu[None, :, :]  # (B, M, 2)
    e = -0.5 * (d * d).sum(-1, keepdim=True) / v
    e = e - e.max(dim=1, keepdim=True).values
    w = torch.exp(e)
    w = w / w.sum(dim=1, keepdim=True)
    return (-(w * d).sum(dim=1) / v).to(y.dtype)


# ---------------------------------------------------------------- wrong ones


def noise_only(y, means, s0, sigma):
    v = sigma**2
    diff = means[None] - y[:, None]
    share = torch.softmax(-diff.pow(2).sum(-1) / (2 * v), dim=1)
    return (share[..., None] * diff).sum(1) / v


def clean_only(y, means, s0, sigma):
    v = s0**2
    diff = means[None] - y[:, None]
    share = torch.softmax(-diff.pow(2).sum(-1) / (2 * v), dim=1)
    return (share[..., None] * diff).sum(1) / v


def adds_deviations(y, means, s0, sigma):
    total_sd = s0 + sigma
    v = total_sd**2
    diff = means[None] - y[:, None]
    share = torch.softmax(-diff.pow(2).sum(-1) / (2 * v), dim=1)
    return (share[..., None] * diff).sum(1) / v


def downhill(y, means, s0, sigma):
    v = s0**2 + sigma**2
    diff = y[:, None] - means  # (B, M, 2)
    weights = torch.softmax(-(diff**2).sum(2) / (2 * v), dim=1)
    return (weights[:, :, None] * diff / v).sum(1)


def divides_by_noise(y, means, s0, sigma):
    v = s0**2 + sigma**2
    dist2 = ((y[:, None] - means) ** 2).sum(2)
    share = (-dist2 / (2 * v)).softmax(1)
    denoised = share @ means
    return (denoised - y) / sigma**2


def equal_shares(y, means, s0, sigma):
    v = s0**2 + sigma**2
    M = len(means)
    score = torch.zeros_like(y)
    for j in range(M):  # all equally probable
        score = score + (1 / M) * (means[j] - y) / v
    return score


def nearest_only(y, means, s0, sigma):
    v = s0**2 + sigma**2
    dist = ((y[:, None] - means) ** 2).sum(-1)
    closest = dist.argmin(dim=1)
    return (means[closest] - y) / v


def softmax_over_batch(y, means, s0, sigma):
    v = s0**2 + sigma**2
    squared = (y[:, None] - means).square().sum(2)
    share = torch.softmax(-squared / (2 * v), 0)
    # sum of share times (mean - y)
    return ((share[:, :, None] * (means - y[:, None])) / v).sum(1)


def plain_exp(y, means, s0, sigma):
    v = s0**2 + sigma**2
    diff = means - y[:, None]
    density = torch.exp(-diff.square().sum(2) / (2 * v))
    share = density / density.sum(1, keepdim=True)
    return (share[:, :, None] * diff).sum(1) / v


def gradient_of_density(y, means, s0, sigma):
    v = s0**2 + sigma**2
    diff = means - y[:, None]  # (B, M, 2)
    norm = 1 / (2 * torch.pi * v)
    density = norm * torch.exp(-(diff**2).sum(2) / (2 * v)) / len(means)
    gradient = density[:, :, None] * diff / v
    return gradient.sum(1)


def returns_first_point(y, means, s0, sigma):
    v = s0**2 + sigma**2
    out = []
    for point in y:
        diff = means - point
        share = torch.softmax(-(diff**2).sum(1) / (2 * v), dim=0)
        out.append(share @ diff / v)
        return torch.stack(out)


# what the notebook has at this point
means = torch.tensor([[-1.5, -1.0], [1.5, -1.0], [0.0, 1.6]])
s0, sigma = 0.3, 0.5


def mixture(means, scale):
    scale = torch.full_like(means, scale)
    clouds = Independent(Normal(means, scale), 1)
    return MixtureSameFamily(Categorical(means.new_ones(3)), clouds)


noised = mixture(means, (s0**2 + sigma**2) ** 0.5)


def notebook_density(y, means, s0, sigma):
    share = noised.component_distribution.log_prob(y[:, None]).softmax(1)
    v = s0**2 + sigma**2
    return (share @ noised.component_distribution.mean.to(y) - y) / v


RIGHT = [
    softmax_form,
    double_loop,
    with_distributions,
    completed_square,
    numpy_style_double,
]

WRONG = [
    (
        "takes the noise's variance alone",
        "You use the variance of the",
        noise_only,
    ),
    (
        "the score of the clean density: s0 alone",
        "This is the score of the",
        clean_only,
    ),
    (
        "adds standard deviations instead of variances",
        "You add standard deviations: it is",
        adds_deviations,
    ),
    (
        "wrong sign: away from the means",
        "The sign is turned: the score",
        downhill,
    ),
    (
        "divides by sigma^2 at the end, as in Tweedie's formula",
        "The exponents and the divisor have",
        divides_by_noise,
    ),
    (
        "gives all clouds the share 1/M at every point",
        "All components weigh the same: a",
        equal_shares,
    ),
    (
        "takes the nearest cloud only",
        "Only the nearest component counts: every",
        nearest_only,
    ),
    (
        "softmax over the points instead of the clouds",
        "You normalise over the batch; for",
        softmax_over_batch,
    ),
    (
        "divides exponentials: 0 / 0 far away from all clouds",
        "Far from all means every exponential",
        plain_exp,
    ),
    (
        "the gradient of the density, not of its logarithm",
        "This is the gradient of the",
        gradient_of_density,
    ),
    (
        "return inside the loop: the first point only",
        r"Your result has shape \(",
        returns_first_point,
    ),
    (
        "uses the notebook's density noised instead of the given means",
        "Your function never uses its argument",
        notebook_density,
    ),
]
