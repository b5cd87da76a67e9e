"""Answers to vae_forward, in forms that learners write."""

from functools import partial

import torch
import torch.nn.functional as F
from torch.distributions import Normal


def forward_usual(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=-1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def forward_rsample(vae, x):
    heads = vae.encoder(x)
    K = heads.shape[1] // 2
    mu, logvar = heads[:, :K], heads[:, K:]
    z = Normal(mu, (logvar / 2).exp()).rsample()
    return vae.decoder(z), mu, logvar


def forward_split(vae, x, sample=None):
    heads = vae.encoder(x)
    mu, logvar = torch.split(heads, heads.size(1) // 2, dim=1)
    eps = torch.randn(mu.size(1), mu.size(0), dtype=mu.dtype).T
    z = sample(mu, logvar) if sample else mu + logvar.exp().sqrt() * eps
    return vae.decoder(z), mu, logvar


def forward_by_images(vae, x):
    logits, mus, logvars = [], [], []
    for image in x:
        mu, logvar = vae.encoder(image[None]).chunk(2, dim=1)
        z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape)
        logits.append(vae.decoder(z.to(x.dtype)))
        mus.append(mu)
        logvars.append(logvar)
    return torch.cat(logits), torch.cat(mus), torch.cat(logvars)


def forward_twice(vae, x):
    mu = vae.encoder(x).unflatten(1, (2, -1))[:, 0]
    logvar = vae.encoder(x).unflatten(1, (2, -1))[:, 1]
    noise = torch.normal(torch.zeros_like(mu), 1)
    return [vae.decoder(mu - noise * torch.exp(logvar / 2)), mu, logvar]


def forward_in_double(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    mu, logvar = mu.double(), logvar.double()
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    return vae.decoder(z.to(x.dtype)).double(), mu, logvar


RIGHT = [
    forward_in_double,
    forward_usual,
    forward_rsample,
    forward_split,
    forward_by_images,
    forward_twice,
]


def sampling(sample):
    return partial(forward_split, sample=sample)


def returning(change):
    return lambda vae, x: change(*forward_usual(vae, x))


def one_head(vae, x):
    def encode(x):
        return vae.encoder(x)

    def reparameterize(mu, logvar):
        return mu + (0.5 * logvar).exp() * torch.randn_like(mu)

    z = reparameterize(encode(x), encode(x))
    return vae.decoder(z), encode(x), encode(x)


def first_half_twice(vae, x):
    mu = logvar = vae.encoder(x).chunk(2, 1)[0]
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def relu_heads(vae, x):
    mu, logvar = vae.encoder(x).relu().chunk(2, 1)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def swapped(vae, x):
    logvar, mu = vae.encoder(x).chunk(2, 1)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def halved_batch(vae, x):
    mu, logvar = vae.encoder(x).chunk(2)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def alternating(vae, x):
    heads = vae.encoder(x)
    mu, logvar = heads[:, 0::2], heads[:, 1::2]
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar


def decodes_the_heads(vae, x):
    heads = vae.encoder(x)
    mu, logvar = heads.chunk(2, 1)
    return vae.decoder(heads), mu, logvar


def noise_on_the_logits(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, 1)
    logits = vae.decoder(mu)
    return logits + torch.randn_like(logits), mu, logvar


def z_for_mu(vae, x):
    mu, logvar = vae.encoder(x).chunk(2, 1)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    return vae.decoder(z), z, logvar


def seeded(vae, x):
    torch.manual_seed(0)
    return forward_usual(vae, x)


def evaluating(vae, x):
    vae.eval()
    return forward_usual(vae, x)


WRONG = [
    ("z is mu", sampling(lambda mu, logvar: mu)),
    ("z is mu", decodes_the_heads),
    ("Nothing is drawn", sampling(lambda m, v: m + (v / 2).exp())),
    ("One head", one_head),
    ("One head", first_half_twice),
    ("ReLU", relu_heads),
    ("swapped", swapped),
    ("halve the batch", halved_batch),
    ("every other column", alternating),
    (
        r"return exp\(logvar\): return logvar itself",
        returning(lambda logits, mu, logvar: (logits, mu, logvar.exp())),
    ),
    (
        "return sigma: return logvar itself",
        returning(lambda logits, mu, logvar: (logits, mu, (logvar / 2).exp())),
    ),
    ("logvar before mu", returning(lambda a, mu, logvar: (a, logvar, mu))),
    ("another order", returning(lambda a, mu, logvar: (mu, logvar, a))),
    ("z in the place of mu", z_for_mu),
    (
        "z is detached",
        sampling(lambda mu, logvar: Normal(mu, (logvar / 2).exp()).sample()),
    ),
    (
        "mu is detached in z",
        sampling(
            lambda m, v: m.detach() + v.exp().sqrt() * torch.randn(v.shape)
        ),
    ),
    (
        "sigma is detached in z",
        sampling(
            lambda m, v: m + (v / 2).exp().detach() * torch.randn(v.shape)
        ),
    ),
    (
        "is the variance",
        sampling(lambda m, v: m + v.exp() * torch.randn_like(m)),
    ),
    (
        "half belongs inside",
        sampling(lambda m, v: m + 0.5 * v.exp() * torch.randn_like(m)),
    ),
    (
        "logvar itself",
        sampling(lambda m, v: m + v * torch.randn_like(m)),
    ),
    (
        "softplus",
        sampling(lambda m, v: m + F.softplus(v) * torch.randn_like(m)),
    ),
    ("not scaled", sampling(lambda m, v: m + torch.randn_like(m))),
    (
        "mu is missing",
        sampling(lambda m, v: (v / 2).exp() * torch.randn_like(m)),
    ),
    ("from the prior", sampling(lambda m, v: torch.randn_like(m))),
    (
        "rows share one noise",
        sampling(lambda m, v: m + (v / 2).exp() * torch.randn(m.shape[1])),
    ),
    (
        "latents share one noise",
        sampling(lambda m, v: m + (v / 2).exp() * torch.randn(len(m), 1)),
    ),
    (
        "One random number",
        sampling(lambda m, v: m + (v / 2).exp() * torch.randn(1)),
    ),
    (
        "uniform",
        sampling(lambda m, v: m + (v / 2).exp() * torch.rand(m.shape)),
    ),
    (
        "Standard deviation of",
        sampling(
            lambda m, v: m + (v / 2).exp() * torch.randn(8, *m.shape).mean(0)
        ),
    ),
    (
        "Standard deviation of",
        sampling(lambda m, v: m + 1.1 * (v / 2).exp() * torch.randn_like(m)),
    ),
    (
        "Standard deviation of",
        sampling(lambda m, v: m + (0.55 * v).exp() * torch.randn_like(m)),
    ),
    (
        "Mean, in standard deviations",
        sampling(lambda m, v: m + (v / 2).exp() * (torch.randn_like(m) + 0.1)),
    ),
    ("return images", returning(lambda a, *heads: (a.sigmoid(), *heads))),
    ("not what the decoder makes", noise_on_the_logits),
    (
        "returned detached",
        returning(lambda a, *heads: (a, *(h.detach() for h in heads))),
    ),
    (
        "Slope of the returned logvar",
        returning(lambda a, mu, logvar: (a, mu, logvar.detach())),
    ),
    ("All results are detached", torch.no_grad()(forward_rsample)),
    ("torch.manual_seed", seeded),
    ("another mode", evaluating),
    (
        "return 2 values; return three",
        returning(lambda a, mu, logvar: (a, mu)),
    ),
    ("one Tensor; return three", returning(lambda a, mu, logvar: a)),
    (
        r"logits:\nYour result has shape \(1200, 90\)",
        returning(lambda a, *heads: (a.flatten(1), *heads)),
    ),
    (
        r"mu:\nYour result has shape \(40,\)",
        returning(lambda a, mu, logvar: (a, mu.mean(0), logvar.mean(0))),
    ),
]
