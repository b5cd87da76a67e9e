"""Losses in nats, or squared error, *per image*.

One reduction rule everywhere: sum over pixels (and latent dimensions), mean
over the batch. Each function here does the sum and returns one number an
image, shape (B,); `course_lib.training.fit` takes the one mean.
"""

import torch
import torch.nn.functional as F


def squared_error(x_hat, x):
    """Return the squared error of each image, shape (B,).

    ||x - x_hat||^2, summed over all pixels.
    x_hat, x: reconstruction and image, both of shape (B, ...)
    """
    _check_same_shape(x_hat, x, "x_hat")
    return (x_hat - x).square().flatten(1).sum(1)


def bernoulli_nll(logits, x):
    """Return the cross-entropy of each image in nats, shape (B,).

    -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with p = sigmoid(logits).
    For x in {0, 1} this is -log p(x) of independent Bernoulli pixels; grey x
    are accepted, but then it is no log-probability of x.
    logits, x: both of shape (B, ...); x in [0, 1], else a ValueError.
    """
    _check_same_shape(logits, x, "logits")
    low, high = torch.aminmax(x)
    if not (low >= 0 and high <= 1):  # written so that NaN fails too
        raise ValueError(
            f"x must lie in [0, 1]; it reaches from {low:.3g} to "
            f"{high:.3g}. Scale the images, e.g. divide bytes by 255; "
            f"standardised images go with squared_error."
        )
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return nll.flatten(1).sum(1)


def _check_same_shape(output, x, name):
    if output.shape != x.shape or x.dim() < 2:
        raise ValueError(
            f"{name} and x must have the same shape (B, ...); got "
            f"{tuple(output.shape)} and {tuple(x.shape)}"
        )
