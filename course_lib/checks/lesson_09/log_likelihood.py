"""Lesson 09: an estimate of log p(x)."""

import math

import torch
from torch import Tensor

from course_lib.checks.exercise import Exercise


def _log_weights(generator):
    for k, B in [(9, 5), (6, 4)]:
        yield {"logw": 2 * torch.randn(k, B, generator=generator) - 10}
    # as small as the weights of images: exp gives 0
    far = 2 * torch.randn(5, 3, generator=generator)
    yield {"logw": far - 900}


def _estimate(logw: Tensor) -> Tensor:
    return logw.logsumexp(0) - math.log(len(logw))


log_likelihood = Exercise(
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
        "The weights under- or overflow: never leave the logarithm "
        "(logsumexp).": [
            lambda logw: logw.exp().mean(0).log(),
            lambda logw: (logw.exp().mean(0) + 1e-10).log(),
        ],
    },
    gradient=["logw"],
)
