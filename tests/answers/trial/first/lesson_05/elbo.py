"""Answers to elbo, written blind."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

# ---------------------------------------------------------------- right ones


def formulas(x, mu, S, W, s2):
    D, K = W.shape
    s2 = torch.as_tensor(s2, dtype=x.dtype)
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    reconstruction = -0.5 * (D * torch.log(2 * torch.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return reconstruction - rate


def with_distributions(x, mu, S, W, s2):
    K = W.shape[1]
    q = MultivariateNormal(mu, covariance_matrix=S)
    prior = MultivariateNormal(torch.zeros(K).to(mu), torch.eye(K).to(mu))
    at_mean = Normal(mu @ W.T, s2**0.5).log_prob(x).sum(dim=1)
    blur = torch.einsum("dk,kl,dl->", W, S, W) / (2 * s2)
    return at_mean - blur - kl_divergence(q, prior)


def evidence_minus_gap(x, mu, S, W, s2):
    # (5.11), in double precision
    x_, mu_, S_, W_ = (t.double() for t in (x, mu, S, W))
    D, K = W_.shape
    C = W_ @ W_.T + s2 * torch.eye(D, dtype=torch.float64)
    log_p = MultivariateNormal(torch.zeros(D).double(), C).log_prob(x_)
    precision = torch.eye(K, dtype=torch.float64) + W_.T @ W_ / s2
    mean = torch.linalg.solve(precision, W_.T @ x_.T / s2).T
    posterior = MultivariateNormal(mean, precision_matrix=precision)
    gap = kl_divergence(MultivariateNormal(mu_, S_), posterior)
    return (log_p - gap).to(x.dtype)


def row_loop(images, means, covariance, W, variance):
    root = torch.linalg.cholesky(covariance)
    log_det = 2 * root.diagonal().log().sum()
    log_2pi_s2 = math.log(2 * math.pi * variance)
    results = []
    for image, mean in zip(images, means):
        energy = ((W @ root) ** 2).sum() + ((image - W @ mean) ** 2).sum()
        log_lik = -0.5 * (len(image) * log_2pi_s2 + energy / variance)
        kl = (root**2).sum() + mean @ mean - len(mean) - log_det
        results.append(log_lik - kl / 2)
    return torch.stack(results)


def free_energy(x, mu, S, W, s2):
    # E[log p(x | z)] + E[log p(z)] + entropy, (5.12)
    D, K = W.shape
    second = mu[:, :, None] * mu[:, None, :] + S  # E[z z^T], (B, K, K)
    G = W.T @ W
    squared = (x - torch.einsum("dk,bk->bd", W, mu)).square().sum(-1)
    squared = squared + (S * G).sum()
    log_lik = -0.5 * D * math.log(2 * math.pi * s2) - 0.5 * squared / s2
    trace = second.diagonal(dim1=1, dim2=2).sum(-1)
    log_prior = -0.5 * K * math.log(2 * math.pi) - 0.5 * trace
    entropy = 0.5 * K * (1 + math.log(2 * math.pi)) + 0.5 * torch.slogdet(S)[1]
    return log_lik + log_prior + entropy


# ---------------------------------------------------------------- wrong ones


def no_width_in_reconstruction(x, mu, S, W, s2):
    D, K = W.shape
    x_hat = mu @ W.T
    recon = -0.5 * D * math.log(2 * math.pi * s2)
    recon = recon - ((x - x_hat) ** 2).sum(1) / (2 * s2)
    kl = 0.5 * (torch.trace(S) + (mu**2).sum(1) - K - torch.logdet(S))
    return recon - kl


def one_pixels_constant(x, mu, S, W, s2):
    K = W.shape[1]
    squared = ((x - mu @ W.T) ** 2).sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * math.log(2 * math.pi * s2) - squared / (2 * s2)
    kl = 0.5 * (torch.trace(S) + (mu**2).sum(1) - K - torch.logdet(S))
    return recon - kl


def plus_kl(x, mu, S, W, s2):
    D, K = W.shape
    squared = ((x - mu @ W.T) ** 2).sum(1) + torch.trace(W.T @ W @ S)
    recon = -D / 2 * math.log(2 * math.pi * s2) - squared / (2 * s2)
    kl = 0.5 * (torch.trace(S) + (mu**2).sum(1) - K - torch.logdet(S))
    return recon + kl


def as_a_loss(x, mu, S, W, s2):
    D, K = W.shape
    squared = ((x - mu @ W.T) ** 2).sum(1) + torch.trace(W.T @ W @ S)
    nll = D / 2 * math.log(2 * math.pi * s2) + squared / (2 * s2)
    kl = 0.5 * (torch.trace(S) + (mu**2).sum(1) - K - torch.logdet(S))
    loss = nll + kl
    return loss


def product_of_traces(x, mu, S, W, s2):
    D, K = W.shape
    width = torch.trace(W.T @ W) * torch.trace(S)
    squared = (x - mu @ W.T).pow(2).sum(1) + width
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (torch.trace(S) + mu.pow(2).sum(1) - K - torch.logdet(S))
    return recon - kl


def s2_as_deviation(x, mu, S, W, s2):
    D, K = W.shape
    var = s2**2
    squared = (x - mu @ W.T).pow(2).sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * var) + squared / var)
    kl = 0.5 * (torch.trace(S) + mu.pow(2).sum(1) - K - torch.logdet(S))
    return recon - kl


def mean_over_pixels(x, mu, S, W, s2):
    D, K = W.shape
    mse = (x - mu @ W.T).square().mean(dim=-1)
    squared = mse + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (torch.trace(S) + mu.square().sum(dim=-1) - K - torch.logdet(S))
    return recon - kl


def diagonal_determinant(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    log_det = S.diagonal().log().sum()
    kl = 0.5 * (S.trace() + mu.square().sum(1) - K - log_det)
    return recon - kl


def all_codes_at_once(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (S.trace() + torch.sum(mu * mu) - K - torch.logdet(S))
    return recon - kl


def log_of_det(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.log(torch.det(S)))
    return recon - kl


def kl_turned_round(x, mu, S, W, s2):
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    q = MultivariateNormal(mu, S)
    prior = MultivariateNormal(
        torch.zeros_like(mu), torch.eye(K, dtype=mu.dtype)
    )
    return recon - kl_divergence(prior, q)


def residual_in_place(x, mu, S, W, s2):
    D, K = W.shape
    x -= mu @ W.T
    squared = (x**2).sum(1) + torch.trace(W.T @ W @ S)
    recon = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    kl = 0.5 * (S.trace() + (mu**2).sum(1) - K - torch.logdet(S))
    return recon - kl


RIGHT = [
    formulas,
    with_distributions,
    evidence_minus_gap,
    row_loop,
    free_energy,
]

WRONG = [
    (
        "forgets tr(W^T W S) in the reconstruction",
        r"The trace of W\^T W S",
        no_width_in_reconstruction,
    ),
    (
        "the constant of one pixel: forgets the factor D",
        r"The constant with log\(",
        one_pixels_constant,
    ),
    (
        "adds the KL instead of subtracting it",
        "The rate has the wrong sign:",
        plus_kl,
    ),
    (
        "returns the negative ELBO, a loss",
        "This is minus the ELBO: it",
        as_a_loss,
    ),
    (
        "takes the trace of a product for the product of the traces",
        "You multiply two traces: the trace",
        product_of_traces,
    ),
    (
        "takes s2 for a standard deviation and squares it",
        "You square what is a variance",
        s2_as_deviation,
    ),
    (
        "averages the squared error over pixels, as Keras does",
        "You average over the pixels: sum",
        mean_over_pixels,
    ),
    (
        "the determinant of the diagonal only: right for diagonal S",
        "You take the log-determinant of the",
        diagonal_determinant,
    ),
    (
        "sums mu^2 over the whole batch: right for one image",
        "The square of mu is summed",
        all_codes_at_once,
    ),
    (
        "the KL the other way round, prior to q",
        "This is the KL the other",
        kl_turned_round,
    ),
    (
        "subtracts the reconstruction from x in place",
        "You change the input x in",
        residual_in_place,
    ),
]

ACCEPTED = [
    ("log(det(S)): the determinant underflows for many latents", log_of_det),
]
