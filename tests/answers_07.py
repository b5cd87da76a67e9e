"""Answers to lesson 07's exercises, in forms that learners write."""

import math
from functools import partial
from statistics import NormalDist

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence


def kl_of(mu, logvar):
    return -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)


def bce_of(logits, x, reduction="none"):
    return F.binary_cross_entropy_with_logits(logits, x, reduction=reduction)


def loss_usual(logits, x, mu, logvar):
    return bce_of(logits, x).sum(dim=(1, 2, 3)) + kl_of(mu, logvar)


def loss_by_distributions(logits, x, mu, logvar):
    p = Bernoulli(logits=logits, validate_args=False)
    rate = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0 * mu, 1))
    return rate.sum(1) - p.log_prob(x).sum((1, 2, 3))


def loss_by_softplus(logits, x, mu, logvar):
    nll = F.softplus(logits) - x * logits
    return nll.flatten(1).sum(1) + kl_of(mu, logvar)


def loss_loop(logits, x, mu, logvar):
    rows = []
    for a, image, m, v in zip(logits, x, mu, logvar, strict=True):
        rows.append(bce_of(a, image, "sum") + kl_of(m[None], v[None])[0])
    return torch.stack(rows)


def other_reconstruction(f):
    def loss(logits, x, mu, logvar):
        return f(logits, x) + kl_of(mu, logvar)

    return loss


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


def slerp_usual(a, b, t):
    cosine = torch.dot(a / a.norm(), b / b.norm()).clamp(-1, 1)
    omega = torch.acos(cosine)
    if omega.sin() < 1e-3:
        return torch.lerp(a, b, t)
    first, second = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return first / omega.sin() * a + second / omega.sin() * b


def slerp_cosine(a, b, t):
    cosine = F.cosine_similarity(a, b, dim=0)
    if cosine > 1 - 1e-6:
        return a + t * (b - a)
    omega = cosine.acos()
    weights = torch.stack([((1 - t) * omega).sin(), (t * omega).sin()])
    return weights @ torch.stack([a, b]) / omega.sin()


def slerp_in_double(a, b, t):
    one, two = a.double(), b.double()
    omega = math.acos(
        min(1.0, ((one @ two) / (one.norm() * two.norm())).item())
    )
    if omega < 1e-3:
        return (1 - t) * a + t * b
    scale = math.sin(omega)
    return a * (math.sin((1 - t) * omega) / scale) + b * (
        math.sin(t * omega) / scale
    )


def grid_usual(n):
    shares = (torch.arange(n) + 0.5) / n
    places = Normal(0.0, 1.0).icdf(shares)
    rows, columns = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2)


def grid_loop(n):
    places = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]
    pairs = [(right, up) for up in reversed(places) for right in places]
    return torch.tensor(pairs)


def grid_erfinv(n, shares=None, order="columns rows"):
    if shares is None:
        shares = torch.linspace(0.5 / n, 1 - 0.5 / n, n)
    places = math.sqrt(2) * torch.erfinv(2 * shares - 1)
    axes = {
        "columns": places.repeat(n),
        "rows": places.flip(0).repeat_interleave(n),
    }
    return torch.stack([axes[name] for name in order.split()], 1)


RIGHT = {
    "negative_elbo": [
        loss_usual,
        loss_by_distributions,
        loss_by_softplus,
        loss_loop,
    ],
    "vae_forward": [forward_usual, forward_rsample, forward_split],
    "slerp": [slerp_usual, slerp_cosine, slerp_in_double],
    "prior_grid": [grid_usual, grid_loop, grid_erfinv],
}

