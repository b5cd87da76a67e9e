"""Lesson 00: the log of the normal density."""

import math
from functools import partial
from itertools import combinations

import torch

from course_lib.checks import sentences
from course_lib.checks.exercise import Exercise

LOG_2PI = math.log(2 * math.pi)
WHY = {
    "the squared distance": "a density falls with the distance",
    "log sigma": "a wider density is a lower one",
    "log(2 pi)": "the density's integral has to be 1",
}


def _points(generator):
    def case(*shapes, far=1.0, scale=1.0):
        x, mu, u = (torch.rand(s, generator=generator) for s in shapes)
        mu, sigma = scale * (2 * mu - 1), scale * (0.4 + 2 * u)
        # 0.5 to 2 standard deviations away, so that each term matters
        away = torch.where(x < 0.5, 0.5 + 3 * x, 1 - 3 * x)
        return {"x": mu + far * sigma * away, "mu": mu, "sigma": sigma}

    for shape in (4, 3), (5,), (2, 3, 4):
        yield case(shape, shape, shape)
    yield "where mu and sigma broadcast", case((4, 3), (3,), (4, 1))
    yield "where mu and sigma are one number each", case((6,), (), ())
    wide = case((3,), (2, 3), (2, 1))
    yield "where x has fewer dimensions than mu", wide | {"x": wide["x"][0]}
    for label, kind in {
        "for a small sigma": {"scale": 0.01},
        "for a large sigma": {"scale": 300},
        "where x is mu": {"far": 0},
        # 40 standard deviations: exp(-800) is 0 in float64 too
        "far from mu, where the density itself rounds to 0": {"far": 80},
    }.items():
        yield label, case((5,), (5,), (5,), **kind)


def _squared(x, mu, sigma):
    return ((x - mu) / sigma) ** 2


def _log_normal(x, mu, sigma, times=(1, 1, 1), distance=_squared):
    """Its three terms, times numbers, with a squared distance."""
    a, b, c = times
    squared = distance(x, mu, sigma)
    return -a * squared / 2 - b * sigma.log() - c * LOG_2PI / 2


def _times(a, b, c):
    """Numbers with which the terms of ``WHY`` are multiplied."""
    return partial(_log_normal, times=(a, b, c))


def _distance(*distances, b=1):
    """Another distance in place of the squared one, in units of sigma."""
    return [
        partial(_log_normal, times=(1, b, 1), distance=distance)
        for distance in distances
    ]


def _signs():
    """The sign of one term, or of two."""
    for n in (1, 2):
        for turned in combinations(range(3), n):
            terms = [list(WHY)[i] for i in turned]
            said = (
                f"The sign of {terms[0]} is wrong: {WHY[terms[0]]}."
                if n == 1
                else f"The signs of {terms[0]} and of {terms[1]} are wrong."
            )
            yield said, _times(*(-1 if i in turned else 1 for i in range(3)))


def _other_base():
    """Logarithms to base 2 or 10, of sigma, of 2 pi, or of both."""
    for base in (2, 10):
        c = 1 / math.log(base)
        yield from (_times(1, c, 1), _times(1, 1, c), _times(1, c, c))


def _log_of_density(eps):
    """Also with a small number against the logarithm of 0."""
    return [
        lambda *inputs: (_log_normal(*inputs).exp() + eps).log(),
        lambda *inputs: _log_normal(*inputs).exp().clamp(min=eps).log(),
    ]


def _factor(sigma):
    """What stands before the exponential."""
    return 1 / (sigma * math.sqrt(2 * math.pi))


