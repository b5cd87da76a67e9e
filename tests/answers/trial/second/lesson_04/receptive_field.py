"""Answers to receptive_field, written blind."""

import math


def backwards(layers):
    field = 1
    for k, s, d in list(layers)[::-1]:
        field = (field - 1) * s + d * (k - 1) + 1
    return field


def by_products(layers):
    strides = [stride for _, stride, _ in layers]
    reach = [
        d * (k - 1) * math.prod(strides[:i])
        for i, (k, _, d) in enumerate(layers)
    ]
    return 1 + sum(reach)


def own_stride(layers):
    r, jump = 1, 1
    for k, s, d in layers:
        jump *= s
        r += d * (k - 1) * jump
    return r


def count_pixels(layers):
    seen = {0}
    for k, s, d in reversed(layers):
        seen = {place * s + tap * d for place in seen for tap in range(k)}
    return len(seen)


def last_stride_only(layers):
    r, jump = 1, 1
    for k, s, d in layers:
        r = r + d * (k - 1) * jump
        jump = s
    return r


def returns_early(layers):
    r = 1
    jump = 1
    for k, s, d in layers:
        r += d * (k - 1) * jump
        jump *= s
        return r
    return r


def wrong_order(layers):
    field = 1
    for k, s, d in layers:
        field = (field - 1) * s + d * (k - 1) + 1
    return field


def pops(layers):
    r, jump = 1, 1
    while layers:
        k, s, d = layers.pop(0)
        r += d * (k - 1) * jump
        jump *= s
    return r


RIGHT = [
    backwards,
    by_products,
]

WRONG = [
    (
        "multiplies by a layer's own stride too",
        "A layer's own stride comes too",
        own_stride,
    ),
    (
        "counts the pixels that are touched: the holes of dilation or large strides are missing from the window",
        "pixels that are touched",
        count_pixels,
    ),
    (
        "multiplies by the last stride only, not by the product of all before",
        "Only the stride of the layer",
        last_stride_only,
    ),
    (
        "returns inside the loop, after the first layer",
        "You look at the first layer",
        returns_early,
    ),
    (
        "the backward recursion, but run from the input to the output",
        "The layers are in the wrong",
        wrong_order,
    ),
    (
        "empties the caller's list of layers",
        "You change the list layers, which",
        pops,
    ),
]
