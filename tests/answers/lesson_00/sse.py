"""Answers to sse, in forms that learners write."""

import torch
import torch.nn.functional as F


def sse_loop(x, x_hat):
    errors = []
    for image, other in zip(x, x_hat, strict=True):
        errors.append(sum((a - b) @ (a - b) for a, b in rows(image, other)))
    return torch.stack(errors)


def rows(image, other):
    return zip(
        image.flatten(0, -2), other.flatten(0, -2), strict=True
    )  # row by row


RIGHT = [
    lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).sum(1),
    lambda x, x_hat: (x_hat - x).pow(2).reshape(len(x), -1).sum(-1),
    lambda x, x_hat: (
        ((x - x_hat) ** 2).flatten(1).sum(1, keepdim=True)  # (B, 1)
    ),
    lambda x, x_hat: ((x - x_hat) ** 2).sum(tuple(range(1, x.ndim))),
    lambda x, x_hat: (
        F.mse_loss(x_hat, x, reduction="none").flatten(1).double().sum(1)
    ),
    lambda x, x_hat: torch.einsum(
        "bd,bd->b", (x - x_hat).flatten(1), (x - x_hat).flatten(1)
    ),
    lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).mean(1) * x[0].numel(),
    sse_loop,
]


def all_pairs_loop(x, x_hat):
    each = [((image - x_hat) ** 2).flatten(1).sum(1) for image in x]
    return torch.stack(each)


WRONG = [
    ("average over pixels", lambda x, y: ((x - y) ** 2).mean((1, 2, 3))),
    ("average over pixels", lambda x, y: F.mse_loss(y, x)),
    (
        "average over pixels",
        lambda x, y: torch.stack(
            [F.mse_loss(b, a) for a, b in zip(x, y, strict=True)]
        ),
    ),
    ("reduce the batch", lambda x, y: ((x - y) ** 2).sum()),
    ("reduce the batch", lambda x, y: ((x - y) ** 2).sum().item()),
    ("reduce the batch", lambda x, y: F.mse_loss(y, x, reduction="sum")),
    (
        "reduce the batch",
        lambda x, y: ((x - y) ** 2).flatten(1).sum(1).mean(),
    ),
    ("square is missing", lambda x, y: (x - y).sum((1, 2, 3))),
    ("square is missing", lambda x, y: (y - x).flatten(1).sum(1)),
    (
        "square is missing",
        lambda x, y: F.l1_loss(x, y, reduction="none").sum((1, 2, 3)),
    ),
    ("square the sum", lambda x, y: (x - y).sum((1, 2, 3)) ** 2),
    ("square root", lambda x, y: ((x - y) ** 2).sum((1, 2, 3)).sqrt()),
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
]
