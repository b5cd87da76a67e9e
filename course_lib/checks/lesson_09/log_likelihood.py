"""Lesson 09: an estimate of log p(x)."""

import math

import torch
from torch import Tensor

from course_lib.checks.exercise import Exercise


def _log_weights(generator):
    def case(k, B, mean, spread=2.0):
        logw = spread * torch.randn(k, B, generator=generator)
        return {"logw": logw + torch.as_tensor(mean)}

    yield case(9, 5, -10.0)
    yield case(6, 4, 3.0)
    yield case(7, 3, -4.0)
    yield "for one image alone", case(8, 1, -6.0)
    yield "for one code, k = 1", case(1, 4, -6.0)
    # as small as the weights of images: exp gives 0, in float64 too
    yield "for very small weights", case(5, 3, -900.0)
    yield "for very large weights", case(5, 3, 900.0)
    yield (
        "where images' weights are far apart",
        case(5, 4, [-950.0, -300.0, 0.0, 400.0]),
    )
    yield "where the weights of one image are far apart", case(6, 3, -5, 300)


def _estimate(logw: Tensor) -> Tensor:
    return logw.logsumexp(0) - math.log(len(logw))


def _minus(term):
    return lambda logw: logw.logsumexp(0) - term(logw)


def _by_weights(logw):
    return logw.exp().mean(0).log()


def _by_largest_of_all(logw):
    return logw.max() + _by_weights(logw - logw.max())


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
            lambda logw: logw.mean(0) - math.log(len(logw)),
        ],
        "You add up the logs: that is the log of a product. The mean of the "
        "weights is asked for, and its log.": [
            lambda logw: logw.sum(0),
            lambda logw: logw.sum(0) - math.log(len(logw)),
        ],
        "log k is missing: the log of a mean is the log of the sum minus log "
        "k. Without it more samples would make any model better.": _minus(
            lambda logw: 0
        ),
        "log k has the wrong sign.": _minus(lambda logw: -math.log(len(logw))),
        "You take log B for log k: codes come along the first dimension.": (
            _minus(lambda logw: math.log(logw.shape[1]))
        ),
        "You subtract the log of the number of all weights: an image has k of "
        "them.": _minus(lambda logw: math.log(logw.numel())),
        "You take log k to base 2 or 10: the unit is the nat.": [
            _minus(lambda logw: math.log2(len(logw))),
            _minus(lambda logw: math.log10(len(logw))),
        ],
        "k is the number of codes in logw, not one that the notebook used.": [
            _minus(lambda logw, k=k: math.log(k)) for k in (5000, 500, 100)
        ],
        "You subtract k; 1/k inside the logarithm becomes minus log k.": (
            _minus(len)
        ),
        "You divide the log of the sum by k; 1/k inside the logarithm becomes "
        "minus log k.": lambda logw: logw.logsumexp(0) / len(logw),
        "You divide by log k; it is subtracted.": lambda logw: (
            logw.logsumexp(0) / math.log(len(logw))
        ),
        "You divide the log-weights by k, each of them: that takes a root of "
        "every weight.": [
            lambda logw: (logw / len(logw)).logsumexp(0),
            lambda logw: (logw / len(logw)).exp().sum(0),
        ],
        "This is the best of k weights: it grows with k without limit. Take "
        "their mean.": [
            lambda logw: logw.amax(0),
            lambda logw: logw.amax(0) - math.log(len(logw)),
        ],
        "You weight the log-weights by their softmax: the mean is taken of "
        "the weights, the log after it.": lambda logw: (
            logw.softmax(0) * logw
        ).sum(0),
        "The largest log-weight that you subtract is not added again.": [
            lambda logw: _by_weights(logw - logw.amax(0)),
            lambda logw: (logw - logw.amax(0)).logsumexp(0),
            lambda logw: _by_weights(logw - logw.max()),
        ],
        "The sign is turned: asked is log p(x), not the loss.": (
            lambda logw: -_estimate(logw)
        ),
        "You return the mean weight: its logarithm is asked for.": (
            lambda logw: logw.exp().mean(0)
        ),
        "You return the sum of the weights: the log of their mean is asked "
        "for.": lambda logw: logw.exp().sum(0),
        "This is one of k log-weights alone: all of them count.": [
            lambda logw: logw[0],
            lambda logw: logw[-1],
        ],
        "You take the log of the log-weights: their exponentials are the "
        "weights.": [
            lambda logw: logw.mean(0).log(),
            lambda logw: logw.sum(0).log(),
        ],
        "The weights under- or overflow: never leave the logarithm "
        "(logsumexp).": [
            _by_weights,
            lambda logw: _by_weights(logw.double()),
            *(
                lambda logw, eps=eps: (logw.exp().mean(0) + eps).log()
                for eps in (1e-6, 1e-8, 1e-10, 1e-12)
            ),
            *(
                lambda logw, eps=eps: logw.exp().mean(0).clamp(eps).log()
                for eps in (1e-10, 1e-20, 1e-30)
            ),
        ],
        "You subtract the largest log-weight of all images: the weights of "
        "the others underflow. Each image has its own.": _by_largest_of_all,
    },
    gradient=["logw"],
)
