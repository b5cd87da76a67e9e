"""Answers to reparameterize, written blind."""

import torch
from torch.distributions import AffineTransform

# ---------------------------------------------------------------- right


def one_liner(mu, logvar, generator):
    return mu + (0.5 * logvar).exp() * torch.randn(
        mu.shape, generator=generator, dtype=mu.dtype
    )


def row_by_row(mu, logvar, generator):
    z = torch.empty_like(mu)
    for b in range(len(mu)):
        eps = torch.randn(mu.shape[1], generator=generator, dtype=mu.dtype)
        z[b] = mu[b] + torch.exp(logvar[b] / 2) * eps
    return z


def affine(mu, logvar, generator):
    noise = torch.empty_like(mu).normal_(generator=generator)
    return AffineTransform(loc=mu, scale=torch.exp(0.5 * logvar))(noise)


def matrix_form(m, log_variance, g):
    eps = torch.normal(torch.zeros_like(m), torch.ones_like(m), generator=g)
    root = torch.diag_embed(torch.exp(log_variance / 2))  # (B, K, K)
    return m + torch.einsum("bkl,bl->bk", root, eps)


def double_inside(mu, logvar, generator):
    B, K = mu.shape
    eps = torch.randn(B, K, generator=generator, dtype=mu.dtype).double()
    std = torch.sqrt(torch.exp(logvar.double()))
    return torch.addcmul(mu.double(), std, eps).to(mu.dtype)


# ---------------------------------------------------------------- wrong


def variance_as_width(mu, logvar, generator):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    sigma = logvar.exp()
    return mu + sigma * eps


def torch_normal(mu, logvar, generator):
    std = torch.exp(0.5 * logvar)
    return torch.normal(mu, std, generator=generator)


def uniform_noise(mu, logvar, generator):
    std = torch.exp(0.5 * logvar)
    eps = torch.rand(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + std * eps


def one_noise_for_all(mu, logvar, generator):
    K = mu.shape[1]
    std = torch.exp(0.5 * logvar)
    eps = torch.randn(K, generator=generator, dtype=mu.dtype)
    return mu + std * eps


def sign_of_exponent(mu, logvar, generator):
    std = torch.exp(-0.5 * logvar)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + std * eps


def reseeds(mu, logvar, generator):
    generator.manual_seed(0)  # reproducible
    std = torch.exp(0.5 * logvar)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + std * eps


def global_generator(mu, logvar, generator):
    std = torch.exp(0.5 * logvar)
    eps = torch.randn_like(std)
    return eps.mul(std).add_(mu)


def parentheses(mu, logvar, generator):
    std = torch.exp(logvar / 2)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return (mu + std) * eps


def only_in_training(mu, logvar, generator):
    # the usual snippet: sample in training, the mean in evaluation
    if not torch.is_grad_enabled():
        return mu
    std = torch.exp(0.5 * logvar)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + eps * std


def overflowing_root(mu, logvar, generator):
    var = torch.exp(logvar)
    std = torch.sqrt(var)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + std * eps


def squeezed(mu, logvar, generator):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return z.squeeze()


def width_without_gradient(mu, logvar, generator):
    with torch.no_grad():  # noise needs no gradient
        eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
        noise = torch.exp(0.5 * logvar) * eps
    return mu + noise


RIGHT = [
    one_liner,
    row_by_row,
    affine,
    matrix_form,
    double_inside,
]

WRONG = [
    (
        "takes the variance exp(logvar) for sigma",
        r"The noise is multiplied by exp\(logvar\):",
        variance_as_width,
    ),
    (
        "torch.normal(mu, std): no gradient through the sample",
        "The path is cut: the samples",
        torch_normal,
    ),
    (
        "uniform noise (rand) instead of normal noise",
        "The noise is uniform: it has",
        uniform_noise,
    ),
    (
        "the same noise for all rows of the batch",
        "All rows share one noise: draw",
        one_noise_for_all,
    ),
    (
        "sign of the exponent: exp(-logvar / 2)",
        "The noise is divided by sigma:",
        sign_of_exponent,
    ),
    (
        "seeds the generator anew in each call",
        "You give the generator a seed",
        reseeds,
    ),
    (
        "ignores the generator, draws from the global one",
        "The generator is ignored: hand it",
        global_generator,
    ),
    (
        "parentheses: (mu + sigma) * eps",
        "The noise multiplies mu too: it",
        parentheses,
    ),
    (
        "returns mu when gradients are off",
        r"Without a gradient \(under no_grad\) there",
        only_in_training,
    ),
    (
        "squeezes: a batch of one comes back as (K,)",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "sigma under no_grad: logvar gets no gradient",
        "The path is cut at sigma:",
        width_without_gradient,
    ),
]

ACCEPTED = [
    ("sqrt(exp(logvar)): infinite in float32 from 89 on", overflowing_root),
]
