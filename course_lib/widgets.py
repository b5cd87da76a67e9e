"""Sliders beside a picture that follows them."""

import io

import ipywidgets
import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torchvision.transforms.functional import to_pil_image


def explorer(draw, ranges):
    """Return a widget: one slider for each number, and what they draw.

    draw: takes the numbers, in the order of ranges -> image (1, H, W) in
        [0, 1], or a matplotlib figure
    ranges: {name: (lowest, highest)}; a slider starts in the middle

    >>> explorer(lambda s: (x[0] + s * eps).clamp(0, 1), {"noise": (0, 1)})
    """
    sliders = [
        ipywidgets.FloatSlider(
            value=(low + high) / 2,
            min=low,
            max=high,
            step=(high - low) / 50,
            description=name,
            continuous_update=True,
        )
        for name, (low, high) in ranges.items()
    ]
    picture = ipywidgets.Image(format="png")

    def redraw(_=None):
        with torch.no_grad():
            drawn = draw(*(slider.value for slider in sliders))
        png = io.BytesIO()
        if isinstance(drawn, Figure):
            drawn.savefig(png)
            plt.close(drawn)
        else:
            pixels = to_pil_image(1 - drawn.clamp(0, 1))  # 1 is black: ink
            width = round(224 * pixels.width / pixels.height)
            pixels.resize((width, 224)).save(png, format="png")
        picture.value = png.getvalue()

    for slider in sliders:
        slider.observe(redraw, names="value")
    redraw()
    # wrap in narrow windows; never stretch the picture
    layout = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
    return ipywidgets.HBox([ipywidgets.VBox(sliders), picture], layout=layout)


def latent_explorer(decode, ranges):
    """Return a widget: a slider for each latent dimension, and the image.

    decode: codes (1, K) -> images (1, 1, H, W) in [0, 1]
    ranges: a pair (lowest, highest) for each of the K dimensions

    >>> latent_explorer(lambda z: torch.sigmoid(decoder(z)), [(-3, 3)] * 2)
    """
    names = [f"z{k}" for k in range(1, len(ranges) + 1)]
    return explorer(
        lambda *z: decode(torch.tensor([z]))[0],
        dict(zip(names, ranges, strict=True)),
    )
