"""Lesson 00: the squared error of each image."""

import torch

from course_lib.checks.exercise import Exercise


def _images(generator):
    for B, *size in [
        (4, 1, 28, 28),
        (3, 1, 28, 28),
        (1, 1, 28, 28),
        (2, 3, 8),
    ]:
        x, x_hat = torch.rand(2, B, *size, generator=generator)
        yield {"x": x, "x_hat": x_hat}


sse = Exercise(
    """sse(x, x_hat) -> (B,): each image's squared error, summed over pixels.

    x, x_hat: (B, ...) images of any size, here (B, 1, 28, 28), in [0, 1].
    """,
    cases=_images,
    answer=lambda x, y: (x - y).square().flatten(1).sum(1),
    mistakes={
        "You average over pixels; the course sums over them, and averages "
        "over the batch only (the reduction rule).": [
            lambda x, y: (x - y).square().flatten(1).mean(1),
            lambda x, y: (x - y).square().mean(),
        ],
        "You reduce the batch too: keep dimension 0, so that each image has "
        "an error of its own, shape (B,).": [
            lambda x, y: (x - y).square().sum(),
            lambda x, y: (x - y).square().sum() / len(x),
        ],
        "The square is missing: you sum the differences, or their absolute "
        "values. Square each difference first.": [
            lambda x, y: (x - y).flatten(1).sum(1),
            lambda x, y: (y - x).flatten(1).sum(1),
            lambda x, y: (x - y).abs().flatten(1).sum(1),
        ],
        "You sum first and square the sum, so errors of opposite sign "
        "cancel: square each difference, then sum.": (
            lambda x, y: (x - y).flatten(1).sum(1).square()
        ),
        "You take the square root: that is a distance; the squared error "
        "has no root.": lambda x, y: (x - y).flatten(1).norm(dim=1),
        "Broadcasting: x and x_hat have different shapes when you subtract, "
        "such as (B, 784) and (B, 1, 28, 28), so an image is compared with "
        "other images, or with none. Reshape both alike.": [
            lambda x, y: x.flatten(1) - y,
            lambda x, y: x - y.flatten(1),
            lambda x, y: (x.flatten(2) - y.flatten(1)).square().sum((1, 2)),
            lambda x, y: (x.flatten(1) - y.flatten(2)).square().sum((1, 2)),
        ],
    },
    gradient=["x_hat"],
)
