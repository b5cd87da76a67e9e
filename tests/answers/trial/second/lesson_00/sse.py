"""Answers to sse, written blind."""

import torch
import torch.nn.functional as F


def by_einsum(images, drawn):
    rest = (images - drawn).reshape(images.shape[0], -1)
    return torch.einsum("bi,bi->b", rest, rest)


def by_vmap(x, x_hat):
    one_image = lambda a, b: F.mse_loss(a, b, reduction="sum")
    return torch.vmap(one_image)(x_hat, x)


def square_of_sum(x, x_hat):
    diff = (x - x_hat).flatten(1)
    return diff.sum(1) ** 2


def mean_over_pixels(x, x_hat):
    errors = F.mse_loss(x_hat, x, reduction="none")
    return errors.flatten(1).mean(1)


def running_total(x, x_hat):
    total = 0
    result = []
    for image, drawn in zip(x, x_hat):
        total = total + ((image - drawn) ** 2).sum()
        result.append(total)
    return torch.stack(result)


def grey_only(x, x_hat):
    if x.dim() == 4:
        return (x - x_hat).square().sum((2, 3))[:, 0]
    return (x - x_hat).square().flatten(1).sum(1)


def distance(x, x_hat):
    diff = x.flatten(1) - x_hat.flatten(1)
    return torch.linalg.norm(diff, dim=1)


def as_list(x, x_hat):
    errors = []
    for i in range(len(x)):
        errors.append(((x[i] - x_hat[i]) ** 2).sum().item())
    return errors


RIGHT = [
    by_einsum,
    by_vmap,
]

WRONG = [
    (
        "sums the differences first and squares the sum",
        "You sum first and square the",
        square_of_sum,
    ),
    (
        "averages over the pixels instead of summing",
        "You average over the pixels: sum",
        mean_over_pixels,
    ),
    (
        "never resets the total between images, so errors add up",
        "Your errors add up from image",
        running_total,
    ),
    (
        "sums height and width, and takes the first channel only",
        "Right in the ordinary cases, but",
        grey_only,
    ),
    (
        "takes the norm, without squaring it",
        "You take the square root: that",
        distance,
    ),
    (
        "returns a list of Python floats",
        "You return a list of length",
        as_list,
    ),
]
