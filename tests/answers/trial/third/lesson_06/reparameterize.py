"""Answers to reparameterize, written blind."""

import torch


def row_by_row(mu, logvar, generator):
    rows = []
    for m, l in zip(mu, logvar):
        noise = torch.randn(len(m), generator=generator, dtype=m.dtype)
        rows.append(torch.addcmul(m, torch.exp(l / 2), noise))
    return torch.stack(rows)


def exp_logvar_as_sigma(mu, logvar, generator):
    sigma = torch.exp(logvar)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + sigma * eps


def torch_normal(mu, logvar, generator):
    std = torch.exp(0.5 * logvar)
    z = torch.normal(mu, std, generator=generator)
    return z


def one_noise_for_all_rows(mu, logvar, generator):
    K = mu.shape[1]
    eps = torch.randn(K, generator=generator, dtype=mu.dtype)
    return mu + torch.exp(0.5 * logvar) * eps


def root_of_exp(mu, logvar, generator):
    var = logvar.exp()
    sigma = torch.sqrt(var)
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + sigma * eps


RIGHT = [
    row_by_row,
]

WRONG = [
    (
        "uses exp(logvar), the variance, as sigma",
        r"The noise is multiplied by exp\(logvar\):",
        exp_logvar_as_sigma,
    ),
    (
        "samples with torch.normal, which gives mu and logvar no gradient",
        "The path is cut: the samples",
        torch_normal,
    ),
    (
        "draws K numbers only, the same noise for every row",
        "All rows share one noise: draw",
        one_noise_for_all_rows,
    ),
]

ACCEPTED = [
    (
        "takes the root of exp(logvar): overflows at logvar = 100 in float32, NaN gradient at -120",
        root_of_exp,
    ),
]
