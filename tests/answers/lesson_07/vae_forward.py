"""Answers to vae_forward, in forms that learners write."""

from functools import partial

import torch
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


RIGHT = [forward_usual, forward_rsample, forward_split]


def sampling(sample):
    return partial(forward_split, sample=sample)


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


WRONG = [
    ("z is mu", sampling(lambda mu, logvar: mu)),
    ("One head", one_head),
    ("One head", first_half_twice),
    ("ReLU", relu_heads),
    ("swapped", swapped),
    ("halve the batch", halved_batch),
    (
        "return logvar itself",
        lambda vae, x: (
            *forward_usual(vae, x)[:2],
            forward_usual(vae, x)[2].exp(),
        ),
    ),
    (
        "z is detached",
        sampling(lambda mu, logvar: Normal(mu, (logvar / 2).exp()).sample()),
    ),
    (
        "noise is multiplied by the variance",
        sampling(lambda m, v: m + v.exp() * torch.randn_like(m)),
    ),
    (
        "logvar itself",
        sampling(lambda m, v: m + v * torch.randn_like(m)),
    ),
    ("from the prior", sampling(lambda m, v: torch.randn_like(m))),
    (
        "share one noise",
        sampling(lambda m, v: m + (v / 2).exp() * torch.randn(m.shape[1])),
    ),
    (
        "uniform",
        sampling(lambda m, v: m + (v / 2).exp() * torch.rand(m.shape)),
    ),
    (
        "return images",
        lambda vae, x: (
            forward_usual(vae, x)[0].sigmoid(),
            *forward_usual(vae, x)[1:],
        ),
    ),
    (
        "returned detached",
        lambda vae, x: (
            forward_usual(vae, x)[0],
            *(h.detach() for h in forward_usual(vae, x)[1:]),
        ),
    ),
    ("All results are detached", torch.no_grad()(forward_rsample)),
    ("tuple of length 2", lambda vae, x: forward_usual(vae, x)[:2]),
    ("one Tensor", lambda vae, x: forward_usual(vae, x)[0]),
]
