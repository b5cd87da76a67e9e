"""Lesson 07: ways through the latent space."""

from functools import partial

import torch
from torch.special import ndtri

from course_lib.checks.exercise import Exercise


def _pairs(generator):
    normal = partial(torch.randn, generator=generator)
    for K, t in [(4, 0.3), (20, 0.75)]:
        yield {"a": normal(K), "b": 2 * normal(K), "t": t}
    a = torch.tensor([0.0, 2, 0])
    yield {"a": a, "b": 2 * a, "t": 0.25}


def _angle(a, b):
    # exact for small angles too, where the arccosine is not
    a, b = a / a.norm(), b / b.norm()
    return 2 * torch.atan2((a - b).norm(), (a + b).norm())


def _slerp(a, b, t, angle=_angle):
    omega = angle(a, b)
    if omega < 1e-4:
        return (1 - t) * a + t * b
    return _great_circle(a, b, t, omega)


def _great_circle(a, b, t, omega):
    weights = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


def _unguarded(a, b, t):
    cosine = (a / a.norm()) @ (b / b.norm())
    return _great_circle(a, b, t, cosine.clamp(-1, 1).acos())


slerp = Exercise(
    "slerp",
    """slerp(a, b, t) -> (K,): the point at t between the codes a and b.

    a, b: (K,), of any lengths; t: a float in [0, 1]. For parallel codes the
    straight line is meant.
    """,
    cases=_pairs,
    answer=_slerp,
    mistakes={
        "The cosine is taken of codes of any length: normalise them for the "
        "angle.": partial(
            _slerp, angle=lambda a, b: (a @ b).clamp(-1, 1).acos()
        ),
        "The ends are swapped: t = 0 gives a.": (
            lambda a, b, t: _slerp(b, a, t)
        ),
        "This is the straight line: its middle lies nearer to the origin.": (
            lambda a, b, t: (1 - t) * a + t * b
        ),
        "Only the directions are interpolated: a and b keep their lengths.": (
            lambda a, b, t: _slerp(a / a.norm(), b / b.norm(), t)
        ),
        "The division by the sine of the whole angle is missing.": (
            lambda a, b, t: _slerp(a, b, t) * torch.sin(_angle(a, b))
        ),
        "For parallel codes this is 0/0: take the straight line there.": (
            _unguarded
        ),
        "Parallel codes may differ in length: take the straight line.": [
            lambda a, b, t: a,
            lambda a, b, t: b,
        ],
    },
)


def _sizes(generator):
    return [{"n": n} for n in (4, 3, 7)]


def _grid(places):
    """All pairs: second coordinate down the rows, first along them."""
    rows, columns = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], 1)


def _shares(n):
    return (torch.arange(n, dtype=torch.float64) + 0.5) / n


def _prior_grid(n):
    return _grid(ndtri(_shares(n)))


def _lined(*ends):
    return lambda n: _grid(torch.linspace(*ends, n, dtype=torch.float64))


prior_grid = Exercise(
    "prior_grid",
    """prior_grid(n) -> codes of shape (n * n, 2), row by row of a picture.

    n: an int. Each axis goes through the quantiles of N(0, 1) at the
    probabilities (i + 1/2) / n, i = 0 ... n - 1: the first coordinate grows
    to the right, the second from the bottom row to the top row.
    """,
    cases=_sizes,
    answer=_prior_grid,
    mistakes={
        "The points are equally spaced: take quantiles, so that each stands "
        "for the same share of the prior.": [
            _lined(-2, 2),
            _lined(-3, 3),
            _lined(-1, 1),
            _lined(-4, 4),
        ],
        "You return probabilities: go from them to places by the inverse of "
        "the distribution function.": [
            lambda n: _grid(_shares(n)),
            _lined(0, 1),
        ],
        "The ends are infinite: 0 and 1 are not among the probabilities.": (
            lambda n: _grid(ndtri(torch.linspace(0, 1, n)))
        ),
        "One end is infinite: the probabilities are the middles of n equal "
        "shares, not their borders.": [
            lambda n: _grid(ndtri(_shares(n) - 0.5 / n)),
            lambda n: _grid(ndtri(_shares(n) + 0.5 / n)),
        ],
        "The probabilities are not the middles of n equal shares.": [
            lambda n: _grid(ndtri((_shares(n) + 0.5 / n) * n / (n + 1))),
            lambda n: _grid(ndtri(torch.linspace(0.05, 0.95, n))),
            lambda n: _grid(ndtri(torch.linspace(0.01, 0.99, n))),
        ],
        "The axes are swapped: the first coordinate changes within a row of "
        "the picture.": [
            lambda n: _prior_grid(n).flip(1),
            lambda n: -_prior_grid(n).flip(1),
            lambda n: torch.cartesian_prod(
                ndtri(_shares(n)), ndtri(_shares(n))
            ),
        ],
        "The picture is upside down: the top row, the first, has the largest "
        "second coordinate.": (
            lambda n: _prior_grid(n) * torch.tensor([1, -1])
        ),
        "Right is left: the first coordinate grows to the right.": (
            lambda n: _prior_grid(n) * torch.tensor([-1, 1])
        ),
    },
)
