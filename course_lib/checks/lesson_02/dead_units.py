"""Lesson 02: units that never fire."""

import torch

from course_lib.checks.exercise import Exercise


def _signed_codes(generator):
    for images, units, dead in [(40, 27, 4), (30, 33, 6)]:
        h = torch.randn(images, units, generator=generator)
        h = h * (torch.rand(images, units, generator=generator) < 0.4) + 1
        h[2] = 0  # an image without any active unit
        h[:, : dead + 3] = 0
        h[1, dead] = 1e-3  # alive, for one image only
        h[:2, dead + 1 : dead + 3] = torch.tensor([[1.0], [-1]])  # of mean 0
        h[:, dead + 3 : dead + 8] = -h[:, dead + 3 : dead + 8].abs()
        yield {"h": h}


dead_units = Exercise(
    """dead_units(h) -> (): how many units are 0 for every image.

    h: (N, M) codes of N images, of any sign.
    """,
    cases=_signed_codes,
    answer=lambda h: (h == 0).all(0).sum(),
    mistakes={
        "You count images for which all units are 0: a unit is a column.": (
            lambda h: (h == 0).all(1).sum()
        ),
        "You count the zeros: a unit is dead only if it is 0 for all "
        "images.": lambda h: (h == 0).sum(),
        "You count the units that are 0 for some image: dead are those that "
        "are 0 for all.": lambda h: (h == 0).any(0).sum(),
        "You look at a unit's mean: codes of both signs cancel, and a unit "
        "that fires once is alive. Look at every entry.": [
            lambda h: (h.mean(0) == 0).sum(),
            lambda h: (h.mean(0).abs() < 1e-3).sum(),
        ],
        "A threshold on the size is not asked for: a small code is alive.": (
            lambda h: (h.abs() < 1e-2).all(0).sum()
        ),
        "A unit with negative codes is alive too: dead means 0 for all.": (
            lambda h: (h <= 0).all(0).sum()
        ),
        "You count the living units.": lambda h: (h != 0).any(0).sum(),
        "You return a share; return the number of units.": (
            lambda h: (h == 0).all(0).double().mean()
        ),
    },
    no_gradient="a count",
)
