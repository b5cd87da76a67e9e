"""Lesson 08: the mean of a continuous Bernoulli pixel."""

from functools import partial

import torch
from torch.distributions import ContinuousBernoulli

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08._logits import (
    logit_cases,
    normaliser,
    where_small,
    where_zero,
)


def _exact_mean(a):
    return 1 / -torch.expm1(-a) - 1 / a


def _by_artanh(a):
    p = a.sigmoid()
    return p / (2 * p - 1) + 1 / (2 * torch.atanh(1 - 2 * p))


def _mean(logits):
    return where_small(logits, lambda a: 0.5 + a / 12, _exact_mean)


def _with_zero(far):
    return partial(where_small, near=lambda a: 0.5 + a / 12, far=far)


continuous_bernoulli_mean = Exercise(
    """continuous_bernoulli_mean(logits) -> (...): the mean, for each logit.

    logits: any shape (...). The mean of x in [0, 1] with a density
    proportional to lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits).
    """,
    cases=logit_cases,
    answer=_mean,
    mistakes={
        "This is lambda itself: the mean of a binary pixel, not of this "
        "density on [0, 1].": torch.sigmoid,
        "0/0: at lambda = 1/2 the logit is 0, and the mean is 1/2.": [
            _exact_mean,
            lambda a: a.sigmoid() / (2 * a.sigmoid() - 1) - 1 / a,
            _by_artanh,
        ],
        "Near lambda = 1/2 two huge numbers are subtracted, and no digits "
        "are left in float32: use 1/2 + a/12 for small logits.": [
            where_zero(_exact_mean),
            where_zero(lambda a: 1 / (1 - torch.exp(-a)) - 1 / a),
            where_zero(lambda a: a.sigmoid() / (2 * a.sigmoid() - 1) - 1 / a),
        ],
        "ContinuousBernoulli keeps lambda 1e-7 away from 0 and 1, and its "
        "mean is wrong for large logits. Use the formula.": (
            lambda a: ContinuousBernoulli(logits=a).mean
        ),
        "The sign of 1/a is turned: the mean has to lie between 0 and 1.": (
            _with_zero(lambda a: 1 / -torch.expm1(-a) + 1 / a)
        ),
        "The term 1/a is missing.": _with_zero(lambda a: 1 / -torch.expm1(-a)),
        "A factor 2 is off in 1/a: twice the artanh of 2 lambda - 1 is the "
        "logit.": [
            _with_zero(lambda a: 1 / -torch.expm1(-a) - 2 / a),
            _with_zero(lambda a: 1 / -torch.expm1(-a) - 0.5 / a),
        ],
        "This is 1 minus the mean: a large logit means a dark pixel, near "
        "1.": lambda a: 1 - _mean(a),
        "lambda is multiplied or divided by the normaliser: that is no mean. "
        "Integrate x times the density.": [
            lambda a: a.sigmoid() / normaliser(a),
            lambda a: a.sigmoid() * normaliser(a),
        ],
        "The integral of x times lambda^x (1 - lambda)^(1 - x) is not divided "
        "by the normaliser.": lambda a: _mean(a) * normaliser(a),
        "The input is the logit, not lambda: no logit is taken of it.": (
            lambda a: a / (2 * a - 1) - 1 / torch.logit(a, eps=1e-3)
        ),
        "e^a overflows for large logits, and infinity by infinity is NaN: "
        "divide by it first, so that e^-a is left.": _with_zero(
            lambda a: (a * a.exp() - torch.expm1(a)) / (a * torch.expm1(a))
        ),
    },
    no_gradient="autograd.grad of the log normaliser",
)
