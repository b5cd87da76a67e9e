"""Answers to score_grad, written blind."""

import math

import torch
from torch.distributions import Normal

mu, sigma = 0.8, 0.6  # the notebook's


# ---------------------------------------------------------------- right


def one_liner(f, mu, sigma, z):
    return f(z) * (z - mu) / sigma**2


def sample_by_sample(f, mu, sigma, z):
    values = f(z)
    out = torch.zeros(len(z), dtype=z.dtype)
    for i in range(len(z)):
        score = (z[i].item() - mu) / (sigma * sigma)
        out[i] = values[i].item() * score
    return out


def score_by_autograd(f, mu, sigma, z):
    points = z.detach()
    with torch.enable_grad():
        loc = torch.full_like(points, mu).requires_grad_()
        width = torch.full_like(points, sigma)
        log_q = Normal(loc, width).log_prob(points)
        (score,) = torch.autograd.grad(log_q.sum(), loc)
    return f(z) * score


def numpy_double(func, mean, std, samples):
    values = func(samples).detach().double().numpy()
    standardised = (samples.detach().double().numpy() - mean) / std
    result = values * standardised / std
    return torch.from_numpy(result).to(samples.dtype)


def central_difference(f, mu, sigma, z):
    # log q is quadratic in mu, so a central difference of any h is exact
    def log_q(m):
        t = (z.double() - m) / sigma
        return -0.5 * t * t - math.log(sigma)

    score = (log_q(mu + sigma) - log_q(mu - sigma)) / (2 * sigma)
    return torch.einsum("n,n->n", f(z).double(), score).to(z.dtype)


# ---------------------------------------------------------------- wrong


def sigma_not_squared(f, mu, sigma, z):
    values = f(z)
    score = (z - mu) / sigma
    return values * score


def mean_of_all(f, mu, sigma, z):
    score = (z - mu) / sigma**2
    estimates = f(z) * score
    return estimates.mean()


def by_sigma(f, mu, sigma, z):
    score = (z - mu) ** 2 / sigma**3 - 1 / sigma
    return f(z) * score


def log_density_itself(f, mu, sigma, z):
    # REINFORCE: log_prob times reward
    q = Normal(mu, sigma)
    log_prob = q.log_prob(z)
    reward = f(z)
    return log_prob * reward


def batch_baseline(f, mu, sigma, z):
    reward = f(z).to(z.dtype)
    advantage = reward - reward.mean()
    score = (z - mu) / sigma**2
    return advantage * score


def sample_moments(f, mu, sigma, z):
    centred = z - z.mean()
    score = centred / z.var()
    return f(z) * score


def notebook_globals(f, m, s, z):
    values = f(z)
    score = (z - mu) / sigma**2
    return values * score


def fresh_samples(f, mu, sigma, z):
    eps = torch.randn_like(z)
    z = mu + sigma * eps
    score = (z - mu) / sigma**2
    return f(z) * score


def times_density(f, mu, sigma, z):
    # (6.12): the integral of f(z) q(z) grad log q(z)
    density = Normal(mu, sigma).log_prob(z).exp()
    score = (z - mu) / sigma**2
    return f(z) * density * score


def difference_of_f(f, mu, sigma, z):
    h = 1e-2
    up = f(z + h)
    down = f(z - h)
    return (up * 1.0 - down * 1.0) / (2 * h)


def division_order(f, mu, sigma, z):
    score = (z - mu) / sigma * sigma
    return f(z) * score


def changes_z(f, mu, sigma, z):
    values = f(z)
    z -= mu
    z /= sigma**2
    return values * z


RIGHT = [
    one_liner,
    sample_by_sample,
    score_by_autograd,
    numpy_double,
    central_difference,
]

WRONG = [
    (
        "divides by sigma instead of sigma^2",
        r"You take sigma for sigma\^",
        sigma_not_squared,
    ),
    (
        "returns the mean, not one estimate per sample",
        r"Your result has shape \(\); asked",
        mean_of_all,
    ),
    (
        "the derivative by sigma instead of mu",
        "This is the derivative by sigma;",
        by_sigma,
    ),
    (
        "f times log q, not times its gradient",
        r"This is f\(z\) log q\(z\): the",
        log_density_itself,
    ),
    (
        "subtracts the batch's mean of f: 0 for one sample",
        "You subtract the mean of f:",
        batch_baseline,
    ),
    (
        "mean and variance of the samples instead of mu and sigma",
        "Your function never uses its argument",
        sample_moments,
    ),
    (
        "uses the notebook's mu and sigma instead of the arguments",
        "Your function reads mu and sigma",
        notebook_globals,
    ),
    (
        "ignores z and draws new samples",
        "Your result is another at each",
        fresh_samples,
    ),
    (
        "weights with the density once more, as in the quadrature",
        "You multiply by the density: the",
        times_density,
    ),
    (
        "differentiates f by finite differences (pathwise)",
        "This goes through z: it is",
        difference_of_f,
    ),
    (
        "/ sigma * sigma without parentheses",
        "The variance is missing: the score",
        division_order,
    ),
    ("changes z in place", "You change the input z in", changes_z),
]
