"""Lesson 04: the output size of a convolution."""

import math
from functools import partial

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_04._sizes import (
    CHANGED_PLACES,
    DEFAULT,
    output_size,
)


def _settings(_):
    for n, k, s, p, d in [
        (101, 7, 2, 3, 5),
        (53, 3, 4, 1, 2),
        (64, 5, 3, 2, 3),
        (47, 4, 2, 5, 7),
        (90, 6, 5, 4, 2),
        (31, 3, 7, 6, 4),
        (58, 4, 5, 3, 3),
        (75, 8, 6, 2, 2),
    ]:
        yield {"n": n, "k": k, "s": s, "p": p, "d": d}
    yield DEFAULT, {"n": 29, "k": 4}
    yield DEFAULT, {"n": 29, "k": 4, "s": 3}
    yield DEFAULT, {"n": 29, "k": 4, "s": 3, "p": 2}
    kernel = {"n": 6, "k": 5, "s": 3, "p": 1, "d": 2}
    yield "where the kernel covers all pixels", kernel | {"n": 7}
    yield "for a kernel of one pixel", {"n": 8, "k": 1, "s": 3, "p": 0, "d": 1}


def _with(**changes):
    return partial(output_size, **changes)


def _of(numerator, one=1):
    """A size with another numerator of the fraction."""

    def size(n, k, s=1, p=0, d=1):
        return numerator(n, k, s, p, d) // s + one

    return size


def _default(s=1, p=0, d=1):
    def size(n, k, s=s, p=p, d=d):
        return output_size(n, k, s, p, d)

    return size


conv_size = Exercise(
    """conv_size(n, k, s=1, p=0, d=1) -> int: a convolution's output size.

    Along one axis: n pixels, kernel size k, stride s, padding p on both
    sides, dilation d. The shape (n,) becomes (conv_size(n, k, s, p, d),).
    """,
    cases=_settings,
    answer=output_size,
    mistakes={
        "Without rounding down you get a fraction: the kernel must fit as a "
        "whole.": _with(whole=lambda size: size),
        "You round up: where the kernel does not fit any more, there is no "
        "output.": _with(whole=math.ceil),
        "You round to the nearest number: where the kernel does not fit any "
        "more, there is no output.": [
            _with(whole=round),
            _with(whole=lambda size: math.floor(size + 0.5)),
        ],
        "You round the terms one by one: first the sum, then the division, "
        "then round down.": [
            lambda n, k, s=1, p=0, d=1: (
                n // s + 2 * p // s - d * (k - 1) // s + 1
            ),
            lambda n, k, s=1, p=0, d=1: (
                (n + 2 * p) // s - (d * (k - 1) + 1) // s + 1
            ),
            lambda n, k, s=1, p=0, d=1: (n + 2 * p) // s - d * (k - 1) // s,
        ],
        "The padding is on both sides: it counts twice.": _with(pads=1),
        "The padding is left out.": _with(pads=0),
        "The padding counts four times: there are two sides.": _with(pads=4),
        "The padding is subtracted: it makes the input larger.": [
            _with(pads=-1),
            _with(pads=-2),
        ],
        "One is missing: the kernel's first place counts too.": _with(one=0),
        "There is one too many: a kernel as wide as the input fits once.": [
            _with(one=2),
            _of(lambda n, k, s, p, d: n + 2 * p - d * (k - 1)),
        ],
        "The 1 for the kernel's first place is divided by the stride: it is "
        "added after the division.": (
            _of(lambda n, k, s, p, d: n + 2 * p - d * (k - 1), 0)
        ),
        "The dilation is left out: with gaps between its taps a kernel is "
        "wider.": lambda n, k, s=1, p=0, d=1: output_size(n, k, s, p),
        "A dilated kernel has gaps between its taps, not behind the last: "
        "its width is not d k.": [
            _of(lambda n, k, s, p, d: n + 2 * p - d * k),
            _of(lambda n, k, s, p, d: n + 2 * p - d * k - 1),
        ],
        "k taps have k - 1 gaps between them, not k + 1.": (
            _of(lambda n, k, s, p, d: n + 2 * p - d * (k + 1) - 1)
        ),
        "A dilation of d leaves d - 1 pixels between two taps, not d.": (
            _of(lambda n, k, s, p, d: n + 2 * p - (d + 1) * (k - 1) - 1)
        ),
        "One too many is subtracted: of the kernel's width, the first tap is "
        "one pixel.": _of(lambda n, k, s, p, d: n + 2 * p - d * (k - 1) - 2),
        "The kernel is subtracted twice: the factor 2 belongs to the padding "
        "alone.": _of(lambda n, k, s, p, d: n + 2 * (p - d * (k - 1)) - 1),
        "The dilation is added once: there is a gap between any two "
        "neighbours among the taps.": [
            _of(lambda n, k, s, p, d: n + 2 * p - (k + d - 1)),
            _of(lambda n, k, s, p, d: n + 2 * p - (k + d)),
        ],
        "The kernel's width is left out: it has to fit as a whole.": [
            _of(lambda n, k, s, p, d: n + 2 * p),
            _of(lambda n, k, s, p, d: n + 2 * p - 1),
        ],
        "The stride is left out.": (
            lambda n, k, s=1, p=0, d=1: output_size(n, k, 1, p, d)
        ),
        "You multiply by the stride: longer steps give fewer outputs.": (
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) * s + 1
        ),
        "Only the last term is divided by the stride: brackets are missing "
        "around the sum.": [
            lambda n, k, s=1, p=0, d=1: n + 2 * p - d * (k - 1) - 1 // s + 1,
            lambda n, k, s=1, p=0, d=1: n + 2 * p - d * (k - 1) // s + 1,
        ],
        "Only the first term is divided by the stride: brackets are missing "
        "around the sum.": [
            lambda n, k, s=1, p=0, d=1: n // s + 2 * p - d * (k - 1),
            lambda n, k, s=1, p=0, d=1: (n + 2 * p) // s - d * (k - 1),
        ],
        "The 1 belongs outside: it does not make the stride longer.": (
            lambda n, k, s=1, p=0, d=1: (
                (n + 2 * p - d * (k - 1) - 1) // (s + 1)
            )
        ),
        CHANGED_PLACES: [
            lambda n, k, s=1, p=0, d=1: output_size(n, k, p or 1, s, d),
            lambda n, k, s=1, p=0, d=1: output_size(n, k, d, p, s),
            lambda n, k, s=1, p=0, d=1: output_size(n, k, s, d, p),
            lambda n, k, s=1, p=0, d=1: output_size(k, n, s, p, d),
        ],
        "This is the size that a padding of half the kernel would give: it "
        "depends on k and p.": [
            lambda n, k, s=1, p=0, d=1: math.ceil(n / s),
            lambda n, k, s=1, p=0, d=1: n // s,
        ],
        "This is the size of a transposed convolution: it goes the other "
        "way.": [
            lambda n, k, s=1, p=0, d=1: (n - 1) * s - 2 * p + d * (k - 1) + 1,
            lambda n, k, s=1, p=0, d=1: (n - 1) * s - 2 * p + k,
        ],
        "Your defaults are not those asked for: s=1, p=0, d=1.": [
            _default(s=2),
            _default(p=1),
            _default(s=2, p=1),
            _default(d=2),
        ],
    },
)
