"""Autoencoders, plain and variational: an encoder and a decoder.

The encoders and decoders themselves are written in `networks`.
"""

import torch
from torch import nn

from course_lib import shapes
from course_lib.networks import (
    conv_decoder,
    conv_encoder,
    mlp,
    mlp_decoder,
    mlp_encoder,
)
from course_lib.start_at_mean import start_at_mean

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
    """x (B, ...) -> codes z = encoder(x) (B, K) -> logits = decoder(z).

    The logits have the shape of x; ``reconstruct`` turns them into pixels.
    Any pair of modules whose shapes fit together will do as encoder and
    decoder, for images (B, C, H, W), vectors (B, D) or sequences (B, T, D).
    Source: Hinton and Salakhutdinov, Science 313 (2006), 504-507.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = _checked(encoder, "encoder")
        self.decoder = _checked(decoder, "decoder")

    def forward(self, x):
        """Return the reconstruction's logits, in the shape of x."""
        z = shapes.encode(self.encoder, self.decoder, x)
        return shapes.decode(self.decoder, z, x)

    def reconstruct(self, x):
        """Return the reconstruction x_hat in [0, 1], in the shape of x."""
        return torch.sigmoid(self(x))


def reparameterize(mu, logvar):
    """Return z = mu + sigma eps with eps from N(0, I), in the shape of mu.

    sigma = exp(logvar / 2). Gradients flow to mu and logvar.
    mu: (..., K); logvar: the same shape, or one that broadcasts to it
    Source: Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014.
    """
    shapes.check_tensor(mu, "mu")
    shapes.check_tensor(logvar, "logvar")
    sizes = zip(logvar.shape[::-1], mu.shape[::-1], strict=False)
    if logvar.dim() > mu.dim() or any(a not in (1, b) for a, b in sizes):
        raise ValueError(
            f"logvar must have the shape of mu, {tuple(mu.shape)}, or "
            f"broadcast to it; got {tuple(logvar.shape)}"
        )
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


class VAE(nn.Module):
    """A variational autoencoder with the prior N(0, I).

    encoder: a batch (B, ...) -> (B, 2 K), the mean mu and logvar, the log of
        the variances, of q(z | x), side by side
    decoder: codes (B, K) -> logits of p(x | z), in the shape of the batch

    ``VAE(mlp_encoder(784, 400, 2 * 20), mlp_decoder(20, 400, 784))``, or with
    convolutions ``VAE(conv_encoder(2 * 20), conv_decoder(20))``. For vectors
    of 10 numbers, ``VAE(mlp_encoder(10, 16, 2 * 2), mlp(2, 16, 10))``.
    Source: Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = _checked(encoder, "encoder")
        self.decoder = _checked(decoder, "decoder")

    def encode(self, x):
        """Return mu and logvar of q(z | x), (B, K) each."""
        heads = shapes.encode(self.encoder, self.decoder, x)
        if heads.shape[1] % 2:
            raise ValueError(
                f"the encoder must give 2 K numbers an image, mu and logvar "
                f"side by side; it gives {heads.shape[1]}"
            )
        return heads.chunk(2, dim=1)

    def forward(self, x):
        """Return the logits of one sampled code an image, mu and logvar."""
        mu, logvar = self.encode(x)
        z = reparameterize(mu, logvar)
        return shapes.decode(self.decoder, z, x), mu, logvar

    def reconstruct(self, x):
        """Return the image of the mean code, in [0, 1], in the shape of x."""
        mu, _ = self.encode(x)
        return torch.sigmoid(shapes.decode(self.decoder, mu, x))


def _checked(half, name):
    """Return an encoder or decoder, or say why it cannot be one."""
    if isinstance(half, type):
        raise ValueError(
            f"the {name} is the class {half.__name__}; expected a module "
            f"made of it: {half.__name__}()"
        )
    if not callable(half):
        raise ValueError(
            f"the {name} must be a module, such as models.mlp_{name}(...); "
            f"got {type(half).__name__}"
        )
    return half
