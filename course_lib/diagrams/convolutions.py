"""Convolutions as drawings: windows, strides, receptive fields, painting.

``from course_lib.diagrams import convolutions``. As in the other diagrams,
each function draws a figure of its own and returns its axes.
"""

from itertools import pairwise

from matplotlib.patches import Rectangle

from course_lib.diagrams.canvas import (
    BLUE,
    INK,
    ORANGE,
    arrow,
    canvas,
    label,
    picture,
)

CELL = 0.5  # inches a side of a matrix's entry


def kernel_window(image, kernel, result):
    """Draw an image, a kernel over its first window, and the map, in numbers.

    image (H, W), kernel (k, k), result: matrices of whole numbers
    """
    ax = canvas(9.6, 3.3)
    middle, sides = 1.5, []
    for matrix, x, name, outlined in (
        (image, 1.7, "image", len(kernel)),
        (kernel, 5.0, "kernel", len(kernel)),
        (result, 8.0, "map", 1),
    ):
        left = x - CELL * matrix.shape[1] / 2
        top = middle + CELL * matrix.shape[0] / 2
        _numbers(ax, left, top, matrix)
        side = outlined * CELL
        look = {"fill": False, "ec": ORANGE, "lw": 4, "zorder": 3}
        ax.add_patch(Rectangle((left, top - side), side, side, **look))
        label(ax, x, top + 0.25, name)
        sides.append((left, left + CELL * matrix.shape[1]))
    for one, other in pairwise(sides):
        arrow(ax, (one[1] + 0.15, middle), (other[0] - 0.15, middle))
    return ax


def sliding_windows(n, k, s, p):
    """Draw n pixels, p zeros at each end, and all windows of k, s apart.

    Boxes under no window at the far end are hatched, and called left over.
    """
    boxes = n + 2 * p
    count = (boxes - k) // s + 1
    used = (count - 1) * s + k
    unit = min(0.8, 8.2 / boxes)  # inches a box
    height = 0.42 * count + 1.2
    ax = canvas(10.4, height)
    for i in range(boxes):
        inside = p <= i < n + p
        look = {"fc": "#DCEAF4" if inside else "white", "ec": INK, "lw": 1.5}
        low = (0.2 + i * unit, height - 0.2 - unit)
        hatch = "//" if i >= used else None
        ax.add_patch(Rectangle(low, unit, unit, hatch=hatch, **look))
        text = f"$x_{{{i - p}}}$" if inside else "0"
        label(ax, low[0] + unit / 2, low[1] + unit / 2, text)
    if used < boxes:
        x = 0.2 + (used + boxes) / 2 * unit
        label(ax, x, height - 0.5 - unit, "left over")
    for i in range(count):
        left, y = 0.2 + i * s * unit, height - 0.6 - unit - 0.42 * i
        color = BLUE if i % 2 == 0 else ORANGE
        ends = [left + 0.05, left + k * unit - 0.05]
        ax.plot(ends, [y, y], color=color, lw=9, solid_capstyle="butt")
        label(ax, left + k * unit + 0.7, y, f"window {i}")
    return ax


def shift_and_convolve(images, maps, names):
    """Draw a square: an image, moved, and the maps of both below.

    images, maps: (2, 1, H, W) in [0, 1]; names: of the arrows between the
        images, between the maps, and down
    """
    ax = canvas(8.4, 4.2)
    places = 2.2, 6.2
    for x, image, below in zip(places, images, maps, strict=True):
        picture(ax, x, 3.2, image, 1.7)
        picture(ax, x, 0.95, below, 1.7)
        arrow(ax, (x, 2.3), (x, 1.85))
        label(ax, x + 0.35, 2.08, names[2])
    for y, name in ((3.2, names[0]), (0.95, names[1])):
        arrow(ax, (3.2, y), (5.2, y))
        label(ax, 4.2, y + 0.3, name)
    return ax


def receptive_field(layers, *, wide=17):
    """Draw the pixels that a unit sees through layers [(k, s), ...].

    Kernels of odd size; the unit in the middle of ``wide`` pixels is joined
    to all it depends on.
    """
    ax = canvas(10.4, 1.1 + 0.85 * len(layers))
    steps = [1]
    for _, s in layers:
        steps.append(steps[-1] * s)
    seen = {wide // 2 // steps[-1] * steps[-1]}

    def at(pixel, level):
        return 2 + pixel * 8.1 / (wide - 1), 0.45 + 0.85 * level

    for level in range(len(layers), -1, -1):
        name = f"layer {level}" if level else "pixels"
        label(ax, 0.8, at(0, level)[1], name)
        for pixel in range(0, wide, steps[level]):
            color = ORANGE if pixel in seen else "white"
            look = {"ms": 14, "mfc": color, "mec": INK, "zorder": 3}
            ax.plot(*at(pixel, level), "o", **look)
        if level:
            half, step = layers[level - 1][0] // 2, steps[level - 1]
            lines = [
                (unit, unit + i * step)
                for unit in seen
                for i in range(-half, half + 1)
            ]
            for unit, below in lines:
                ends = at(unit, level), at(below, level - 1)
                ax.plot(*zip(*ends, strict=True), color=INK, lw=1)
            seen = {below for _, below in lines}
    return ax


def painting(n, s, kernels):
    """Draw what n small pixels paint, s apart, for each size of kernel."""
    ax = canvas(10.4, 1.5 * len(kernels) + 0.5)
    unit = 8.4 / ((n - 1) * s + max(kernels))
    for row, k in enumerate(kernels):
        floor = 0.6 + 1.5 * (len(kernels) - 1 - row)
        label(ax, 0.9, floor + 0.5, f"kernel {k}")
        for i in range(n):  # on two levels, so that overlaps can be seen
            low = (1.8 + i * s * unit, floor + 0.5 * (1 - i % 2))
            color = BLUE if i % 2 == 0 else ORANGE
            look = {"fc": color, "ec": "white", "lw": 3}
            ax.add_patch(Rectangle(low, k * unit, 0.5, **look))
            middle = low[0] + k * unit / 2
            label(ax, middle, low[1] + 0.25, f"{i}", color="white")
        for edge in range((n - 1) * s + k + 1):
            x = 1.8 + edge * unit
            ax.plot([x, x], [floor - 0.1, floor], color=INK, lw=1)
            label(ax, x, floor - 0.28, f"{edge}")
    return ax


def _numbers(ax, left, top, matrix):
    """Write a matrix's entries into boxes; the larger, the darker."""
    for i, row in enumerate(matrix.tolist()):
        for j, value in enumerate(row):
            grey = str(1 - min(max(value, 0), 4) / 8)
            low = (left + j * CELL, top - (i + 1) * CELL)
            ax.add_patch(Rectangle(low, CELL, CELL, fc=grey, ec=INK))
            text = f"{value:.0f}".replace("-", "−")
            label(ax, low[0] + CELL / 2, low[1] + CELL / 2, text)
