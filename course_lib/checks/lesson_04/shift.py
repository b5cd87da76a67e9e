"""Lesson 04: shifted images."""

import torch
import torch.nn.functional as F

from course_lib.checks.exercise import Exercise


def _images(generator):
    def case(B, C, H, W, dy, dx):
        x = torch.rand(B, C, H, W, generator=generator) + 0.1
        return {"x": x, "dy": dy, "dx": dx}

    yield case(3, 2, 6, 8, 2, 1)
    yield case(2, 1, 7, 6, -2, 3)
    yield case(2, 3, 6, 7, -1, -3)
    yield case(4, 2, 5, 7, 3, -2)
    yield "where dy is 0", case(2, 1, 6, 7, 0, 2)
    yield "where dx is 0", case(2, 1, 6, 7, -2, 0)
    yield "where nothing moves", case(2, 1, 6, 7, 0, 0)
    yield "for one image alone", case(1, 1, 6, 5, 1, 2)
    yield "where everything moves out", case(2, 1, 4, 3, 1, 3)


def _shift(x, dy, dx):
    H, W = x.shape[-2:]
    moved = torch.zeros_like(x)
    if abs(dy) < H and abs(dx) < W:
        moved[
            ..., max(dy, 0) : H + min(dy, 0), max(dx, 0) : W + min(dx, 0)
        ] = x[
            ..., max(-dy, 0) : H + min(-dy, 0), max(-dx, 0) : W + min(-dx, 0)
        ]
    return moved


def _edges(x, dy, dx):
    rows = (torch.arange(x.shape[-2]) - dy).clamp(0, x.shape[-2] - 1)
    columns = (torch.arange(x.shape[-1]) - dx).clamp(0, x.shape[-1] - 1)
    return x[..., rows, :][..., columns]


def _mirrored(x, dy, dx):
    H, W = x.shape[-2:]
    rim = min(H, W) - 1
    wide = F.pad(x, (rim,) * 4, "reflect")
    return wide[..., rim - dy :, rim - dx :][..., :H, :W]


def _free(value):
    """Shifted images, in which free pixels have another value."""

    def shift(x, dy, dx):
        inside = _shift(torch.ones_like(x), dy, dx)
        return torch.where(inside == 1, _shift(x, dy, dx), value(x))

    return shift


def _wrong_end(x, dy, dx):
    """Rolled images, of which the opposite ends are emptied."""
    inside = _shift(torch.ones_like(x), -dy, -dx)
    return x.roll((dy, dx), (-2, -1)) * inside


def _positive_emptied(x, dy, dx):
    """Rolled images, emptied at the start only, as for positive shifts."""
    moved = x.roll((dy, dx), (-2, -1))
    moved[..., : max(dy, 0), :] = 0
    moved[..., : max(dx, 0)] = 0
    return moved


def _slices(x, dy, dx):
    moved = torch.zeros_like(x)
    moved[..., dy:, dx:] = x[..., :-dy, :-dx]
    return moved


def _slices_from_size(x, dy, dx):
    moved = torch.zeros_like(x)
    H, W = x.shape[-2:]
    moved[..., dy:, dx:] = x[..., : H - dy, : W - dx]
    return moved


def _emptied(x, dy, dx):
    moved = x.roll((dy, dx), (-2, -1)).clone()
    moved[..., :dy, :] = 0
    moved[..., :dx] = 0
    return moved


def _first_channel(x, dy, dx, rest):
    return torch.cat([_shift(x[:, :1], dy, dx), rest[:, 1:]], 1)


