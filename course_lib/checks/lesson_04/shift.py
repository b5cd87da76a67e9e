"""Lesson 04: shifted images."""

import torch

from course_lib.checks.exercise import Exercise


def _images(generator):
    for batch_size, dy, dx in [(3, 2, 1), (2, -2, 3), (2, -1, -3), (1, 0, 2)]:
        x = torch.rand(batch_size, 1, 6, 7, generator=generator) + 0.1
        yield {"x": x, "dy": dy, "dx": dx}


def _shift(x, dy, dx):
    H, W = x.shape[-2:]
    moved = torch.zeros_like(x)
    moved[..., max(dy, 0) : H + min(dy, 0), max(dx, 0) : W + min(dx, 0)] = x[
        ..., max(-dy, 0) : H + min(-dy, 0), max(-dx, 0) : W + min(-dx, 0)
    ]
    return moved


def _edges(x, dy, dx):
    rows = (torch.arange(x.shape[-2]) - dy).clamp(0, x.shape[-2] - 1)
    columns = (torch.arange(x.shape[-1]) - dx).clamp(0, x.shape[-1] - 1)
    return x[..., rows, :][..., columns]


shift = Exercise(
    """shift(x, dy, dx) -> (B, C, H, W): images dy pixels down, dx right.

    x: (B, C, H, W); negative numbers move up and left. Pixels that become
    free are 0.
    """,
    cases=_images,
    answer=_shift,
    mistakes={
        "What leaves on one side comes back on the other: the free pixels "
        "have to be 0.": lambda x, dy, dx: x.roll((dy, dx), (-2, -1)),
        "The free pixels repeat the edge: they have to be 0.": _edges,
        "The axes are swapped: dy goes along the rows' axis, -2, and dx "
        "along the columns', -1.": lambda x, dy, dx: _shift(x, dx, dy),
        "The sign is turned: positive dy moves down, positive dx right.": (
            lambda x, dy, dx: _shift(x, -dy, -dx)
        ),
        "Negative shifts go the same way as positive ones: they have to move "
        "up and left.": lambda x, dy, dx: _shift(x, abs(dy), abs(dx)),
        "Negative shifts do nothing: they have to move up and left.": (
            lambda x, dy, dx: _shift(x, max(dy, 0), max(dx, 0))
        ),
    },
    gradient=["x"],
)
