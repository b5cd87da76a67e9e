"""Answers to vae_forward, written blind."""

import torch
from torch.distributions import Normal


def with_rsample(vae, x):
    heads = vae.encoder(x)
    half = heads.shape[1] // 2
    mu, logvar = heads[:, :half], heads[:, half:]
    q = Normal(loc=mu, scale=torch.exp(logvar / 2), validate_args=False)
    return vae.decoder(q.rsample()), mu, logvar


def decodes_the_mean(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    logits = vae.decoder(mu)
    return logits, mu, logvar


def returns_probabilities(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * logvar) * eps
    out = torch.sigmoid(vae.decoder(z))
    return out, mu, logvar


def every_second_column(vae, x):
    h = vae.encoder(x)
    mu = h[:, 0::2]
    logvar = h[:, 1::2]
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def squeezes(vae, x):
    h = vae.encoder(x).squeeze()
    mu, logvar = h.chunk(2, dim=-1)
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * logvar) * eps
    return vae.decoder(z), mu, logvar


RIGHT = [
    with_rsample,
]

WRONG = [
    ("decodes mu, without noise", "There is no noise: z is", decodes_the_mean),
    (
        "returns probabilities instead of logits",
        "You return images: return the logits,",
        returns_probabilities,
    ),
    (
        "takes even columns as mu and odd ones as logvar",
        "You take every other column for",
        every_second_column,
    ),
    (
        "squeezes the encoder's output, so a batch of one loses its first dimension",
        "Right in the ordinary cases, but",
        squeezes,
    ),
]