shift = Exercise(
    """shift(x, dy, dx) -> (B, C, H, W): images dy pixels down, dx right.

    x: (B, C, H, W); negative numbers move up and left. Pixels that become
    free are 0.
    """,
    cases=_images,
    answer=_shift,
    mistakes={
        "What leaves on one side comes back on the other: the free pixels "
        "have to be 0.": [
            lambda x, dy, dx: x.roll((dy, dx), (-2, -1)),
            lambda x, dy, dx: _shift(x, dy, 0).roll(dx, -1),
            lambda x, dy, dx: _shift(x, 0, dx).roll(dy, -2),
        ],
        "With a negative number, what leaves on one side comes back on the "
        "other: the pixels that become free at the end have to be 0, too.": (
            _positive_emptied
        ),
        "The free pixels repeat the edge: they have to be 0.": _edges,
        "The free pixels keep what was there before: they have to be 0.": (
            _free(lambda x: x)
        ),
        "The free pixels are 1: they have to be 0.": _free(torch.ones_like),
        "The axes are swapped: dy goes along the rows' axis, -2, and dx "
        "along the columns', -1.": [
            lambda x, dy, dx: _shift(x, dx, dy),
            lambda x, dy, dx: x.roll((dx, dy), (-2, -1)),
        ],
        "The sign is turned: positive dy moves down, positive dx right.": [
            lambda x, dy, dx: _shift(x, -dy, -dx),
            lambda x, dy, dx: x.roll((-dy, -dx), (-2, -1)),
        ],
        "The axes are swapped, and the sign is turned.": (
            lambda x, dy, dx: _shift(x, -dx, -dy)
        ),
        "You empty the wrong end: free is the side that the image moves away "
        "from.": _wrong_end,
        "You roll along other axes than the rows' and columns': they are the "
        "last two.": [
            lambda x, dy, dx: x.roll((dy, dx), (0, 1)),
            lambda x, dy, dx: x.roll((dy, dx), (1, 2)),
        ],
        "The free pixels mirror the image: they have to be 0.": _mirrored,
        "Up and down are turned round: positive dy moves down.": (
            lambda x, dy, dx: _shift(x, -dy, dx)
        ),
        "Left and right are turned round: positive dx moves right.": (
            lambda x, dy, dx: _shift(x, dy, -dx)
        ),
        "Nothing moves down or up: dy is left out.": (
            lambda x, dy, dx: _shift(x, 0, dx)
        ),
        "Nothing moves right or left: dx is left out.": (
            lambda x, dy, dx: _shift(x, dy, 0)
        ),
        "Negative shifts go the same way as positive ones: they have to move "
        "up and left.": lambda x, dy, dx: _shift(x, abs(dy), abs(dx)),
        "Negative shifts do nothing: they have to move up and left.": (
            lambda x, dy, dx: _shift(x, max(dy, 0), max(dx, 0))
        ),
        "Positive shifts go the same way as negative ones: they have to move "
        "down and right.": lambda x, dy, dx: _shift(x, -abs(dy), -abs(dx)),
        "Positive shifts do nothing: they have to move down and right.": (
            lambda x, dy, dx: _shift(x, min(dy, 0), min(dx, 0))
        ),
        "A shift of 0 empties the image: the slice -0: is all of an axis, and "
        ":-0 is none of it.": lambda x, dy, dx: (
            _shift(x, dy, dx) * bool(dy and dx)
        ),
        "Only the first channel moves: all of them do.": [
            lambda x, dy, dx: _first_channel(x, dy, dx, x),
            lambda x, dy, dx: _first_channel(x, dy, dx, 0 * x),
        ],
        "Only the first image moves: all of them do.": [
            lambda x, dy, dx: torch.cat([_shift(x[:1], dy, dx), 0 * x[1:]]),
            lambda x, dy, dx: torch.cat([_shift(x[:1], dy, dx), x[1:]]),
        ],
        "You move the images twice.": lambda x, dy, dx: _shift(
            x, 2 * dy, 2 * dx
        ),
        "It works for positive shifts alone: with a negative number, other "
        "rows and columns stay, and others become free.": [
            _slices,
            _slices_from_size,
            _emptied,
            lambda x, dy, dx: F.pad(x, (dx, 0, dy, 0))[
                ..., : x.shape[-2], : x.shape[-1]
            ],
        ],
        "You move by one pixel too many or too few.": [
            lambda x, dy, dx: _shift(x, dy - 1, dx - 1),
            lambda x, dy, dx: _shift(x, dy + 1, dx + 1),
        ],
    },
    gradient=["x"],
)
