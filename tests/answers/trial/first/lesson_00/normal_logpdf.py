"""Answers to normal_logpdf, written blind."""

import math

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def formula(x, mu, sigma):
    return (
        -0.5 * math.log(2 * math.pi)
        - torch.log(sigma)
        - (x - mu) ** 2 / (2 * sigma**2)
    )


def library(x, mu, sigma):
    return torch.distributions.Normal(loc=mu, scale=sigma).log_prob(x)


def entry_by_entry(x, mu, sigma):
    x, mu, sigma = torch.broadcast_tensors(x, mu, sigma)
    out = []
    for xi, m, s in zip(x.reshape(-1), mu.reshape(-1), sigma.reshape(-1)):
        z = (xi - m) / s
        out.append(-0.5 * z * z - s.log() - 0.5 * math.log(2 * math.pi))
    return torch.stack(out).reshape(x.shape)


def double_inside(value, mean, std):
    dtype = ((value - mean) / std).dtype
    v, m, s = value.double(), mean.double(), std.double()
    log_precision = -2 * s.log()
    quadratic = (v - m).square() * log_precision.exp()
    out = 0.5 * (log_precision - quadratic - math.log(2 * math.pi))
    return out.to(dtype)


def standardised(x, mu, sigma):
    # change of variables: log phi(z) - log sigma, where log phi(0) is known
    z = torch.div(torch.sub(x, mu), sigma)
    log_phi_0 = math.log(1 / math.sqrt(2 * math.pi))
    return torch.add(-z.pow(2) / 2, log_phi_0) - sigma.log()


# ---- wrong -----------------------------------------------------------------


def density(x, mu, sigma):
    norm = 1 / (sigma * math.sqrt(2 * math.pi))
    return norm * torch.exp(-((x - mu) ** 2) / (2 * sigma**2))


def log_of_density(x, mu, sigma):
    coef = 1 / (sigma * math.sqrt(2 * math.pi))
    pdf = coef * torch.exp(-0.5 * ((x - mu) / sigma) ** 2)
    return torch.log(pdf)


def sigma_is_variance(x, mu, sigma):
    dist = torch.distributions.Normal(mu, torch.sqrt(sigma))
    return dist.log_prob(x)


def no_log_sigma(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * math.log(2 * math.pi) - 0.5 * z**2


def nll(x, mu, sigma):
    const = 0.5 * math.log(2 * math.pi)
    return const + torch.log(sigma) + (x - mu) ** 2 / (2 * sigma**2)


def no_half(x, mu, sigma):
    log_norm = -0.5 * math.log(2 * math.pi) - sigma.log()
    return log_norm - ((x - mu) / sigma) ** 2


def no_constant(x, mu, sigma):
    var = sigma**2
    # the constant does not matter for training
    return -0.5 * (torch.log(var) + (x - mu) ** 2 / var)


def precedence(x, mu, sigma):
    a = 0.5 * math.log(2 * math.pi)
    b = torch.log(sigma)
    c = (x - mu) ** 2 / 2 * sigma**2
    return -a - b - c


def summed(x, mu, sigma):
    # sum(dnorm(x, mu, sigma, log = TRUE))
    ll = -torch.log(sigma) - 0.5 * math.log(2 * math.pi)
    ll = ll - 0.5 * ((x - mu) / sigma) ** 2
    return torch.sum(ll)


def gaussian_nll(x, mu, sigma):
    x, mu, sigma = torch.broadcast_tensors(x, mu, sigma)
    shape = x.shape
    x, mu, sigma = (t.reshape(-1, 1) for t in (x, mu, sigma))
    loss = F.gaussian_nll_loss(mu, x, sigma**2, full=True, reduction="none")
    return -loss.reshape(shape)


def math_log(x, mu, sigma):
    return (
        -math.log(2 * math.pi) / 2
        - math.log(sigma)
        - (x - mu) ** 2 / (2 * sigma**2)
    )


def shape_of_x(x, mu, sigma):
    out = torch.zeros_like(x)
    out -= 0.5 * math.log(2 * math.pi)
    out -= torch.log(sigma)
    out -= (x - mu) ** 2 / (2 * sigma**2)
    return out


RIGHT = [
    formula,
    library,
    entry_by_entry,
    double_inside,
    standardised,
]

WRONG = [
    (
        "returns the density, not its logarithm",
        "You return the density; return its",
        density,
    ),
    (
        "takes the log of the density: -inf far from the mean",
        "You compute the density, and it",
        log_of_density,
    ),
    (
        "takes sigma for the variance",
        r"You take sigma for sigma\*\*",
        sigma_is_variance,
    ),
    (
        "forgets the term log sigma",
        "log sigma is missing: a wider",
        no_log_sigma,
    ),
    (
        "returns the negative log density",
        "That is the negative log density,",
        nll,
    ),
    (
        "forgets the 2 in the denominator of the square",
        "The squared distance has lost its",
        no_half,
    ),
    (
        "leaves out the constant 1/2 log 2 pi",
        r"log\(2 pi\) is missing: without the",
        no_constant,
    ),
    (
        "lacks brackets: divides by 2, then multiplies by sigma^2",
        "Precedence: a /",
        precedence,
    ),
    (
        "sums over all elements, as a log likelihood in R",
        r"Your result has shape \(\); asked",
        summed,
    ),
    (
        "math.log of a tensor: fails for more than one sigma",
        "Functions of math take one number",
        math_log,
    ),
    (
        "makes the result in the shape of x: fails where mu or sigma is larger",
        "Right in the ordinary cases, but",
        shape_of_x,
    ),
]

ACCEPTED = [
    (
        "PyTorch's gaussian_nll_loss: sigma below 0.001 is clamped",
        gaussian_nll,
    ),
]
