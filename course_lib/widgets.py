"""Sliders beside a picture that follows them."""

import io
from math import isfinite

import ipywidgets
import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torchvision.transforms.functional import to_pil_image

from course_lib.drawable import check_images, check_range


def explorer(draw, ranges, *, start=None):
    """Return a widget: one slider for each number, and what they draw.

    draw: takes the numbers, in the order of ranges -> image (C, H, W) in
        [0, 1], or a matplotlib figure. One channel is drawn like ink, three
        as colours. Where a slider takes the numbers out of [0, 1], they are
        cut off at its ends.
    ranges: {name: (lowest, highest)}
    start: where the sliders start, one number each, in the order of ranges;
        cut off at the ends of a range. In the middle if None.

    >>> explorer(lambda s: (x[0] + s * eps).clamp(0, 1), {"noise": (0, 1)})

    Errors: ValueError for other ranges, for a start that does not fit them,
    and for a first picture that is none.
    """
    if not isinstance(ranges, dict) or not ranges:
        raise ValueError(
            f'ranges must name the numbers, as in {{"noise": (0, 1)}}; got '
            f"{ranges!r}"
        )
    pairs = [
        check_range(pair, f"the range of {name!r}")
        for name, pair in ranges.items()
    ]
    sliders = []
    for name, (low, high), value in zip(
        ranges, pairs, _values(start, pairs), strict=True
    ):
        slider = ipywidgets.FloatSlider(
            value=value,
            min=low,
            max=high,
            step=(high - low) / 50,
            description=name,
            continuous_update=True,
        )
        sliders.append(slider)
    picture = ipywidgets.Image(format="png")

    def redraw(change=None):
        with torch.no_grad():
            drawn = draw(*(slider.value for slider in sliders))
        png = io.BytesIO()
        if isinstance(drawn, Figure):
            drawn.savefig(png)
            plt.close(drawn)
        else:
            _pixels(drawn, first=change is None).save(png, format="png")
        picture.value = png.getvalue()

    for slider in sliders:
        slider.observe(redraw, names="value")
    redraw()
    # wrap in narrow windows; never stretch the picture
    layout = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
    return ipywidgets.HBox([ipywidgets.VBox(sliders), picture], layout=layout)


def _values(start, pairs):
    """Return where sliders with these ranges start."""
    if start is None:
        return [(low + high) / 2 for low, high in pairs]
    if isinstance(start, torch.Tensor):
        start = start.tolist()
    try:
        start = [float(value) for value in start]
    except (TypeError, ValueError):
        start = None
    if (
        start is None
        or len(start) != len(pairs)
        or not all(map(isfinite, start))
    ):
        raise ValueError(
            f"start must be {len(pairs)} finite numbers, one a slider"
        )
    return [
        min(max(value, low), high)
        for value, (low, high) in zip(start, pairs, strict=True)
    ]


def _pixels(drawn, first):
    """Return an image (C, H, W) as a picture 224 pixels high.

    first: whether its numbers must lie in [0, 1]
    """
    if not isinstance(drawn, torch.Tensor) or drawn.dim() != 3:
        shape = tuple(getattr(drawn, "shape", ()))
        raise ValueError(
            f"draw must return one image (C, H, W) in [0, 1], or a matplotlib "
            f"figure; got {type(drawn).__name__} {shape or ''}. The first "
            f"image of a batch is images[0]"
        )
    check_images((drawn if first else drawn.clamp(0, 1))[None], "images")
    drawn = drawn.float().clamp(0, 1)
    ink = 1 - drawn if len(drawn) == 1 else drawn  # 1 is black
    picture = to_pil_image(ink)
    width = round(224 * picture.width / picture.height)
    return picture.resize((width, 224))


def latent_explorer(decode, ranges, *, start=None):
    """Return a widget: a slider for each latent dimension, and the image.

    decode: codes (1, K) -> images (1, C, H, W) in [0, 1]
    ranges: a pair (lowest, highest) for each of the K dimensions
    start: the code to start at, (K,), as that of an image; the middle of
        the ranges if None

    >>> latent_explorer(lambda z: torch.sigmoid(decoder(z)), [(-3, 3)] * 2)
    """
    names = [f"z{k}" for k in range(1, len(ranges) + 1)]

    def draw(*z):
        images = decode(torch.tensor([z]))
        shape = tuple(getattr(images, "shape", ()))
        if len(shape) != 4 or shape[0] != 1:
            raise ValueError(
                f"decode must return a batch of one image, (1, C, H, W), for "
                f"codes (1, {len(z)}); got {shape or type(images).__name__}"
            )
        return images[0]

    return explorer(draw, dict(zip(names, ranges, strict=True)), start=start)
