"""Lesson 06: the gradient around a sample, by the score."""

from functools import partial
from math import log, pi

import torch

from course_lib.checks import sentences
from course_lib.checks.exercise import Exercise


def _samples(generator):
    for n, mu, sigma in [(5, 0.7, 0.6), (6, -0.3, 1.8), (7, 1.4, 1.3)]:
        z = mu + sigma * torch.randn(n, generator=generator)
        yield {"mu": mu, "sigma": sigma, "z": z}
    one = 0.5 + torch.randn(1, generator=generator)
    yield "for one sample alone", {"mu": 0.5, "sigma": 1.2, "z": one}
    spread = torch.linspace(-3, 3, 6)
    yield (
        "where mu is 0 and sigma is 1",
        {"mu": 0.0, "sigma": 1.0, "z": spread},
    )
    yield "at z = mu", {"mu": 2.0, "sigma": 0.5, "z": torch.full((2,), 2.0)}


def _f(z):
    """Any function will do; this one has a jump, a slope and both signs."""
    return 2.0 * (z > 0.5) + torch.sin(z) - 0.7


def _estimates(score_grad, mu, sigma, z):
    return score_grad(_f, mu, sigma, z)


def _score_grad(f, mu, sigma, z, power=2.0):
    return f(z) * (z - mu) / sigma**power


def _with_power(power):
    """Another power of sigma, with the right sign or not."""
    right = partial(_score_grad, power=power)
    return [right, lambda *inputs: -right(*inputs)]


def _times(g):
    """f(z) times another function of mu, sigma and z."""
    return lambda f, mu, sigma, z: f(z) * g(mu, sigma, z)


def _log_q(mu, sigma, z):
    return -0.5 * log(2 * pi) - log(sigma) - (z - mu) ** 2 / (2 * sigma**2)


def _density(mu, sigma, z):
    return _log_q(mu, sigma, z).exp()


score_grad = Exercise(
    """score_grad(f, mu, sigma, z) -> (n,): one estimate for each sample.

    f: any function of z, (n,) -> (n,); mu, sigma: floats; z: (n,), samples
    of N(mu, sigma^2). The estimated derivative is that of E[f(z)] by mu.
    """,
    cases=_samples,
    experiment=_estimates,
    answer=_score_grad,
    mistakes={
        "f is missing: you return the score alone, whose mean is 0.": (
            lambda f, *rest: _score_grad(torch.ones_like, *rest)
        ),
        "The score is missing: you return f(z), whose mean is the "
        "expectation, not its derivative.": lambda f, mu, sigma, z: f(z),
        sentences.SIGMA_FOR_VARIANCE: _with_power(1),
        "You divide by sigma^3, as in the derivative by sigma: asked is that "
        "by mu.": _with_power(3),
        "You square the variance: sigma is the standard deviation, and "
        "its square the variance.": _with_power(4),
        "You take the root of sigma: it is the standard deviation, and its "
        "square belongs here.": _with_power(0.5),
        "The variance is missing: the score is in units of 1 / z.": (
            _with_power(0)
        ),
        "You multiply by the variance: divide by it.": _with_power(-2),
        "You multiply by sigma: divide by the variance.": _with_power(-1),
        "mu is missing in the score: it depends on how far z is from mu.": (
            [_times(lambda m, sigma, z, p=p: z / sigma**p) for p in (0, 1, 2)]
        ),
        "You add mu: the score depends on how far z is from mu.": _times(
            lambda mu, sigma, z: (z + mu) / sigma**2
        ),
        "The sign is turned: log q grows as mu comes closer to z.": (
            lambda *inputs: -_score_grad(*inputs)
        ),
        "The distance of z from mu has lost its sign: samples below mu pull "
        "it down.": _times(lambda mu, sigma, z: (z - mu).abs() / sigma**2),
        "z - mu stands squared, as in log q: its derivative is linear.": [
            _times(lambda mu, sigma, z: (z - mu) ** 2 / sigma**2),
            _times(lambda mu, sigma, z: (z - mu) ** 2 / (2 * sigma**2)),
            _times(lambda mu, sigma, z: -((z - mu) ** 2) / sigma**2),
        ],
        "This is f(z) log q(z): the derivative of log q by mu belongs there "
        "(no backward pass follows here).": [
            _times(_log_q),
            _times(lambda mu, sigma, z: -((z - mu) ** 2) / (2 * sigma**2)),
            lambda f, *rest: -f(rest[-1]) * _log_q(*rest),
        ],
        "This goes through z: it is the slope of f, the pathwise gradient, "
        "and it misses f's jumps.": lambda f, mu, sigma, z: torch.cos(z),
        "You multiply the score by the slope of f: only the values of f are "
        "needed.": lambda f, *rest: _score_grad(torch.cos, *rest),
        "This is the derivative by sigma; asked is that by mu.": _times(
            lambda mu, sigma, z: (z - mu) ** 2 / sigma**3 - 1 / sigma
        ),
        "This is the derivative by log sigma; asked is that by mu.": _times(
            lambda mu, sigma, z: (z - mu) ** 2 / sigma**2 - 1
        ),
        "This is the slope along the path by sigma; asked is the score "
        "by mu.": lambda f, mu, sigma, z: torch.cos(z) * (z - mu) / sigma,
        "You multiply by the density: the samples come from it already.": [
            _times(_density),
            lambda f, *rest: _score_grad(f, *rest) * _density(*rest),
        ],
        "You divide by the density: the samples come from it already.": (
            lambda f, *rest: _score_grad(f, *rest) / _density(*rest)
        ),
        "f is evaluated at the noise (z - mu) / sigma: it is a function of "
        "z.": lambda f, mu, sigma, z: (
            f((z - mu) / sigma) * (z - mu) / sigma**2
        ),
        "f is evaluated at mu: it is a function of z.": (
            lambda f, mu, sigma, z: (
                f(torch.full_like(z, mu)) * (z - mu) / sigma**2
            )
        ),
        "You subtract the mean of f: that is section 5's control variate, and "
        "here each sample counts for itself.": (
            lambda f, mu, sigma, z: (f(z) - f(z).mean()) * (z - mu) / sigma**2
        ),
        "The score is added to f(z): it is a factor.": (
            lambda f, mu, sigma, z: f(z) + (z - mu) / sigma**2
        ),
    },
    no_gradient="autograd.grad of log q; samples are constants",
)
