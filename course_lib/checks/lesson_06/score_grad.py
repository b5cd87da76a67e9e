"""Lesson 06: the gradient around a sample, by the score."""

import torch

from course_lib.checks.exercise import Exercise


def _samples(generator):
    for n, mu, sigma in [(5, 0.7, 0.6), (4, -0.3, 1.8)]:
        z = mu + sigma * torch.randn(n, generator=generator)
        yield {"mu": mu, "sigma": sigma, "z": z}


def _f(z):
    """Any function will do; this one has a jump and a slope."""
    return 2.0 * (z > 0.5) + torch.sin(z) + 1


def _estimates(score_grad, mu, sigma, z):
    return score_grad(_f, mu, sigma, z)


def _score_grad(f, mu, sigma, z, power=2):
    return f(z) * (z - mu) / sigma**power


def _by_sigma(f, mu, sigma, z):
    return f(z) * ((z - mu) ** 2 / sigma**3 - 1 / sigma)


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
        "You divide by sigma; the score has the variance, sigma^2.": (
            lambda *inputs: _score_grad(*inputs, power=1)
        ),
        "mu is missing: the score is (z - mu) / sigma^2.": (
            lambda f, mu, sigma, z: f(z) * z / sigma**2
        ),
        "You don't divide by the variance sigma^2.": (
            lambda *inputs: _score_grad(*inputs, power=0)
        ),
        "The sign is turned: log q grows as mu comes closer to z.": (
            lambda *inputs: -_score_grad(*inputs)
        ),
        "This goes through z: it is the slope of f, the pathwise gradient, "
        "and it misses f's jumps.": lambda f, mu, sigma, z: torch.cos(z),
        "This is the derivative by sigma; asked is that by mu.": _by_sigma,
        "You multiply by the density: the samples come from it already.": (
            lambda f, mu, sigma, z: (
                _score_grad(f, mu, sigma, z)
                * (-((z - mu) ** 2) / (2 * sigma**2)).exp()
                / (2 * torch.pi * sigma**2) ** 0.5
            )
        ),
        "You reduce the batch: return one number for each sample.": [
            lambda *inputs: _score_grad(*inputs).mean(),
            lambda *inputs: _score_grad(*inputs).sum(),
        ],
    },
    no_gradient="autograd.grad of log q; samples are constants",
)
