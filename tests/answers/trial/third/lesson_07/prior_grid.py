"""Answers to prior_grid, written blind."""

import torch
from scipy.special import ndtri
from torch.distributions import Normal


def code_by_code(side):
    codes = []
    for row in range(side):
        for column in range(side):
            across = ndtri((column + 0.5) / side)
            up = -ndtri((row + 0.5) / side)
            codes.append([float(across), float(up)])
    return torch.tensor(codes)


def even_in_z(n):
    z = torch.linspace(-2.5, 2.5, n)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def ends_of_ten(n):
    u = torch.linspace(0.05, 0.95, n)
    z = Normal(0.0, 1.0).icdf(u)
    z2, z1 = torch.meshgrid(z.flip(0), z, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def smallest_on_top(n):
    u = (torch.arange(n) + 0.5) / n
    z = Normal(0.0, 1.0).icdf(u)
    pairs = torch.cartesian_prod(z, z)  # (z2, z1)
    return pairs.flip(1)


def borders_not_middles(n):
    u = torch.arange(1, n + 1) / (n + 1)
    z = Normal(0.0, 1.0).icdf(u)
    codes = []
    for z2 in z.flip(0):
        for z1 in z:
            codes.append(torch.stack([z1, z2]))
    return torch.stack(codes)


RIGHT = [
    code_by_code,
]

WRONG = [
    (
        "spaces the codes evenly in z, not in probability",
        "The points are equally spaced from",
        even_in_z,
    ),
    (
        "hard-codes the ends 0.05 and 0.95 of the notebook's ten parts",
        "Your probabilities go in equal steps,",
        ends_of_ten,
    ),
    (
        "puts the smallest z2 in the top row",
        "The picture is upside down: the",
        smallest_on_top,
    ),
    (
        "takes the n borders between n + 1 parts instead of the middles of n parts",
        "Your probabilities go in equal steps,",
        borders_not_middles,
    ),
]
