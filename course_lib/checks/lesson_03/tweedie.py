"""Lesson 03: Tweedie's formula."""

import torch

from course_lib.checks.exercise import Exercise


def _noisy_points(generator):
    for batch_size, dimensions, sigma in [(5, 2, 0.5), (3, 4, 1.7)]:
        y = torch.randn(batch_size, dimensions, generator=generator)
        score = torch.randn(batch_size, dimensions, generator=generator)
        yield {"y": y, "score": score, "sigma": sigma}


tweedie = Exercise(
    """tweedie(y, score, sigma) -> (B, D): the mean of the clean x given y.

    y: (B, D) noisy points; score: (B, D) of their density at y; sigma: the
    standard deviation of the noise.
    """,
    cases=_noisy_points,
    answer=lambda y, score, sigma: y + sigma**2 * score,
    mistakes={
        "You take sigma for sigma**2: the score is weighted by the noise's "
        "variance.": lambda y, score, sigma: y + sigma * score,
        "You divide by the variance: large noise asks for a large step.": (
            lambda y, score, sigma: y + score / sigma**2
        ),
        "The sign is turned: denoising goes along the score, towards larger "
        "density.": lambda y, score, sigma: y - sigma**2 * score,
        "y is missing: this is the step alone; it begins at y.": (
            lambda y, score, sigma: sigma**2 * score
        ),
        "A factor 1/2 is too much: the step is the whole variance times the "
        "score.": lambda y, score, sigma: y + sigma**2 * score / 2,
        "The variance is missing: the step grows with the noise.": (
            lambda y, score, sigma: y + score
        ),
    },
    gradient=["y", "score"],
)
