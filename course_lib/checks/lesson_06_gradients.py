"""Lesson 06: gradients through samples, and around them."""

import torch
from torch import Generator, Tensor

from course_lib.checks.exercise import Exercise


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
            "Same result from the same state": _ten_if(z.equal(again)),
            "Same result from another state": _ten_if(z.equal(other)),
            "Slope by mu": slope(z, leaves[0]).mean(0),
            "Slope by logvar": slope(z, leaves[1]).mean(0),
        },
    )


def statistics_of_noise(eps, others):
    """What is compared of eps (B, K), which should be standard normal.

    Without a noise of its own in each row, nothing more can be told.
    """
    if eps.std(0).max() < 1e-3:
        missing = bool(eps.abs().max() < 1e-3)
        return {"Rows' own noise": _ten_if(False), "None": _ten_if(missing)}
    return {
        "Rows' own noise": _ten_if(True),
        "Mean of (z - mu) / sigma, for each latent": eps.mean(0),
        "Standard deviation of (z - mu) / sigma": eps.std(0),
        "Fourth moment of (z - mu) / sigma": (eps**4).mean(0),
        "Covariance of (z - mu) / sigma between two latents": (
            eps[:, 0] * eps[:, 1]
        ).mean(),
        **others,
    }


def slope(z, leaf):
    """The gradient of the sum of z^2; 0 where none arrives."""
    if not z.requires_grad:
        return torch.zeros_like(leaf)
    total = z.square().sum()
    return torch.autograd.grad(
        total, leaf, retain_graph=True, materialize_grads=True
    )[0]


def _ten_if(truth):
    """10 or 0: a difference that stands out from the tolerance."""
    return torch.tensor(10.0 * truth)


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
    "reparameterize",
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
)


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
    "score_grad",
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
)
