"""A test of the KL divergence to the standard normal."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from course_lib.checks.mutation import TestExercise


def kl(mu, logvar):
    return 0.5 * (mu.square() + torch.expm1(logvar) - logvar).sum(1)


def of_distributions(mu, logvar):
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(Normal(mu, (logvar / 2).exp()), prior).sum(1)


def row_by_row(mu, logvar):
    rows = zip(mu, logvar, strict=True)
    each = [m @ m + v.exp().sum() - len(m) - v.sum() for m, v in rows]
    return torch.stack(each) / 2


def terms(square=None, var=None, one=1.0, log=None):
    """The KL with one of its terms replaced by a function of mu or logvar."""

    def wrong(mu, logvar):
        first = mu.square() if square is None else square(mu)
        second = logvar.exp() if var is None else var(logvar)
        third = logvar if log is None else log(logvar)
        return 0.5 * (first + second - one - third).sum(1)

    return wrong


EXERCISE = TestExercise(
    """test_kl(kl): asserts what must hold of kl(mu, logvar) -> (B,).

    mu, logvar: (B, K); kl gives KL(N(mu, diag exp(logvar)) || N(0, I)), nats.
    """,
    right={
        "the closed form": kl,
        "torch.distributions": of_distributions,
        "a loop over rows": row_by_row,
    },
    mutants={
        "the sign is turned": lambda m, v: -kl(m, v),
        "the factor 1/2 is missing": lambda m, v: 2 * kl(m, v),
        "the -1 is missing": terms(one=0),
        "log sigma is taken for log sigma^2": lambda m, v: kl(m, 2 * v),
        "sigma stands where its square belongs": terms(
            var=lambda v: (v / 2).exp()
        ),
        "the KL is turned round": lambda m, v: (
            0.5 * ((1 + m**2) * (-v).exp() - 1 + v).sum(1)
        ),
        "the absolute difference of the variances from 1": lambda m, v: (
            0.5 * (m**2 + torch.expm1(v).abs()).sum(1)
        ),
        "the mean over the latents": lambda m, v: kl(m, v) / m.shape[1],
        "the mean over the batch, one number": lambda m, v: kl(m, v).mean(),
        "the batch's mean for each image": lambda m, v: (
            kl(m, v).mean().expand(len(m))
        ),
        "mu is not squared": terms(square=torch.abs),
        "log(exp(logvar) + 1e-10)": terms(
            log=lambda v: (v.exp() + 1e-10).log()
        ),
        "no gradient reaches logvar": lambda m, v: kl(m, v.detach()),
    },
    hints={
        "the mean over the latents": "more than one latent",
        "the mean over the batch, one number": "the shape of the result",
        "the batch's mean for each image": "one image changed, others kept",
        "log(exp(logvar) + 1e-10)": "a very small variance",
        "no gradient reaches logvar": "the gradient",
    },
    own=["course_lib.losses.gaussian_kl"],
)


def non_negative(kl):
    mu, logvar = torch.randn(8, 3), torch.randn(8, 3)
    assert (kl(mu, logvar) >= 0).all()
    zero = torch.zeros(1, 3)
    assert kl(zero, zero).abs().max() < 1e-6


def monte_carlo(kl):
    non_negative(kl)
    mu, logvar = torch.tensor([[0.5, -1.0]]), torch.tensor([[0.3, -0.8]])
    q, p = Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)
    z = q.sample((100_000,))
    ratio = (q.log_prob(z) - p.log_prob(z)).sum(2)
    error = ratio.std() / len(ratio) ** 0.5
    assert (kl(mu, logvar) - ratio.mean()).abs().max() < 4 * error


def GOOD(kl):
    mu = torch.tensor([[0.5, -1], [0, 0], [1, 1]], dtype=torch.float64)
    logvar = torch.tensor([[0.3, -0.8], [0, 0], [0, 0]]).double()
    values = kl(mu, logvar)
    assert values.shape == (3,)
    assert values[1].abs() < 1e-9 and (values[2] - 1).abs() < 1e-9
    monte_carlo(kl)
    zero = torch.zeros(1, 1)
    wide = kl(zero, torch.full((1, 1), math.log(4)))
    assert (wide - (3 - math.log(4)) / 2).abs() < 1e-4
    leaves = mu.requires_grad_(), logvar.requires_grad_()
    assert torch.autograd.gradcheck(kl, leaves)
    tiny = kl(zero, torch.full((1, 1), -60.0))
    assert (tiny - 29.5).abs() < 1e-3


WEAK = [
    (non_negative, 11),  # catches the sign and the missing -1
    (monte_carlo, 4),
]
