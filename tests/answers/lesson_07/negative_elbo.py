"""Answers to negative_elbo, in forms that learners write."""

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


RIGHT = [
    loss_usual,
    loss_by_distributions,
    loss_by_softplus,
    loss_loop,
]


def other_reconstruction(f):
    def loss(logits, x, mu, logvar):
        return f(logits, x) + kl_of(mu, logvar)

    return loss


WRONG = [
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
                    x * a.sigmoid().log() + (1 - x) * (1 - a.sigmoid()).log()
                ).sum((1, 2, 3))
            )
        ),
    ),
    (
        "wrong sign",
        lambda a, x, *heads: bce_of(a, x).flatten(1).sum(1) - kl_of(*heads),
    ),
    ("no KL", lambda a, x, *heads: bce_of(a, x).flatten(1).sum(1)),
    (
        "no KL",
        lambda a, x, *heads: F.mse_loss(a.sigmoid(), x, reduction="none").sum(
            (1, 2, 3)
        ),
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
            lambda a, x: -Normal(a.mean(), a.std()).log_prob(x).sum((1, 2, 3))
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
]
