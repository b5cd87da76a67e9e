"""Answers to prior_grid, in forms that learners write."""

import math
from statistics import NormalDist

import torch
from torch.distributions import Normal


def grid_usual(n):
    shares = (torch.arange(n) + 0.5) / n
    places = Normal(0.0, 1.0).icdf(shares)
    rows, columns = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2)


def grid_loop(n):
    places = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]
    pairs = [(right, up) for up in reversed(places) for right in places]
    return torch.tensor(pairs)


def grid_erfinv(n, shares=None, order="columns rows"):
    if shares is None:
        shares = torch.linspace(0.5 / n, 1 - 0.5 / n, n)
    places = math.sqrt(2) * torch.erfinv(2 * shares - 1)
    axes = {
        "columns": places.repeat(n),
        "rows": places.flip(0).repeat_interleave(n),
    }
    return torch.stack([axes[name] for name in order.split()], 1)


RIGHT = [grid_usual, grid_loop, grid_erfinv]

WRONG = [
    (
        "equally spaced",
        lambda n: torch.cartesian_prod(
            torch.linspace(3, -3, n), torch.linspace(-3, 3, n)
        ).flip(1),
    ),
    (
        "return probabilities",
        lambda n: torch.cartesian_prod(
            (torch.arange(n).flip(0) + 0.5) / n,
            (torch.arange(n) + 0.5) / n,
        ).flip(1),
    ),
    (
        "ends are infinite",
        lambda n: grid_erfinv(n, torch.linspace(0, 1, n)),
    ),
    ("One end", lambda n: grid_erfinv(n, torch.arange(n) / n)),
    (
        "middles of n",
        lambda n: grid_erfinv(n, torch.arange(1, n + 1) / (n + 1)),
    ),
    ("axes are swapped", lambda n: grid_erfinv(n, order="rows columns")),
    ("upside down", lambda n: grid_usual(n) * torch.tensor([1, -1])),
    ("Right is left", lambda n: grid_usual(n) * torch.tensor([-1, 1])),
    ("shape", lambda n: grid_usual(n).reshape(n, n, 2)),
]
