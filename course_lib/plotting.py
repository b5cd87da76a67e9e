"""How the course's figures look: one style, images, maps of codes."""

import textwrap

import matplotlib.pyplot as plt
import torch
from torchvision.utils import make_grid

from course_lib.drawable import (
    check_finite,
    check_images,
    check_range,
    described,
)
from course_lib.shapes import check_tensor

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
    """Draw images (N, C, H, W) in [0, 1] as one grid; return the axes.

    C is 1 for grey, drawn like ink, or 3 for colour, drawn as it is.
    """
    check_images(images, "images")
    if type(columns) is not int or columns < 1:
        raise ValueError(f"columns must be 1, 2, 3, ...; got {columns!r}")
    ax = ax or plt.gca()
    color = images.shape[1] == 3
    images = images.detach().cpu().float().clamp(0, 1)
    paper = 1 if color else 0
    grid = make_grid(images, nrow=columns, padding=1, pad_value=paper)
    grid = grid.permute(1, 2, 0) if color else grid[0]
    ax.imshow(grid.numpy(), vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[], title=title)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return ax


def show_rows(rows):
    """Draw one row of images for each name in a dict, the name on its left.

    rows: {"image": x, "reconstruction": x_hat}, each (N, C, H, W) in [0, 1]
    """
    if not isinstance(rows, dict) or not rows:
        raise ValueError(
            f'rows must name images, as in {{"image": x[:12]}}; got '
            f"{'no rows' if isinstance(rows, dict) else type(rows).__name__}"
        )
    for name, images in rows.items():
        check_images(images, f"rows[{name!r}]")
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
    """Return images of any sign, (N, C, H, W), as greys; 0 becomes the middle.

    Each image is divided by its largest absolute value: white is negative,
    black positive. For pictures of weights.
    """
    check_tensor(images, "images")
    if images.dim() != 4 or not images.numel():
        raise ValueError(
            f"images must have the shape (N, C, H, W); got "
            f"{tuple(images.shape)}. Rows of weights: "
            f"W.reshape(-1, 1, height, width)"
        )
    check_finite(images, "images")
    largest = images.flatten(1).abs().amax(1).clamp(min=1e-12)
    return 0.5 + 0.5 * images / largest[:, None, None, None]


def show_codes(codes, labels, *, ax=None):
    """Draw codes (N, 2) as dots, and as many as have room as their label.

    The digit itself is drawn, so that no reader depends on the colour, but
    never over another one: a crowd shows as dots.
    labels: (N,), whole numbers; from 10 on, and below 0, colours come again
    """
    check_tensor(codes, "codes")
    if codes.dim() != 2 or codes.shape[1] != 2 or not len(codes):
        raise ValueError(
            f"codes must have the shape (N, 2), and N at least 1; got "
            f"{tuple(codes.shape)}. The first two columns: codes[:, :2]"
        )
    check_finite(codes, "codes")
    whole = isinstance(labels, torch.Tensor) and not (
        labels.is_floating_point() or labels.dtype == torch.bool
    )
    if not whole or labels.shape != codes.shape[:1]:
        raise ValueError(
            f"labels must be whole numbers, one a code, ({len(codes)},); got "
            f"{described(labels)}. torch.as_tensor(labels).long() makes "
            f"them whole"
        )
    ax = ax or plt.gca()
    codes, labels = codes.detach().cpu(), labels.cpu()
    roomy = _apart(codes)
    for digit in labels.unique().tolist():
        color = CLASS_COLORS[digit % 10]
        here = labels == digit
        ax.scatter(*codes[here].T, s=5, color=color, alpha=0.4, lw=0)
        ax.scatter(
            *codes[here & roomy].T,
            s=60,
            marker=f"${digit}$",
            color=color,
            lw=0,
        )
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    return ax


def _apart(codes, distance=0.035):
    """Say which codes to keep (N,), so that no two of them are too near.

    Each is kept that is further from all kept before it than this share of
    the range that holds the middle 98 % of the codes.
    """
    low, high = codes.quantile(codes.new_tensor([0.01, 0.99]), dim=0)
    places = codes / (high - low).clamp(min=1e-12)
    kept = [0]
    for i in range(1, len(places)):
        if (places[i] - places[kept]).norm(dim=1).min() > distance:
            kept.append(i)
    roomy = torch.zeros(len(codes), dtype=torch.bool)
    roomy[kept] = True
    return roomy


def plane(x_range, y_range, *, size=20):
    """Return the points of a grid in the plane, (size * size, 2).

    Row by row from the top left, so that `show_grid` with ``columns=size``
    draws what is decoded from them where it belongs in a map of codes.
    x_range, y_range: (lowest, highest)
    """
    if type(size) is not int or size < 2:
        raise ValueError(f"size must be 2, 3, 4, ...; got {size!r}")
    x = torch.linspace(*check_range(x_range, "x_range"), size)
    y = torch.linspace(*check_range(y_range, "y_range"), size).flip(0)
    return torch.cartesian_prod(y, x).flip(1)
