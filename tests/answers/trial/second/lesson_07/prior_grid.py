"""Answers to prior_grid, written blind."""

import math

import torch
from scipy.stats import norm
from torch.distributions import Normal


def code_by_code(n):
    codes = []
    for row in range(n):
        for column in range(n):
            z_1 = norm.ppf((column + 0.5) / n)
            z_2 = norm.ppf((n - row - 0.5) / n)
            codes.append([float(z_1), float(z_2)])
    return torch.tensor(codes)


def by_erfinv(size):
    odd = 2 * torch.arange(size, dtype=torch.float64) + 1  # 2 n u
    z = math.sqrt(2) * torch.erfinv(odd / size - 1)
    upper, right = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([right, upper], dim=2).reshape(-1, 2).float()


def ends_of_the_notebook(n):
    u = torch.linspace(0.05, 0.95, n)
    z = Normal(0.0, 1.0).icdf(u)
    z1 = z.repeat(n)
    z2 = z.flip(0).repeat_interleave(n)
    return torch.stack([z1, z2], dim=1)


def even_in_z(n):
    z = torch.linspace(-2.5, 2.5, n) if n > 1 else torch.zeros(1)
    z1 = z.repeat(n)
    z2 = z.flip(0).repeat_interleave(n)
    return torch.stack([z1, z2], dim=1)


def smallest_on_top(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    codes = []
    for z2 in z:
        for z1 in z:
            codes.append(torch.stack([z1, z2]))
    return torch.stack(codes)


def coordinates_exchanged(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    return torch.cartesian_prod(z.flip(0), z)


def n_plus_one(n):
    u = torch.arange(1, n + 1) / (n + 1)
    z = Normal(0.0, 1.0).icdf(u)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def mirrored_half(n):
    u = (torch.arange(n // 2) + 0.5) / n  # the lower half
    lower = Normal(0.0, 1.0).icdf(u)
    z = torch.cat([lower, -lower.flip(0)])
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


RIGHT = [
    code_by_code,
    by_erfinv,
]

WRONG = [
    (
        "takes the ends 0.05 and 0.95 of the notebook, right for n = 10 only",
        "Your probabilities go in equal steps,",
        ends_of_the_notebook,
    ),
    (
        "makes a grid that is even in z, not in probability",
        "The points are equally spaced from",
        even_in_z,
    ),
    (
        "puts the smallest z2 into the top row",
        "The picture is upside down: the",
        smallest_on_top,
    ),
    (
        "exchanges the coordinates: z1 changes from row to row",
        "The axes are swapped: in a",
        coordinates_exchanged,
    ),
    (
        "divides into n + 1 parts and takes their borders",
        "Your probabilities go in equal steps,",
        n_plus_one,
    ),
    (
        "mirrors the lower half, and loses the middle of odd n",
        r"Your result has shape \(",
        mirrored_half,
    ),
]
