"""Lesson 04: the receptive field of a stack of convolutions."""

from course_lib.checks.exercise import Exercise


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
