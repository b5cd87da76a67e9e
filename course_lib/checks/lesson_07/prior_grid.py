"""Lesson 07: a grid of codes that covers the prior evenly."""

import torch
from torch.special import ndtri

from course_lib.checks.exercise import Exercise


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
