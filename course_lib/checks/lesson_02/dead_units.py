"""Lesson 02: units that never fire."""

import torch

from course_lib.checks.exercise import Exercise

# Images, and how many units are: dead, constant, never positive, of mean 0,
# small, tiny, usual; then how many images have no active unit.
_COUNTS = [
    (40, 4, 0, 5, 2, 1, 0, 15, 3),
    (30, 6, 3, 4, 1, 2, 1, 17, 0),
    (23, 3, 2, 6, 4, 0, 3, 12, 0),
    (17, 5, 0, 2, 3, 1, 2, 19, 2),
    (29, 7, 1, 3, 0, 3, 1, 13, 0),
]


def _codes(generator):
    for counts in _COUNTS:
        yield {"z": _signed(generator, *counts)}
    yield {"z": torch.zeros(19, 8)}
    z = _signed(generator, 12, 0, 1, 2, 1, 1, 0, 6, 0)
    yield "where no unit is dead", {"z": z}
    yield "for one image alone", {"z": z[:1] * (torch.arange(11) % 3)}


def _signed(
    generator, images, dead, constant, negative, mean_0, small, tiny, usual, no
):
    """Codes of both signs, (images, sum of the numbers of units)."""
    size = (images, dead + constant + negative + mean_0 + small + tiny + usual)
    z = torch.randn(size, generator=generator) + 0.5
    z = z * (torch.rand(size, generator=generator) < 0.4)
    z[4] = torch.randn(size[1], generator=generator)  # every unit fires
    z[:no] = 0
    kinds = z.split([dead, constant, negative, mean_0, small, tiny, usual], 1)
    for kind, value in zip(kinds, (0, 0.5, None, 0, 0, 0), strict=False):
        kind[:] = -kind.abs() if value is None else value
    kinds[3][5], kinds[3][6] = 1, -1
    kinds[4][5] = torch.tensor([1e-8, 1e-3, 1e-3])[:small]
    kinds[5][5] = 1e-30
    return z[:, torch.randperm(size[1], generator=generator)]


dead_units = Exercise(
    """dead_units(z) -> (): how many units are 0 for every image.

    z: (N, K) codes of N images, of any sign.
    """,
    cases=_codes,
    answer=lambda z: (z == 0).all(0).sum(),
    mistakes={
        "You count images for which all units are 0: a unit is a column.": (
            lambda z: (z == 0).all(1).sum()
        ),
        "You count the zeros: a unit is dead only if it is 0 for all "
        "images.": lambda z: (z == 0).sum(),
        "You count the units that are 0 for some image: dead are those that "
        "are 0 for all.": lambda z: (z == 0).any(0).sum(),
        "You look at a unit's sum or mean: codes of both signs cancel. Look "
        "at every entry.": [
            lambda z: (z.sum(0) == 0).sum(),
            lambda z: (z.sum(0).abs() < 1e-6).sum(),
            lambda z: (z.mean(0).abs() < 1e-3).sum(),
        ],
        "You look for units that never change: one that always has the same "
        "value other than 0 is alive.": [
            lambda z: (z == z[0]).all(0).sum(),
            lambda z: (z.var(0) == 0).sum(),
        ],
        "You look at the largest or the smallest code of a unit: all of them "
        "have to be 0.": [
            lambda z: (z.amax(0) == 0).sum(),
            lambda z: (z.amin(0) == 0).sum(),
        ],
        "A threshold on the size is not asked for: a small code is alive.": [
            lambda z: (z.abs() < 0.5).all(0).sum(),
            lambda z: (z.abs() < 1e-2).all(0).sum(),
            lambda z: (z.abs() < 1e-6).all(0).sum(),
            lambda z: (z.mean(0).abs() < 1e-2).sum(),
            lambda z: (z.int() == 0).all(0).sum(),
        ],
        "The square of a tiny code is rounded to 0: compare the codes "
        "themselves with 0.": lambda z: (z.square().sum(0) == 0).sum(),
        "A unit with negative codes is alive too: dead means 0 for all.": (
            lambda z: (z <= 0).all(0).sum()
        ),
        "A unit with positive codes is alive too: dead means 0 for all.": (
            lambda z: (z >= 0).all(0).sum()
        ),
        "You count the living units.": lambda z: (z != 0).any(0).sum(),
        "You count all units, dead or not.": lambda z: z.shape[1],
        "You count all images.": lambda z: len(z),
        "You look at one unit only: does the return stand inside the loop?": [
            lambda z: (z[:, 0] == 0).all(),
            lambda z: (z[:, -1] == 0).all(),
        ],
        "You look at one image only: a unit that is 0 there may fire for "
        "another.": [
            lambda z: (z[0] == 0).sum(),
            lambda z: (z[-1] == 0).sum(),
        ],
        "You ask whether all units are dead: count those that are.": (
            lambda z: (z == 0).all()
        ),
        "You return a share; return the number of units.": [
            lambda z: (z == 0).all(0).double().mean(),
            lambda z: (z == 0).double().mean(),
        ],
    },
    no_gradient="a count",
)
