"""Losses in nats, or squared error, *per image*.

One reduction rule everywhere: sum over pixels (and latent dimensions), mean
over the batch. Each function here does the sum and returns one number an
image, shape (B,); `course_lib.training.fit` takes the one mean.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from course_lib.contract import FORM
from course_lib.inputs import check_count, check_unit_range
from course_lib.models import reparameterize


def squared_error(x_hat, x):
    """Return the squared error of each image, shape (B,).

    ||x - x_hat||^2, summed over all pixels.
    x_hat, x: reconstruction and image, both of shape (B, ...)
    """
    x_hat, x = _pair(x_hat, x, "x_hat")
    return (x_hat - x).square().flatten(1).sum(1)


def bernoulli_nll(logits, x):
    """Return the cross-entropy of each image in nats, shape (B,).

    -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with p = sigmoid(logits).
    For x in {0, 1} this is -log p(x) of independent Bernoulli pixels; grey x
    are accepted, but then it is no log-probability of x.
    logits, x: both of shape (B, ...); x in [0, 1], else a ValueError.
    """
    logits, x = _pair(logits, x, "logits")
    check_unit_range(x)
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return nll.flatten(1).sum(1)


def gaussian_kl(mu, logvar):
    """Return KL(N(mu, diag sigma^2) || N(0, I)) in nats, shape (B,).

    1/2 sum_k (mu_k^2 + sigma_k^2 - 1 - log sigma_k^2).
    mu, logvar: mean and log sigma^2, both of shape (B, K) or, for codes
        that are maps, (B, C, H, W)
    Source: Kingma and Welling, ICLR 2014, appendix B.
    """
    mu, logvar = _pair(mu, logvar, "mu", "logvar")
    # expm1 keeps the digits that exp(logvar) - 1 loses near logvar = 0
    kl = 0.5 * (mu.square() + torch.expm1(logvar) - logvar)
    return kl.flatten(1).sum(1)


def negative_elbo(model, x, beta=1.0):
    """Return the terms of a VAE's loss for `training.fit`, (B,) each, nats.

    "reconstruction": `bernoulli_nll` of x at one sampled code an image
    "kl": `gaussian_kl`, the rate
    "loss": reconstruction + beta kl; the negative ELBO for beta = 1
    model: a `models.VAE`; x: images (B, ...) in [0, 1]
    """
    outputs = model(x)
    if not isinstance(outputs, (tuple, list)) or len(outputs) != 3:
        raise ValueError(
            f"negative_elbo needs a models.VAE, which returns logits, mu and "
            f"logvar; this {type(model).__name__} returns something else. "
            f"For an Autoencoder: "
            f'{{"loss": losses.bernoulli_nll(model(x), x)}}'
        )
    logits, mu, logvar = outputs
    reconstruction, kl = bernoulli_nll(logits, x), gaussian_kl(mu, logvar)
    loss = reconstruction + beta * kl
    return {"loss": loss, "reconstruction": reconstruction, "kl": kl}


def log_weights(model, x, z, mu, logvar):
    """Return log p(x, z) / q(z | x) of each code in nats, shape (M, N).

    x: the image of each code, (M N, ...); z: the codes, (M, N, K)
    mu, logvar: of q(z | x), in shapes that broadcast to that of z
    """
    logits = model.decoder(z.flatten(0, 1))  # (M N, ...)
    nll = bernoulli_nll(logits, x).view(z.shape[:2])
    # log p(z) - log q(z | x), in which log 2 pi cancels
    eps_squared = (z - mu).square() * torch.exp(-logvar)
    return 0.5 * (eps_squared + logvar - z.square()).sum(2) - nll


def encode(model, x):
    """Return mu and logvar of q(z | x), (B, K) each, or say what is wrong."""
    if not (hasattr(model, "encode") and hasattr(model, "decoder")):
        raise ValueError(
            f"log p(x) is that of a models.VAE, which has encode(x) and a "
            f"decoder; got {type(model).__name__}"
        )
    heads = model.encode(x)
    pair = isinstance(heads, (tuple, list)) and len(heads) == 2
    if not pair or heads[0].dim() != 2 or heads[0].shape != heads[1].shape:
        raise ValueError(
            f"encode(x) of this {type(model).__name__} must return mu and "
            f"logvar, of shape (B, K) each, as that of a models.VAE does"
        )
    return heads


def iwae_bound(model, x, k):
    """Return the importance-weighted bound on log p(x) in nats, shape (B,).

    log 1/k sum_s p(x | z_s) p(z_s) / q(z_s | x), z_s from q(z | x). Its mean
    grows with k, from the ELBO (k = 1) to log p(x). All k codes of all
    images are decoded at once.
    model: a `models.VAE`; x: images (B, ...) in [0, 1]
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """
    check_count(k, "k")
    mu, logvar = encode(model, x)
    z = reparameterize(mu.expand(k, -1, -1), logvar)  # (k, B, K)
    copies = x.expand(k, *x.shape).flatten(0, 1)  # (k B, ...)
    log_w = log_weights(model, copies, z, mu, logvar)
    return log_w.logsumexp(0) - math.log(k)


def _advice(value):
    """Return what mends a value that is no tensor."""
    if isinstance(value, tuple):
        return "A VAE returns (logits, mu, logvar): its logits are model(x)[0]"
    if isinstance(value, nn.Module):
        return f"A loss for fit and evaluate takes model and batch: {FORM}"
    return "torch.as_tensor(...) makes one"


def _pair(output, x, name, other="x"):
    """Return two float tensors of one shape in the finer precision of them.

    PyTorch would compute some losses in the coarser one.
    Errors: ValueError for anything but float tensors of one shape (B, ...)
    """
    for called, value in {name: output, other: x}.items():
        if not isinstance(value, torch.Tensor):
            raise ValueError(
                f"{called} must be a tensor (B, ...); got "
                f"{type(value).__name__}. {_advice(value)}"
            )
        if not value.is_floating_point():
            raise ValueError(
                f"{called} must be floating point; got {value.dtype}: "
                f"{called}.float(), and bytes divided by 255"
            )
    if output.shape != x.shape or x.dim() < 2:
        raise ValueError(
            f"{name} and {other} must have the same shape (B, ...); got "
            f"{tuple(output.shape)} and {tuple(x.shape)}"
        )
    dtype = torch.promote_types(output.dtype, x.dtype)
    return output.to(dtype), x.to(dtype)
