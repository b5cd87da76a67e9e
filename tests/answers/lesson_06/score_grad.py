"""Answers to score_grad, in forms that learners write."""

import torch
from torch.distributions import Normal


def score_autograd(f, mu, sigma, z):
    mu = torch.full_like(z, mu).requires_grad_()
    log_q = Normal(mu, sigma).log_prob(z).sum()
    return f(z) * torch.autograd.grad(log_q, mu)[0]


def score_loop(f, mu, sigma, z):
    values = [f(s) * (s - mu) / (sigma * sigma) for s in z]
    return torch.stack(values)


def score_by_noise(f, mu, sigma, z):
    eps = (z - mu) / sigma
    return f(z).double() * (eps.double() / sigma)


def score_of_the_density(f, mu, sigma, z):
    loc = torch.full_like(z, mu).requires_grad_()
    q = Normal(loc, sigma).log_prob(z).exp()
    (slope,) = torch.autograd.grad(q.sum(), loc)
    return f(z) * slope / q.detach()


RIGHT = [
    score_autograd,
    score_loop,
    score_by_noise,
    score_of_the_density,
    lambda f, mu, sigma, z: f(z) * (z - mu) * sigma**-2,
]


def score(mu, sigma, z):
    return (z - mu) / sigma**2


def slope_of(f, z):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(f(z).sum(), z)[0]


def one_mean_for_all(f, mu, sigma, z):
    mu = torch.tensor(mu, requires_grad=True)
    log_q = Normal(mu, sigma).log_prob(z)
    (gradient,) = torch.autograd.grad((f(z) * log_q).mean(), mu)
    return gradient


WRONG = [
    (
        "mu is missing in the score",
        lambda f, mu, sigma, z: f(z) * z / sigma**2,
    ),
    ("add mu", lambda f, mu, sigma, z: f(z) * (z + mu) / sigma**2),
    ("f is missing", lambda f, mu, sigma, z: (z - mu) / sigma**2),
    ("score is missing", lambda f, mu, sigma, z: f(z)),
    ("sigma for sigma", lambda f, mu, sigma, z: f(z) * (z - mu) / sigma),
    ("sigma for sigma", lambda f, mu, sigma, z: f(z) * (mu - z) / sigma),
    ("variance is missing", lambda f, mu, sigma, z: f(z) * (z - mu)),
    ("square the variance", lambda f, mu, s, z: f(z) * (z - mu) / s**4),
    ("derivative by sigma", lambda f, mu, s, z: f(z) * (z - mu) / s**3),
    ("root of sigma", lambda f, mu, s, z: f(z) * (z - mu) / s**0.5),
    ("by the variance", lambda f, mu, s, z: f(z) * (z - mu) * s**2),
    ("sign", lambda f, mu, sigma, z: f(z) * (mu - z) / sigma**2),
    (
        "lost its sign",
        lambda f, mu, sigma, z: f(z) * (z - mu).abs() / sigma**2,
    ),
    (
        "half of the expected",
        lambda f, mu, sigma, z: f(z) * (z - mu) / (2 * sigma**2),
    ),
    ("squared", lambda f, mu, s, z: f(z) * (z - mu) ** 2 / (2 * s**2)),
    (
        "log q",
        lambda f, mu, sigma, z: f(z) * Normal(mu, sigma).log_prob(z),
    ),
    ("log q", lambda f, mu, s, z: -f(z) * Normal(mu, s).log_prob(z)),
    ("goes through z", lambda f, mu, sigma, z: slope_of(f, z)),
    (
        "score by the slope",
        lambda f, mu, sigma, z: slope_of(f, z) * score(mu, sigma, z),
    ),
    (
        "along the path",
        lambda f, mu, sigma, z: slope_of(f, z) * (z - mu) / sigma,
    ),
    (
        "derivative by sigma",
        lambda f, mu, sigma, z: f(z) * (((z - mu) / sigma) ** 2 - 1) / sigma,
    ),
    (
        "derivative by log sigma",
        lambda f, mu, sigma, z: f(z) * (((z - mu) / sigma) ** 2 - 1),
    ),
    (
        "multiply by the density",
        lambda f, mu, sigma, z: (
            score_loop(f, mu, sigma, z) * Normal(mu, sigma).log_prob(z).exp()
        ),
    ),
    (
        "multiply by the density",
        lambda f, mu, sigma, z: f(z) * Normal(mu, sigma).log_prob(z).exp(),
    ),
    (
        "at the noise",
        lambda f, mu, sigma, z: f((z - mu) / sigma) * score(mu, sigma, z),
    ),
    (
        "subtract the mean",
        lambda f, mu, s, z: (f(z) - f(z).mean()) * score(mu, s, z),
    ),
    ("is a factor", lambda f, mu, s, z: f(z) + score(mu, s, z)),
    ("the mean of the values", lambda *a: score_loop(*a).mean()),
    ("the mean of the values", one_mean_for_all),
    (r"divided by z\.shape", lambda *a: score_loop(*a) / len(a[-1])),
    (r"shape \(5, 1\)", lambda *a: score_loop(*a)[:, None]),
]
