"""Lesson 04: the output size of a transposed convolution."""

from functools import partial

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_04._sizes import (
    CHANGED_PLACES,
    DEFAULT,
    output_size,
)


def _settings(_):
    for n, k, s, p, op in [
        (11, 5, 3, 4, 2),
        (7, 4, 2, 3, 1),
        (13, 6, 5, 2, 3),
        (6, 9, 4, 3, 2),
        (17, 3, 7, 2, 5),
        (9, 8, 3, 7, 1),
    ]:
        yield {"n": n, "k": k, "s": s, "p": p, "op": op}
    yield DEFAULT, {"n": 7, "k": 4}
    yield DEFAULT, {"n": 7, "k": 4, "s": 3}
    yield DEFAULT, {"n": 7, "k": 4, "s": 3, "p": 2}
    small = {"n": 11, "k": 3, "s": 1, "p": 4, "op": 0}
    yield "where the output is smaller than the input", small


def _size(n, k, s=1, p=0, op=0, *, steps=1, pads=2, ends=1, kernel=0):
    return (n - steps) * s - pads * p + k + kernel + ends * op


def _with(**changes):
    return partial(_size, **changes)


def _default(s=1, p=0, op=0):
    def size(n, k, s=s, p=p, op=op):
        return _size(n, k, s, p, op)

    return size


tconv_size = Exercise(
    """tconv_size(n, k, s=1, p=0, op=0) -> int: a transposed one's size.

    Along one axis: n pixels, kernel size k, stride s, padding p, output
    padding op (at one end). The shape (n,) becomes (tconv_size(...),).
    """,
    cases=_settings,
    answer=_size,
    mistakes={
        "This is the formula of the convolution; a transposed one goes the "
        "other way.": [
            lambda n, k, s=1, p=0, op=0: output_size(n, k, s, p),
            lambda n, k, s=1, p=0, op=0: output_size(n, k, s, p) + op,
            lambda n, k, s=1, p=0, op=0: output_size(n + op, k, s, p),
            lambda n, k, s=1, p=0, op=0: (n + 2 * p - k) / s + 1,
            lambda n, k, s=1, p=0, op=0: (n + 2 * p - k) / s + 1 + op,
        ],
        "Padding makes the output of a transposed convolution smaller: it "
        "cuts the border off.": [_with(pads=-2), _with(pads=-1)],
        "The padding is cut off at both ends: it counts twice.": (
            _with(pads=1)
        ),
        "The padding is left out: it cuts the border off.": _with(pads=0),
        "The output padding is left out.": _with(ends=0),
        "The output padding is added at one end only: it counts once.": (
            _with(ends=2)
        ),
        "The output padding is subtracted: it makes the output larger.": [
            _with(ends=-1),
            _with(ends=-2),
        ],
        "The output padding is in pixels of the output: the stride does not "
        "multiply it.": lambda n, k, s=1, p=0, op=0: _size(n + op, k, s, p),
        "n pixels have n - 1 steps between them.": [
            _with(steps=0),
            _with(steps=0, kernel=-1),
        ],
        "n pixels have n - 1 steps between them, not more.": _with(steps=-1),
        "n pixels have n - 1 steps between them, not fewer.": _with(steps=2),
        "The kernel counts as a whole: the last pixel paints all of it.": [
            _with(kernel=-1),
            lambda n, k, s=1, p=0, op=0: _size(n, 0, s, p, op),
            lambda n, k, s=1, p=0, op=0: _size(n, 1, s, p, op),
        ],
        "There is one too many: the last pixel paints k pixels.": (
            _with(kernel=1)
        ),
        "The stride spreads the pixels, not the kernel's taps.": [
            lambda n, k, s=1, p=0, op=0: (
                (n - 1) * s - 2 * p + s * (k - 1) + 1 + op
            ),
            lambda n, k, s=1, p=0, op=0: (n - 1) * s - 2 * p + s * k + op,
        ],
        "You put the kernels side by side: they overlap where the stride is "
        "smaller than the kernel.": [
            lambda n, k, s=1, p=0, op=0: n * k,
            lambda n, k, s=1, p=0, op=0: n * k - 2 * p + op,
        ],
        "Stride and kernel are exchanged: the stride is the step from pixel "
        "to pixel.": (lambda n, k, s=1, p=0, op=0: _size(n, s, k, p, op)),
        "The stride is left out.": (
            lambda n, k, s=1, p=0, op=0: _size(n, k, 1, p, op)
        ),
        "You divide by the stride: a transposed convolution makes the image "
        "larger.": [
            lambda n, k, s=1, p=0, op=0: (n - 1) // s - 2 * p + k + op,
            lambda n, k, s=1, p=0, op=0: (n - 1) / s - 2 * p + k + op,
        ],
        "The stride multiplies too much: only the steps between pixels are s "
        "long.": [
            lambda n, k, s=1, p=0, op=0: (n - 1 - 2 * p + k + op) * s,
            lambda n, k, s=1, p=0, op=0: (n - 1 - 2 * p + k) * s + op,
            lambda n, k, s=1, p=0, op=0: (n - 1 - 2 * p) * s + k + op,
        ],
        "s - 1 zeros between two pixels make a step of s, not of s - 1.": (
            lambda n, k, s=1, p=0, op=0: (n - 1) * (s - 1) - 2 * p + k + op
        ),
        "Kernel and padding have the signs of an ordinary convolution: here "
        "the kernel widens, and the padding cuts.": [
            lambda n, k, s=1, p=0, op=0: (n - 1) * s + 2 * p - k + op,
            lambda n, k, s=1, p=0, op=0: (n - 1) * s + 2 * p - k + 2 + op,
        ],
        CHANGED_PLACES: [
            lambda n, k, s=1, p=0, op=0: _size(n, k, p, s, op),
            lambda n, k, s=1, p=0, op=0: _size(n, k, s, op, p),
            lambda n, k, s=1, p=0, op=0: _size(k, n, s, p, op),
        ],
        "Brackets are missing: the stride multiplies all n - 1 steps.": (
            lambda n, k, s=1, p=0, op=0: n - 1 * s - 2 * p + k + op
        ),
        "The size depends on the kernel and the padding too: n times the "
        "stride is that of one special setting.": [
            lambda n, k, s=1, p=0, op=0: n * s,
            lambda n, k, s=1, p=0, op=0: n * s + op,
        ],
        "The output may be smaller than the input: do not keep it from "
        "that.": lambda n, k, s=1, p=0, op=0: max(n, _size(n, k, s, p, op)),
        "Your defaults are not those asked for: s=1, p=0, op=0.": [
            _default(s=2),
            _default(p=1),
            _default(s=2, p=1),
            _default(s=2, p=1, op=1),
            _default(op=1),
        ],
    },
)
