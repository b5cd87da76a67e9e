"""A decoder's start: the mean image, whatever the code."""

import torch
from torch import nn

from course_lib.inputs import check_unit_range
from course_lib.shapes import check_tensor, drawn_shape


@torch.no_grad()
def start_at_mean(decoder, images):
    """Set a decoder's output bias to the logit of the mean image.

    The decoder then starts from the best constant answer, instead of
    spending its first steps on learning that borders are black. The mean is
    kept in [0.001, 0.999], since a border's logit would be infinite. A
    convolution has one bias for all pixels: it starts at their mean.

    decoder: ends in ``nn.Linear`` (and ``nn.Unflatten``) or in a
        convolution, as `mlp_decoder` and `conv_decoder` do
    images: training images in [0, 1], (N, C, H, W), or vectors (N, D)
    """
    check_tensor(images, "images")
    shape = drawn_shape(decoder) or images.shape[1:]
    if images.dim() < 2 or not len(images) or images.shape[1:] != shape:
        raise ValueError(
            f"images must have the shape (N, {', '.join(map(str, shape))}), "
            f"for this decoder, and N at least 1; got {tuple(images.shape)}"
        )
    check_unit_range(images, "images")
    kinds = nn.Linear, nn.Conv2d, nn.ConvTranspose2d
    layers = [m for m in decoder.modules() if isinstance(m, kinds)]
    mean = images.mean(0)  # (C, H, W) or (D,)
    if layers and not isinstance(layers[-1], nn.Linear) and mean.dim() == 3:
        mean = mean.mean((1, 2))  # one number a channel
    bias = layers[-1].bias if layers else None
    if layers and bias is None:
        raise ValueError(
            f"the decoder's last layer has no bias to start at the mean: "
            f"make its {type(layers[-1]).__name__} with bias=True"
        )
    if not layers or len(bias) != mean.numel():
        raise ValueError(
            f"images have {images[0].numel()} pixels in {images.shape[1]} "
            f"channel(s); the decoder must end in a linear layer with as many "
            f"outputs or in a convolution with as many channels"
        )
    bias.copy_(torch.logit(mean.flatten(), eps=1e-3))
