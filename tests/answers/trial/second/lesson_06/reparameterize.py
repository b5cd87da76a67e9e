"""Answers to reparameterize, written blind."""

import torch


def filled_noise(mu, logvar, generator):
    eps = torch.empty_like(mu.detach()).normal_(generator=generator)
    return torch.addcmul(mu, (logvar / 2).exp(), eps)


def row_by_row(m, log_var, gen):
    rows = []
    for i in range(len(m)):
        noise = torch.randn(m.shape[1], generator=gen, dtype=m.dtype)
        scale = torch.diag(torch.exp(log_var[i] * 0.5))
        rows.append(m[i] + scale @ noise)
    return torch.stack(rows)


def variance_as_sigma(mu, logvar, generator):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    sigma = logvar.exp()
    return mu + sigma * eps


def global_noise(mu, logvar, generator):
    eps = torch.randn_like(mu)
    return mu + torch.exp(0.5 * logvar) * eps


def one_noise_for_all_rows(mu, logvar, generator):
    K = mu.shape[1]
    eps = torch.randn(K, generator=generator, dtype=mu.dtype)
    return mu + torch.exp(0.5 * logvar) * eps


def cuts_the_path(mu, logvar, generator):
    sigma = torch.exp(0.5 * logvar)
    return torch.normal(mu, sigma, generator=generator)


def padded_sigma(mu, logvar, generator):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    sigma = torch.sqrt(logvar.exp() + 1e-6)  # for stability
    return mu + sigma * eps


def seeds_again(mu, logvar, generator):
    generator.manual_seed(0)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + torch.exp(0.5 * logvar) * eps


RIGHT = [
    filled_noise,
    row_by_row,
]

WRONG = [
    (
        "takes exp(logvar), the variance, for sigma",
        r"The noise is multiplied by exp\(logvar\):",
        variance_as_sigma,
    ),
    (
        "draws the noise without the generator",
        "The generator is ignored: hand it",
        global_noise,
    ),
    (
        "uses the same noise for all rows",
        "All rows share one noise: draw",
        one_noise_for_all_rows,
    ),
    (
        "samples from torch.normal(mu, sigma): no gradient reaches mu and logvar",
        "The path is cut: the samples",
        cuts_the_path,
    ),
    (
        "seeds the generator again in each call",
        "You give the generator a seed",
        seeds_again,
    ),
]

ACCEPTED = [
    (
        "adds 1e-6 to the variance before the root, wrong for very small sigma",
        padded_sigma,
    ),
]
