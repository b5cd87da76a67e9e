"""Answers to vae_forward, written blind."""

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal

from course_lib import models

# ---------------------------------------------------------------- right


def as_the_notebook(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn_like(mu)
    return vae.decoder(mu + torch.exp(0.5 * logvar) * eps), mu, logvar


def with_rsample(vae, x):
    h = vae.encoder(x)
    K = h.shape[1] // 2
    mu, logvar = h[:, :K], h[:, K:]
    std = torch.exp(logvar / 2)
    q = Independent(Normal(mu, std, validate_args=False), 1)
    return vae.decoder(q.rsample()), mu, logvar


def with_course_lib(model, images):
    heads = model.encoder(images)
    mean, log_variance = torch.split(heads, heads.size(1) // 2, dim=1)
    code = models.reparameterize(mean, log_variance)
    return model.decoder(code), mean, log_variance


def row_by_row(vae, x):
    h = vae.encoder(x)
    K = h.shape[1] // 2
    codes = torch.empty(len(h), K, dtype=h.dtype)
    for b in range(len(h)):
        for k in range(K):
            noise = torch.randn((), dtype=h.dtype)
            codes[b, k] = h[b, k] + (0.5 * h[b, K + k]).exp() * noise
    return vae.decoder(codes), h[:, :K], h[:, K:]


def matrix_form(vae, x):
    mu, logvar = vae.encoder(x).unflatten(1, (2, -1)).unbind(1)
    eps = torch.normal(torch.zeros_like(mu), torch.ones_like(mu))
    root = torch.diag_embed((logvar * 0.5).exp())
    z = torch.baddbmm(mu.unsqueeze(2), root, eps.unsqueeze(2)).squeeze(2)
    logits = vae.decoder(z)
    return logits, mu, logvar


# ---------------------------------------------------------------- wrong


def decodes_the_mean(vae, x):
    h = vae.encoder(x)
    mu, logvar = h.chunk(2, dim=1)
    logits = vae.decoder(mu)
    return logits, mu, logvar


def variance_as_width(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    eps = torch.randn_like(mu)
    z = mu + logvar.exp() * eps
    return vae.decoder(z), mu, logvar


def path_cut(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    q = Normal(mu, torch.exp(0.5 * logvar))
    z = q.sample()
    logits = vae.decoder(z)
    return logits, mu, logvar


def probabilities(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    recon = torch.sigmoid(vae.decoder(z))
    return recon, mu, logvar


def interleaved(vae, x):
    h = vae.encoder(x)
    mu = h[:, 0::2]
    logvar = h[:, 1::2]
    std = torch.exp(0.5 * logvar)
    z = mu + std * torch.randn_like(std)
    return vae.decoder(z), mu, logvar


def keras_order(vae, x):
    z_mean, z_log_var = vae.encoder(x).chunk(2, dim=1)
    epsilon = torch.randn_like(z_mean)
    z = z_mean + torch.exp(0.5 * z_log_var) * epsilon
    reconstruction = vae.decoder(z)
    return z_mean, z_log_var, reconstruction


def returns_sigma(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    std = torch.exp(0.5 * logvar)
    z = mu + std * torch.randn_like(std)
    logits = vae.decoder(z)
    return logits, mu, std


def twenty_hard_coded(vae, x):
    h = vae.encoder(x)
    mu = h[:, :20]
    logvar = h[:, 20:]
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def left_in_eval(vae, x):
    vae.eval()
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    logits = vae.decoder(z)
    return logits, mu, logvar


def one_noise_for_all(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    latent_dim = mu.shape[1]
    eps = torch.randn(1, latent_dim, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return vae.decoder(z), mu, logvar


def noise_only_in_training(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    if vae.training:
        std = torch.exp(0.5 * logvar)
        z = mu + std * torch.randn_like(std)
    else:
        z = mu
    return vae.decoder(z), mu, logvar


def relu_on_heads(vae, x):
    h = F.relu(vae.encoder(x))
    mu, logvar = h.chunk(2, dim=1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


RIGHT = [
    as_the_notebook,
    with_rsample,
    with_course_lib,
    row_by_row,
    matrix_form,
]

WRONG = [
    (
        "decodes mu, samples nothing",
        "There is no noise: z is",
        decodes_the_mean,
    ),
    (
        "takes the variance exp(logvar) for sigma",
        r"The noise is multiplied by exp\(logvar\):",
        variance_as_width,
    ),
    (
        "sample() instead of rsample(): the path is cut",
        "z is detached: no gradient reaches",
        path_cut,
    ),
    (
        "returns probabilities instead of logits",
        "You return images: return the logits,",
        probabilities,
    ),
    (
        "takes mu and logvar in turns, not side by side",
        "You take every other column for",
        interleaved,
    ),
    (
        "Keras's order of results: mu, logvar, logits",
        "You return the results in another",
        keras_order,
    ),
    (
        "returns sigma in the place of logvar",
        r"You return sigma: return logvar itself\.",
        returns_sigma,
    ),
    (
        "K = 20 hard-coded",
        "Your function raises RuntimeError: The size",
        twenty_hard_coded,
    ),
    (
        "leaves the model in eval mode",
        "You leave vae in another mode",
        left_in_eval,
    ),
    (
        "the same noise for all images",
        "All rows share one noise: draw",
        one_noise_for_all,
    ),
    (
        "no noise if the model is in eval mode",
        "In evaluation mode z is mu:",
        noise_only_in_training,
    ),
    ("a ReLU on both heads", "A ReLU on the heads forces", relu_on_heads),
]
