"""Lesson 08: functions of a pixel's logit."""

from functools import partial
from itertools import product

import torch


def logit_cases(tiny, near):
    """Cases of logits; tiny and near: those that need care, above 0."""

    def cases(generator):
        # No size is a number that a formula has, such as 12.
        for shape in [(5, 7), (2, 1, 7, 5), (13,)]:
            size, coin = torch.rand(2, *shape, generator=generator)
            sign = torch.where(coin < 0.5, -1.0, 1.0)
            yield {"logits": sign * (0.3 + 3.5 * size)}
        yield "at logit 0", {"logits": torch.tensor([0, 1.2, -0.7, 2, -3])}
        yield "for tiny logits", {"logits": torch.tensor(tiny)}
        yield "for logits near 0", {"logits": torch.tensor(near)}
        yield (
            "for large logits",
            {"logits": torch.tensor([150.0, -150, 30, -40, 2])},
        )

    return cases


def where_small(a, near, far, limit=1e-2):
    """near(a) where a is small, far(a) elsewhere, safely."""
    small = a.abs() <= limit
    safe = torch.where(small, torch.ones_like(a), a)
    return torch.where(small, near(a), far(safe))


def without_abs(a, near, far, limit):
    """near(a) for all negative logits too."""
    small = a < limit
    safe = torch.where(small, torch.ones_like(a), a)
    return torch.where(small, near(a), far(safe))


def limited(choose, nears, fars, limits):
    """A function for each way to treat small logits and others."""
    return [
        partial(choose, near=near, far=far, limit=limit)
        for near, far, limit in product(nears, fars, limits)
    ]


def half(a):
    return torch.full_like(a, 0.5)


def normaliser(logits):
    return where_small(
        logits, lambda a: 0.5 - a**2 / 24, lambda a: torch.tanh(a / 2) / a
    )


def twice_lambda(a):
    """2 lambda - 1 by the logit."""
    return (2 * a.sigmoid() - 1) / a


def logit_again(a):
    """The logit, found from lambda."""
    return torch.logit(a.sigmoid())


OVERFLOW = (
    "e^a overflows for large logits, and infinity by infinity, or times 0, is "
    "NaN: use a form in which only e^-|a|, tanh or sigmoid is left."
)
NO_LOGIT_OF_IT = "The input is the logit, not lambda: no logit is taken of it."
LOGIT_LOST = (
    "For large logits lambda is 1 in float32, and its logit cannot be found "
    "again: take the logit as it is given."
)
LAMBDA_FOR_LOGIT = "You take lambda where the logit belongs."
WITHOUT_ABS = (
    "You take all negative logits for small ones: small is a matter of their "
    "absolute value."
)
SIDES = (
    "Your result is 1/2 for any input. That is right near logit 0 only: are "
    "the two sides of torch.where exchanged?"
)
