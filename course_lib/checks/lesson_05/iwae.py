"""Lesson 05: the log of the mean weight."""

import math

import torch
from torch import Tensor

from course_lib.checks.exercise import Exercise


def _log_weights(generator):
    for B, k in [(4, 6), (3, 9)]:
        yield {"logw": 2 * torch.randn(B, k, generator=generator)}
    # as small as the weights of images: exp gives 0
    far = torch.randn(3, 4, generator=generator)
    yield {"logw": far - 900}


def _mean_weight(logw: Tensor) -> Tensor:
    return logw.logsumexp(1) - math.log(logw.shape[1])


iwae = Exercise(
    """iwae(logw) -> (B,): the log of the mean weight of each image.

    logw: (B, k), logs of k weights. Stable where the weights themselves
    would over- or underflow.
    """,
    cases=_log_weights,
    answer=_mean_weight,
    mistakes={
        "This is the mean of the logs, the ELBO: the log comes after the "
        "mean.": lambda logw: logw.mean(1),
        "1/k is missing: the log of a mean is the log of the sum minus "
        "log k.": lambda logw: logw.logsumexp(1),
        "log k has the wrong sign, or the wrong k.": [
            lambda logw: logw.logsumexp(1) + math.log(logw.shape[1]),
            lambda logw: logw.logsumexp(1) - math.log(len(logw)),
        ],
        "You divide by k; the log of 1/k is subtracted.": (
            lambda logw: logw.logsumexp(1) / logw.shape[1]
        ),
        "The weights under- or overflow: never leave the logarithm "
        "(logsumexp).": lambda logw: logw.exp().mean(1).log(),
    },
    gradient=["logw"],
)
