"""Lesson 09: the latents whose mean varies."""

import torch

from course_lib.checks.exercise import Exercise


def _means(generator):
    # Variances over the images of 24 or 19 latents, on both sides of 0.01,
    # with constant means beside 0 and spreads below and above 0.01.
    for images, spreads in [
        (60, [0.0] * 5 + [0.03] * 8 + [0.2] * 4 + [1.0] * 7),
        (40, [0.0] * 3 + [0.05] * 9 + [0.3] * 2 + [2.0] * 5),
    ]:
        noise = torch.randn(images, len(spreads), generator=generator)
        noise = (noise - noise.mean(0)) / noise.std(0)
        offset = torch.zeros(len(spreads))
        offset[[0, 1, 6, 13]] = 2.0  # three collapsed, one active
        yield {"mu": offset + torch.tensor(spreads) * noise}


def _active(mu):
    return (mu.var(0) > 0.01).sum()


active_units = Exercise(
    """active_units(mu) -> (): the number of latents whose mean varies.

    mu: (N, K), the encoder's means of N images. A latent is active if the
    variance of its mean over the images exceeds 0.01.
    """,
    cases=_means,
    answer=_active,
    mistakes={
        "The variance goes over the latents of an image: take it over the "
        "images, for each latent.": [
            lambda mu: (mu.var(1) > 0.01).sum(),
            lambda mu: (mu.var(1, correction=0) > 0.01).sum(),
        ],
        "You compare the standard deviation with 0.01: the threshold is for "
        "the variance.": lambda mu: (mu.std(0) > 0.01).sum(),
        "You count all latents: is that the variance of sampled codes? Their "
        "noise alone makes it large. Take that of the means.": (
            lambda mu: torch.tensor(mu.shape[1])
        ),
        "You look at how far the means are from 0: a constant mean says "
        "nothing about the image. Take the variance.": [
            lambda mu: (mu.square().mean(0) > 0.01).sum(),
            lambda mu: (mu.mean(0).square() > 0.01).sum(),
            lambda mu: (mu.abs().mean(0) > 0.01).sum(),
        ],
        "You count the collapsed latents.": (
            lambda mu: (mu.var(0) <= 0.01).sum()
        ),
        "You return a share; return the number of latents.": (
            lambda mu: (mu.var(0) > 0.01).double().mean()
        ),
    },
    no_gradient="a count",
)
