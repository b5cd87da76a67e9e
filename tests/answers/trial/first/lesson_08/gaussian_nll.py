"""Answers to gaussian_nll, written blind."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal

D = 784  # as in the notebook


# ---------------------------------------------------------------- right


def formula(x, mean, log_sigma2):
    sse = (x - mean).square().flatten(1).sum(1)
    num = x[0].numel()
    return 0.5 * (
        sse * torch.exp(-log_sigma2)
        + num * (math.log(2 * math.pi) + log_sigma2)
    )


def by_distribution(x, mean, log_sigma2):
    p = Independent(Normal(mean, torch.exp(0.5 * log_sigma2)), x.dim() - 1)
    return -p.log_prob(x)


def by_loss_function(images, outputs, log_var):
    var = log_var.exp().to(images.dtype).expand_as(outputs)
    each = F.gaussian_nll_loss(
        input=outputs,
        target=images,
        var=var,
        full=True,
        eps=1e-30,
        reduction="none",
    )
    return each.sum(dim=tuple(range(1, images.ndim)))


def image_by_image(x, mean, log_sigma2):
    sigma2 = log_sigma2.exp()
    result = []
    for one, m in zip(x, mean):
        total = 0.0
        for row, m_row in zip(
            one.reshape(-1, one.shape[-1]), m.reshape(-1, m.shape[-1])
        ):
            total = total + ((row - m_row) ** 2 / (2 * sigma2)).sum()
            total = total + len(row) * 0.5 * torch.log(2 * torch.pi * sigma2)
        result.append(total)
    return torch.stack(result)


def einsum_double(x, mean, log_sigma2):
    r = (x.double() - mean.double()).reshape(len(x), -1)
    scaled = r / torch.exp(log_sigma2.double() / 2)  # standardised
    quadratic = torch.einsum("bd,bd->b", scaled, scaled)
    log_det = r.shape[1] * log_sigma2.double()
    return (
        0.5 * (quadratic + log_det + r.shape[1] * math.log(2 * math.pi))
    ).to(x.dtype)


# ---------------------------------------------------------------- wrong


def only_error(x, mean, log_sigma2):
    sigma2 = torch.exp(log_sigma2)
    error = (x - mean).pow(2).flatten(1).sum(1)
    return error / (2 * sigma2)


def not_full(x, mean, log_sigma2):
    var = torch.exp(log_sigma2).expand_as(mean)
    loss = F.gaussian_nll_loss(mean, x, var, eps=1e-30, reduction="none")
    return loss.flatten(1).sum(1)


def pixel_mean(x, mean, log_sigma2):
    sigma2 = torch.exp(log_sigma2)
    each = (x - mean) ** 2 / (2 * sigma2) + 0.5 * torch.log(
        2 * math.pi * sigma2
    )
    return each.flatten(1).mean(1)


def variance_as_scale(x, mean, log_sigma2):
    sigma2 = log_sigma2.exp()
    p = Normal(mean, sigma2)
    return -p.log_prob(x).flatten(1).sum(1)


def log_density(x, mean, log_sigma2):
    sigma = torch.exp(log_sigma2 / 2)
    log_p = Normal(mean, sigma).log_prob(x)
    return log_p.sum(dim=(1, 2, 3))


def own_best(x, mean, log_sigma2):
    num = x[0].numel()
    sse = (x - mean).square().flatten(1).sum(1)
    s2 = sse.mean().detach() / num
    return sse / (2 * s2) + num / 2 * torch.log(2 * math.pi * s2)


def constant_once(x, mean, log_sigma2):
    sse = (x - mean).square().sum((1, 2, 3))
    sigma2 = log_sigma2.exp()
    return sse / (2 * sigma2) + 0.5 * torch.log(2 * math.pi * sigma2)


def mnist_only(x, mean, log_sigma2):
    sigma2 = log_sigma2.exp()
    sse = (x - mean).square().sum((1, 2, 3))
    return sse / (2 * sigma2) + D / 2 * torch.log(2 * math.pi * sigma2)


def squeezed(x, mean, log_sigma2):
    h, w = x.shape[-2:]
    sse = ((x - mean) ** 2).sum((2, 3)).squeeze()
    sigma2 = torch.exp(log_sigma2)
    return sse / (2 * sigma2) + h * w / 2 * torch.log(2 * math.pi * sigma2)


def clamped(x, mean, log_sigma2):
    log_sigma2 = log_sigma2.clamp(-4, 4)  # numerical stability
    sse = (x - mean).square().flatten(1).sum(1)
    num = x[0].numel()
    return 0.5 * (
        sse / log_sigma2.exp() + num * (log_sigma2 + math.log(2 * math.pi))
    )


def with_item(x, mean, log_sigma2):
    sigma2 = math.exp(log_sigma2.item())
    num = x[0].numel()
    sse = (x - mean).square().flatten(1).sum(1)
    return sse / (2 * sigma2) + num / 2 * math.log(2 * math.pi * sigma2)


def batch_mean(x, mean, log_sigma2):
    sigma = torch.exp(0.5 * log_sigma2)
    nll = -Normal(mean, sigma).log_prob(x).flatten(1).sum(1)
    return nll.mean()


RIGHT = [
    formula,
    by_distribution,
    by_loss_function,
    image_by_image,
    einsum_double,
]

WRONG = [
    (
        "leaves out the whole term D/2 log 2 pi sigma^2",
        r"The term with log sigma\^",
        only_error,
    ),
    (
        "library loss without full=True: no log 2 pi",
        r"The constant with log\(",
        not_full,
    ),
    (
        "averages over the pixels instead of summing",
        "You average over the pixels: sum",
        pixel_mean,
    ),
    (
        "gives Normal the variance where it wants sigma, as dnorm does",
        "You take log_sigma",
        variance_as_scale,
    ),
    (
        "returns the log-density: the sign is missing",
        "The sign is turned: this is",
        log_density,
    ),
    (
        "ignores log_sigma2 and takes the batch's best sigma^2",
        "Your function never uses its argument",
        own_best,
    ),
    (
        "adds the constant once, not for every pixel",
        "The constants are added once an",
        constant_once,
    ),
    (
        "takes D = 784 of the notebook for images of any size",
        "The number of pixels is not",
        mnist_only,
    ),
    (
        "squeeze also drops the batch axis for a batch of one",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "clamps log_sigma2 to [-4, 4]",
        "Right in the ordinary cases, but",
        clamped,
    ),
    (
        "takes the number out with item(): no gradient for log_sigma2",
        "The values are right, but the",
        with_item,
    ),
    (
        "averages over the batch: a scalar",
        r"Your result has shape \(\); asked",
        batch_mean,
    ),
]