normal_logpdf = Exercise(
    """normal_logpdf(x, mu, sigma): log N(x; mu, sigma**2) of each entry.

    x, mu, sigma: shapes that broadcast, to the result's shape; sigma is the
    standard deviation, above 0. In nats.
    """,
    cases=_points,
    answer=_log_normal,
    mistakes={
        "You return the density; return its logarithm.": (
            lambda *inputs: _log_normal(*inputs).exp()
        ),
        "That is the negative log density, a loss: turn its sign.": (
            _times(-1, -1, -1)
        ),
        **dict(_signs()),
        "log(2 pi) is missing: without the constant the density's integral "
        "is not 1.": _times(1, 1, 0),
        "log sigma is missing: a wider density is a lower one.": (
            _times(1, 0, 1)
        ),
        "The factor before the exponential is missing, with sigma and 2 pi: "
        "its logarithm belongs to the result.": _times(1, 0, 0),
        "The squared distance has lost its factor 1/2.": _times(2, 1, 1),
        "log(2 pi) has lost its factor 1/2: in the density 2 pi stands under "
        "a root.": _times(1, 1, 2),
        "log(2 pi sigma**2) has lost its factor 1/2: in the density it stands "
        "under a root.": _times(1, 2, 2),
        "Two factors 1/2 are missing: of the squared distance and of "
        "log(2 pi).": _times(2, 1, 2),
        "log sigma counts twice: with a factor 1/2, it has to be the variance "
        "that stands in the logarithm.": _times(1, 2, 1),
        "The constant is log(2 pi); your number is another one.": [
            lambda *inputs: _log_normal(*inputs) + math.log(2) / 2,
            lambda *inputs: _log_normal(*inputs) + LOG_2PI / 2 - math.pi,
            lambda *inputs: _times(1, 1, 0)(*inputs) - (2 * math.pi) ** 0.5,
        ],
        sentences.BITS: list(_other_base()),
        "You take sigma for sigma**2 in the squared distance: sigma is the "
        "standard deviation.": _distance(lambda x, m, s: (x - m) ** 2 / s),
        "You take sigma for sigma**2 in the logarithm: sigma is the standard "
        "deviation.": _times(1, 0.5, 1),
        "You take sigma for sigma**2 everywhere: sigma is the standard "
        "deviation.": _distance(lambda x, m, s: (x - m) ** 2 / s, b=0.5),
        "You square sigma twice: it is the standard deviation, so sigma**2 "
        "is the variance already.": [
            *_distance(lambda x, m, s: (x - m) ** 2 / s**4),
            *_distance(lambda x, m, s: (x - m) ** 2 / s**4, b=2),
        ],
        "The distance is not divided by the variance: how far is far depends "
        "on sigma.": _distance(lambda x, m, s: (x - m) ** 2),
        "The distance is not squared.": _distance(
            lambda x, m, s: (x - m) / s**2,
            lambda x, m, s: (x - m) / s,
            lambda x, m, s: (x - m).abs() / s**2,
            lambda x, m, s: (x - m).abs() / s,
        ),
        "The 2 is squared with sigma: square sigma alone.": (
            _times(0.5, 1, 1)
        ),
        "Precedence: a / 2 * b multiplies by b; put what you divide by in "
        "parentheses.": _distance(lambda x, m, s: ((x - m) * s) ** 2),
        "You add mu; the distance is a difference.": (
            _distance(lambda x, m, s: ((x + m) / s) ** 2)
        ),
        "You subtract sigma itself, not its logarithm.": (
            lambda x, mu, s: _log_normal(x, mu, s) + s.log() - s
        ),
        "You add the factor before the exponential: the logarithm of a "
        "product is the sum of both logarithms.": (
            lambda x, mu, s: _factor(s) - _squared(x, mu, s) / 2
        ),
        "You multiply by the factor before the exponential: the logarithm of "
        "a product is the sum of both logarithms.": [
            lambda x, mu, s: -_factor(s) * _squared(x, mu, s) / 2,
            lambda x, mu, s: -_factor(s).log() * _squared(x, mu, s) / 2,
        ],
        "Functions of math take one number only: of a tensor take torch's.": (
            lambda x, mu, s: math.log(s)
        ),
        "torch's functions take tensors: of a number such as 2 pi take those "
        "of math.": [
            lambda x, mu, s: torch.log(2 * math.pi),
            lambda x, mu, s: torch.sqrt(2 * math.pi),
        ],
        "You compute the density, and it rounds to 0 far from mu (40 sigma "
        "or more): take the logarithm on paper, before you write code.": [
            f
            for eps in (0, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-20)
            for f in _log_of_density(eps)
        ],
    },
    gradient=["x", "mu", "sigma"],
)
