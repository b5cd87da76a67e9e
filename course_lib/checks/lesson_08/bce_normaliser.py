"""Lesson 08: the integral that turns the cross-entropy into a density."""

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08._logits import (
    logit_cases,
    normaliser,
    where_small,
    where_zero,
)


def _value_and_gradient(f, logits):
    result = f(logits)
    if not isinstance(result, torch.Tensor):
        return {"Value": result, "Gradient": 0 * logits}
    leaf = logits.detach().clone().requires_grad_()
    total = f(leaf.clone()).sum()
    if not total.requires_grad:
        return {"Value": result, "Gradient": 7 + 0 * logits}
    (gradient,) = torch.autograd.grad(total, leaf, materialize_grads=True)
    return {"Value": result.detach(), "Gradient": gradient}


def _twice_lambda(a):
    return (2 * a.sigmoid() - 1) / a


def _by_exp(a):
    return torch.expm1(a) / (a * (1 + a.exp()))


bce_normaliser = Exercise(
    """bce_normaliser(logits) -> (...): the integral, for each logit.

    logits: any shape (...). The integral over x in [0, 1] of
    lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits), with a finite
    gradient.
    """,
    cases=logit_cases,
    experiment=_value_and_gradient,
    answer=normaliser,
    mistakes={
        "0/0: at lambda = 1/2 the logit is 0. The limit there is 1/2.": [
            lambda a: torch.tanh(a / 2) / a,
            _twice_lambda,
        ],
        "At logit 0 the value is right, but its gradient is NaN: torch.where "
        "computes both sides. Put a harmless number in place of small logits "
        "before you divide.": where_zero(lambda a: torch.tanh(a / 2) / a),
        "Near lambda = 1/2 the difference 2 lambda - 1 keeps no digits in "
        "float32. It is a tanh, which does.": [
            where_zero(_twice_lambda),
            lambda a: _twice_lambda(torch.where(a == 0, 1e-6, a)),
            lambda a: _twice_lambda(torch.where(a == 0, 1e-8, a)),
            lambda a: _twice_lambda(a + 1e-8),
            lambda a: _twice_lambda(a + 1e-8 * (a == 0)),
        ],
        "This is the reciprocal, what the density has to be multiplied by: "
        "return the integral itself.": lambda a: 1 / normaliser(a),
        "This is a logarithm of the integral, or minus it: return the "
        "integral itself.": [
            lambda a: normaliser(a).log(),
            lambda a: -normaliser(a).log(),
        ],
        "The input is the logit, not lambda: no logit is taken of it.": (
            lambda a: (2 * a - 1) / torch.logit(a, eps=1e-3)
        ),
        "The tanh is of half the logit.": (
            lambda a: where_small(
                a, torch.ones_like, lambda a: torch.tanh(a) / a
            )
        ),
        "The division by the logit is missing.": lambda a: torch.tanh(a / 2),
        "The sign is turned: an integral of positive numbers is positive.": (
            lambda a: -normaliser(a)
        ),
        "e^a overflows for large logits, and infinity by infinity is NaN: "
        "use tanh or sigmoid.": lambda a: where_small(
            a, lambda a: 0.5 - a**2 / 24, _by_exp
        ),
        "The values are right, but no gradient reaches the logits: use "
        "torch's functions, no detach, item, numpy.": (
            lambda a: normaliser(a).detach()
        ),
    },
)
