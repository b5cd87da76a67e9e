"""Lesson 06: the KL of a code to the prior, and its wrong forms."""

from functools import partial
from itertools import combinations

from course_lib.checks import sentences

_TERMS = ("square", "var", "one", "log")


def rate(mu, logvar, square=1.0, var=1.0, one=1.0, log=1.0, power=1.0):
    """The KL to N(0, I) in nats (B,), a factor at each of its terms."""
    terms = square * mu**2 + var * (power * logvar).exp() - one - log * logvar
    return 0.5 * terms.sum(1)


def _with(**factors):
    return partial(rate, **factors)


def _some(factor, *sizes):
    """A factor at some of the terms: all choices of so many of them."""
    return [
        _with(**dict.fromkeys(chosen, factor))
        for size in sizes
        for chosen in combinations(_TERMS, size)
        if (factor, chosen) != (2, ("log",))  # has a sentence of its own
    ]


def _mean(f):
    """The rate with f(mu) in place of the sum of mu^2."""
    return lambda mu, logvar: rate(mu, logvar, square=0) + 0.5 * f(mu)


def _variance(f):
    """The rate with f(logvar) in place of the variance."""
    return lambda mu, logvar: rate(mu, logvar, var=0) + 0.5 * f(logvar).sum(1)


def _log(f):
    """The rate with f(logvar) in place of logvar."""
    return lambda mu, logvar: rate(mu, logvar, log=0) - 0.5 * f(logvar).sum(1)


_HALVES = {
    sentences.HALF_MISSING: [lambda mu, logvar: 2 * rate(mu, logvar)],
    "The factor 1/2 is applied twice.": [
        lambda mu, logvar: 0.5 * rate(mu, logvar)
    ],
    "The factor 1/2 stands at some of the four terms only: all have it.": (
        _some(2, 1, 2, 3)
    ),
    "One of the terms is halved twice.": [
        _with(square=0.5),
        _with(var=0.5),
        _with(one=0.5),
    ],
    "The log variance is counted twice: logvar is log sigma^2, not log "
    "sigma.": [_with(log=2)],
    "You subtract log sigma in place of log sigma^2.": [_with(log=0.5)],
}

_OTHERS = {
    "The -1 is missing: the KL of the prior to itself has to be 0.": [
        _with(one=0)
    ],
    "The 1 is subtracted once: every latent has its own.": [
        lambda mu, logvar: rate(mu, logvar, one=0) - 0.5,
        lambda mu, logvar: rate(mu, logvar, one=0) - 1,
    ],
    "The 1 is added: the KL of the prior to itself has to be 0.": [
        _with(one=-1)
    ],
    "mu^2 has the wrong sign: a code far from 0 has to cost more.": [
        _with(square=-1)
    ],
    "The variance has the wrong sign: a q that is wider than the prior has "
    "to cost more.": [_with(var=-1)],
    "You add the log variance: subtract it, so that precision has a price.": [
        _with(log=-1)
    ],
    "More than one of the four terms has the wrong sign: the KL is 0 at the "
    "prior, and 1/2 at mu = 1, logvar = 0.": _some(-1, 2, 3),
    "You take logvar for log sigma: it is log sigma^2.": [
        lambda mu, logvar: rate(mu, 2 * logvar)
    ],
    "You take logvar for sigma: it is log sigma^2, any real number.": [
        lambda mu, s: 0.5 * (mu**2 + s**2 - 1 - (s**2).log()).sum(1),
        lambda mu, s: 0.5 * (mu**2 + s**2 - 1 - 2 * s.log()).sum(1),
        lambda mu, s: 0.5 * (mu**2 + s**2 - 1 - s.log()).sum(1),
        _variance(lambda s: s**2),
    ],
    "You square exp(logvar), which is the variance already.": [_with(power=2)],
    sentences.SIGMA_FOR_VARIANCE: [
        _with(power=0.5),
        _with(power=0.5, log=0.5),
    ],
    "The variance and its logarithm cancel in your result: one of them is "
    "exp(logvar), the other logvar.": [_variance(lambda logvar: logvar)],
    "The sign of an exponent is turned: exp(-logvar) is 1 / sigma^2.": [
        _with(power=-1)
    ],
    "You take the logarithm of logvar, which is the logarithm already.": [
        _log(lambda logvar: logvar.log())
    ],
    "The variance is missing: then the widest q is the cheapest.": [
        _with(var=0)
    ],
    "The log variance is missing: then the narrowest q is the cheapest.": [
        _with(log=0),
        _with(log=0, one=0),
    ],
    "Only mu is priced: a q of any width costs the same.": [
        _with(var=0, one=0, log=0),
        _with(var=0, one=0, log=0, square=2),
    ],
    "mu^2 is missing: a code far from 0 costs nothing.": [_with(square=0)],
    "mu is not squared.": [
        _mean(lambda mu: mu.sum(1)),
        _mean(lambda mu: mu.abs().sum(1)),
        _mean(lambda mu: mu.norm(dim=1)),
    ],
    "mu^2 is divided by q's variance: here the prior's, 1, is the unit.": [
        lambda mu, logvar: (
            rate(mu, logvar, square=0) + 0.5 * (mu**2 / logvar.exp()).sum(1)
        )
    ],
    "You square the sum of mu: sum the squares.": [
        _mean(lambda mu: mu.sum(1) ** 2)
    ],
    "mu and logvar have changed places.": [
        lambda mu, logvar: rate(logvar, mu)
    ],
    sentences.LATENT_MEAN: [lambda mu, logvar: rate(mu, logvar) / mu.shape[1]],
    sentences.KL_REVERSED: [
        lambda mu, logvar: (
            0.5 * ((1 + mu**2) / logvar.exp() - 1 + logvar).sum(1)
        )
    ],
    "Only the first latent counts: does return stand inside a loop?": [
        lambda mu, logvar: rate(mu[:, :1], logvar[:, :1])
    ],
    "Only the last latent counts: is the sum overwritten in a loop?": [
        lambda mu, logvar: rate(mu[:, -1:], logvar[:, -1:])
    ],
}


def _doubled(f):
    return lambda mu, logvar: 2 * f(mu, logvar)


# Of two mistakes, one of them the missing 1/2, the other is named first.
WRONG_RATES = _HALVES | {
    sentence: [*wrong, *map(_doubled, wrong)]
    for sentence, wrong in _OTHERS.items()
}
