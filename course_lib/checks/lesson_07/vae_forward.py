"""Lesson 07: the VAE's forward pass."""

from functools import partial

import torch
from torch import Tensor, nn

from course_lib.checks.exercise import Exercise
from course_lib.checks.noise import slope, statistics_of_noise


class _LinearVAE(nn.Module):
    """A linear encoder and decoder: z can be read off the logits."""

    def __init__(self, x, K):
        super().__init__()
        D, seed = x[0].numel(), torch.Generator().manual_seed(0)
        weights, columns = torch.randn(2, D, 2 * K, generator=seed)
        heads = [2.0, -1.0, 0.5][:K] + [1.5, -2.0, 0.5][:K]
        self.weights = 0.1 * weights.to(x)
        self.bias = nn.Parameter(torch.tensor(heads).to(x))
        self.columns = torch.linalg.qr(columns.to(x)).Q
        self.image_shape = x.shape[1:]

    def encoder(self, x):
        return x.flatten(1) @ self.weights + self.bias

    def decoder(self, z):
        logits = z @ self.columns[:, : z.shape[1]].T
        return logits.unflatten(1, self.image_shape)

    def codes_of(self, logits, K):
        return logits.flatten(1) @ self.columns[:, :K]


def _equal_images(generator):
    for B, K in [(10_000, 3), (9_000, 2)]:
        x = torch.rand(1, 1, 4, 5, generator=generator)
        yield {"x": x.repeat(B, 1, 1, 1), "K": K}


def _statistics(vae_forward, x, K):
    """What all right answers share, whatever the order of their draws."""
    vae = _LinearVAE(x, K)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        result = vae_forward(vae, x)
    shapes = [x.shape, (len(x), K), (len(x), K)]
    if not _are_tensors(result, shapes):
        return {"Result": result}
    logits, mu, logvar = result
    z = vae.codes_of(logits, K)
    right_mu, right_logvar = vae.encoder(x).chunk(2, dim=1)
    eps = (z - right_mu) / (0.5 * right_logvar).exp()
    slopes = {
        "Slope of the logits": slope(z, vae.bias) / len(x),
        "Slope of mu": slope(mu, vae.bias) / len(x),
        "Slope of logvar": slope(logvar, vae.bias) / len(x),
    }
    outputs = 0 * logits.detach(), mu.detach(), logvar.detach()
    return {"Result": outputs} | statistics_of_noise(eps.detach(), slopes)


def _are_tensors(result, shapes):
    if not isinstance(result, tuple):
        return False
    tensors = all(isinstance(r, Tensor) for r in result)
    return tensors and [r.shape for r in result] == shapes


def _sample(mu, logvar, noise=torch.randn_like):
    return mu + (0.5 * logvar).exp() * noise(mu)


def _halves(heads):
    return heads.chunk(2, dim=1)


def _forward(vae, x, split=_halves, sample=_sample):
    mu, logvar = split(vae.encoder(x))
    return vae.decoder(sample(mu, logvar)), mu, logvar


def _splitting(split):
    return partial(_forward, split=split)


def _sampling(sample):
    return partial(_forward, sample=sample)


def _returning(change):
    return lambda vae, x: change(*_forward(vae, x))


vae_forward = Exercise(
    """vae_forward(vae, x) -> logits (B, 1, H, W), mu (B, K), logvar (B, K).

    x: (B, 1, H, W), images; vae.encoder(x): (B, 2 K), mu and logvar side by
    side; vae.decoder(z): codes (B, K) to logits (B, 1, H, W). One z is
    sampled for each image.
    """,
    cases=_equal_images,
    experiment=_statistics,
    answer=_forward,
    mistakes={
        "z is mu: nothing is sampled, and this is a plain autoencoder.": (
            _sampling(lambda mu, logvar: mu)
        ),
        "One head serves as both mu and logvar: the encoder's output has two "
        "halves.": [
            _splitting(lambda heads: (_halves(heads)[0],) * 2),
            _splitting(lambda heads: (heads, heads)),
        ],
        "You halve the batch: the heads lie side by side, dim=1.": (
            _splitting(lambda heads: heads.chunk(2, dim=0))
        ),
        "You return exp(logvar): return logvar itself.": _returning(
            lambda logits, mu, logvar: (logits, mu, logvar.exp())
        ),
        "mu and logvar are swapped: mu is the first half.": (
            _splitting(lambda heads: _halves(heads)[::-1])
        ),
        "A ReLU on the heads forces mu >= 0 and sigma >= 1: take them as they "
        "are.": _splitting(lambda heads: _halves(heads.relu())),
        "z is detached: no gradient reaches the encoder through the "
        "decoder.": [
            _sampling(lambda *heads: _sample(*heads).detach()),
            _sampling(lambda mu, logvar: _sample(mu.detach(), logvar)),
            _sampling(lambda mu, logvar: _sample(mu, logvar.detach())),
        ],
        "mu and logvar are returned detached: the KL has to train them.": (
            _returning(
                lambda logits, *heads: (logits, *[h.detach() for h in heads])
            )
        ),
        "All results are detached: no gradient reaches the encoder. Use no "
        "detach, item or no_grad.": torch.no_grad()(_forward),
        "The noise is multiplied by the variance exp(logvar), not by sigma.": (
            _sampling(lambda mu, logvar: _sample(mu, 2 * logvar))
        ),
        "The noise is multiplied by logvar itself.": _sampling(
            lambda mu, logvar: mu + logvar * torch.randn_like(mu)
        ),
        "z comes from the prior, whatever the image is.": _sampling(
            lambda mu, logvar: torch.randn_like(mu)
        ),
        "All images share one noise: draw anew for each.": _sampling(
            partial(_sample, noise=lambda mu: torch.randn_like(mu[:1]))
        ),
        "The noise is uniform: it has to be standard normal (torch.randn).": (
            _sampling(partial(_sample, noise=torch.rand_like))
        ),
        "You return images: return the logits, without a sigmoid.": _returning(
            lambda logits, *heads: (logits.sigmoid(), *heads)
        ),
    },
    tolerance=0.1,
    sampled=True,
)
