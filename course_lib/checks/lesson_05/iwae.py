"""Lesson 05: the log of the mean weight."""

import math

import torch
from torch import Tensor

from course_lib.checks.exercise import Exercise


def _log_weights(generator):
    def normal(*shape):
        return 2 * torch.randn(shape, generator=generator)

    for B, k in [(4, 6), (3, 9), (5, 2)]:
        yield {"logw": normal(B, k) + 1}
    yield "for a single weight", {"logw": normal(3, 1)}
    yield "for one image alone", {"logw": normal(1, 5)}
    # as small as the weights of images: exp gives 0
    yield "where the weights underflow", {"logw": normal(3, 4) - 900}
    yield "where the weights overflow", {"logw": normal(2, 4) + 300}
    spread = torch.tensor([0.0, -250, 120, -80])
    yield (
        "where an image has very different weights",
        {"logw": normal(3, 4) + spread - 100},
    )
    rows = torch.tensor([[0.0], [-300], [250]])
    far = {"logw": normal(3, 4) + rows}
    yield "where images have very different weights", far


def _mean_weight(logw: Tensor) -> Tensor:
    return logw.logsumexp(1) - math.log(logw.shape[1])


def _shifted(logw: Tensor, top: Tensor) -> Tensor:
    """The same, after ``top`` has been subtracted for the exponential."""
    return top + (logw - top).exp().mean(1).log()


def _shifted_rows(logw: Tensor, top: Tensor) -> Tensor:
    return top + (logw - top[:, None]).exp().mean(1).log()


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
        "This is the sum of the logs: the weights are averaged, then the log "
        "is taken.": lambda logw: logw.sum(1),
        "The logs are averaged with the weights: it is the weights that are "
        "averaged.": lambda logw: (logw.softmax(1) * logw).sum(1),
        "1/k is missing: the log of a mean is the log of the sum minus "
        "log k.": lambda logw: logw.logsumexp(1),
        "log k has the wrong sign: it is subtracted.": (
            lambda logw: logw.logsumexp(1) + math.log(logw.shape[1])
        ),
        "You subtract the log of another number than k, the number of weights "
        "of an image.": [
            lambda logw: logw.logsumexp(1) - math.log(len(logw)),
            lambda logw: logw.logsumexp(1) - math.log(logw.numel()),
            lambda logw: logw.logsumexp(1) - math.log2(logw.shape[1]),
            lambda logw: logw.logsumexp(1) - math.log10(logw.shape[1]),
        ],
        "You subtract k: outside the log it is log k.": (
            lambda logw: logw.logsumexp(1) - logw.shape[1]
        ),
        "You divide by k outside the log: there it is log k, to be "
        "subtracted.": (lambda logw: logw.logsumexp(1) / logw.shape[1]),
        "1/k is inside the exponential: it multiplies the weights, not their "
        "logarithms.": lambda logw: (logw / logw.shape[1]).logsumexp(1),
        "You subtract 1/k: outside the log it is log k.": (
            lambda logw: logw.logsumexp(1) - 1 / logw.shape[1]
        ),
        "You divide by log k: it is subtracted.": lambda logw: (
            logw.logsumexp(1) / torch.tensor(logw.shape[1]).log()
        ),
        "The sign of the logs is turned before the exponential.": [
            lambda logw: _mean_weight(-logw),
            lambda logw: -_mean_weight(-logw),
        ],
        "This is minus the bound: it is something to maximise.": (
            lambda logw: -_mean_weight(logw)
        ),
        "You normalise the weights: that loses how large they are.": [
            lambda logw: logw.softmax(1).mean(1),
            lambda logw: logw.log_softmax(1).mean(1),
        ],
        "This is one weight alone: their mean is asked for.": [
            lambda logw: logw[:, 0],
            lambda logw: logw[:, -1],
        ],
        "This is the largest of the weights: their mean is asked for.": [
            lambda logw: logw.amax(1),
            lambda logw: logw.amax(1) - math.log(logw.shape[1]),
        ],
        "The largest log weight, which you subtract, is not added again.": [
            lambda logw: _mean_weight(logw) - logw.amax(1),
            lambda logw: _mean_weight(logw) - logw.max(),
            lambda logw: _mean_weight(logw) - 2 * logw.amax(1),
        ],
        "You return the mean weight: its logarithm is asked for.": (
            lambda logw: logw.exp().mean(1)
        ),
        "You return the sum of the weights: the logarithm of their mean is "
        "asked for.": lambda logw: logw.exp().sum(1),
        "Wrong axis: average over the samples of an image, not over images.": [
            lambda logw: logw.logsumexp(0) - math.log(len(logw)),
            lambda logw: logw.logsumexp(0) - math.log(logw.shape[1]),
            lambda logw: logw.logsumexp(0),
        ],
        "You average over images too: one number for each.": [
            lambda logw: logw.logsumexp((0, 1)) - math.log(logw.numel()),
            lambda logw: logw.logsumexp(1).mean(),
        ],
        "The weights under- or overflow: never leave the logarithm "
        "(logsumexp).": [
            lambda logw: logw.exp().mean(1).log(),
            lambda logw: (logw.exp().mean(1) + 1e-10).log(),
            lambda logw: (logw.exp().mean(1) + 1e-8).log(),
            lambda logw: (logw.exp().mean(1) + 1e-12).log(),
            lambda logw: logw.double().exp().mean(1).log(),
            lambda logw: logw.exp().mean(1).log().nan_to_num(),
        ],
        "You subtract the mean or the smallest of an image's log weights: "
        "the exponential of the largest one overflows.": [
            lambda logw: _shifted_rows(logw, logw.mean(1)),
            lambda logw: _shifted_rows(logw, logw.amin(1)),
        ],
        "One image's largest weight serves all images, and the others' "
        "underflow: each row has its own.": [
            lambda logw: _shifted(logw, logw.max()),
            lambda logw: _shifted(logw, logw.mean()),
            lambda logw: _shifted(logw, logw[0].max()),
        ],
    },
    gradient=["logw"],
)