WRONG = {
    "negative_elbo": [
        ("ELBO itself", lambda *a: -loss_usual(*a)),
        (
            "reconstruction term has the wrong sign",
            other_reconstruction(lambda a, x: -bce_of(a, x).sum((1, 2, 3))),
        ),
        (
            "log-probability of the code",
            lambda a, x, mu, _: (
                bce_of(a, x).sum((1, 2, 3)) - mu.softmax(1).log().sum(1)
            ),
        ),
        (
            "-1 of the KL",
            lambda a, x, m, v: loss_usual(a, x, m, v) + m.shape[1] / 2,
        ),
        (
            "whole batch are summed",
            other_reconstruction(lambda a, x: bce_of(a, x, "sum")),
        ),
        (
            "logits come first",
            other_reconstruction(lambda a, x: bce_of(x, a).sum((1, 2, 3))),
        ),
        (
            "squared error",
            other_reconstruction(lambda a, x: ((a - x) ** 2).sum((1, 2, 3))),
        ),
        (
            "lose large logits",
            other_reconstruction(
                lambda a, x: (
                    -(
                        x * a.sigmoid().log()
                        + (1 - x) * (1 - a.sigmoid()).log()
                    ).sum((1, 2, 3))
                )
            ),
        ),
        (
            "wrong sign",
            lambda a, x, *heads: (
                bce_of(a, x).flatten(1).sum(1) - kl_of(*heads)
            ),
        ),
        ("no KL", lambda a, x, *heads: bce_of(a, x).flatten(1).sum(1)),
        (
            "no KL",
            lambda a, x, *heads: F.mse_loss(
                a.sigmoid(), x, reduction="none"
            ).sum((1, 2, 3)),
        ),
        (
            "1/2",
            lambda a, x, m, v: loss_usual(a, x, m, v) + kl_of(m, v),
        ),
        (
            "mean over the pixels",
            other_reconstruction(lambda a, x: bce_of(a, x).mean((1, 2, 3))),
        ),
        (
            "mean over the pixels",
            other_reconstruction(lambda a, x: bce_of(a, x, "mean")),
        ),
        (
            "averaged over the latents",
            lambda a, x, m, v: (
                bce_of(a, x).sum((1, 2, 3)) + kl_of(m, v) / m.shape[1]
            ),
        ),
        (
            "taken twice",
            other_reconstruction(
                lambda a, x: bce_of(a.sigmoid(), x).sum((1, 2, 3))
            ),
        ),
        (
            "squared error",
            other_reconstruction(
                lambda a, x: ((a.sigmoid() - x) ** 2).sum((1, 2, 3))
            ),
        ),
        (
            "no likelihood",
            other_reconstruction(
                lambda a, x: (
                    -Normal(a.mean(), a.std()).log_prob(x).sum((1, 2, 3))
                )
            ),
        ),
        (
            "summed over the batch too",
            lambda a, x, m, v: bce_of(a, x).sum((1, 2, 3)) + kl_of(m, v).sum(),
        ),
        ("reduce the batch", lambda *a: loss_usual(*a).mean()),
        ("reduce the batch", lambda *a: loss_usual(*a).sum()),
        (
            "lose large logits",
            other_reconstruction(
                lambda a, x: F.binary_cross_entropy(
                    a.sigmoid(), x, reduction="none"
                ).sum((1, 2, 3))
            ),
        ),
        (
            "gradient",
            lambda a, x, m, v: loss_usual(a, x, m, v.detach()),
        ),
    ],
    "vae_forward": [
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
            sampling(
                lambda mu, logvar: Normal(mu, (logvar / 2).exp()).sample()
            ),
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
    ],
    "slerp": [
        (
            "normalise",
            lambda a, b, t: (
                (
                    ((1 - t) * (w := (a @ b).clamp(-1, 1).acos())).sin() * a
                    + (t * w).sin() * b
                )
                / w.sin()
            ),
        ),
        ("swapped", lambda a, b, t: slerp_usual(a, b, 1 - t)),
        ("straight line", torch.lerp),
        (
            "may differ in length",
            lambda a, b, t: (
                a
                if F.cosine_similarity(a, b, dim=0) > 1 - 1e-6
                else slerp_usual(a, b, t)
            ),
        ),
        (
            "Only the directions",
            lambda a, b, t: slerp_usual(a / a.norm(), b / b.norm(), t),
        ),
        (
            "sine of the whole angle",
            lambda a, b, t: (
                slerp_usual(a, b, t)
                * F.cosine_similarity(a, b, dim=0).acos().sin()
            ),
        ),
        (
            "0/0",
            lambda a, b, t: (
                (
                    (
                        (1 - t) * (w := F.cosine_similarity(a, b, 0).acos())
                    ).sin()
                    * a
                    + (t * w).sin() * b
                )
                / w.sin()
            ),
        ),
        ("gradient", torch.no_grad()(slerp_usual)),
    ],
    "prior_grid": [
        (
            "equally spaced",
            lambda n: torch.cartesian_prod(
                torch.linspace(3, -3, n), torch.linspace(-3, 3, n)
            ).flip(1),
        ),
        (
            "return probabilities",
            lambda n: torch.cartesian_prod(
                (torch.arange(n).flip(0) + 0.5) / n,
                (torch.arange(n) + 0.5) / n,
            ).flip(1),
        ),
        (
            "ends are infinite",
            lambda n: grid_erfinv(n, torch.linspace(0, 1, n)),
        ),
        ("One end", lambda n: grid_erfinv(n, torch.arange(n) / n)),
        (
            "middles of n",
            lambda n: grid_erfinv(n, torch.arange(1, n + 1) / (n + 1)),
        ),
        ("axes are swapped", lambda n: grid_erfinv(n, order="rows columns")),
        ("upside down", lambda n: grid_usual(n) * torch.tensor([1, -1])),
        ("Right is left", lambda n: grid_usual(n) * torch.tensor([-1, 1])),
        ("shape", lambda n: grid_usual(n).reshape(n, n, 2)),
    ],
}
