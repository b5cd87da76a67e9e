"""Answers to mu_discount, written blind."""

import torch
import torch.nn.functional as F
from torch import distributions

# ---------------------------------------------------------------- right ones


def with_einsum(decoder, x, mu, logvar, eps):
    std = logvar.mul(0.5).exp()
    z = mu.unsqueeze(0) + std.unsqueeze(0) * eps

    def cross_entropy(codes):
        a = decoder(codes).flatten(1)
        return F.softplus(a).sum(1) - torch.einsum("bd,bd->b", a, x.flatten(1))

    found = torch.zeros_like(mu[:, 0])
    for s in range(len(eps)):
        found = found + cross_entropy(z[s])
    return found / len(eps) - cross_entropy(mu)


def by_distribution(decoder, x, mu, logvar, eps):
    def log_px(z):
        pixel = distributions.Bernoulli(logits=decoder(z), validate_args=False)
        return pixel.log_prob(x).sum((1, 2, 3))

    sigma = logvar.exp() ** 0.5
    draws = torch.stack([log_px(mu + sigma * e) for e in eps])
    return log_px(mu) - draws.mean(dim=0)


def one_long_batch(decoder, x, mu, logvar, eps):
    n_draws, n_images, n_latents = eps.shape
    z = torch.cat([mu[None], mu + torch.exp(logvar / 2) * eps])
    logits = decoder(z.view(-1, n_latents)).view(n_draws + 1, n_images, -1)
    target = x.flatten(1).expand(n_draws + 1, -1, -1)
    terms = F.binary_cross_entropy_with_logits(
        logits, target, reduction="none"
    ).sum(-1)
    return terms[1:].mean(0) - terms[0]


def with_probabilities(decoder, x, mu, logvar, eps):
    def loss(z):
        p = torch.sigmoid(decoder(z)).clamp(1e-7, 1 - 1e-7)
        return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=(1, 2, 3))

    sigma = torch.exp(0.5 * logvar)
    return sum(loss(mu + sigma * e) - loss(mu) for e in eps) / eps.shape[0]


def images_first(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    sigma = torch.exp(0.5 * logvar)
    z = mu[:, None] + sigma[:, None] * eps.transpose(0, 1)  # (B, S, K)
    nll = F.binary_cross_entropy_with_logits(
        decoder(z.reshape(B * S, K)),
        x.repeat_interleave(S, dim=0),
        reduction="none",
    )
    at_mu = F.binary_cross_entropy_with_logits(
        decoder(mu), x, reduction="none"
    )
    return nll.view(B, S, -1).sum(2).mean(1) - at_mu.flatten(1).sum(1)


# ---------------------------------------------------------------- wrong ones


def term(decoder, z, x):
    nll = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="none")
    return nll.flatten(1).sum(1)


def mu_first(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    terms = [term(decoder, mu + std * e, x) for e in eps]
    return term(decoder, mu, x) - torch.stack(terms).mean(0)


def variance_for_sigma(decoder, x, mu, logvar, eps):
    terms = [term(decoder, mu + logvar.exp() * e, x) for e in eps]
    return torch.stack(terms).mean(0) - term(decoder, mu, x)


def logvar_for_sigma(decoder, x, mu, logvar, eps):
    terms = [term(decoder, mu + logvar * e, x) for e in eps]
    return torch.stack(terms).mean(0) - term(decoder, mu, x)


def averages_codes(decoder, x, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps  # (S, B, K)
    z = z.mean(dim=0)
    return term(decoder, z, x) - term(decoder, mu, x)


def averages_pictures(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    pictures = [decoder(mu + std * e).sigmoid() for e in eps]
    p = torch.stack(pictures).mean(0)
    nll = F.binary_cross_entropy(p, x, reduction="none").flatten(1).sum(1)
    return nll - term(decoder, mu, x)


def averages_logits(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    logits = torch.stack([decoder(mu + std * e) for e in eps]).mean(0)
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return nll.flatten(1).sum(1) - term(decoder, mu, x)


def elbo_minus_reconstruction(decoder, x, mu, logvar, eps):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    std = torch.exp(0.5 * logvar)
    losses = torch.stack([term(decoder, mu + std * e, x) + kl for e in eps])
    return losses.mean(0) - term(decoder, mu, x)


def forgets_to_divide(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    total = 0
    for e in eps:
        total = total + term(decoder, mu + std * e, x)
    return total - term(decoder, mu, x)


def mean_loss_function(decoder, x, mu, logvar, eps):
    def nll(z):
        a = decoder(z)
        each = F.binary_cross_entropy_with_logits(a, x, reduction="none")
        return each.mean(dim=(1, 2, 3))

    std = torch.exp(0.5 * logvar)
    return torch.stack([nll(mu + std * e) for e in eps]).mean(0) - nll(mu)


def mean_of_everything(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    terms = torch.stack([term(decoder, mu + std * e, x) for e in eps])
    return (terms - term(decoder, mu, x)).mean()


def pairs_wrongly(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    z = (mu + torch.exp(0.5 * logvar) * eps).reshape(S * B, K)
    terms = term(decoder, z, x.repeat_interleave(S, dim=0))
    return terms.reshape(S, B).mean(0) - term(decoder, mu, x)


def reshapes_wrongly(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    z = (mu + torch.exp(0.5 * logvar) * eps).reshape(S * B, K)
    terms = term(decoder, z, x.repeat(S, 1, 1, 1))
    return terms.reshape(B, S).mean(1) - term(decoder, mu, x)


def whole_stack(decoder, x, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    logits = decoder(z)
    nll = F.binary_cross_entropy_with_logits(
        logits, x.expand_as(logits), reduction="none"
    )
    return nll.flatten(2).sum(2).mean(0) - term(decoder, mu, x)


def own_noise(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    terms = [
        term(decoder, mu + std * torch.randn_like(mu), x)
        for _ in range(len(eps))
    ]
    return torch.stack(terms).mean(0) - term(decoder, mu, x)


def only_sampled(decoder, x, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    return torch.stack([term(decoder, mu + std * e, x) for e in eps]).mean(0)


def scales_in_place(decoder, x, mu, logvar, eps):
    eps *= torch.exp(0.5 * logvar)
    terms = [term(decoder, mu + e, x) for e in eps]
    return torch.stack(terms).mean(0) - term(decoder, mu, x)


RIGHT = [
    with_einsum,
    by_distribution,
    one_long_batch,
    with_probabilities,
    images_first,
]

WRONG = [
    ("subtracts the wrong way round", "wrong sign", mu_first),
    ("exp(logvar) for sigma", "that is the variance", variance_for_sigma),
    ("logvar for sigma", "the exponential is missing", logvar_for_sigma),
    ("averages the codes", "You average the codes", averages_codes),
    ("averages the pictures", "You average the images", averages_pictures),
    ("averages the logits", "You average the logits", averages_logits),
    ("the rate in one", "in one of the two", elbo_minus_reconstruction),
    ("forgets to divide", "The draws are summed", forgets_to_divide),
    ("mean over pixels", "mean over the pixels", mean_loss_function),
    ("one number", "You average over the images too", mean_of_everything),
    ("repeat_interleave", "don't belong together", pairs_wrongly),
    ("reshapes wrongly", "cut up wrongly", reshapes_wrongly),
    ("hands over three dimensions", r"it takes \(n, K\)", whole_stack),
    ("draws noise itself", "eps", own_noise),
    ("no subtraction", "the sampled term alone", only_sampled),
    ("changes eps", "You change the input eps", scales_in_place),
]
