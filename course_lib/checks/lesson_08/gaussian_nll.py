"""Lesson 08: the Gaussian likelihood with a learned variance."""

from math import log, log2, log10, pi

import torch
import torch.nn.functional as F

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08._gaussian import (
    by_image,
    by_normal,
    by_pixel,
    counted,
    factors_gone_wrong,
    nll,
    terms,
    with_,
)
from course_lib.checks.sentences import BITS, PIXEL_MEAN, SIGMA_FOR_VARIANCE


def _images(generator):
    def case(B, H, W, log_sigma2):
        x, mean = torch.rand(2, B, 1, H, W, generator=generator)
        v = torch.tensor(log_sigma2)
        return {"x": x, "mean": mean, "log_sigma2": v}

    yield case(3, 4, 5, 0.8)
    yield case(5, 7, 3, -1.3)
    yield case(2, 28, 28, -0.4)
    yield "for one image alone", case(1, 6, 5, -0.7)
    yield "for a small variance", case(4, 5, 3, -7.0)


def _by_loss(x, m, v):
    """With log_sigma2 as the variance; an error where it is negative."""
    var = v.expand(x.shape)
    each = F.gaussian_nll_loss(m, x, var, full=True, reduction="none")
    return each.flatten(1).sum(1)


gaussian_nll = Exercise(
    """gaussian_nll(x, mean, log_sigma2) -> (B,): nats an image.

    x, mean: (B, 1, H, W); log_sigma2: a tensor of shape (), the log of the
    variance of all pixels.
    """,
    cases=_images,
    answer=nll,
    mistakes=factors_gone_wrong()
    | {
        "You take log_sigma2 for log sigma: it is log sigma^2, and its "
        "exponential is the variance.": lambda x, m, v: nll(x, m, 2 * v),
        "You take log_sigma2 for sigma^2: the variance is its exponential.": [
            lambda x, m, v: nll(x, m, v.log()),
            by_normal(torch.sqrt),
            _by_loss,
        ],
        "You take log_sigma2 for sigma: it is the log of the variance.": [
            lambda x, m, v: nll(x, m, 2 * v.log()),
            lambda x, m, v: nll(x, m, v.square().log()),
            by_normal(lambda v: v),
        ],
        SIGMA_FOR_VARIANCE: lambda x, m, v: nll(x, m, v / 2),
        "You turn the variance over: its log has no minus.": (
            lambda x, m, v: nll(x, m, -v)
        ),
        "The square is divided by sigma, in place of sigma^2.": (
            lambda x, m, v: nll(x, m, v, s2=(v / 2).exp())
        ),
        "The square is divided by sigma to the fourth, in place of "
        "sigma^2.": lambda x, m, v: nll(x, m, v, s2=(2 * v).exp()),
        "The square is divided by log sigma^2, in place of sigma^2.": (
            lambda x, m, v: nll(x, m, v, s2=v)
        ),
        "The square is multiplied by the variance; divide it.": (
            lambda x, m, v: nll(x, m, v, s2=(-v).exp())
        ),
        "The square is not divided by the variance.": with_(s2=1),
        "You add the variance itself; its logarithm belongs there.": (
            lambda x, m, v: nll(x, m, v.exp(), s2=v.exp())
        ),
        "You add sigma itself; a logarithm belongs there.": (
            lambda x, m, v: nll(x, m, 2 * (v / 2).exp(), s2=v.exp())
        ),
        "You take the log of log_sigma2, which is a logarithm already.": (
            lambda x, m, v: nll(x, m, v.log(), s2=v.exp())
        ),
        "The constant is off: it has the natural logarithm of the product of "
        "2 and pi.": [
            with_(constant=c * value / log(2 * pi))
            for value in (2 * pi, log(pi), log(2), log(2) * pi, 2 * log(pi))
            for c in (0.5, 1)
        ],
        PIXEL_MEAN: lambda x, m, v: nll(x, m, v) / x[0].numel(),
        "You average the squared error over the pixels: sum it, as the rest "
        "is.": lambda x, m, v: nll(x, m, v, square=0.5 / x[0].numel()),
        "The constants are added once an image: each pixel has them.": (
            counted(lambda x: 1)
        ),
        "The constants are added for the pixels of the whole batch: an image "
        "has those of its own pixels.": counted(torch.numel),
        "The constants are added for another number of pixels than an image "
        "has.": [
            counted(len),
            counted(lambda x: x.shape[2]),
            counted(lambda x: x.shape[3]),
            counted(lambda x: x.shape[2] ** 2),
            counted(lambda x: x.shape[3] ** 2),
        ],
        "The number of pixels is not always 784: take it from x.": (
            counted(lambda x: 784)
        ),
        "This is the squared error alone: asked is minus the log of a "
        "density, with its variance and its constants.": [
            with_(log_=0, constant=0, s2=1, square=factor)
            for factor in (0.5, 1)
        ],
        "The error is not squared.": [
            by_pixel(torch.abs),
            by_pixel(lambda error: error),
            by_pixel(lambda error: -error),
        ],
        "You square the sum of an image's errors: square each, then sum.": (
            by_image(lambda error: error.sum(1).square())
        ),
        "You take the root of the squared error of an image.": (
            by_image(lambda error: error.norm(dim=1))
        ),
        "You return a density; its logarithm, with a minus, is asked for.": [
            lambda x, m, v: (-nll(x, m, v)).exp(),
            lambda x, m, v: (-terms(x, m, v)).exp().flatten(1).sum(1),
        ],
        "You take the log of a sum of densities: the logs of the pixels' "
        "densities are summed.": lambda x, m, v: (
            -(-terms(x, m, v)).exp().flatten(1).sum(1).log()
        ),
        BITS: [
            lambda x, m, v: nll(x, m, v) / log(2),
            with_(log_=0.5 / log(2), constant=0.5 / log(2)),
            with_(log_=0.5 / log(10), constant=0.5 / log(10)),
            with_(constant=0.5 * log2(2 * pi) / log(2 * pi)),
            with_(constant=0.5 * log10(2 * pi) / log(2 * pi)),
        ],
    },
    gradient=["mean", "log_sigma2"],
)
