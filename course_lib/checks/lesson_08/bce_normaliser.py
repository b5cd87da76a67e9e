"""Lesson 08: the integral that turns the cross-entropy into a density."""

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08 import _logits
from course_lib.checks.lesson_08._logits import (
    half,
    limited,
    logit_again,
    normaliser,
    twice_lambda,
    where_small,
    without_abs,
)


def _by_tanh(a):
    return torch.tanh(a / 2) / a


def _by_exp(a):
    return torch.expm1(a) / (a * (1 + a.exp()))


def _by_parts(a):
    return (1 - a.sigmoid()) * (a.exp() - 1) / a


def _shifted(eps):
    """Away from 0 in both places, by a number or at 0 only."""
    return [
        lambda a: twice_lambda(a + eps),
        lambda a: twice_lambda(a + eps * (a == 0)),
    ]


bce_normaliser = Exercise(
    """bce_normaliser(logits) -> (...): the integral, for each logit.

    logits: any shape (...). The integral over x in [0, 1] of
    lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits), with a finite
    gradient.
    """,
    # Four digits are asked for: 2 lambda - 1 has them from 1e-3 on.
    cases=_logits.logit_cases(
        tiny=[1.5e-6, 2e-6, 1.2e-5, 1.3e-5, 3e-6],
        near=[0.085, 0.09, 0.095, 0.14, 0.16],
    ),
    answer=normaliser,
    mistakes={
        "0/0: at lambda = 1/2 the logit is 0. The limit there is 1/2.": [
            _by_tanh,
            twice_lambda,
            lambda a: (2 * a.sigmoid() - 1) / logit_again(a),
        ],
        "Near lambda = 1/2 the difference 2 lambda - 1 keeps no digits in "
        "float32: make your range of small logits wider, or take a form "
        "without that difference.": [
            *limited(where_small, [half], [twice_lambda], (0, 1e-7, 1e-5)),
            *(f for eps in (1e-8, 1e-6) for f in _shifted(eps)),
            lambda a: twice_lambda(torch.where(a == 0, 1e-6, a)),
        ],
        "A small number in the divisor alone makes the quotient 0 at logit "
        "0; the limit there is 1/2.": lambda a: torch.tanh(a / 2) / (a + 1e-8),
        "Your range of small logits is too wide: the integral falls off from "
        "1/2, and the fourth digit is gone soon.": limited(
            where_small, [half], [_by_tanh], (0.5, 1, 2)
        ),
        _logits.WITHOUT_ABS: limited(without_abs, [half], [_by_tanh], [1e-3]),
        _logits.SIDES: half,
        _logits.OVERFLOW: [
            *limited(where_small, [half], [_by_exp, _by_parts], (1e-3, 1e-2)),
        ],
        _logits.LOGIT_LOST: limited(
            where_small,
            [half],
            [lambda a: (2 * a.sigmoid() - 1) / logit_again(a)],
            (1e-3, 1e-2),
        ),
        "This is the reciprocal, what the density has to be multiplied by: "
        "return the integral itself.": lambda a: 1 / normaliser(a),
        "This is log C, minus the log of the integral: return the integral "
        "itself.": lambda a: -normaliser(a).log(),
        _logits.NO_LOGIT_OF_IT: [
            lambda a: (2 * a - 1) / torch.logit(a),
            lambda a: (2 * a - 1) / torch.logit(a, eps=1e-6),
        ],
        _logits.LAMBDA_FOR_LOGIT: [
            lambda a: (2 * a.sigmoid() - 1) / a.sigmoid(),
            lambda a: _by_tanh(a.sigmoid()),
        ],
        "The tanh is of half the logit.": [
            lambda a: torch.tanh(a) / a,
            lambda a: torch.tanh(a) / (2 * a),
        ],
        "The logit is log lambda - log(1 - lambda); you divide by log lambda "
        "alone.": lambda a: (2 * a.sigmoid() - 1) / a.sigmoid().log(),
        "The division by the logit is missing.": lambda a: torch.tanh(a / 2),
        "The factor 1 - lambda is missing in front of e^(ax).": (
            lambda a: torch.expm1(a) / a
        ),
        "The factor in front of e^(ax) is 1 - lambda, not lambda.": (
            lambda a: a.sigmoid() * torch.expm1(a) / a
        ),
        "You take lambda for the integral.": torch.sigmoid,
    },
    gradient=["logits"],
)
