"""How the course's figures look: one style, images, maps of codes."""

import textwrap

import matplotlib.pyplot as plt
import torch
from torchvision.utils import make_grid

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]

# Ten colours for ten classes; the map of codes draws the digits themselves.
CLASS_COLORS = plt.colormaps["tab10"].colors


def use_style():
    """Set the style of all figures; 0 is drawn white, 1 black, like ink."""
    plt.rcParams.update(
        {
            "axes.grid": True,
            "axes.prop_cycle": plt.cycler(color=COLORS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.dpi": 80,
            "figure.figsize": (8, 3.6),
            "font.size": 12,
            "grid.alpha": 0.3,
            "image.cmap": "gray_r",
            "image.interpolation": "nearest",
            "legend.frameon": False,
        }
    )


def show_grid(images, *, columns=12, title=None, ax=None):
    """Draw images (N, 1, H, W) in [0, 1] as one grid; return the axes."""
    ax = ax or plt.gca()
    grid = make_grid(images.detach().cpu(), nrow=columns, padding=1)
    ax.imshow(grid[0].numpy(), vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[], title=title)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return ax


def show_rows(rows):
    """Draw one row of images for each name in a dict, the name on its left.

    rows: {"image": x, "reconstruction": x_hat}, each (N, 1, H, W) in [0, 1]
    """
    count = max(len(images) for images in rows.values())
    _, axes = plt.subplots(
        len(rows), figsize=(9, 9 / count * len(rows)), squeeze=False
    )
    for ax, (name, images) in zip(axes[:, 0], rows.items(), strict=True):
        show_grid(images, columns=count, ax=ax)
        name = name.replace(" = ", "\u00a0=\u00a0")  # no line break in it
        name = "\n".join(textwrap.wrap(name, 14))
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
    return axes[:, 0]


def signed(images):
    """Return images of any sign, (N, 1, H, W), as greys; 0 becomes the middle.

    Each image is divided by its largest absolute value: white is negative,
    black positive. For pictures of weights.
    """
    largest = images.flatten(1).abs().amax(1).clamp(min=1e-12)
    return 0.5 + 0.5 * images / largest[:, None, None, None]


def show_codes(codes, labels, *, ax=None):
    """Draw codes (N, 2) as small digits: each is its label (N,), coloured.

    The digit itself is drawn, so that no reader depends on the colour.
    """
    ax = ax or plt.gca()
    for digit in labels.unique().tolist():
        points = codes[labels == digit].detach().cpu()
        color = CLASS_COLORS[digit % 10]
        ax.scatter(*points.T, s=28, marker=f"${digit}$", color=color, lw=0)
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    return ax


def plane(x_range, y_range, *, size=20):
    """Return the points of a grid in the plane, (size * size, 2).

    Row by row from the top left, so that `show_grid` with ``columns=size``
    draws what is decoded from them where it belongs in a map of codes.
    """
    x = torch.linspace(*x_range, size)
    y = torch.linspace(*y_range, size).flip(0)
    return torch.cartesian_prod(y, x).flip(1)
