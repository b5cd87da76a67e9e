"""Lesson 09: the evaluation: active latents, and an estimate of log p(x)."""

import math

import torch
from torch import Tensor

from course_lib.checks.exercise import Exercise


def _means(generator):
    # Variances over the images of 24 or 19 latents, on both sides of 0.01,
    # with constant means beside 0 and spreads below and above 0.01.
    for images, spreads in [
        (60, [0.0] * 5 + [0.03] * 8 + [0.2] * 4 + [1.0] * 7),
        (40, [0.0] * 3 + [0.05] * 9 + [0.3] * 2 + [2.0] * 5),
    ]:
        noise = torch.randn(images, len(spreads), generator=generator)
        noise = (noise - noise.mean(0)) / noise.std(0)
        offset = torch.zeros(len(spreads))
        offset[[0, 1, 6, 13]] = 2.0  # three collapsed, one active
        yield {"mu": offset + torch.tensor(spreads) * noise}


def _active(mu):
    return (mu.var(0) > 0.01).sum()


active_units = Exercise(
    "active_units",
    """active_units(mu) -> (): the number of latents whose mean varies.

    mu: (N, K), the encoder's means of N images. A latent is active if the
    variance of its mean over the images exceeds 0.01.
    """,
    cases=_means,
    answer=_active,
    mistakes={
        "The variance goes over the latents of an image: take it over the "
        "images, for each latent.": [
            lambda mu: (mu.var(1) > 0.01).sum(),
            lambda mu: (mu.var(1, correction=0) > 0.01).sum(),
        ],
        "You compare the standard deviation with 0.01: the threshold is for "
        "the variance.": lambda mu: (mu.std(0) > 0.01).sum(),
        "You count all latents: is that the variance of sampled codes? Their "
        "noise alone makes it large. Take that of the means.": (
            lambda mu: torch.tensor(mu.shape[1])
        ),
        "You look at how far the means are from 0: a constant mean says "
        "nothing about the image. Take the variance.": [
            lambda mu: (mu.square().mean(0) > 0.01).sum(),
            lambda mu: (mu.mean(0).square() > 0.01).sum(),
            lambda mu: (mu.abs().mean(0) > 0.01).sum(),
        ],
        "You count the collapsed latents.": (
            lambda mu: (mu.var(0) <= 0.01).sum()
        ),
        "You return a share; return the number of latents.": (
            lambda mu: (mu.var(0) > 0.01).double().mean()
        ),
        "You return one answer for each latent: count them.": (
            lambda mu: mu.new_empty(mu.shape[1], device="meta")
        ),
    },
)


def _log_weights(generator):
    for k, B in [(9, 5), (6, 4)]:
        yield {"logw": 2 * torch.randn(k, B, generator=generator) - 10}
    # as small as the weights of images: exp gives 0
    far = 2 * torch.randn(5, 3, generator=generator)
    yield {"logw": far - 900}


def _estimate(logw: Tensor) -> Tensor:
    return logw.logsumexp(0) - math.log(len(logw))


log_likelihood = Exercise(
    "log_likelihood",
    """log_likelihood(logw) -> (B,): an estimate of log p(x) for each image.

    logw: (k, B), log p(x, z) / q(z | x) of k codes for each of B images, in
    nats. Stable where the weights themselves would over- or underflow.
    """,
    cases=_log_weights,
    answer=_estimate,
    mistakes={
        "This is the mean of the logs, the ELBO: the mean is taken of the "
        "weights, the log after it.": [
            lambda logw: logw.mean(0),
            lambda logw: logw.sum(0),
        ],
        "log k is missing: the log of a mean is the log of the sum minus log "
        "k. Without it more samples would make any model better.": (
            lambda logw: logw.logsumexp(0)
        ),
        "log k has the wrong sign, or it is the log of another number.": [
            lambda logw: logw.logsumexp(0) + math.log(len(logw)),
            lambda logw: logw.logsumexp(0) - math.log(logw.shape[1]),
            lambda logw: logw.logsumexp(0) - math.log(logw.numel()),
            lambda logw: logw.logsumexp(0) - math.log2(len(logw)),
        ],
        "You divide by k; inside the logarithm that means to subtract log "
        "k.": [
            lambda logw: logw.logsumexp(0) / len(logw),
            lambda logw: logw.logsumexp(0) - len(logw),
        ],
        "This is the best of k weights: it grows with k without limit. Take "
        "their mean.": lambda logw: logw.amax(0),
        "The sign is turned: asked is log p(x), not the loss.": (
            lambda logw: -_estimate(logw)
        ),
        "You return the mean weight: its logarithm is asked for.": (
            lambda logw: logw.exp().mean(0)
        ),
        "Wrong axis: the codes of an image stand in a column here. Average "
        "over them, not over the images.": (
            lambda logw: logw.new_empty(len(logw), device="meta")
        ),
        "You reduce the batch: return one number for each image.": (
            lambda logw: logw.new_empty((), device="meta")
        ),
        "The weights under- or overflow: never leave the logarithm "
        "(logsumexp).": [
            lambda logw: logw.exp().mean(0).log(),
            lambda logw: (logw.exp().mean(0) + 1e-10).log(),
        ],
    },
    gradient=["logw"],
)
