"""Answers to sse, in forms that learners write."""

import torch
import torch.nn.functional as F

from course_lib import losses


def sse_loop(x, x_hat):
    errors = []
    for image, other in zip(x, x_hat, strict=True):
        difference = (image - other).flatten()
        errors.append(difference @ difference)
    return torch.stack(errors)


def sse_pixels(x, x_hat):
    errors = []
    for image, other in zip(x.flatten(1), x_hat.flatten(1), strict=True):
        total = 0
        for pixel, drawn in zip(image, other, strict=True):
            total += (pixel - drawn) ** 2
        errors.append(total)
    return torch.stack(errors)


RIGHT = [
    lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).sum(1),
    lambda x, x_hat: (x_hat - x).pow(2).reshape(len(x), -1).sum(-1),
    lambda x, x_hat: ((x - x_hat) ** 2).sum(tuple(range(1, x.ndim))),
    lambda x, x_hat: (
        F.mse_loss(x_hat, x, reduction="none").flatten(1).double().sum(1)
    ),
    lambda x, x_hat: torch.einsum(
        "bd,bd->b", (x - x_hat).flatten(1), (x - x_hat).flatten(1)
    ),
    lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).mean(1) * x[0].numel(),
    lambda x, x_hat: (
        (x**2 - 2 * x * x_hat + x_hat**2).reshape(x.shape[0], -1).sum(dim=1)
    ),
    lambda x, x_hat: (
        torch.linalg.vector_norm((x - x_hat).flatten(1), dim=1) ** 2
    ),
    lambda x, x_hat: losses.squared_error(x_hat, x),
    sse_loop,
    sse_pixels,
]


def all_pairs_loop(x, x_hat):
    each = [((image - x_hat) ** 2).flatten(1).sum(1) for image in x]
    return torch.stack(each)


def first_image(x, x_hat):
    for image, other in zip(x, x_hat, strict=True):
        return ((image - other) ** 2).sum()


def running_sum(x, x_hat):
    errors, total = [], 0
    for image, other in zip(x, x_hat, strict=True):
        total = total + ((image - other) ** 2).sum()
        errors.append(total)
    return torch.stack(errors)


def list_of_errors(x, x_hat):
    return [((a - b) ** 2).sum() for a, b in zip(x, x_hat, strict=True)]


x_hat = torch.rand(4, 1, 28, 28)  # as in the notebook


def of_the_notebook(x, reconstruction):
    return ((x - x_hat[: len(x)]) ** 2).flatten(1).sum(1)


def in_place(x, x_hat):
    x -= x_hat
    return (x**2).flatten(1).sum(1)


WRONG = [
    (
        "average over the pixels: sum",
        lambda x, y: ((x - y) ** 2).mean((1, 2, 3)),
    ),
    ("average over the pixels, and over", lambda x, y: F.mse_loss(y, x)),
    (
        "average over the pixels: sum",
        lambda x, y: torch.stack(
            [F.mse_loss(b, a) for a, b in zip(x, y, strict=True)]
        ),
    ),
    ("sum over the batch too", lambda x, y: ((x - y) ** 2).sum()),
    ("sum over the batch too", lambda x, y: ((x - y) ** 2).sum().item()),
    ("sum over the batch too", lambda x, y: F.mse_loss(y, x, reduction="sum")),
    (
        "average over the batch",
        lambda x, y: ((x - y) ** 2).flatten(1).sum(1).mean(),
    ),
    (
        "average over the batch",
        lambda x, y: ((x - y) ** 2).sum() / x.shape[0],
    ),
    (
        "error of each pixel",
        lambda x, y: F.mse_loss(y, x, reduction="none"),
    ),
    ("some of an image's", lambda x, y: ((x - y) ** 2).sum(1)),
    ("some of an image's", lambda x, y: ((x - y) ** 2).sum(-1)),
    ("some of an image's", lambda x, y: ((x - y) ** 2).sum((1, 2))),
    ("size 1 too many", lambda x, y: ((x - y) ** 2).sum((2, 3))),
    (
        "size 1 too many",
        lambda x, y: ((x - y) ** 2).flatten(1).sum(1, keepdim=True),
    ),
    ("in place of the pixels", lambda x, y: ((x - y) ** 2).sum(0)),
    (
        "in place of the pixels",
        lambda x, y: ((x - y) ** 2).flatten(1).sum(0),
    ),
    ("opposite sign cancel: square each", lambda x, y: (x - y).sum((1, 2, 3))),
    (
        "opposite sign cancel: square each",
        lambda x, y: (y - x).flatten(1).sum(1),
    ),
    (
        "absolute values",
        lambda x, y: F.l1_loss(x, y, reduction="none").sum((1, 2, 3)),
    ),
    ("square the sum", lambda x, y: (x - y).sum((1, 2, 3)) ** 2),
    (
        "subtract squares",
        lambda x, y: (x**2).flatten(1).sum(1) - (y**2).flatten(1).sum(1),
    ),
    ("Precedence", lambda x, y: (x - y**2).flatten(1).sum(1)),
    ("add x and x_hat", lambda x, y: ((x + y) ** 2).flatten(1).sum(1)),
    ("square root", lambda x, y: ((x - y) ** 2).sum((1, 2, 3)).sqrt()),
    ("half of", lambda x, y: 0.5 * ((x - y) ** 2).flatten(1).sum(1)),
    ("sign is turned", lambda x, y: -((x - y) ** 2).flatten(1).sum(1)),
    (
        "cross-entropy",
        lambda x, y: F.binary_cross_entropy(y, x, reduction="none").sum(
            (1, 2, 3)
        ),
    ),
    ("add up from image to image", running_sum),
    ("first of the values asked for", first_image),
    ("list of length 2.*stack", list_of_errors),
    ("reads x_hat from the notebook", of_the_notebook),
    ("input x in place", in_place),
    (
        "[Bb]roadcast",
        lambda x, y: ((x.view(len(x), -1) - y) ** 2).sum(1),
    ),
    (
        "[Bb]roadcast",
        lambda x, y: ((x - y.reshape(len(y), 784)) ** 2).sum((1, 2, 3)),
    ),
    (
        "[Bb]roadcast",
        lambda x, y: ((x.view(-1, 1, 784) - y.view(-1, 784)) ** 2).sum((1, 2)),
    ),
    (
        "[Bb]roadcast",
        lambda x, y: ((x.flatten(1) - y.flatten(2)) ** 2).sum((1, 2)),
    ),
    (
        "[Bb]roadcast",
        lambda x, y: ((x.flatten(2) - y.flatten(1)) ** 2).sum(-1),
    ),
    ("[Bb]roadcast", all_pairs_loop),
    (
        "not for images without a channel",
        lambda x, y: ((x - y) ** 2).sum((1, 2, 3)),
    ),
    (
        r"another size (.|\n)*784 written",
        lambda x, y: ((x - y) ** 2).view(-1, 784).sum(1),
    ),
    (
        r"another size (.|\n)*784 written",
        lambda x, y: 784 * ((x - y) ** 2).flatten(1).mean(1),
    ),
    (
        "for one image alone",
        lambda x, y: ((x - y).squeeze() ** 2).flatten(1).sum(1),
    ),
    ("is lost", lambda x, y: ((x - y.detach()) ** 2).flatten(1).sum(1)),
]
