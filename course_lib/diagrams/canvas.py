"""What diagrams are made of: boxes, circles, arrows, pictures, labels.

A canvas has inches as its unit, and its origin at the lower left.
"""

import math

import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle

from course_lib.drawable import check_images
from course_lib.plotting import COLORS
from course_lib.shapes import check_tensor

BLUE, ORANGE, GREEN = COLORS[:3]
INK, SIZE = "#1B2530", 15  # of lines and of letters


def canvas(width, height):
    """Return empty axes, width x height inches, without ticks or frame."""
    _, ax = plt.subplots(figsize=(width, height))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")
    return ax


def label(ax, x, y, text, *, color=INK, size=SIZE):
    """Write text centred at (x, y)."""
    ax.text(x, y, text, color=color, size=size, ha="center", va="center")


def arrow(ax, start, end, *, color=INK, bend=0, dashed=False):
    """Draw an arrow from one point to another; bend > 0 is to its left."""
    style = {
        "arrowstyle": "-|>,head_width=0.3,head_length=0.6",
        "connectionstyle": f"arc3,rad={-bend}",
        "color": color,
        "lw": 1.8,
        "ls": "--" if dashed else "-",
        "shrinkA": 0,
        "shrinkB": 0,
    }
    ax.annotate("", end, start, arrowprops=style)


def picture(ax, x, y, image, size=1.2):
    """Draw an image (1, H, W) in [0, 1] in a frame, centred at (x, y)."""
    check_tensor(image, "image")
    if image.dim() != 3:
        raise ValueError(
            f"an image to draw must be a single one, (1, H, W); got "
            f"{tuple(image.shape)}. The first of many: x[0]"
        )
    check_images(image[None], "image[None]")
    left, bottom = x - size / 2, y - size / 2
    extent = [left, left + size, bottom, bottom + size]
    pixels = image[0].detach().cpu().clamp(0, 1).numpy()
    ax.imshow(pixels, vmin=0, vmax=1, extent=extent, cmap="gray_r")
    ax.add_patch(Rectangle((left, bottom), size, size, fill=False, ec=INK))


def box(ax, x, y, width, height, text, *, color=INK):
    """Draw a rounded box with text, centred at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(
        FancyBboxPatch(
            corner,
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.1",
            fc="white",
            ec=color,
            lw=2,
        )
    )
    label(ax, x, y, text, color=color)


def network(ax, x, y, width, heights, text, *, color):
    """Draw a network as a block, centred at (x, y).

    heights: at its left and at its right side
    """
    left, right = heights
    corners = [
        (x - width / 2, y - left / 2),
        (x - width / 2, y + left / 2),
        (x + width / 2, y + right / 2),
        (x + width / 2, y - right / 2),
    ]
    ax.add_patch(Polygon(corners, fc=color, ec=color, lw=2))
    label(ax, x, y, text, color="white")


def node(ax, x, y, text, *, kind="latent", radius=0.38):
    """Draw a variable: a circle if random, filled grey if observed.

    kind: "latent", "observed", or "computed" (a square: no randomness)
    """
    fill = "#D5DBE1" if kind == "observed" else "white"
    look = {"fc": fill, "ec": INK, "lw": 1.8}
    if kind == "computed":
        corner = (x - radius, y - radius)
        ax.add_patch(Rectangle(corner, 2 * radius, 2 * radius, **look))
    else:
        ax.add_patch(Circle((x, y), radius, **look))
    label(ax, x, y, text, size=SIZE + 2)


def column(ax, x, y, sizes, *, side=0.2):
    """Draw a vector as a column of squares, the fuller the larger.

    sizes: numbers in [0, 1]; 0 stays white, 1 is filled
    """
    bottom = y - side * len(sizes) / 2
    for i, size in enumerate(sizes):
        corner = (x - side / 2, bottom + i * side)
        square = Rectangle(corner, side, side, fc=ORANGE, alpha=float(size))
        ax.add_patch(square)
        ax.add_patch(Rectangle(corner, side, side, fill=False, ec=INK))


def block(ax, x, y, sizes, *, height=1.9):
    """Draw a long vector as rows of squares, twice as high as wide.

    sizes: numbers in [0, 1]; 0 stays white, 1 is filled
    """
    columns = math.ceil(math.sqrt(len(sizes) / 2))
    rows = math.ceil(len(sizes) / columns)
    side = height / rows
    left, top = x - side * columns / 2, y + height / 2
    for i, size in enumerate(sizes):
        row, place = divmod(i, columns)
        corner = (left + side * place, top - side * (row + 1))
        square = Rectangle(corner, side, side, fc=ORANGE, alpha=float(size))
        ax.add_patch(square)
        look = {"fill": False, "ec": INK, "lw": 0.3}
        ax.add_patch(Rectangle(corner, side, side, **look))
