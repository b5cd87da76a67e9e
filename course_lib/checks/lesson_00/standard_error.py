"""Lesson 00: the standard error of a mean."""

import torch

from course_lib.checks.exercise import Exercise


def _samples(generator):
    # So many that dividing by n or by n - 1 makes no difference.
    for n in (4000, 3000):
        yield {"samples": 20 + 37 * torch.randn(n, generator=generator)}


standard_error = Exercise(
    """standard_error(samples) -> (): the standard error of their mean.

    samples: (n,) independent draws; the result has their unit.
    """,
    cases=_samples,
    answer=lambda s: s.std() / len(s) ** 0.5,
    mistakes={
        "That is the standard deviation, the spread of single draws; the "
        "mean of n draws spreads less.": lambda s: s.std(),
        "You divide by n; the standard error falls with the root of n.": (
            lambda s: s.std() / len(s)
        ),
        "That is a variance, in squared units: take the root.": [
            lambda s: s.var(),
            lambda s: s.var() / len(s),
            lambda s: s.var() / len(s) ** 0.5,
        ],
        "You do not subtract the mean before you square.": (
            lambda s: s.square().mean().sqrt() / len(s) ** 0.5
        ),
    },
    tolerance=1e-3,
    no_gradient="a Python float of the math module",
)
