"""Sliders over a latent space."""

import io

import ipywidgets
import torch
from torchvision.transforms.functional import to_pil_image


def latent_explorer(decode, ranges):
    """Return a widget: one slider for each latent dimension, and the image.

    decode: codes (1, K) -> images (1, 1, H, W) in [0, 1]
    ranges: a pair (lowest, highest) for each of the K dimensions

    >>> latent_explorer(lambda z: torch.sigmoid(decoder(z)), [(-3, 3)] * 2)
    """
    sliders = [
        ipywidgets.FloatSlider(
            value=(low + high) / 2,
            min=low,
            max=high,
            step=(high - low) / 50,
            description=f"z{k}",
            continuous_update=True,
        )
        for k, (low, high) in enumerate(ranges, start=1)
    ]
    image = ipywidgets.Image(format="png", width=224, height=224)

    def draw(_=None):
        z = torch.tensor([[slider.value for slider in sliders]])
        with torch.no_grad():
            pixels = 1 - decode(z)[0].clamp(0, 1)  # 1 is black, like ink
        png = io.BytesIO()
        to_pil_image(pixels).resize((224, 224)).save(png, format="png")
        image.value = png.getvalue()

    for slider in sliders:
        slider.observe(draw, names="value")
    draw()
    wrap = ipywidgets.Layout(flex_flow="row wrap")  # for narrow windows
    return ipywidgets.HBox([ipywidgets.VBox(sliders), image], layout=wrap)
