"""Answers to sse, written blind."""

import torch
from torch.nn import functional


def one(image, drawn):
    return functional.mse_loss(drawn, image, reduction="sum")


def f1(x, x_hat):
    return torch.vmap(one)(x, x_hat)


def w1(x, x_hat):
    error = (x - x_hat).flatten(1)
    return error.norm(dim=1)


def w2(x, x_hat):
    x, x_hat = x.flatten(1), x_hat.flatten(1)
    return (x**2 - x_hat**2).sum(1)


def w3(x, x_hat):
    squares = (x - x_hat) ** 2
    per_image = squares.flatten(1).sum(1, keepdim=True)
    return per_image.squeeze()


def w4(x, x_hat):
    error = x.flatten(1)
    error -= x_hat.flatten(1)
    return (error**2).sum(1)


RIGHT = [
    f1,
]

WRONG = [
    (
        "takes the norm of the difference, and does not square it",
        "You take the square root: that",
        w1,
    ),
    (
        "subtracts the squares instead of squaring the difference",
        "You subtract squares: take the difference",
        w2,
    ),
    (
        "squeezes everything, so that a batch of one loses its dimension",
        "Right in the ordinary cases, but",
        w3,
    ),
    (
        "subtracts in place in a view of x, so that x is changed",
        "You change the input x in",
        w4,
    ),
]
