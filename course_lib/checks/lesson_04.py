"""Lesson 04: sizes of convolutions, and receptive fields."""

import math

from course_lib.checks.exercise import Exercise


def _settings(_):
    for n, k, s, p, d in [
        (100, 7, 2, 7, 6),
        (28, 3, 2, 1, 1),
        (9, 3, 1, 0, 1),
    ]:
        yield {"n": n, "k": k, "s": s, "p": p, "d": d}


def _size(n, k, s=1, p=0, d=1, one=1, pads=2, whole=math.floor):
    return whole((n + pads * p - d * (k - 1) - 1) / s + one)


conv_size = Exercise(
    "conv_size",
    """conv_size(n, k, s=1, p=0, d=1) -> int: a convolution's output size.

    Along one axis: n pixels, kernel size k, stride s, padding p on both
    sides, dilation d. The shape (n,) becomes (conv_size(n, k, s, p, d),).
    """,
    cases=_settings,
    answer=_size,
    mistakes={
        "Without rounding down you get a fraction: the kernel must fit as a "
        "whole.": lambda *a: _size(*a, whole=lambda size: size),
        "You round up: where the kernel does not fit any more, there is no "
        "output.": lambda *a: _size(*a, whole=math.ceil),
        "The padding is on both sides: it counts twice.": (
            lambda *a: _size(*a, pads=1)
        ),
        "The padding is left out.": lambda *a: _size(*a, pads=0),
        "One is missing: the kernel's first place counts too.": (
            lambda *a: _size(*a, one=0)
        ),
        "The dilation is left out: with gaps between its taps a kernel is "
        "wider.": lambda n, k, s=1, p=0, d=1: _size(n, k, s, p),
        "A dilated kernel has gaps between its taps, not behind the last: "
        "its width is not d k.": (
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * k) // s + 1
        ),
        "The stride is left out.": lambda n, k, s=1, p=0, d=1: _size(
            n, k, 1, p, d
        ),
    },
)


def _transposed_settings(_):
    for n, k, s, p, op in [(10, 5, 3, 4, 2), (7, 4, 2, 1, 0), (6, 5, 1, 0, 0)]:
        yield {"n": n, "k": k, "s": s, "p": p, "op": op}


def _tsize(n, k, s=1, p=0, op=0):
    return (n - 1) * s - 2 * p + k + op


tconv_size = Exercise(
    "tconv_size",
    """tconv_size(n, k, s=1, p=0, op=0) -> int: a transposed one's size.

    Along one axis: n pixels, kernel size k, stride s, padding p, output
    padding op (at one end). The shape (n,) becomes (tconv_size(...),).
    """,
    cases=_transposed_settings,
    answer=_tsize,
    mistakes={
        "This is the formula of the convolution; a transposed one goes the "
        "other way.": lambda n, k, s=1, p=0, op=0: _size(n, k, s, p),
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


def _stacks(_):
    yield {"layers": [(3, 2, 1), (5, 3, 2), (4, 1, 3)]}
    yield {"layers": [(7, 1, 1), (3, 2, 4)]}
    yield {"layers": [(3, 2, 1)]}


def _field(layers, early=False, dilated=True):
    field, step = 1, 1
    for k, s, d in layers:
        step_here = step * s if early else step
        field += (k - 1) * (d if dilated else 1) * step_here
        step *= s
    return field


receptive_field = Exercise(
    "receptive_field",
    """receptive_field(layers) -> int: how many input pixels one output sees.

    layers: [(kernel, stride, dilation), ...] from input to output, along
    one axis. For one output the shape of its window is (receptive_field,).
    """,
    cases=_stacks,
    answer=_field,
    mistakes={
        "You add up kernels as if all strides were 1: after a layer of "
        "stride s, a step is s times as long in pixels.": [
            lambda layers: _field([(k, 1, d) for k, _, d in layers]),
            lambda layers: 1 + sum(k - 1 for k, _, _ in layers),
            lambda layers: sum(k for k, _, _ in layers),
        ],
        "A layer's own stride comes too early: it spreads the layers after "
        "it, not the layer itself.": lambda layers: _field(layers, early=True),
        "The dilation is left out: it spreads the kernel's own taps.": (
            lambda layers: _field(layers, dilated=False)
        ),
        "The layers are in the wrong order: strides act on the layers that "
        "come after.": lambda layers: _field(layers[::-1]),
        "You begin at 0: with no layer at all, an output sees one pixel.": (
            lambda layers: _field(layers) - 1
        ),
    },
)
