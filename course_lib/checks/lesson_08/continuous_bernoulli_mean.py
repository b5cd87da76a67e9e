"""Lesson 08: the mean of a continuous Bernoulli pixel."""

import torch
from torch.distributions import ContinuousBernoulli

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08 import _logits
from course_lib.checks.lesson_08._logits import (
    half,
    limited,
    logit_again,
    normaliser,
    where_small,
    without_abs,
)


def _first(a):
    return 1 / -torch.expm1(-a)


def _by_exp(a):
    return 1 / (1 - torch.exp(-a)) - 1 / a


def _by_lambda(a):
    p = a.sigmoid()
    return p / (2 * p - 1) - 1 / a


def _by_lambda_alone(a):
    p = a.sigmoid()
    return p / (2 * p - 1) - 1 / logit_again(a)


def _by_artanh(a):
    p = a.sigmoid()
    return p / (2 * p - 1) + 1 / (2 * torch.atanh(1 - 2 * p))


def _by_growing(a):
    return a.exp() / (a.exp() - 1) - 1 / a


def _exact(a):
    return _first(a) - 1 / a


def _line(slope, start=0.5):
    return lambda a: start + slope * a


_LINE = _line(1 / 12)


def _mean(logits):
    return where_small(logits, _LINE, _exact)


continuous_bernoulli_mean = Exercise(
    """continuous_bernoulli_mean(logits) -> (...): the mean, for each logit.

    logits: any shape (...). The mean of x in [0, 1] with a density
    proportional to lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits).
    """,
    # None from 1e-3 to 0.02: there the difference of two large numbers is
    # off by up to 0.03 in float32, and a constant 1/2 by 0.002.
    cases=_logits.logit_cases(
        tiny=[2.5e-6, 3.5e-6, 2e-4, 5e-4, 8e-4],
        near=[0.03, 0.06, 0.08, 0.09, 0.14],
    ),
    answer=_mean,
    mistakes={
        "This is lambda itself: the mean of a binary pixel, not of this "
        "density on [0, 1].": torch.sigmoid,
        "0/0: at lambda = 1/2 the logit is 0, and the mean is 1/2.": [
            _exact,
            _by_exp,
            _by_lambda,
            _by_lambda_alone,
            _by_artanh,
        ],
        "Near lambda = 1/2 two huge numbers are subtracted, and no digits "
        "are left in float32: make your range of small logits wider.": [
            *limited(
                where_small, [half], [_exact, _by_exp, _by_lambda], (0, 1e-6)
            ),
            *limited(
                where_small,
                [half, _LINE],
                [_by_exp, _by_lambda],
                (1e-6, 1e-5, 1e-4),
            ),
        ],
        "Near 0 the mean is no constant: it has a slope.": limited(
            where_small, [half], [_exact], (0.2, 0.3, 0.5, 1)
        ),
        "The sign of your line for small logits is turned.": limited(
            where_small, [_line(-1 / 12)], [_exact], (0.1, 0.2, 0.5)
        ),
        "Your line for small logits is too steep.": limited(
            where_small,
            [_line(1 / 2), _line(1 / 4)],
            [_exact],
            (0.1, 0.2, 0.5),
        ),
        "Your line for small logits starts at 0: at logit 0 the mean is "
        "1/2.": limited(
            where_small, [_line(1 / 12, 0)], [_exact], (1e-3, 1e-2, 0.1)
        ),
        _logits.WITHOUT_ABS: limited(
            without_abs, [half, _LINE], [_exact], [0.1]
        ),
        _logits.SIDES: half,
        "You take the line for small logits everywhere: are the two sides of "
        "torch.where exchanged?": _LINE,
        "ContinuousBernoulli keeps lambda 1e-7 away from 0 and 1, and its "
        "mean is wrong for large logits. Use the formula.": (
            lambda a: ContinuousBernoulli(logits=a).mean
        ),
        _logits.OVERFLOW: limited(
            where_small, [half, _LINE], [_by_growing], (1e-2, 0.1)
        ),
        _logits.LOGIT_LOST: limited(
            where_small, [half, _LINE], [_by_lambda_alone], (1e-2, 0.1)
        ),
        "The sign of 1/a is turned: the mean has to lie between 0 and 1.": (
            lambda a: _first(a) + 1 / a
        ),
        "The sign of the first term is turned: look at its denominator.": (
            lambda a: -_first(a) - 1 / a
        ),
        "The term 1/a is missing.": _first,
        "Only the term with 1/a is there: the mean has another one.": (
            lambda a: -1 / a
        ),
        "This is the integral of exercise 1, not the mean.": normaliser,
        "A factor 2 is off in 1/a: twice the artanh of 2 lambda - 1 is the "
        "logit.": [
            lambda a: _first(a) - 2 / a,
            lambda a: _first(a) - 0.5 / a,
        ],
        "The sign of the exponent is turned.": (
            lambda a: 1 / (1 - torch.exp(a)) - 1 / a
        ),
        "Your first term is lambda: look at the sign in its denominator.": (
            lambda a: a.sigmoid() - 1 / a
        ),
        _logits.LAMBDA_FOR_LOGIT: [
            lambda a: _exact(a.sigmoid()),
            lambda a: _first(a) - 1 / a.sigmoid(),
        ],
        _logits.NO_LOGIT_OF_IT: [
            lambda a: a / (2 * a - 1) - 1 / torch.logit(a),
            lambda a: a / (2 * a - 1) - 1 / torch.logit(a, eps=1e-6),
        ],
        "This is 1 minus the mean: a large logit means a dark pixel, near "
        "1.": lambda a: 1 - _mean(a),
        "You multiply lambda by the normaliser: that is no mean. Integrate x "
        "times the density.": lambda a: a.sigmoid() * normaliser(a),
        "You divide lambda by the normaliser: that is no mean. Integrate x "
        "times the density.": lambda a: a.sigmoid() / normaliser(a),
        "The integral of x times lambda^x (1 - lambda)^(1 - x) is not divided "
        "by the normaliser.": lambda a: _mean(a) * normaliser(a),
        "You differentiate the log of exercise 1's normaliser. Its factor 1 - "
        "lambda depends on a too: leave that out of the integral first.": (
            lambda a: _mean(a) - a.sigmoid()
        ),
    },
    # Three digits: a form that keeps logits 0.01 away from 0 passes.
    tolerance=6e-4,
    no_gradient="autograd.grad of the log normaliser",
)
