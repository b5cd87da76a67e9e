"""Lesson 06: the gradient through a sample."""

import torch
from torch import Generator, Tensor

from course_lib.checks.exercise import Exercise
from course_lib.checks.noise import slope, statistics_of_noise, ten_if


def _equal_rows(generator):
    for B, logvar in [(10_000, [1.5, -2.0, 0.5]), (9_000, [1.8, -1.5])]:
        mu = 2 * torch.randn(len(logvar), generator=generator)
        logvars = torch.tensor(logvar).repeat(B, 1)
        yield {"mu": mu.repeat(B, 1), "logvar": logvars, "seed": 1}


def _statistics(reparameterize, mu, logvar, seed):
    """What all right answers share, whatever the order of their draws."""

    leaves = [v.clone().requires_grad_() for v in (mu, logvar)]
    live = [leaf.clone() for leaf in leaves]
    with torch.random.fork_rng(devices=[]):
        again = reparameterize(mu, logvar, Generator().manual_seed(seed))
        other = reparameterize(mu, logvar, Generator().manual_seed(seed + 1))
        z = reparameterize(*live, Generator().manual_seed(seed))
    if not isinstance(z, Tensor) or z.shape != mu.shape:
        return {"Samples": z}
    eps = ((z - mu) / (0.5 * logvar).exp()).detach()
    return {"Samples": 0 * z.detach()} | statistics_of_noise(  # their shape
        eps,
        {
            "Same result from the same state": ten_if(z.equal(again)),
            "Same result from another state": ten_if(z.equal(other)),
            "Slope by mu": slope(z, leaves[0]).mean(0),
            "Slope by logvar": slope(z, leaves[1]).mean(0),
        },
    )


def _noise(mu, generator):
    return torch.randn(mu.shape, generator=generator, dtype=mu.dtype)


def _answer(mu, logvar, generator):
    return mu + (0.5 * logvar).exp() * _noise(mu, generator)


def _uniform(mu, logvar, generator, low=0.0):
    eps = torch.empty_like(mu).uniform_(low, 1, generator=generator)
    return mu + (0.5 * logvar).exp() * eps


def _cut(*inputs):
    return _answer(*inputs).detach()


reparameterize = Exercise(
    """reparameterize(mu, logvar, generator) -> (B, K): one sample a row.

    mu, logvar: (B, K); the rows of z are from N(mu, diag exp(logvar)), with
    a gradient to both. All random numbers come from the generator.
    """,
    cases=_equal_rows,
    experiment=_statistics,
    answer=_answer,
    mistakes={
        "The noise is multiplied by exp(logvar): that is the variance, not "
        "sigma.": lambda mu, logvar, g: mu + logvar.exp() * _noise(mu, g),
        "The half belongs inside the exponential: sigma = exp(logvar / 2).": (
            lambda mu, logvar, g: mu + 0.5 * logvar.exp() * _noise(mu, g)
        ),
        "The noise is multiplied by logvar itself.": (
            lambda mu, logvar, g: mu + logvar * _noise(mu, g)
        ),
        "The noise is not scaled: sigma is missing.": (
            lambda mu, logvar, g: mu + _noise(mu, g)
        ),
        "mu is missing: the samples lie around 0.": (
            lambda mu, logvar, g: (0.5 * logvar).exp() * _noise(mu, g)
        ),
        "All rows share one noise: draw anew for each image.": (
            lambda mu, logvar, g: mu + (0.5 * logvar).exp() * _noise(mu[:1], g)
        ),
        "All latents share one noise: draw anew for each.": (
            lambda mu, logvar, g: (
                mu + (0.5 * logvar).exp() * _noise(mu[:, :1], g)
            )
        ),
        "The noise is uniform: it has to be standard normal (torch.randn).": [
            _uniform,
            lambda *inputs: _uniform(*inputs, low=-1),
        ],
        "There is no noise: you return the mean.": lambda mu, *_: mu,
        "The path is cut: the samples are right, but no gradient reaches mu "
        "or logvar. Use no sample(), detach or no_grad.": [
            _cut,
            lambda mu, logvar, g: _answer(mu.detach(), logvar, g),
            lambda mu, logvar, g: _answer(mu, logvar.detach(), g),
        ],
        "The generator is ignored: hand it to the function that draws "
        "(generator=generator), so that its state decides the result.": [
            lambda mu, logvar, g: _answer(mu, logvar, None),
            lambda mu, logvar, g: _cut(mu, logvar, None),
        ],
        "You draw from a generator of your own: use the one that you are "
        "given, so that another state gives another result.": (
            lambda mu, logvar, g: _answer(mu, logvar, g.manual_seed(1))
        ),
    },
    tolerance=0.1,
    sampled=True,
)
