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


def grid_of_pictures(n):
    codes = torch.zeros(n, n, 2, dtype=torch.float64)
    normal = Normal(torch.tensor(0.0).double(), 1)
    for row in range(n):
        for column in range(n):
            right = torch.tensor((column + 0.5) / n)
            up = torch.tensor((n - 1 - row + 0.5) / n)
            codes[row, column, 0] = normal.icdf(right)
            codes[row, column, 1] = normal.icdf(up)
    return codes.view(n * n, 2)


def grid_of_the_solution(n):
    places = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    return torch.cartesian_prod(places.flip(0), places).flip(1)


RIGHT = [
    grid_usual,
    grid_loop,
    grid_erfinv,
    grid_of_pictures,
    grid_of_the_solution,
]


def product(places):
    """Second coordinates down, first ones to the right."""
    return torch.cartesian_prod(places.flip(0), places).flip(1)


def quantiles(n):
    return Normal(0.0, 1.0).icdf((torch.arange(n) + 0.5) / n)


WRONG = [
    (
        "equally spaced from -3 to 3",
        lambda n: product(torch.linspace(-3, 3, n)),
    ),
    (
        "equally spaced from -1.64 to 1.64",
        lambda n: torch.cartesian_prod(*[torch.linspace(-1.64, 1.64, n)] * 2),
    ),
    ("return probabilities", lambda n: product((torch.arange(n) + 0.5) / n)),
    ("return probabilities", lambda n: product(torch.linspace(0, 1, n))),
    (
        "ends are infinite",
        lambda n: grid_erfinv(n, torch.linspace(0, 1, n)),
    ),
    ("One end", lambda n: grid_erfinv(n, torch.arange(n) / n)),
    ("One end", lambda n: grid_erfinv(n, torch.arange(1, n + 1) / n)),
    (
        "for n = 5 from 0.167 on",
        lambda n: grid_erfinv(n, torch.arange(1, n + 1) / (n + 1)),
    ),
    (
        "for n = 5 from 0.05 on",
        lambda n: grid_erfinv(n, torch.linspace(0.05, 0.95, n)),
    ),
    (
        "Cutting",
        lambda n: grid_erfinv(n, torch.linspace(0, 1, n).clamp(1e-3, 0.999)),
    ),
    ("axes are swapped", lambda n: grid_erfinv(n, order="rows columns")),
    ("axes are swapped", lambda n: torch.cartesian_prod(*[quantiles(n)] * 2)),
    (
        "axes are swapped",
        lambda n: (
            grid_usual(n).reshape(n, n, 2).transpose(0, 1).reshape(-1, 2)
        ),
    ),
    ("upside down", lambda n: grid_usual(n) * torch.tensor([1, -1])),
    (
        "upside down",
        lambda n: torch.cartesian_prod(*[quantiles(n)] * 2).flip(1),
    ),
    ("Right is left", lambda n: grid_usual(n) * torch.tensor([-1, 1])),
    ("turned by half", lambda n: grid_usual(n).flip(0)),
    (
        "distribution function itself",
        lambda n: product(Normal(0.0, 1.0).cdf((torch.arange(n) + 0.5) / n)),
    ),
    ("root of 2", lambda n: grid_usual(n) / math.sqrt(2)),
    (
        "from -1 to 1",
        lambda n: product(torch.erfinv((torch.arange(n) + 0.5) / n)),
    ),
    ("logistic", lambda n: product(((torch.arange(n) + 0.5) / n).logit())),
    ("are equal", lambda n: grid_usual(n)[:, :1].expand(-1, 2)),
    (
        "equal steps, for n = 5 from 1",
        lambda n: grid_erfinv(n, torch.linspace(1e-6, 1 - 1e-6, n)),
    ),
    ("at random", lambda n: torch.randn(n * n, 2)),
    (r"shape \(5, 5, 2\)", lambda n: grid_usual(n).reshape(n, n, 2)),
    ("transposed", lambda n: grid_usual(n).T),
    (r"shape \(5, 2\)", lambda n: torch.stack([quantiles(n)] * 2, 1)),
    ("tuple of length 2", lambda n: tuple(grid_usual(n).T)),
    ("NumPy", lambda n: grid_usual(n).numpy()),
]
