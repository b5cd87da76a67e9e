"""Answers to dead_units, written blind."""

import torch

# ---- right -----------------------------------------------------------------


def one_line(z):
    return (z == 0).all(0).sum()


def column_by_column(z):
    dead = 0
    for j in range(z.shape[1]):
        if all(value == 0 for value in z[:, j].tolist()):
            dead += 1
    return dead


def largest_absolute(codes):
    return int((codes.abs().amax(dim=0) == 0).sum())


def those_that_fire(z):
    places = z.nonzero()  # (image, unit) of each entry that is not 0
    return z.shape[1] - places[:, 1].unique().numel()


def by_counts(z):
    N, K = z.shape
    fired = torch.count_nonzero(z, dim=0).clamp(max=1)
    return (K - torch.einsum("m->", fired)).item()


# ---- wrong -----------------------------------------------------------------


def mean_is_zero(z):
    rate = z.mean(0)
    return (rate == 0).sum()


def only_positive(z):
    active = (z > 0).sum(0)
    return int(active.eq(0).sum())


def tolerance(z):
    dead = (z.abs() < 1e-3).all(dim=0)
    return int(dead.sum())


def dead_images(z):
    dead = torch.all(z == 0, dim=1)
    return int(dead.sum())


def once_zero(z):
    zero = (z == 0).any(dim=0)
    return int(zero.sum())


def the_living(z):
    used = (z != 0).any(dim=0)
    return int(used.sum())


def share(z):
    dead = (z == 0).all(0)
    return dead.float().mean()


def which(z):
    dead = (z == 0).all(0)
    return torch.where(dead)[0]


def early_return(z):
    count = 0
    for unit in z.T:
        if torch.all(unit == 0):
            count += 1
        return count


def constant(z):
    lo, hi = z.min(dim=0).values, z.max(dim=0).values
    return int((hi - lo == 0).sum())


def ten_thousand(z):
    zeros = (z == 0).sum(0)
    return int((zeros == 10_000).sum())


def in_place(z):
    total = z.abs_().sum(dim=0)
    return int((total == 0).sum())


RIGHT = [
    one_line,
    column_by_column,
    largest_absolute,
    those_that_fire,
    by_counts,
]

WRONG = [
    (
        "tests whether the mean is 0: signs can cancel",
        "You look at a unit's sum",
        mean_is_zero,
    ),
    (
        "counts units that are never positive, so also negative ones",
        "A unit with negative codes is",
        only_positive,
    ),
    (
        "takes entries below 0.001 for 0",
        "A threshold on the size is",
        tolerance,
    ),
    (
        "counts images whose codes are all 0: the wrong axis",
        "You count images for which all",
        dead_images,
    ),
    (
        "counts units that are 0 for at least one image: any for all",
        "You count the units that are",
        once_zero,
    ),
    ("counts the living", r"You count the living units\.", the_living),
    (
        "returns the share of dead units",
        "You return a share; return the",
        share,
    ),
    (
        "returns which units are dead, not how many",
        r"Your result has shape \(",
        which,
    ),
    (
        "returns inside the loop, after the first unit",
        "You look at one unit only:",
        early_return,
    ),
    (
        "counts units that are constant, also at another number",
        "You look for units that never",
        constant,
    ),
    (
        "hard-codes the notebook's 10,000 images",
        "Your code has the number",
        ten_thousand,
    ),
    ("takes absolute values in place", "You change the input z in", in_place),
]
