"""Answers to vae_forward, written blind."""

import torch
from torch.distributions import Normal


def by_rsample(vae, x):
    heads = vae.encoder(x)
    mu, logvar = heads.split(heads.shape[1] // 2, dim=1)
    q = Normal(mu, torch.exp(logvar / 2), validate_args=False)
    return vae.decoder(q.rsample()), mu, logvar


def image_by_image(model, images):
    heads = model.encoder(images)
    K = heads.shape[1] // 2
    mu, logvar = heads[:, :K], heads[:, K:]
    codes = []
    for m, l in zip(mu, logvar):
        eps = torch.randn(K, dtype=m.dtype, device=m.device)
        codes.append(m + eps * torch.exp(l / 2))
    return model.decoder(torch.stack(codes)), mu, logvar


def decodes_the_mean(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    logits = vae.decoder(mu)
    return logits, mu, logvar


def heads_exchanged(vae, x):
    logvar, mu = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * logvar) * eps
    return vae.decoder(z), mu, logvar


def probabilities(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    logits = torch.sigmoid(vae.decoder(z))
    return logits, mu, logvar


def same_noise_for_all(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn(mu.shape[1], dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return vae.decoder(z), mu, logvar


def samples_only_in_training(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    if vae.training:
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    else:
        z = mu
    return vae.decoder(z), mu, logvar


def seeds(vae, x):
    torch.manual_seed(0)
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * logvar) * eps
    return vae.decoder(z), mu, logvar


RIGHT = [
    by_rsample,
    image_by_image,
]

WRONG = [
    (
        "decodes the mean, without sampling",
        "There is no noise: z is",
        decodes_the_mean,
    ),
    (
        "takes the first half for logvar, the second for mu",
        "mu and logvar are swapped: mu",
        heads_exchanged,
    ),
    (
        "returns probabilities instead of logits",
        "You return images: return the logits,",
        probabilities,
    ),
    (
        "uses the same noise for all images of the batch",
        "All rows share one noise: draw",
        same_noise_for_all,
    ),
    (
        "samples only in training mode, and decodes mu in evaluation mode",
        "In evaluation mode z is mu:",
        samples_only_in_training,
    ),
    (
        "seeds the global generator in each call",
        r"You call torch\.manual_seed inside the function:",
        seeds,
    ),
]
