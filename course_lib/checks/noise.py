"""What is compared of answers that draw random numbers.

Right answers draw in any order: they share statistics and slopes, no values.
"""

import torch


def statistics_of_noise(eps, others):
    """What is compared of eps (B, K), which should be standard normal.

    Without a noise of its own in each row, nothing more can be told.
    """
    if eps.std(0).max() < 1e-3:
        missing = bool(eps.abs().max() < 1e-3)
        return {"Rows' own noise": ten_if(False), "None": ten_if(missing)}
    return {
        "Rows' own noise": ten_if(True),
        "Mean of (z - mu) / sigma, for each latent": eps.mean(0),
        "Standard deviation of (z - mu) / sigma": eps.std(0),
        "Fourth moment of (z - mu) / sigma": (eps**4).mean(0),
        "Covariance of (z - mu) / sigma between two latents": (
            eps[:, 0] * eps[:, 1]
        ).mean(),
        **others,
    }


def slope(z, leaf):
    """The gradient of the sum of z^2; 0 where none arrives."""
    if not z.requires_grad:
        return torch.zeros_like(leaf)
    total = z.square().sum()
    return torch.autograd.grad(
        total, leaf, retain_graph=True, materialize_grads=True
    )[0]


def ten_if(truth):
    """10 or 0: a difference that stands out from the tolerance."""
    return torch.tensor(10.0 * truth)
