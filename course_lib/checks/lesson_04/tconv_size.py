"""Lesson 04: the output size of a transposed convolution."""

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_04._sizes import output_size


def _transposed_settings(_):
    for n, k, s, p, op in [(10, 5, 3, 4, 2), (7, 4, 2, 1, 0), (6, 5, 1, 0, 0)]:
        yield {"n": n, "k": k, "s": s, "p": p, "op": op}


def _tsize(n, k, s=1, p=0, op=0):
    return (n - 1) * s - 2 * p + k + op


tconv_size = Exercise(
    """tconv_size(n, k, s=1, p=0, op=0) -> int: a transposed one's size.

    Along one axis: n pixels, kernel size k, stride s, padding p, output
    padding op (at one end). The shape (n,) becomes (tconv_size(...),).
    """,
    cases=_transposed_settings,
    answer=_tsize,
    mistakes={
        "This is the formula of the convolution; a transposed one goes the "
        "other way.": lambda n, k, s=1, p=0, op=0: output_size(n, k, s, p),
        "Padding makes the output of a transposed convolution smaller: it "
        "cuts the border off.": (
            lambda n, k, s=1, p=0, op=0: (n - 1) * s + 2 * p + k + op
        ),
        "The padding is cut off at both ends: it counts twice.": (
            lambda n, k, s=1, p=0, op=0: (n - 1) * s - p + k + op
        ),
        "The output padding is left out.": (
            lambda n, k, s=1, p=0, op=0: _tsize(n, k, s, p)
        ),
        "The output padding is added at one end only: it counts once.": (
            lambda n, k, s=1, p=0, op=0: _tsize(n, k, s, p, 2 * op)
        ),
        "n pixels have n - 1 steps between them.": (
            lambda n, k, s=1, p=0, op=0: n * s - 2 * p + k + op
        ),
        "The kernel counts as a whole: the last pixel paints all of it.": (
            lambda n, k, s=1, p=0, op=0: _tsize(n, k, s, p, op) - 1
        ),
    },
)
