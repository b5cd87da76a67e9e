"""Lesson 08: a Gaussian's -log p, and other things in place of its terms."""

from functools import partial
from itertools import product
from math import log, pi

from torch.distributions import Normal

from course_lib.checks.sentences import HALF_MISSING


def terms(x, mean, v, square=0.5, log_=0.5, constant=0.5, s2=None):
    """The three terms with their factors; s2: what divides the square."""
    scaled = (x - mean) ** 2 / (v.exp() if s2 is None else s2)
    return square * scaled + log_ * v + constant * log(2 * pi)


def nll(x, mean, v, **changes):
    return terms(x, mean, v, **changes).flatten(1).sum(1)


def with_(**changes):
    return partial(nll, **changes)


def counted(number):
    """Log sigma^2 and constant are added number(x) times an image."""
    return lambda x, m, v: (
        nll(x, m, v, log_=0, constant=0) + 0.5 * number(x) * (v + log(2 * pi))
    )


def by_pixel(square):
    """Another number in place of a pixel's squared error."""
    return lambda x, m, v: (
        (0.5 * square(x - m) / v.exp() + terms(x, m, v, square=0))
        .flatten(1)
        .sum(1)
    )


def by_image(square):
    """Another number in place of an image's squared error."""
    return lambda x, m, v: (
        0.5 * square((x - m).flatten(1)) / v.exp() + nll(x, m, v, square=0)
    )


def by_normal(sigma):
    """From torch, which raises an error where sigma is not positive."""
    return lambda x, m, v: -Normal(m, sigma(v)).log_prob(x).flatten(1).sum(1)


# What to say of the terms' factors, where they are not 1/2.
FACTORS = {
    "square": {
        1: "The square's term is twice as large as it should be.",
        0.25: "The square's term is half as large as it should be: the 1/2 "
        "belongs to it once.",
        0: "The squared error is missing.",
        -0.5: "The sign of the square's term is turned.",
    },
    "log_": {
        1: "The term with log sigma^2 is twice as large as it should be: the "
        "1/2 is for log sigma^2, and log_sigma2 is that.",
        0.25: "The term with log sigma^2 is half as large as it should be: "
        "the 1/2 is for log sigma^2, not for log sigma.",
        0: "The term with log sigma^2 is missing: a learned sigma would grow "
        "without end.",
        -0.5: "The sign of the term with log sigma^2 is turned: a larger "
        "sigma makes it larger.",
    },
    "constant": {
        1: "The constant with log(2 pi) is twice as large as it should be.",
        0: "The constant with log(2 pi) is missing: then it is not minus the "
        "log of a density.",
        -0.5: "The sign of the constant with log(2 pi) is turned.",
    },
}
# What all three come to.
COMMON = {
    (1, 1, 1): HALF_MISSING,
    (1, 1, 0): f"{HALF_MISSING}\n{FACTORS['constant'][0]}",
    (-0.5, -0.5, -0.5): "The sign is turned: this is the log-density. Return "
    "minus it.",
}


def factors_gone_wrong():
    """A sentence for ways in which one factor is wrong, or several."""
    named = {}
    for factors in product(*([0.5, *said] for said in FACTORS.values())):
        changed = dict(zip(FACTORS, factors, strict=True))
        said = [FACTORS[t][f] for t, f in changed.items() if f != 0.5]
        if len(said) in (1, 2) or factors in COMMON:
            sentence = COMMON.get(factors, "\n".join(said))
            named[sentence] = with_(**changed)
    return named
