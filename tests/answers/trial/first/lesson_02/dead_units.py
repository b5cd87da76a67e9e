"""Answers to dead_units, written blind."""

import torch

# ---- right -----------------------------------------------------------------


def one_line(h):
    return (h == 0).all(0).sum()


def column_by_column(h):
    dead = 0
    for j in range(h.shape[1]):
        if all(value == 0 for value in h[:, j].tolist()):
            dead += 1
    return dead


def largest_absolute(codes):
    return int((codes.abs().amax(dim=0) == 0).sum())


def those_that_fire(h):
    places = h.nonzero()  # (image, unit) of each entry that is not 0
    return h.shape[1] - places[:, 1].unique().numel()


def by_counts(h):
    N, M = h.shape
    fired = torch.count_nonzero(h, dim=0).clamp(max=1)
    return (M - torch.einsum("m->", fired)).item()


# ---- wrong -----------------------------------------------------------------


def mean_is_zero(h):
    rate = h.mean(0)
    return (rate == 0).sum()


def only_positive(h):
    active = (h > 0).sum(0)
    return int(active.eq(0).sum())


def tolerance(h):
    dead = (h.abs() < 1e-3).all(dim=0)
    return int(dead.sum())


def dead_images(h):
    dead = torch.all(h == 0, dim=1)
    return int(dead.sum())


def once_zero(h):
    zero = (h == 0).any(dim=0)
    return int(zero.sum())


def the_living(h):
    used = (h != 0).any(dim=0)
    return int(used.sum())


def share(h):
    dead = (h == 0).all(0)
    return dead.float().mean()


def which(h):
    dead = (h == 0).all(0)
    return torch.where(dead)[0]


def early_return(h):
    count = 0
    for unit in h.T:
        if torch.all(unit == 0):
            count += 1
        return count


def constant(h):
    lo, hi = h.min(dim=0).values, h.max(dim=0).values
    return int((hi - lo == 0).sum())


def ten_thousand(h):
    zeros = (h == 0).sum(0)
    return int((zeros == 10_000).sum())


def in_place(h):
    total = h.abs_().sum(dim=0)
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
    ("takes absolute values in place", "You change the input h in", in_place),
]
