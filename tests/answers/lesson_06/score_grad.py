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


RIGHT = [
    score_autograd,
    score_loop,
    lambda f, mu, sigma, z: f(z) * (z - mu) * sigma**-2,
]

WRONG = [
    ("mu is missing", lambda f, mu, sigma, z: f(z) * z / sigma**2),
    ("f is missing", lambda f, mu, sigma, z: (z - mu) / sigma**2),
    ("divide by sigma;", lambda f, mu, sigma, z: f(z) * (z - mu) / sigma),
    ("don't divide", lambda f, mu, sigma, z: f(z) * (z - mu)),
    ("sign", lambda f, mu, sigma, z: f(z) * (mu - z) / sigma**2),
    (
        "goes through z",
        lambda f, mu, sigma, z: torch.func.vmap(
            torch.func.grad(lambda s: f(s))
        )(z),
    ),
    (
        "derivative by sigma",
        lambda f, mu, sigma, z: f(z) * (((z - mu) / sigma) ** 2 - 1) / sigma,
    ),
    (
        "density",
        lambda f, mu, sigma, z: (
            score_loop(f, mu, sigma, z) * Normal(mu, sigma).log_prob(z).exp()
        ),
    ),
    ("one number for each", lambda *a: score_loop(*a).mean()),
]
