"""Answers to gaussian_kl, written blind."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import Normal

# ---------------------------------------------------------------- right


def kingma_form(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def double_loop(mu, logvar):
    B, K = mu.shape
    out = torch.zeros(B, dtype=mu.dtype)
    for b in range(B):
        total = 0
        for k in range(K):
            m, lv = mu[b, k], logvar[b, k]
            total = total + (m * m + torch.exp(lv) - 1 - lv) / 2
        out[b] = total
    return out


def cross_entropy_minus_entropy(mu, logvar):
    # KL = E_q[-log p] - H(q); float64 inside, so that sigma doesn't underflow
    loc, scale = mu.double(), (0.5 * logvar.double()).exp()
    half_log_2pi = 0.5 * np.log(2 * np.pi)
    cross = half_log_2pi + 0.5 * (loc**2 + scale**2)
    entropy = Normal(loc, scale, validate_args=False).entropy()
    return (cross - entropy).sum(dim=-1).to(mu.dtype)


def einsum_form(means, log_variances):
    squares = torch.einsum("bk,bk->b", means, means)
    widths = (torch.expm1(log_variances) - log_variances) @ torch.ones(
        means.shape[1], dtype=means.dtype
    )
    return (squares + widths) / 2


def nll_form(mu, logvar):
    price_of_mean = F.gaussian_nll_loss(
        torch.zeros_like(mu), mu, torch.ones_like(mu), reduction="none"
    )
    covariance = torch.diag_embed(logvar.exp())
    trace = covariance.diagonal(dim1=1, dim2=2).sum(1)
    K = mu.shape[1]
    return price_of_mean.sum(1) + 0.5 * (trace - K - logvar.sum(1))


# ---------------------------------------------------------------- wrong


def sign_turned(mu, logvar):
    # as in the paper's appendix B
    kl = 0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(logvar), dim=1)
    return kl


def mean_over_latents(mu, logvar):
    var = logvar.exp()
    kl = 0.5 * (mu.square() + var - 1 - logvar)
    return kl.mean(dim=1)


def logvar_as_log_sigma(mu, logvar):
    sigma = torch.exp(logvar)
    kl = 0.5 * (mu**2 + sigma**2 - 1 - 2 * logvar)
    return kl.sum(1)


def sigma_for_variance(mu, logvar):
    std = torch.exp(0.5 * logvar)
    kl = mu**2 + std - 1 - logvar
    return 0.5 * kl.sum(-1)


def other_direction(mu, logvar):
    # KL(N(0, 1) || N(mu, sigma^2))
    inv_var = torch.exp(-logvar)
    kl = 0.5 * (inv_var + mu**2 * inv_var - 1 + logvar)
    return kl.sum(1)


def one_once(mu, logvar):
    quadratic = (mu**2).sum(1)
    trace = logvar.exp().sum(1)
    logdet = logvar.sum(1)
    return 0.5 * (quadratic + trace - 1 - logdet)


def whole_batch(mu, logvar):
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return KLD


def returns_too_early(mu, logvar):
    kl = torch.zeros(mu.shape[0], dtype=mu.dtype)
    for k in range(mu.shape[1]):
        m = mu[:, k]
        lv = logvar[:, k]
        kl = kl + 0.5 * (m**2 + lv.exp() - 1 - lv)
        return kl


def padded_logarithm(mu, logvar):
    var = torch.exp(logvar)
    kl = 0.5 * (mu**2 + var - 1 - torch.log(var + 1e-8))
    return kl.sum(1)


def clamped(mu, logvar):
    # from a diffusion model's autoencoder: avoid overflow
    logvar = torch.clamp(logvar, -10.0, 10.0)
    var = torch.exp(logvar)
    return 0.5 * torch.sum(mu**2 + var - 1.0 - logvar, dim=1)


def in_place(mu, logvar):
    kl = mu.pow_(2)
    kl = kl + logvar.exp() - 1 - logvar
    return 0.5 * kl.sum(1)


def through_numpy(mu, logvar):
    m = mu.detach().numpy()
    lv = logvar.detach().numpy()
    kl = 0.5 * np.sum(m**2 + np.exp(lv) - 1 - lv, axis=1)
    return torch.from_numpy(kl)


RIGHT = [
    kingma_form,
    double_loop,
    cross_entropy_minus_entropy,
    einsum_form,
    nll_form,
]

WRONG = [
    (
        "returns minus the KL, as the ELBO's term in the paper",
        "The sign is turned: this is",
        sign_turned,
    ),
    (
        "averages over the latents instead of summing",
        "You average over the latents: sum",
        mean_over_latents,
    ),
    (
        "takes logvar for log sigma",
        "You take logvar for log sigma:",
        logvar_as_log_sigma,
    ),
    (
        "puts sigma where sigma^2 belongs",
        r"You take sigma for sigma\^",
        sigma_for_variance,
    ),
    (
        "the other direction, KL(prior || q)",
        "This is the KL the other",
        other_direction,
    ),
    (
        "subtracts 1 once per image instead of once per latent",
        "The 1 is subtracted once: every",
        one_once,
    ),
    (
        "sums over the batch as well, as PyTorch's example does",
        r"Your result has shape \(\); asked",
        whole_batch,
    ),
    (
        "returns inside the loop, after the first latent",
        "Only the first latent counts: does",
        returns_too_early,
    ),
    (
        "takes log(exp(logvar) + 1e-8): wrong for small widths",
        "A small number in the logarithm",
        padded_logarithm,
    ),
    (
        "clamps logvar to -10...10: wrong outside",
        "Right in the ordinary cases, but",
        clamped,
    ),
    ("squares mu in place", "You change the input mu in", in_place),
    (
        "computes in NumPy, so that the gradient is lost",
        "The values are right, but the",
        through_numpy,
    ),
]
