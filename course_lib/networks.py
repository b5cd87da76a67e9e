"""Encoders and decoders; lessons call them `models.mlp_encoder` and so on."""

import itertools

import torch
from torch import nn


def mlp(*sizes, activation=nn.GELU):
    """Return linear layers of the given sizes, activations between them.

    ``mlp(784, 128, 32)`` is Linear(784, 128), GELU, Linear(128, 32): there
    is no activation after the last layer, so that a code can take any sign.
    """
    if len(sizes) < 2:
        raise ValueError(
            f"mlp needs at least two sizes, input and output; got {sizes}"
        )
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def mlp_encoder(*sizes, activation=nn.GELU):
    """Return an encoder from images to codes (B, sizes[-1]).

    ``mlp_encoder(784, 128, 64, 32)`` takes images of 784 pixels, of shape
    (B, 1, 28, 28) or (B, 784), to codes of 32 numbers.
    """
    return nn.Sequential(nn.Flatten(), *mlp(*sizes, activation=activation))


def mlp_decoder(*sizes, activation=nn.GELU):
    """Return a decoder from codes (B, sizes[0]) to logits (B, 1, 28, 28).

    ``mlp_decoder(32, 64, 128, 784)`` mirrors the encoder above. Its output
    is in logits: ``torch.sigmoid`` makes pixels in [0, 1] of them.
    """
    return nn.Sequential(
        *mlp(*sizes, activation=activation), nn.Unflatten(1, (1, 28, 28))
    )


def conv_encoder(latent_dim):
    """Return a convolutional encoder from (B, 1, 28, 28) to codes (B, K).

    Two convolutions of stride 2, with 16 and 32 channels, take 28 pixels a
    side to 14 and to 7; a linear layer makes K = latent_dim numbers of them.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (B, 16, 14, 14)
        nn.GELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (B, 32, 7, 7)
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, latent_dim),
    )


def conv_decoder(latent_dim):
    """Return the decoder that mirrors `conv_encoder`: codes to logits.

    Its transposed convolutions have kernels of 4 and stride 2, so that all
    inner pixels get equally many contributions. (B, K) -> (B, 1, 28, 28).
    Source: Odena, Dumoulin and Olah, Distill 2016.
    """
    return nn.Sequential(
        nn.Linear(latent_dim, 32 * 7 * 7),
        nn.GELU(),
        nn.Unflatten(1, (32, 7, 7)),
        nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
        nn.GELU(),
        nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
    )


@torch.no_grad()
def start_at_mean(decoder, images):
    """Set a decoder's output bias to the logit of the mean image.

    The decoder then starts from the best constant answer, instead of
    spending its first steps on learning that borders are black. The mean is
    kept in [0.001, 0.999], since a border's logit would be infinite. A
    convolution has one bias for all pixels: it starts at their mean.

    decoder: ends in ``nn.Linear`` (and ``nn.Unflatten``) or in a
        convolution, as `mlp_decoder` and `conv_decoder` do
    images: training images in [0, 1], shape (N, 1, 28, 28)
    """
    kinds = nn.Linear, nn.Conv2d, nn.ConvTranspose2d
    layers = [m for m in decoder.modules() if isinstance(m, kinds)]
    mean = images.mean(0)  # (1, 28, 28)
    if layers and not isinstance(layers[-1], nn.Linear):
        mean = mean.mean((1, 2))  # one number a channel
    if not layers or len(layers[-1].bias) != mean.numel():
        raise ValueError(
            f"images have {images[0].numel()} pixels in {images.shape[1]} "
            f"channel(s); the decoder must end in a linear layer with as many "
            f"outputs or in a convolution with as many channels"
        )
    layers[-1].bias.copy_(torch.logit(mean.flatten(), eps=1e-3))
