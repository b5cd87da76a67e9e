"""Answers to dead_units, written blind."""


def by_loops(z):
    count = 0
    for unit in zip(*z.tolist()):
        if all(value == 0 for value in unit):
            count += 1
    return count


def by_places(codes):
    units = codes.nonzero(as_tuple=True)[1]  # the column of each entry not 0
    return codes.shape[1] - units.unique().numel()


def sum_is_zero(z):
    total = z.sum(0)
    return int((total == 0).sum())


def positive_only(z):
    alive = (z > 0).any(0)
    return int((~alive).sum())


def below_threshold(z):
    active = z.abs() > 0.02
    return int(active.sum(0).eq(0).sum())


def zero_somewhere(z):
    dead = (z == 0).any(dim=0)
    return dead.sum().item()


K = 392  # the notebook's


def of_392(z):
    alive = (z != 0).any(0).sum()
    return K - int(alive)


def silent_images(z):
    dead = (z == 0).all(dim=1)
    return int(dead.sum())


RIGHT = [
    by_loops,
    by_places,
]

WRONG = [
    (
        "tests whether a unit's sum is 0: signs cancel",
        "You look at a unit's sum",
        sum_is_zero,
    ),
    (
        "takes negative units for dead",
        "A unit with negative codes is",
        positive_only,
    ),
    (
        "calls a unit dead below the threshold 0.02",
        "A threshold on the size is",
        below_threshold,
    ),
    (
        "counts units that are 0 for some image",
        "You count the units that are",
        zero_somewhere,
    ),
    (
        "subtracts from the notebook's K = 392",
        "Your function reads K from the",
        of_392,
    ),
    (
        "counts images without an active unit",
        "You count images for which all",
        silent_images,
    ),
]
