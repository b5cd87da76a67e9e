"""Lesson 00: the squared error of each image."""

import torch
import torch.nn.functional as F

from course_lib.checks.exercise import Exercise


def _images(generator):
    for label, *size in [  # few of 784: loops over pixels are slow
        ("", 2, 1, 28, 28),
        ("for images of another size than (1, 28, 28)", 5, 3, 8, 12),
        ("for images without a channel, (B, H, W)", 3, 9, 5),
        ("for images that are rows of numbers, (B, D)", 4, 6),
        ("for one image alone", 1, 1, 8, 8),
    ]:
        x, x_hat = torch.rand(2, *size, generator=generator)
        yield label, {"x": x, "x_hat": x_hat}
    x, x_hat = torch.rand(2, 3, 1, 28, 28, generator=generator)
    outside = {"x": x, "x_hat": 3 * x_hat - 1}
    yield "where x_hat leaves [0, 1]", outside


def _sum(values):
    return values.flatten(1).sum(1)


def _error(x, y):
    return _sum((x - y).square())


def _of_pixels(change):
    """Sum something else than the squared differences over the pixels."""
    return lambda x, y: _sum(change(x, y))


def _over(*dimensions):
    """Sum the squared differences over some dimensions only."""
    return lambda x, y: (x - y).square().sum(dimensions)


sse = Exercise(
    """sse(x, x_hat) -> (B,): each image's squared error, summed over pixels.

    x, x_hat: (B, ...) images of any size, here (B, 1, 28, 28), in [0, 1].
    """,
    cases=_images,
    answer=_error,
    mistakes={
        "You average over the pixels: sum over them (the reduction rule).": (
            lambda x, y: _error(x, y) / x[0].numel()
        ),
        "You average over the pixels, and over the images too: sum over the "
        "pixels, and keep the images apart, shape (B,).": F.mse_loss,
        "You sum over the batch too: each image has an error of its own, "
        "shape (B,).": lambda x, y: _error(x, y).sum(),
        "You average over the batch: that comes later. Here each image has "
        "an error of its own, shape (B,).": lambda x, y: _error(x, y).mean(),
        "You return the error of each pixel: sum over all dimensions of an "
        "image, which are all but the first.": [
            lambda x, y: (x - y).square(),
            lambda x, y: (x - y).square().flatten(1),
        ],
        "You sum over some of an image's dimensions only: sum over all but "
        "the first.": [
            # not over (2, 3): that is keepdim, where images have one channel
            _over(*some)
            for some in [(1,), (2,), (3,), (1, 2), (1, 3)]
        ],
        "You sum over the batch, dimension 0, in place of the pixels.": [
            _over(0),
            lambda x, y: (x - y).square().flatten(1).sum(0),
        ],
        "You sum the differences as they are, so those of opposite sign "
        "cancel: square each one first.": [
            _of_pixels(lambda x, y: x - y),
            _of_pixels(lambda x, y: y - x),
        ],
        "You sum absolute values: square the differences in their place.": (
            _of_pixels(lambda x, y: (x - y).abs())
        ),
        "You sum first and square the sum, so errors of opposite sign "
        "cancel: square each difference, then sum.": (
            lambda x, y: _sum(x - y).square()
        ),
        "You subtract squares: take the difference first, then square it.": [
            _of_pixels(lambda x, y: x**2 - y**2),
            _of_pixels(lambda x, y: y**2 - x**2),
            lambda x, y: _sum(x**2 - y**2).abs(),
        ],
        "Precedence: ** binds closer than -, so one image alone is squared. "
        "Put the difference in parentheses.": [
            _of_pixels(lambda x, y: x - y**2),
            _of_pixels(lambda x, y: y - x**2),
        ],
        "You add x and x_hat: an error is made of their difference.": (
            _of_pixels(lambda x, y: (x + y).square())
        ),
        "You take the square root: that is a distance; the squared error "
        "has no root.": [
            lambda x, y: _error(x, y).sqrt(),
            lambda x, y: _error(x, y).sum().sqrt(),
        ],
        "Your errors add up from image to image: begin each image's sum "
        "anew.": lambda x, y: _error(x, y).cumsum(0),
        "That is the cross-entropy: the squared error is asked for.": (
            _of_pixels(
                lambda x, y: F.binary_cross_entropy(y, x, reduction="none")
            )
        ),
        "Broadcasting: x and x_hat have different shapes when you subtract, "
        "such as (B, 784) and (B, 1, 28, 28), so an image is compared with "
        "other images, or with none. Reshape both alike.": [
            lambda x, y: x.flatten(1) - y,
            lambda x, y: x - y.flatten(1),
            lambda x, y: _sum((x.flatten(2) - y.flatten(1)).square()),
            lambda x, y: _sum((x.flatten(1) - y.flatten(2)).square()),
        ],
    },
    gradient=["x_hat"],
)
