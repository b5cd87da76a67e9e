"""Autoencoders, plain and variational: an encoder and a decoder.

The encoders and decoders themselves are written in `networks`.
"""

import torch
from torch import nn

from course_lib.networks import (
    conv_decoder,
    conv_encoder,
    mlp,
    mlp_decoder,
    mlp_encoder,
    start_at_mean,
)

__all__ = [
    "VAE",
    "Autoencoder",
    "conv_decoder",
    "conv_encoder",
    "mlp",
    "mlp_decoder",
    "mlp_encoder",
    "reparameterize",
    "start_at_mean",
]


class Autoencoder(nn.Module):
    """x (B, 1, 28, 28) -> z = encoder(x) (B, K) -> logits = decoder(z).

    The logits have the shape of x; ``reconstruct`` turns them into pixels.
    Any pair of modules whose shapes fit together will do as encoder and
    decoder. Source: Hinton and Salakhutdinov, Science 313 (2006), 504-507.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, x):
        """Return the reconstruction's logits, in the shape of x."""
        _check_batch(x)
        return self.decoder(self.encoder(x))

    def reconstruct(self, x):
        """Return the reconstruction x_hat in [0, 1], in the shape of x."""
        return torch.sigmoid(self(x))


def reparameterize(mu, logvar):
    """Return z = mu + sigma eps with eps from N(0, I), in the shape of mu.

    sigma = exp(logvar / 2). Gradients flow to mu and logvar.
    Source: Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014.
    """
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


class VAE(nn.Module):
    """A variational autoencoder with the prior N(0, I).

    encoder: images (B, 1, 28, 28) -> (B, 2 K), the mean mu and logvar, the
        log of the variances, of q(z | x), side by side
    decoder: codes (B, K) -> logits (B, 1, 28, 28) of p(x | z)

    ``VAE(mlp_encoder(784, 400, 2 * 20), mlp_decoder(20, 400, 784))``, or with
    convolutions ``VAE(conv_encoder(2 * 20), conv_decoder(20))``.
    Source: Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def encode(self, x):
        """Return mu and logvar of q(z | x), (B, K) each."""
        _check_batch(x)
        heads = self.encoder(x)
        if heads.shape[1] % 2:
            raise ValueError(
                f"the encoder must give 2 K numbers an image, mu and logvar "
                f"side by side; it gives {heads.shape[1]}"
            )
        return heads.chunk(2, dim=1)

    def forward(self, x):
        """Return the logits of one sampled code an image, mu and logvar."""
        mu, logvar = self.encode(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar

    def reconstruct(self, x):
        """Return the image of the mean code, in [0, 1], in the shape of x."""
        return torch.sigmoid(self.decoder(self.encode(x)[0]))


def _check_batch(x):
    if x.dim() != 4:
        raise ValueError(
            f"a batch of images has shape (B, 1, 28, 28); got "
            f"{tuple(x.shape)}. A single image needs a batch of one: x[:1]"
        )
