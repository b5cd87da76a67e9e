"""A test of the reparameterisation trick."""

import torch
from torch.distributions import Normal

from course_lib.checks.mutation import TestExercise


def sample(mu, logvar, noise=torch.randn_like):
    return mu + (logvar / 2).exp() * noise(mu)


def with_noise(noise):
    return lambda mu, logvar: sample(mu, logvar, noise)


def with_sigma(sigma):
    return lambda mu, logvar: mu + sigma(logvar) * torch.randn_like(mu)


def the_same(mu):
    seed = torch.Generator().manual_seed(0)
    return torch.randn(mu.shape, generator=seed, dtype=mu.dtype)


EXERCISE = TestExercise(
    """test_reparameterize(f): asserts what must hold of f(mu, logvar) -> z.

    mu, logvar, z: (B, K). The rows of z are independent draws from
    N(mu, diag exp(logvar)), with a gradient to both.
    """,
    right={
        "mu + sigma * eps": sample,
        "rsample of torch.distributions": lambda mu, logvar: Normal(
            mu, (logvar / 2).exp()
        ).rsample(),
        "mu - sigma * eps": lambda mu, logvar: (
            mu - logvar.mul(0.5).exp() * torch.empty_like(mu).normal_()
        ),
    },
    mutants={
        "exp(logvar) is taken for sigma": with_sigma(torch.exp),
        "logvar is taken for sigma": with_sigma(lambda v: v),
        "sigma is turned over": with_sigma(lambda v: (-v / 2).exp()),
        "no noise": with_noise(torch.zeros_like),
        "mu + sigma, no noise": with_noise(torch.ones_like),
        "uniform noise of variance 1": with_noise(
            lambda mu: (torch.rand_like(mu) - 0.5) * 12**0.5
        ),
        "uniform noise in [0, 1)": with_noise(torch.rand_like),
        "one eps for all latents of an image": with_noise(
            lambda mu: torch.randn_like(mu[:, :1])
        ),
        "one eps for all images": with_noise(
            lambda mu: torch.randn_like(mu[:1])
        ),
        "the same eps at each call": with_noise(the_same),
        "no gradient: the sample is detached": lambda mu, logvar: sample(
            mu, logvar
        ).detach(),
        "no gradient reaches logvar": lambda mu, logvar: sample(
            mu, logvar.detach()
        ),
        "mu is forgotten": lambda mu, logvar: sample(0 * mu, logvar),
    },
    hints={
        "uniform noise of variance 1": "the fourth moment, or the tails",
        "the same eps at each call": "two calls",
        "one eps for all images": "whether images are independent",
        "one eps for all latents of an image": "two latents together",
        "no gradient reaches logvar": "the gradient to each input",
    },
    own=["course_lib.models.reparameterize"],
)


def mean_and_deviation(f):
    zero = torch.zeros(100_000, 2)
    z = f(zero, zero)
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02


def GOOD(f):
    n, m, v = 20_000, torch.tensor([1.0, -2]), torch.tensor([-1.0, 0.6])
    mu = m.repeat(n, 1).requires_grad_()
    logvar = v.repeat(n, 1).requires_grad_()
    z = f(mu, logvar)
    assert z.shape == mu.shape and not torch.equal(z, f(mu, logvar))
    eps, error = (z - m) / (v / 2).exp(), n**-0.5
    assert (eps.mean(0).abs() < 5 * error).all()
    assert ((eps.var(0) - 1).abs() < 5 * 2**0.5 * error).all()
    assert (((eps**4).mean(0) - 3).abs() < 5 * 96**0.5 * error).all()
    assert (eps[:, 0] * eps[:, 1]).mean().abs() < 5 * error
    assert (eps[:-1] * eps[1:]).mean().abs() < 5 * error
    slopes = torch.autograd.grad(z.sum(), (mu, logvar))
    torch.testing.assert_close(slopes[0], torch.ones(n, 2))
    torch.testing.assert_close(slopes[1], ((z - mu) / 2).detach())


WEAK = [(mean_and_deviation, 8)]
