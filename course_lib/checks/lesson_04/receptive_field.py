"""Lesson 04: the receptive field of a stack of convolutions."""

import math

from course_lib.checks.exercise import Exercise


def _stacks(_):
    yield {"layers": [(3, 2, 5), (5, 3, 2), (4, 7, 3)]}
    yield {"layers": [(7, 3, 2), (3, 2, 4)]}
    yield {"layers": [(4, 5, 3), (2, 3, 1), (6, 2, 2), (3, 2, 4)]}
    yield {"layers": [(5, 2, 3), (3, 5, 4), (8, 3, 1)]}
    yield {"layers": [(6, 4, 1), (5, 1, 2), (2, 3, 7), (4, 2, 3), (3, 1, 2)]}
    yield "for a single layer", {"layers": [(5, 3, 2)]}
    yield "for kernels of one pixel", {"layers": [(1, 2, 1), (3, 2, 2)]}


def _steps(strides, own=0):
    """The distance of neighbouring entries, in pixels, before each layer."""
    return [math.prod(strides[: i + own]) for i in range(len(strides))]


def _field(layers, steps=_steps, tap=lambda k: k - 1, dilation=True, start=1):
    strides = [s for _, s, _ in layers]
    spread = [tap(k) * (d if dilation else 1) for k, _, d in layers]
    pairs = zip(spread, steps(strides), strict=False)
    return start + sum(width * step for width, step in pairs)


def _with(**changes):
    return lambda layers: _field(layers, **changes)


def _added(width):
    """The field, if a layer added another width of its kernel."""
    return lambda layers: _field(
        [(width(k, d) + 1, s, 1) for k, s, d in layers]
    )


def _back(layers, more=0):
    """The field, from the output on; more: too many steps of each layer."""
    field = 1
    for k, s, d in layers:
        field = (field - 1 + more) * s + d * (k - 1) + 1 - more
    return field


def _touched(layers):
    """How many pixels one output is made of, without the gaps."""
    pixels = {0}
    for k, s, d in layers[::-1]:
        pixels = {s * pixel + d * tap for pixel in pixels for tap in range(k)}
    return len(pixels)


def _ones(strides):
    return [1] * len(strides)


receptive_field = Exercise(
    """receptive_field(layers) -> int: how many input pixels one output sees.

    layers: [(kernel, stride, dilation), ...] from input to output, along
    one axis. For one output the shape of its window is (receptive_field,).
    """,
    cases=_stacks,
    answer=_field,
    mistakes={
        "You count the pixels that are touched: the field reaches from the "
        "first to the last, gaps between taps included.": _touched,
        "You add up kernels as if all strides were 1: after a layer of "
        "stride s, a step is s times as long in pixels.": [
            _with(steps=_ones),
            _with(steps=_ones, dilation=False),
            lambda layers: sum(k for k, _, _ in layers),
            lambda layers: sum(k * d for k, _, d in layers),
        ],
        "A layer's own stride comes too early: it spreads the layers after "
        "it, not the layer itself.": (
            _with(steps=lambda strides: _steps(strides, own=1))
        ),
        "Only the stride of the layer just before counts: all earlier ones "
        "multiply.": _with(steps=lambda strides: [1, *strides]),
        "Only the layer's own stride counts: those of all earlier layers "
        "multiply.": _with(steps=lambda strides: strides),
        "You add the strides: they multiply, since each step of a layer is "
        "made of steps of the layer before.": [
            _with(steps=lambda s: [1 + sum(s[:i]) for i in range(len(s))]),
            _with(
                steps=lambda s: [1, *(sum(s[:i]) for i in range(1, len(s)))]
            ),
            _with(steps=lambda s: [sum(s[:i]) for i in range(len(s))]),
            _with(
                steps=lambda s: [
                    1 + sum(a - 1 for a in s[:i]) for i in range(len(s))
                ]
            ),
        ],
        "A kernel adds its k - 1 further taps: the first one is counted "
        "already.": [
            _with(tap=lambda k: k),
            _with(tap=lambda k: k, start=0),
        ],
        "The dilation is left out: it spreads the kernel's own taps.": (
            _with(dilation=False)
        ),
        "Stride and dilation are exchanged: a layer is (kernel, stride, "
        "dilation).": lambda layers: _field([(k, d, s) for k, s, d in layers]),
        "The dilation spreads its own layer only: the layers after it are "
        "spread by the strides.": (
            lambda layers: _field([(k, s * d, d) for k, s, d in layers])
        ),
        "The layers are in the wrong order: strides act on the layers that "
        "come after.": lambda layers: _field(layers[::-1]),
        "You look at the first layer only: does the return stand inside the "
        "loop?": lambda layers: _field(layers[:1]),
        "All strides spread every layer: a layer is spread by those before it "
        "alone.": _with(steps=lambda s: [math.prod(s)] * len(s)),
        "The dilation is added to the taps, or taken off: it multiplies the "
        "gaps between them.": [
            _added(lambda k, d: k + d - 1),
            _added(lambda k, d: k + d - 2),
            _added(lambda k, d: (k - 1) * (d - 1)),
        ],
        "The dilation multiplies the gaps between taps, one fewer than there "
        "are taps.": _added(lambda k, d: d * k - 1),
        "A layer adds its kernel's width without the first tap, which is "
        "counted already.": _added(lambda k, d: d * (k - 1) + 1),
        "Going back through a layer, r entries have r - 1 steps between them, "
        "not r.": [
            lambda layers: _back(layers[::-1], more=1),
            lambda layers: _back(layers, more=1),
        ],
        "You divide by the strides: a step of a later layer is longer in "
        "pixels.": _with(steps=lambda s: [1 / v for v in _steps(s)]),
        "Kernel, stride and dilation are unpacked in another order: a layer "
        "is (kernel, stride, dilation).": [
            lambda layers: _field([(b, a, c) for a, b, c in layers]),
            lambda layers: _field([(c, b, a) for a, b, c in layers]),
            lambda layers: _field([(b, c, a) for a, b, c in layers]),
            lambda layers: _field([(c, a, b) for a, b, c in layers]),
        ],
        "You look at the last layer only: field and step begin before the "
        "loop.": lambda layers: _field(layers[-1:]),
        "The first layer is left out.": lambda layers: _field(layers[1:]),
        "The last layer is left out.": lambda layers: _field(layers[:-1]),
        "The first layer's kernel is left out.": lambda layers: _field(
            [(1, *layers[0][1:]), *layers[1:]]
        ),
        "The first kernel is dilated too.": lambda layers: _field(
            [(*layers[0][:2], 1), *layers[1:]]
        ),
        "You begin at 0: with no layer at all, an output sees one pixel.": (
            _with(start=0)
        ),
        "Each layer adds a 1: it is counted once, for the pixel that an "
        "output sees without any layer.": (
            lambda layers: _field(layers) + len(layers)
        ),
        "You multiply the kernels: each adds to the field.": [
            lambda layers: math.prod(k for k, _, _ in layers),
            lambda layers: math.prod(d * (k - 1) + 1 for k, _, d in layers),
        ],
        "This is the largest of the layers' own windows: each layer adds to "
        "the field.": lambda layers: max(
            d * (k - 1) + 1 for k, _, d in layers
        ),
        "You return the step between two outputs, the product of the "
        "strides: the field is how many pixels one of them sees.": (
            lambda layers: math.prod(s for _, s, _ in layers)
        ),
    },
)
