"""Answers to negative_elbo, in forms that learners write."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence

P = Normal(0.0, 1.0)  # the prior


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


def loss_by_the_formula(logits, x, mu, logvar):
    nll = torch.log(1 + torch.exp(logits)) - x * logits
    sigma = torch.exp(logvar / 2)
    kl = 0.5 * (mu**2 + sigma**2 - 1) - torch.log(sigma)
    return nll.view(len(x), -1).sum(-1) + kl.sum(-1)


def loss_by_log_sigmoid(logits, x, mu, logvar):
    black, white = F.logsigmoid(logits), F.logsigmoid(-logits)
    log_p = torch.einsum("bchw,bchw->b", x, black)
    log_p = log_p + torch.einsum("bchw,bchw->b", 1 - x, white)
    return kl_of(mu, logvar) - log_p


def loss_in_double(logits, x, mu, logvar):
    inputs = (v.double() for v in (logits, x, mu, logvar))
    logits, x, mu, logvar = inputs
    nll = logits.clamp(min=0) - x * logits + torch.log1p((-logits.abs()).exp())
    return nll.sum((1, 2, 3)) + kl_of(mu, logvar)


RIGHT = [
    loss_usual,
    loss_by_distributions,
    loss_by_softplus,
    loss_loop,
    loss_by_the_formula,
    loss_by_log_sigmoid,
    loss_in_double,
]


def other_reconstruction(f):
    def loss(logits, x, mu, logvar):
        return f(logits, x) + kl_of(mu, logvar)

    return loss


def other_kl(f):
    def loss(logits, x, mu, logvar):
        return bce_of(logits, x).sum(dim=(1, 2, 3)) + f(mu, logvar)

    return loss


def log_of_sigmoid(a, x, eps=0.0):
    p = torch.sigmoid(a)
    nll = -x * torch.log(p + eps) - (1 - x) * torch.log(1 - p + eps)
    return nll.sum((1, 2, 3))


def clamped(a, x):
    p = torch.sigmoid(a).clamp(1e-6, 1 - 1e-6)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3))


def default_losses(logits, x, mu, logvar):
    kl = -0.5 * torch.mean(1 + logvar - mu**2 - logvar.exp())
    return F.binary_cross_entropy_with_logits(logits, x) + kl


def pixels_apart(logits, x, mu, logvar):
    return bce_of(logits, x) + kl_of(mu, logvar)


def latents_apart(logits, x, mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return bce_of(logits, x).sum((1, 2, 3)) + kl


WRONG = [
    ("ELBO itself", lambda *a: -loss_usual(*a)),
    (
        "reconstruction term has the wrong sign",
        other_reconstruction(lambda a, x: -bce_of(a, x).sum((1, 2, 3))),
    ),
    ("KL has the wrong sign", other_kl(lambda m, v: -kl_of(m, v))),
    (
        "KL has the wrong sign",
        other_kl(lambda m, v: 0.5 * (1 + v - m**2 - v.exp()).sum(1)),
    ),
    ("no KL", other_kl(lambda m, v: 0)),
    (
        "no KL",
        lambda a, x, *heads: F.mse_loss(a.sigmoid(), x, reduction="none").sum(
            (1, 2, 3)
        ),
    ),
    ("no KL", lambda a, x, *heads: F.mse_loss(a.sigmoid(), x)),
    ("the rate alone", lambda a, x, *heads: kl_of(*heads)),
    (
        "log-probability of the code",
        other_kl(lambda mu, _: -mu.softmax(1).log().sum(1)),
    ),
    ("KL: the -1", other_kl(lambda m, v: kl_of(m, v) + m.shape[1] / 2)),
    ("KL: a factor 1/2 is missing", other_kl(lambda m, v: 2 * kl_of(m, v))),
    ("KL: .* twice", other_kl(lambda m, v: 0.5 * kl_of(m, v))),
    (
        "KL: .* log sigma",
        other_kl(lambda m, v: kl_divergence(Normal(m, v.exp()), P).sum(1)),
    ),
    (
        "KL: .* sigma for sigma",
        other_kl(lambda m, v: 0.5 * (m**2 + (v / 2).exp() - 1 - v).sum(1)),
    ),
    (
        "KL: .* add the log",
        other_kl(lambda m, v: 0.5 * (m**2 + v.exp() - 1 + v).sum(1)),
    ),
    (
        "KL: .* other way",
        other_kl(
            lambda m, v: kl_divergence(P, Normal(m, (v / 2).exp())).sum(1)
        ),
    ),
    ("KL: only mu", other_kl(lambda m, v: 0.5 * m.square().sum(1))),
    ("KL: .* latents", other_kl(lambda m, v: kl_of(m, v) / m.shape[1])),
    ("KL is summed over the batch", other_kl(lambda *h: kl_of(*h).sum())),
    ("KL is averaged over the batch", other_kl(lambda *h: kl_of(*h).mean())),
    ("by the batch size", other_kl(lambda m, v: kl_of(m, v) / len(m))),
    ("latents are still apart", latents_apart),
    ("pixels are still apart", pixels_apart),
    (
        "Broadcasting",
        other_reconstruction(lambda a, x: bce_of(a, x).sum((2, 3))),
    ),
    (
        "mean over the pixels",
        other_reconstruction(lambda a, x: bce_of(a, x).mean((1, 2, 3))),
    ),
    (
        "default reduction",
        other_reconstruction(lambda a, x: bce_of(a, x, "mean")),
    ),
    ("default reduction", default_losses),
    (
        "whole batch are summed",
        other_reconstruction(lambda a, x: bce_of(a, x, "sum")),
    ),
    (
        "averaged over the batch",
        other_reconstruction(lambda a, x: bce_of(a, x, "sum") / len(x)),
    ),
    (
        "logits come first",
        other_reconstruction(lambda a, x: bce_of(x, a).sum((1, 2, 3))),
    ),
    (
        "taken twice",
        other_reconstruction(
            lambda a, x: bce_of(a.sigmoid(), x).sum((1, 2, 3))
        ),
    ),
    (
        "for probabilities",
        other_reconstruction(
            lambda a, x: F.binary_cross_entropy(a, x, reduction="none").sum(
                (1, 2, 3)
            )
        ),
    ),
    (
        "Only black ink",
        other_reconstruction(
            lambda a, x: -(x * F.logsigmoid(a)).sum((1, 2, 3))
        ),
    ),
    (
        "squared error",
        other_reconstruction(lambda a, x: ((a - x) ** 2).sum((1, 2, 3))),
    ),
    (
        "squared error",
        other_reconstruction(
            lambda a, x: ((a.sigmoid() - x) ** 2).sum((1, 2, 3))
        ),
    ),
    (
        "squared error",
        other_reconstruction(lambda a, x: F.mse_loss(a.sigmoid(), x)),
    ),
    (
        "no likelihood",
        other_reconstruction(
            lambda a, x: -Normal(a.mean(), a.std()).log_prob(x).sum((1, 2, 3))
        ),
    ),
    ("the mean of the values", lambda *a: loss_usual(*a).mean()),
    ("the sum of the values", lambda *a: loss_usual(*a).sum()),
    (r"divided by logits\[0\]", lambda *a: loss_usual(*a) / a[1][0].numel()),
    ("lose large logits", other_reconstruction(log_of_sigmoid)),
    (
        "lose large logits",
        other_reconstruction(lambda a, x: log_of_sigmoid(a, x, 1e-8)),
    ),
    (
        "lose large logits",
        other_reconstruction(
            lambda a, x: F.binary_cross_entropy(
                a.sigmoid(), x, reduction="none"
            ).sum((1, 2, 3))
        ),
    ),
    ("sigmoid is 0 or 1", other_reconstruction(clamped)),
    (
        "gradient",
        lambda a, x, m, v: loss_usual(a, x, m, v.detach()),
    ),
]
