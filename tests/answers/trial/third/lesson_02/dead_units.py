"""Answers to dead_units, written blind."""

K = 392  # the notebook's number of units


def f1(codes):
    used = codes.nonzero()[:, 1].unique()
    return codes.shape[1] - used.numel()


def w1(z):
    return int((z > 0).sum(0).eq(0).sum())


def w2(z):
    zero = z == 0
    return int(zero.any(0).sum())


def w3(z):
    strongest = z.abs().amax(0)
    return int((strongest < 0.02).sum())


def w4(z):
    alive = (z != 0).any(0).sum()
    return K - int(alive)


RIGHT = [
    f1,
]

WRONG = [
    (
        "copies the lesson's z > 0: negative units count as dead",
        "A unit with negative codes is",
        w1,
    ),
    (
        "counts units that are 0 for some image",
        "You count the units that are",
        w2,
    ),
    (
        "counts units below the lesson's threshold of 0.02 as dead",
        "A threshold on the size is",
        w3,
    ),
    (
        "subtracts from the notebook's K, not from the columns of z",
        "Your function reads K from the",
        w4,
    ),
]
