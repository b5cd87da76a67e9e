"""Lesson 01: a gradient by hand, that of the cross-entropy by the logit."""

from functools import partial

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from course_lib.checks.exercise import Exercise


def _logits(generator):
    for shape in [(5,), (3, 4), (2, 1, 8, 8)]:
        a = 3 * torch.randn(shape, generator=generator).clamp(-2, 2)
        yield {"a": a, "x": torch.rand(shape, generator=generator)}


bce_logit_grad = Exercise(
    """bce_logit_grad(a, x): derivative of the cross-entropy in each logit.

    An entry's loss is -x log p - (1 - x) log(1 - p), with p = sigmoid(a).
    a: logits, any shape; x: targets in [0, 1] of that shape, like the result.
    """,
    cases=_logits,
    answer=lambda a, x: a.sigmoid() - x,
    mistakes={
        "The sign is turned: where p is larger than x, the loss grows with "
        "the logit.": lambda a, x: x - a.sigmoid(),
        "There is an extra factor p (1 - p): the sigmoid's derivative "
        "cancels against the one of the logarithms.": (
            lambda a, x: (a.sigmoid() - x) * a.sigmoid() * (-a).sigmoid()
        ),
        "That is the derivative with respect to p, not to the logit: the "
        "chain rule's factor dp/da is missing.": (
            lambda a, x: (a.sigmoid() - x) / a.sigmoid() / (-a).sigmoid()
        ),
        "You compare the logit itself with x: p = sigmoid(a).": (
            lambda a, x: a - x
        ),
        "You average over the entries: each has a loss of its own, not "
        "divided by their number.": (
            lambda a, x: (a.sigmoid() - x) / a.numel()
        ),
        "That is the loss itself; return its derivative.": (
            partial(binary_cross_entropy_with_logits, reduction="none")
        ),
    },
    no_gradient="autograd.grad of the loss",
)
