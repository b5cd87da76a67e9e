"""Answers to receptive_field, in forms that learners write."""

import math

import torch
import torch.nn.functional as F


def field_backwards(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = (field - 1) * s + d * (k - 1) + 1
    return field


def field_products(layers):
    strides = [s for _, s, _ in layers]
    return 1 + sum(
        (k - 1) * d * math.prod(strides[:i])
        for i, (k, _, d) in enumerate(layers)
    )


def field_by_gradient(layers):
    x = torch.zeros(1, 1, 4000, dtype=torch.float64, requires_grad=True)
    y = x
    for k, s, d in layers:
        w = torch.ones(1, 1, k, dtype=torch.float64)
        y = F.conv1d(y, w, stride=s, dilation=d)
    y[0, 0, y.shape[-1] // 2].backward()
    seen = x.grad.flatten().nonzero().flatten()
    return int(seen.max() - seen.min()) + 1


RIGHT = [field_backwards, field_products, field_by_gradient]


def field_summing(layers):
    field = step = 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step += s
    return field


def field_first(layers):
    field = step = 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step *= s
        return field


def field_by_loop(width):
    def receptive_field(layers):
        field, step = 1, 1
        for k, s, d in layers:
            field += width(k, d) * step
            step *= s
        return field

    return receptive_field


def field_all_strides(layers):
    step = math.prod(s for _, s, _ in layers)
    return 1 + sum((k - 1) * d for k, _, d in layers) * step


def field_without_steps(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = field * s + d * (k - 1)
    return field


WRONG = [
    ("add the strides", field_summing),
    ("return stand inside", field_first),
    (
        "Stride and dilation are exchanged",
        lambda layers: field_backwards([(a, c, b) for a, b, c in layers]),
    ),
    (
        "further taps",
        lambda layers: field_products([(k + 1, s, d) for k, s, d in layers]),
    ),
    (
        "change the list",
        lambda layers: field_products(layers[:]) + layers.pop()[0],
    ),
    ("add up", lambda layers: sum(k for k, s, d in layers)),
    ("add up", lambda layers: 1 + sum(k - 1 for k, s, d in layers)),
    ("add up", lambda layers: 1 + sum(d * (k - 1) for k, s, d in layers)),
    (
        "dilation",
        lambda layers: field_products([(k, s, 1) for k, s, d in layers]),
    ),
    ("wrong order", lambda layers: field_products(layers[::-1])),
    ("begin at 0", lambda layers: field_backwards(layers) - 1),
    (
        "own stride",
        lambda layers: (
            1
            + sum(
                (k - 1) * d * math.prod(s for _, s, _ in layers[: i + 1])
                for i, (k, _, d) in enumerate(layers)
            )
        ),
    ),
    ("(?i)all strides", field_all_strides),
    ("one fewer than", field_by_loop(lambda k, d: d * k - 1)),
    ("is added to the taps", field_by_loop(lambda k, d: k + d - 1)),
    (
        "without the first tap",
        field_by_loop(lambda k, d: k + (k - 1) * (d - 1)),
    ),
    ("not r", field_without_steps),
    (
        "another order",
        lambda layers: field_products([(d, s, k) for k, s, d in layers]),
    ),
    ("last layer only", lambda layers: field_products(layers[-1:])),
    ("first layer is left out", lambda layers: field_products(layers[1:])),
]
