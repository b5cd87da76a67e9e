"""Lesson 00: the standard error of a mean."""

import torch

from course_lib.checks.compare import agree
from course_lib.checks.exercise import Exercise

TOLERANCE = 1e-4


def _samples(generator):
    for label, n, mean, s in [
        ("", 60, 20, 37),
        ("", 35, -3, 0.8),
        ("", 97, 5, 4),
        ("for two samples", 2, 1, 3),
        ("for many samples", 4000, 2, 9),
    ]:
        draws = torch.randn(n, generator=generator)
        draws[0], draws[-1] = 3, -2.5  # missed where they are left out
        yield label, {"samples": mean + s * draws}


def _with_n_or_less(f, samples):
    """What f gives; dividing by n - 1 or by n in the variance is one."""
    given = f(samples)
    right, biased = (_right(samples, correction) for correction in (1, 0))
    return right if agree(given, biased, TOLERANCE) else given


def _right(s, correction=1):
    return s.std(correction=correction) / len(s) ** 0.5


def _of_some(part):
    """The error by the variance of some draws, with n or less for each n."""

    def squares(s):
        return (s[part] - s[part].mean()).square().sum()

    return [
        lambda s, i=i, j=j: (squares(s) / (len(s) - i) / (len(s) - j)) ** 0.5
        for i in (1, 2)
        for j in (0, 1)
    ]


def _either(wrong):
    """A wrong function of the samples, their number and their variance."""
    return [
        lambda s: wrong(s, len(s), s.var(correction=1)),
        lambda s: wrong(s, len(s), s.var(correction=0)),
    ]


standard_error = Exercise(
    """standard_error(samples) -> (): the standard error of their mean.

    samples: (N,) independent draws, two or more; the result has their unit.
    """,
    cases=_samples,
    experiment=_with_n_or_less,
    answer=_right,
    mistakes={
        "That is the standard deviation, the spread of single draws; the "
        "mean of n draws spreads less.": _either(lambda s, n, v: v**0.5),
        "You divide by n; the standard error falls with the root of n.": [
            *_either(lambda s, n, v: v**0.5 / n),
            *_either(lambda s, n, v: v**0.5 / (n - 1)),
        ],
        "Your result grows with the root of n: the more draws, the better "
        "their mean is known.": _either(lambda s, n, v: (v * n) ** 0.5),
        "That is a variance, in squared units: take the root.": [
            *_either(lambda s, n, v: v),
            *_either(lambda s, n, v: v / n),
            *_either(lambda s, n, v: v / (n - 1)),
            *_either(lambda s, n, v: v / n**2),
        ],
        "You take the variance for the standard deviation, its root.": (
            _either(lambda s, n, v: v / n**0.5)
        ),
        "You take the root of the standard deviation too: under the root "
        "stand the variance and n, or n alone.": [
            *_either(lambda s, n, v: v**0.25 / n**0.5),
            *_either(lambda s, n, v: v**0.25 / n),
        ],
        "You do not subtract the mean before you square.": [
            lambda s: s.square().mean().sqrt() / len(s) ** 0.5,
            lambda s: s.norm() / (len(s) * (len(s) - 1)) ** 0.5,
        ],
        "You leave the first or the last draw out: look at the slice, or at "
        "the range of the loop.": [
            *_of_some(slice(1, None)),
            *_of_some(slice(None, -1)),
        ],
        "The sum of squares is not divided: the variance is their mean.": [
            lambda s: s.var() * (len(s) - 1),
            lambda s: s.var() * (len(s) - 1) / len(s) ** 0.5,
        ],
        "You subtract 1 from n twice: n - 1 belongs in the variance, if at "
        "all; under the root stands n itself.": (
            lambda s: s.std() / (len(s) - 1) ** 0.5
        ),
        "Precedence: n ** 1/2 is n / 2; put the exponent in parentheses.": [
            *_either(lambda s, n, v: v**0.5 / (n / 2)),
            *_either(lambda s, n, v: v**0.5 / n / 2),
            *_either(lambda s, n, v: v**0.5 * n / 2),
        ],
        "You average absolute distances from the mean: the standard "
        "deviation is the root of their mean square.": (
            lambda s: (s - s.mean()).abs().mean() / len(s) ** 0.5
        ),
        "You divide the mean by the root of n: its place is the standard "
        "deviation's.": lambda s: s.mean() / len(s) ** 0.5,
        "That is the mean itself: how far off may it be?": torch.mean,
        "You divide by the mean too: a relative error, without a unit.": (
            _either(lambda s, n, v: (v / n) ** 0.5 / s.mean())
        ),
        "That is the standard error of the standard deviation, not of the "
        "mean.": _either(lambda s, n, v: (v / n / 2) ** 0.5),
        "That is half the width of a 95 % interval: 1.96 standard errors.": (
            _either(lambda s, n, v: 1.96 * (v / n) ** 0.5)
        ),
    },
    tolerance=TOLERANCE,
    no_gradient="a Python float of the math module",
)
