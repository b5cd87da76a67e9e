"""Autoencoders as drawings: what is encoded, decoded and compared."""

import torch
from matplotlib.patches import Rectangle

from course_lib.diagrams.canvas import (
    BLUE,
    GREEN,
    ORANGE,
    arrow,
    block,
    canvas,
    column,
    label,
    network,
    picture,
)
from course_lib.shapes import check_tensor

MIDDLE, UNDER, LOSS = 2.1, 1.1, 0.3  # heights of images, their names, the loss
CODE = torch.tensor([0.7, 0.2, 0.9, 0.4])  # some code, where none is given


def autoencoder(x, x_hat, latent_dim=32):
    """Draw an image, its encoder, the code, the decoder, the reconstruction.

    x, x_hat: (1, H, W) in [0, 1]
    """
    ax = canvas(9.6, 3.2)
    left, right = _halves(ax, x, x_hat, CODE)
    label(ax, left, UNDER, f"image $x$\n{x.numel()} pixels")
    label(
        ax, (left + right) / 2, UNDER + 0.1, f"code $z$\n{latent_dim} numbers"
    )
    _compare(ax, left, right)
    return ax


def sparse_autoencoder(x, x_hat, z):
    """Draw the same with a wide code, of which few units are active.

    x, x_hat: (1, H, W) in [0, 1]; z: (K,), not negative, drawn as shades of
        squares, row by row
    """
    check_tensor(z, "z")
    if z.dim() != 1 or not len(z) or not (z >= 0).all():
        raise ValueError(
            f"z must be one code, (K,), with no negative number; got the "
            f"shape {tuple(z.shape)}. One of many: relu(z)[0]"
        )
    ax = canvas(9.6, 3.2)
    z = z.detach()
    faint = 0.25  # so that a small number differs from 0
    shades = faint + (1 - faint) * z / z.max().clamp(min=1e-12)
    shades = torch.where(z > 0, shades, 0)
    left, right = _halves(ax, x, x_hat, shades, wide=True)
    active = int((z > 0).sum())
    label(ax, left, UNDER, f"image $x$\n{x.numel()} pixels")
    name = f"code $z$: {active} of\n{len(z)} units active"
    label(ax, (left + right) / 2, UNDER - 0.25, name)
    _compare(ax, left, right)
    return ax


def denoising_autoencoder(x, x_noisy, x_hat):
    """Draw noise, encoder and decoder; the clean image is the target.

    x, x_noisy, x_hat: (1, H, W) in [0, 1], the clean image first; the noisy
        one is named y, as in lesson 3
    """
    ax = canvas(11.4, 3.2)
    clean = 0.8
    picture(ax, clean, MIDDLE, x)
    label(ax, clean, UNDER, "clean\nimage $x$")
    arrow(ax, (1.45, MIDDLE), (2.3, MIDDLE), color=ORANGE)
    label(ax, 1.88, MIDDLE + 0.25, "noise", color=ORANGE)
    left, right = _halves(ax, x_noisy, x_hat, CODE, shift=2.2)
    label(ax, left, UNDER, "noisy\nimage $y$")
    label(ax, (left + right) / 2, UNDER + 0.25, "code $z$")
    _compare(ax, clean, right)
    return ax


def convolutional_autoencoder(x, x_hat, shapes):
    """Draw the stacks of maps between an image and its reconstruction.

    x, x_hat: (1, H, W) in [0, 1]
    shapes: (C, H, W) of the image, of each layer's output, and of the
        reconstruction; the shape of a vector is (K,)
    """
    if len(shapes) < 3 or {len(shape) for shape in shapes} - {1, 3}:
        raise ValueError(
            f"shapes must be those of three layers or more, each (C, H, W) "
            f"or (K,); got {shapes}"
        )
    ax = canvas(10.4, 2.9)
    places = torch.linspace(0.8, 9.6, len(shapes)).tolist()
    code = min(range(len(shapes)), key=lambda i: torch.Size(shapes[i]).numel())
    largest = max(shape[-1] for shape in shapes if len(shape) == 3)
    halves = []  # the widths that arrows leave free
    for i, (place, shape) in enumerate(zip(places, shapes, strict=True)):
        if i in (0, len(shapes) - 1):
            picture(ax, place, 1.9, x_hat if i else x, 1.4)
            halves.append(0.7)
        else:
            color = BLUE if i < code else ORANGE if i == code else GREEN
            halves.append(_maps(ax, place, shape, largest, color))
        label(ax, place, 0.85, "×".join(map(str, shape)), size=14)
    for i in range(1, len(shapes)):
        start, end = places[i - 1] + halves[i - 1], places[i] - halves[i]
        arrow(ax, (start + 0.07, 1.9), (end - 0.07, 1.9))
    label(ax, 5.2, 0.25, "each layer's output: channels × height × width")
    return ax


def _maps(ax, x, shape, largest, color):
    """Draw a stack of maps, one behind the other; return half its width."""
    if len(shape) == 1:
        column(ax, x, 1.9, torch.linspace(0.2, 0.9, 6).tolist())
        return 0.1
    side, shift = max(1.2 * shape[-1] / largest, 0.16), 0.06
    depth = (min(shape[0], 6) - 1) * shift
    for i in range(min(shape[0], 6)):
        corner = depth / 2 - i * shift - side / 2
        low = (x + corner, 1.9 + corner)
        look = {"fc": "white", "ec": color, "lw": 1.8}
        ax.add_patch(Rectangle(low, side, side, **look))
    return (side + depth) / 2


def _halves(ax, x, x_hat, shades, *, shift=0, wide=False):
    """Draw an input, both halves with the code between, and the output.

    wide: the code is larger than the image, and drawn as a block
    Returns the places of input and output.
    """
    outer, inner = (0.9, 1.9) if wide else (1.9, 0.9)  # heights of the halves
    draw, half = (block, 0.5) if wide else (column, 0.18)
    places = [shift + place for place in (0.8, 2.6, 4.6, 6.6, 8.4)]
    picture(ax, places[0], MIDDLE, x)
    encoder, decoder = "encoder\n" r"$f_\phi$", "decoder\n" r"$g_\theta$"
    network(ax, places[1], MIDDLE, 1.7, (outer, inner), encoder, color=BLUE)
    draw(ax, places[2], MIDDLE, shades.tolist())
    network(ax, places[3], MIDDLE, 1.7, (inner, outer), decoder, color=GREEN)
    picture(ax, places[4], MIDDLE, x_hat)
    label(ax, places[4], UNDER, "reconstruction\n" r"$\hat x$")
    halves = [0.66, 0.92, half, 0.92, 0.66]
    for i in range(4):
        start, end = places[i] + halves[i], places[i + 1] - halves[i + 1]
        arrow(ax, (start, MIDDLE), (end, MIDDLE))
    return places[0], places[4]


def _compare(ax, left, right):
    """Draw the loss between two images."""
    ends = [left, left, right, right]
    heights = [LOSS + 0.35, LOSS, LOSS, LOSS + 0.35]
    ax.plot(ends, heights, color=ORANGE, lw=1.8)
    label(ax, (left + right) / 2, LOSS, " loss ", color=ORANGE)
    ax.texts[-1].set_backgroundcolor("white")
