"""Answers to sse, written blind."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# ---- right -----------------------------------------------------------------


def one_line(x, x_hat):
    return (x - x_hat).square().flatten(1).sum(1)


def image_by_image(x, x_hat):
    errors = []
    for image, drawn in zip(x, x_hat):
        errors.append(((image - drawn) ** 2).sum())
    return torch.stack(errors)


def with_mse_loss(x, x_hat):
    each = nn.MSELoss(reduction="none")(x_hat, x)
    other_dims = tuple(range(1, x.dim()))
    return each.sum(dim=other_dims)


def with_einsum(target, output):
    diff = (target - output).reshape(target.shape[0], -1)
    return torch.einsum("bi,bi->b", diff, diff)


def by_normal(x, x_hat):
    # log N(x; x_hat, I) = -D/2 log 2pi - 1/2 ||x - x_hat||^2
    a, b = x.double().flatten(1), x_hat.double().flatten(1)
    normal = torch.distributions.Normal(b, torch.ones_like(b))
    logp = normal.log_prob(a).sum(1)
    D = a.shape[1]
    return (-2 * logp - D * math.log(2 * math.pi)).to(x.dtype)


# ---- wrong -----------------------------------------------------------------


def mean_pixels(x, x_hat):
    err = (x - x_hat) ** 2
    err = err.reshape(len(x), -1)
    return err.mean(dim=1)


def batch_mean(x, x_hat):
    B = x.shape[0]
    total = F.mse_loss(x_hat, x, reduction="sum")
    return total / B


def norm_not_squared(x, x_hat):
    diff = x.flatten(1) - x_hat.flatten(1)
    return torch.linalg.norm(diff, dim=1)


def matlab_sum(x, x_hat):
    d = (x - x_hat).flatten(1)
    return torch.sum(d**2, 0)


def keras_last_axis(y_true, y_pred):
    return torch.sum(torch.square(y_pred - y_true), dim=-1)


def square_of_sum(x, x_hat):
    diff = (x - x_hat).flatten(1)
    s = diff.sum(1)
    return s**2


def times_784(x, x_hat):
    mse = F.mse_loss(x_hat, x, reduction="none").flatten(1).mean(1)
    return 784 * mse  # mse_loss is 784 times smaller


def early_return(x, x_hat):
    errors = []
    for b in range(x.shape[0]):
        e = (x[b] - x_hat[b]).pow(2).sum()
        errors.append(e)
        return torch.stack(errors)


def squeezed(x, x_hat):
    diff = (x - x_hat).flatten(1)
    sq = torch.sum(diff * diff, dim=1, keepdim=True)
    return sq.squeeze()


def clipped(x, x_hat):
    x_hat = torch.clamp(x_hat, 0.0, 1.0)  # pixels!
    return (x_hat - x).square().flatten(1).sum(1)


def in_place(x, x_hat):
    x_hat -= x
    return (x_hat**2).flatten(1).sum(1)


def to_numpy(x, x_hat):
    x = x.detach().cpu().numpy()
    x_hat = x_hat.detach().cpu().numpy()
    diff = (x - x_hat).reshape(len(x), -1)
    return (diff**2).sum(axis=1)


RIGHT = [
    one_line,
    image_by_image,
    with_mse_loss,
    with_einsum,
    by_normal,
]

WRONG = [
    (
        "averages over the pixels instead of summing",
        "You average over the pixels: sum",
        mean_pixels,
    ),
    (
        "takes the mean over the batch too, so returns one number",
        "You average over the batch: that",
        batch_mean,
    ),
    (
        "returns the distance: forgets to square the norm",
        "You take the square root: that",
        norm_not_squared,
    ),
    (
        "sums over the batch (first axis), as MATLAB's sum does",
        "You sum over the batch, dimension",
        matlab_sum,
    ),
    (
        "sums over the last axis only, as Keras losses do",
        "You sum over some of an",
        keras_last_axis,
    ),
    (
        "squares the sum of the differences instead of summing the squares",
        "You sum first and square the",
        square_of_sum,
    ),
    (
        "hard-codes 784 pixels: mean over pixels times 784",
        "Right in the ordinary cases, but",
        times_784,
    ),
    (
        "returns inside the loop, after the first image",
        r"Your result has shape \(",
        early_return,
    ),
    (
        "squeezes the result: a batch of one loses its dimension",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "clips the reconstruction to [0, 1] first",
        "Right in the ordinary cases, but",
        clipped,
    ),
    ("changes x_hat in place", "You change the input x_hat in", in_place),
    (
        "computes in NumPy: returns an array, without gradient",
        "You return a NumPy array: stay",
        to_numpy,
    ),
]
