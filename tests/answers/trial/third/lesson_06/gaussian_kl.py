"""Answers to gaussian_kl, written blind."""

import torch


def kl_by_matrix_product(means, log_variances):
    m, l = means.double(), log_variances.double()
    halves = torch.full(
        (m.shape[1],), 0.5, dtype=torch.float64, device=m.device
    )
    return ((m * m + torch.expm1(l) - l) @ halves).to(means.dtype)


def logvar_as_log_sigma(mu, logvar):
    sigma = torch.exp(logvar)
    kl = 0.5 * (mu**2 + sigma**2 - 1 - 2 * torch.log(sigma))
    return kl.sum(1)


def other_way_round(mu, logvar):
    var = torch.exp(logvar)
    # log(sigma_1 / sigma_0) + (sigma_0^2 + (mu_0 - mu_1)^2) / (2 sigma_1^2) - 1/2
    kl = 0.5 * logvar + (1 + mu**2) / (2 * var) - 0.5
    return kl.sum(dim=1)


def last_latent_only(mu, logvar):
    B, K = mu.shape
    total = torch.zeros(B, dtype=mu.dtype)
    for k in range(K):
        m, lv = mu[:, k], logvar[:, k]
        total = 0.5 * (m**2 + lv.exp() - 1 - lv)
    return total


def padded_log(mu, logvar):
    var = logvar.exp()
    log_var = torch.log(var + 1e-10)  # for stability
    return 0.5 * (mu**2 + var - 1 - log_var).sum(1)


RIGHT = [
    kl_by_matrix_product,
]

WRONG = [
    (
        "takes logvar for log sigma: sigma = exp(logvar)",
        "You take logvar for log sigma:",
        logvar_as_log_sigma,
    ),
    (
        "computes the KL from the prior to q, the other way round",
        "This is the KL the other",
        other_way_round,
    ),
    (
        "overwrites the total in the loop, so only the last latent counts",
        "Only the last latent counts: is",
        last_latent_only,
    ),
    (
        "takes the logarithm of exp(logvar) + 1e-10, wrong for very small variances",
        "A small number in the logarithm",
        padded_log,
    ),
]
