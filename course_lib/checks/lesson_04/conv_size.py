"""Lesson 04: the output size of a convolution."""

import math

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_04._sizes import output_size


def _settings(_):
    for n, k, s, p, d in [
        (100, 7, 2, 7, 6),
        (28, 3, 2, 1, 1),
        (9, 3, 1, 0, 1),
    ]:
        yield {"n": n, "k": k, "s": s, "p": p, "d": d}


conv_size = Exercise(
    """conv_size(n, k, s=1, p=0, d=1) -> int: a convolution's output size.

    Along one axis: n pixels, kernel size k, stride s, padding p on both
    sides, dilation d. The shape (n,) becomes (conv_size(n, k, s, p, d),).
    """,
    cases=_settings,
    answer=output_size,
    mistakes={
        "Without rounding down you get a fraction: the kernel must fit as a "
        "whole.": lambda *a: output_size(*a, whole=lambda size: size),
        "You round up: where the kernel does not fit any more, there is no "
        "output.": lambda *a: output_size(*a, whole=math.ceil),
        "The padding is on both sides: it counts twice.": (
            lambda *a: output_size(*a, pads=1)
        ),
        "The padding is left out.": lambda *a: output_size(*a, pads=0),
        "One is missing: the kernel's first place counts too.": (
            lambda *a: output_size(*a, one=0)
        ),
        "The dilation is left out: with gaps between its taps a kernel is "
        "wider.": lambda n, k, s=1, p=0, d=1: output_size(n, k, s, p),
        "A dilated kernel has gaps between its taps, not behind the last: "
        "its width is not d k.": (
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * k) // s + 1
        ),
        "The stride is left out.": lambda n, k, s=1, p=0, d=1: output_size(
            n, k, 1, p, d
        ),
    },
)
