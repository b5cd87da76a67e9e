"""Answers to prior_grid, written blind."""

import math

import numpy as np
import torch
from scipy.special import ndtri
from scipy.stats import norm
from torch.distributions import Normal

from course_lib import plotting

# ---------------------------------------------------------------- right


def with_meshgrid(n):
    z = Normal(0.0, 1.0).icdf((torch.arange(n) + 0.5) / n)
    rows, columns = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(n * n, 2)


def double_loop(n):
    codes = []
    for row in range(n):
        for column in range(n):
            right, up = (column + 0.5) / n, (n - row - 0.5) / n
            codes.append([float(ndtri(right)), float(ndtri(up))])
    return torch.tensor(codes)


def with_plane(n):
    if n == 1:
        return torch.zeros(1, 2)  # one cell, its middle
    ends = 0.5 / n, 1 - 0.5 / n
    return Normal(0.0, 1.0).icdf(plotting.plane(ends, ends, size=n))


def index_arithmetic(n):
    i = torch.arange(n * n, dtype=torch.float64)
    row, column = torch.div(i, n, rounding_mode="floor"), i % n
    u = torch.stack([(column + 0.5) / n, 1 - (row + 0.5) / n], dim=1)
    return (math.sqrt(2) * torch.special.erfinv(2 * u - 1)).float()


def numpy_tiles(n):
    z = norm.ppf((np.arange(n) + 0.5) / n)
    codes = np.column_stack([np.tile(z, n), np.repeat(z[::-1], n)])
    return torch.from_numpy(codes).float()


# ---------------------------------------------------------------- wrong


def borders(n):
    u = torch.linspace(0, 1, n)
    z = Normal(0.0, 1.0).icdf(u)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def even_in_z(n):
    z = torch.linspace(-2.5, 2.5, n)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def bottom_first(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    codes = []
    for z2 in z:
        for z1 in z:
            codes.append(torch.stack([z1, z2]))
    return torch.stack(codes)


def column_by_column(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    z1, z2 = torch.meshgrid(z, z.flip(0), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def root_two_missing(n):
    u = (torch.arange(n) + 0.5) / n
    z = torch.erfinv(2 * u - 1)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def ends_hard_coded(n):
    u = torch.linspace(0.05, 0.95, n)
    z = Normal(0.0, 1.0).icdf(u)
    return torch.cartesian_prod(z.flip(0), z).flip(1)


def ppoints(n):
    # R: qnorm(ppoints(n))
    a = 3 / 8 if n <= 10 else 1 / 2
    i = torch.arange(1, n + 1)
    u = (i - a) / (n + 1 - 2 * a)
    z = Normal(0.0, 1.0).icdf(u)
    return torch.cartesian_prod(z.flip(0), z).flip(1)


def numpy_array(n):
    u = (np.arange(n) + 0.5) / n
    z = norm.ppf(u)
    z1, z2 = np.meshgrid(z, z[::-1])
    return np.stack([z1.ravel(), z2.ravel()], axis=1)


def not_flattened(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    z1, z2 = torch.meshgrid(z, z.flip(0), indexing="xy")
    return torch.stack([z1, z2], dim=-1)


def clamped(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    z = z.clamp(-2, 2)  # keep away from the tails
    return torch.cartesian_prod(z.flip(0), z).flip(1)


def returns_too_early(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    codes = []
    for z2 in reversed(z):
        for z1 in z:
            codes.append(torch.stack([z1, z2]))
        return torch.stack(codes)


def random_codes(n):
    z = torch.randn(n * n, 2)
    order = z[:, 1].argsort(descending=True)
    return z[order]


RIGHT = [
    with_meshgrid,
    double_loop,
    with_plane,
    index_arithmetic,
    numpy_tiles,
]

WRONG = [
    (
        "the borders 0...1 instead of the middles: infinite codes",
        "The ends are infinite:",
        borders,
    ),
    (
        "a grid that is even in z, not in probability",
        "The points are equally spaced from",
        even_in_z,
    ),
    (
        "the smallest z_2 in the top row",
        "The picture is upside down: the",
        bottom_first,
    ),
    (
        "column by column instead of row by row",
        "The axes are swapped: in a",
        column_by_column,
    ),
    (
        "erfinv without the factor sqrt(2)",
        "The places are too small by",
        root_two_missing,
    ),
    (
        "the notebook's ends 0.05 and 0.95, right for n = 10 only",
        "Your probabilities go in equal steps,",
        ends_hard_coded,
    ),
    (
        "R's ppoints: other quantiles up to n = 10",
        "Your probabilities go in equal steps,",
        ppoints,
    ),
    ("returns a NumPy array", "You return a NumPy array: stay", numpy_array),
    ("the shape (n, n, 2)", r"Your result has shape \(", not_flattened),
    (
        "cuts the codes at -2 and 2: wrong for large n",
        "The outermost codes are cut off:",
        clamped,
    ),
    (
        "returns inside the loop, after the first row",
        "There is one row of the",
        returns_too_early,
    ),
    (
        "random codes instead of the grid",
        "You draw codes at random: the",
        random_codes,
    ),
]
