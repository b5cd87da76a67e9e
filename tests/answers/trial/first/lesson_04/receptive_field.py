"""Answers to receptive_field, written blind."""

import math

# ---------------------------------------------------------------- right ones


def field_and_step(layers):
    field, step = 1, 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step *= s
    return field


def sum_of_products(layers):
    return 1 + sum(
        d * (k - 1) * math.prod(stride for _, stride, _ in layers[:i])
        for i, (k, _, d) in enumerate(layers)
    )


def from_output_back(layers):
    width = 1  # of one output
    for kernel, stride, dilation in reversed(layers):
        width = (width - 1) * stride + dilation * (kernel - 1) + 1
    return width


def smallest_input(stack):
    # the smallest image for which one output exists
    n = 1
    while True:
        size = n
        for k, s, d in stack:
            size = (size - d * (k - 1) - 1) // s + 1
            if size < 1:
                break
        if size >= 1:
            return n
        n += 1


def set_of_pixels(layers):
    seen = {0}
    for k, s, d in layers[::-1]:
        seen = {i * s + tap * d for i in seen for tap in range(k)}
    return max(seen) - min(seen) + 1


# ---------------------------------------------------------------- wrong ones


def own_stride_too(layers):
    r = 1
    jump = 1
    for k, s, d in layers:
        jump = jump * s
        r = r + d * (k - 1) * jump
    return r


def no_strides(layers):
    r = 1
    for k, s, d in layers:
        r += d * (k - 1)
    return r


def no_dilation(layers):
    rf, jump = 1, 1
    for k, s, d in layers:
        rf += (k - 1) * jump
        jump *= s
    return rf


def wrong_end(layers):
    field, step = 1, 1
    for k, s, d in reversed(layers):
        field += d * (k - 1) * step
        step *= s
    return field


def previous_stride_only(layers):
    field = 1
    previous = 1
    for k, s, d in layers:
        field = field + d * (k - 1) * previous
        previous = s
    return field


def early_return(layers):
    field = 1
    step = 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step *= s
        return field
    return field


def swapped_entries(layers):
    r, j = 1, 1
    for k, d, s in layers:
        r += d * (k - 1) * j
        j *= s
    return r


def starts_with_kernel(layers):
    if not layers:
        return 1
    field = layers[0][0]
    step = layers[0][1]
    for k, s, d in layers[1:]:
        field += d * (k - 1) * step
        step *= s
    return field


def counts_from_one(layers):
    field, step = 1, 1
    L = len(layers)
    for l in range(1, L):
        k, s, d = layers[l]
        field = field + d * (k - 1) * step
        step = step * s
    return field


def empties_the_list(layers):
    field, step = 1, 1
    while layers:
        k, s, d = layers.pop(0)
        field += d * (k - 1) * step
        step *= s
    return field


def touched_pixels(layers):
    pixels = {0}
    for k, s, d in reversed(layers):
        pixels = {s * i + d * j for i in pixels for j in range(k)}
    return len(pixels)


def area(layers):
    r, jump = 1, 1
    for k, s, d in layers:
        r += d * (k - 1) * jump
        jump *= s
    return r * r


RIGHT = [
    field_and_step,
    sum_of_products,
    from_output_back,
    smallest_input,
    set_of_pixels,
]

WRONG = [
    (
        "multiplies with the layer's own stride too",
        "A layer's own stride comes too",
        own_stride_too,
    ),
    ("forgets the strides", "You add up kernels as if", no_strides),
    ("forgets the dilation", "The dilation is left out: it", no_dilation),
    (
        "goes from the output to the input with the forward rule",
        "The layers are in the wrong",
        wrong_end,
    ),
    (
        "multiplies with the previous stride only, not with the product",
        "Only the stride of the layer",
        previous_stride_only,
    ),
    (
        "return inside the loop: the first layer only",
        "You look at the first layer",
        early_return,
    ),
    (
        "reads the entries as (kernel, dilation, stride)",
        "Stride and dilation are exchanged: a",
        swapped_entries,
    ),
    (
        "starts with the first kernel's size: wrong where it is dilated",
        r"The first kernel is dilated too\.",
        starts_with_kernel,
    ),
    (
        "counts layers from 1, as in R: skips the first",
        r"The first layer is left out\.",
        counts_from_one,
    ),
    (
        "empties the given list",
        "You change the list layers, which",
        empties_the_list,
    ),
    (
        "counts the pixels that are touched, without the gaps of dilation",
        "pixels that are touched",
        touched_pixels,
    ),
    (
        "returns the area, the square of the width",
        "Your result is the square of",
        area,
    ),
]
