"""Encoders and decoders; lessons call them `models.mlp_encoder` and so on."""

import itertools
import math
from numbers import Integral

from torch import nn


def mlp(*sizes, activation=nn.GELU):
    """Return linear layers of the given sizes, activations between them.

    ``mlp(784, 128, 32)`` is Linear(784, 128), GELU, Linear(128, 32): there
    is no activation after the last layer, so that a code can take any sign.
    ``mlp(2, 16, 10)`` is a decoder of vectors of 10 numbers.
    """
    if len(sizes) < 2:
        raise ValueError(
            f"mlp needs at least two sizes, input and output; got {sizes}"
        )
    _check_sizes("a size of an mlp", sizes)
    if isinstance(activation, nn.Module):
        name = type(activation).__name__
        raise ValueError(
            f"activation must be a class, of which each layer gets its own: "
            f"activation=nn.{name}, not nn.{name}()"
        )
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def mlp_encoder(*sizes, activation=nn.GELU):
    """Return an encoder from images to codes (B, sizes[-1]).

    ``mlp_encoder(784, 128, 64, 32)`` takes images of 784 numbers, of shape
    (B, 1, 28, 28) or any other, to codes of 32 numbers.
    """
    return nn.Sequential(nn.Flatten(), *mlp(*sizes, activation=activation))


def mlp_decoder(*sizes, image_shape=(1, 28, 28), activation=nn.GELU):
    """Return a decoder from codes (B, sizes[0]) to logits (B, *image_shape).

    ``mlp_decoder(32, 64, 128, 784)`` mirrors the encoder above. Its output
    is in logits: ``torch.sigmoid`` makes pixels in [0, 1] of them. Other
    images: ``mlp_decoder(20, 400, 3 * 32 * 32, image_shape=(3, 32, 32))``.
    """
    shape, layers = _shape(image_shape), mlp(*sizes, activation=activation)
    if sizes[-1] != math.prod(shape):
        right = ", ".join(map(str, (*sizes[:-1], math.prod(shape))))
        raise ValueError(
            f"the decoder's last size is {sizes[-1]}, but an image of shape "
            f"{shape} has {math.prod(shape)} pixels: mlp_decoder({right}, "
            f"image_shape={shape}), or name the shape of your images. "
            f"Vectors need none: mlp({', '.join(map(str, sizes))})"
        )
    return nn.Sequential(*layers, nn.Unflatten(1, shape))


def conv_encoder(latent_dim, image_shape=(1, 28, 28)):
    """Return a convolutional encoder from (B, *image_shape) to codes (B, K).

    Two convolutions of stride 2, with 16 and 32 channels, take 28 pixels a
    side to 14 and to 7; a linear layer makes K = latent_dim numbers of them.
    image_shape: (C, H, W) of any size
    """
    _check_sizes("latent_dim", [latent_dim])
    channels, *sides = _shape(image_shape, 3)
    height, width = (_half(_half(side)) for side in sides)
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, stride=2, padding=1),  # (B, 16, 14, 14)
        nn.GELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (B, 32, 7, 7)
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(32 * height * width, latent_dim),
    )


def conv_decoder(latent_dim, image_shape=(1, 28, 28)):
    """Return the decoder that mirrors `conv_encoder`: codes to logits.

    Its transposed convolutions have kernels of 4 and stride 2, so that all
    inner pixels get equally many contributions. (B, K) -> (B, *image_shape).
    Source: Odena, Dumoulin and Olah, Distill 2016.
    """
    _check_sizes("latent_dim", [latent_dim])
    channels, *sides = _shape(image_shape, 3)
    halves = [_half(side) for side in sides]
    height, width = map(_half, halves)
    decoder = nn.Sequential(
        nn.Linear(latent_dim, 32 * height * width),
        nn.GELU(),
        nn.Unflatten(1, (32, height, width)),
        _doubled(32, 16, halves),
        nn.GELU(),
        _doubled(16, channels, sides),
    )
    decoder.image_shape = (channels, *sides)  # for the models' checks
    return decoder


def _half(side):
    """Return how many pixels a convolution of stride 2 leaves of a side."""
    return (side + 1) // 2


def _doubled(inputs, outputs, sides):
    """Return a layer that doubles images; an odd side gets one pixel less."""
    odd = [side % 2 for side in sides]
    padding = [1 + one for one in odd]
    return nn.ConvTranspose2d(
        inputs, outputs, 4, stride=2, padding=padding, output_padding=odd
    )


def _check_sizes(name, sizes):
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, Integral):
            number = isinstance(size, (float, str))
            raise ValueError(
                f"expected a whole number for {name}; got "
                f"{repr(size) if number else type(size).__name__}. Divide "
                f"with //, and convert by int()"
            )
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {size}")


def _shape(shape, dims=None):
    """Return an image's shape as a tuple, or say what is wrong with it."""
    whole = isinstance(shape, (tuple, list))
    if not whole or len(shape) != (dims or len(shape) or -1):
        raise ValueError(
            f"image_shape must be the shape of one image, (C, H, W), such as "
            f"(3, 32, 32) or images.shape[1:]; got {shape!r}"
        )
    _check_sizes("a side of image_shape", shape)
    return tuple(shape)
