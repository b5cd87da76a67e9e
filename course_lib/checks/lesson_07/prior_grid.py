"""Lesson 07: a grid of codes that covers the prior evenly."""

import torch
from torch import Tensor
from torch.special import ndtr, ndtri

from course_lib.checks.exercise import Exercise
from course_lib.checks.mistake import Mistake


def _sizes(generator):
    for n in (5, 3, 7, 4):
        yield {"n": n}
    yield "for many codes", {"n": 30}
    yield "for n = 2", {"n": 2}
    yield "for n = 1", {"n": 1}


def _codes(prior_grid, n):
    codes = prior_grid(n)
    # Three places are always equally spaced, if they are symmetric.
    if n > 3 and isinstance(codes, Tensor) and codes.shape == (n * n, 2):
        if not torch.allclose(codes, prior_grid(n), equal_nan=True):
            raise Mistake("You draw codes at random: the grid is fixed.")
        for axis in codes.detach().double().T:
            _refuse_other_places(axis.unique(), n)
    return codes


def _refuse_other_places(places, n):
    """Name places on an axis, in whatever order, that are even otherwise."""
    if len(places) != n or torch.allclose(places, ndtri(_shares(n)), 1e-3):
        return
    if _is_even(places):
        if places[0] >= 0 and places[-1] <= 1:
            raise Mistake(
                "You return probabilities: go from them to places by the "
                "inverse of the distribution function."
            )
        raise Mistake(
            f"The points are equally spaced from {places[0]:.3g} to "
            f"{places[-1]:.3g}: take quantiles, so that each stands for the "
            "same share of the prior."
        )
    shares = ndtr(places)
    if not _is_even(shares):
        return
    infinite = places.isinf().sum()
    if infinite == 2:
        raise Mistake(
            "The ends are infinite: 0 and 1 are not among the probabilities."
        )
    if infinite:
        raise Mistake(
            "One end is infinite: the probabilities are the middles of n "
            "equal shares, not their borders."
        )
    raise Mistake(
        f"Your probabilities go in equal steps, for n = {n} from "
        f"{shares[0]:.3g} on: they are not the middles of n equal shares."
    )


def _is_even(values):
    steps = values.diff()
    return torch.allclose(steps, steps.mean(), rtol=1e-3)


def _shares(n):
    return (torch.arange(n, dtype=torch.float64) + 0.5) / n


def _grid(places):
    """All pairs: second coordinate down the rows, first along them."""
    rows, columns = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], 1)


def _prior_grid(n):
    return _grid(ndtri(_shares(n)))


def _turned(first, second, swapped=False):
    """Signs at the two coordinates; swapped: the first one goes down."""

    def wrong(n):
        grid = _prior_grid(n) * torch.tensor([first, second])
        return grid.flip(1) if swapped else grid

    return wrong


def _through(places):
    """A grid through other places, made from the right probabilities."""
    return lambda n: _grid(places(_shares(n)))


def _cut(eps):
    """Shares from 0 to 1, cut at the ends to avoid infinity."""

    def wrong(n):
        shares = torch.linspace(0, 1, n, dtype=torch.float64)
        return _grid(ndtri(shares.clamp(eps, 1 - eps)))

    return wrong


prior_grid = Exercise(
    """prior_grid(n) -> codes of shape (n * n, 2), row by row of a picture.

    n: an int. Each axis goes through the quantiles of N(0, 1) at the
    probabilities (i + 1/2) / n, i = 0 ... n - 1: the first coordinate grows
    to the right, the second from the bottom row to the top row.
    """,
    cases=_sizes,
    experiment=_codes,
    answer=_prior_grid,
    mistakes={
        "There is one row of the picture only: does the return stand inside "
        "a loop?": [
            lambda n: _prior_grid(n)[:n],
            lambda n: _prior_grid(n)[-n:],
        ],
        "The outermost codes are cut off: with many codes the quantiles go "
        "further out.": [
            lambda n, c=c: _prior_grid(n).clamp(-c, c) for c in (2, 2.1)
        ],
        "The axes are swapped: in a row of the picture, that is, in the first "
        "n codes, the first coordinate changes and the second stays.": [
            _turned(first, second, swapped=True)
            for first in (1, -1)
            for second in (1, -1)
        ],
        "The picture is upside down: the top row, the first, has the largest "
        "second coordinate.": _turned(1, -1),
        "Right is left: the first coordinate grows to the right.": (
            _turned(-1, 1)
        ),
        "The picture is turned by half: in the first row, the second "
        "coordinate is the largest, and the first grows.": _turned(-1, -1),
        "Both coordinates of a code are equal: the grid has all pairs of two "
        "places.": [
            lambda n: _prior_grid(n)[:, [0, 0]],
            lambda n: _prior_grid(n)[:, [1, 1]],
        ],
        "Cutting the probabilities 0 and 1 off leaves an end for a small "
        "share: take the middles of n equal shares.": [
            _cut(eps) for eps in (1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05)
        ],
        "You take the distribution function itself: its inverse leads from "
        "probabilities to places.": _through(ndtr),
        "You take the density: the inverse of the distribution function leads "
        "from probabilities to places.": _through(
            lambda shares: (-0.5 * shares**2).exp() / (2 * torch.pi) ** 0.5
        ),
        "The places are too small by the root of 2: erfinv inverts the error "
        "function, whose unit is another.": (
            lambda n: _prior_grid(n) / 2**0.5
        ),
        "erfinv takes numbers from -1 to 1: probabilities have to be "
        "stretched first.": _through(torch.erfinv),
        "These are quantiles of the logistic distribution (logit): the prior "
        "is normal.": _through(torch.logit),
    },
)
