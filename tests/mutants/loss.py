"""A test of the VAE's loss."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal

from course_lib.checks.mutation import TestExercise
from mutants.kl import kl, of_distributions


def bce(logits, x):
    terms = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return terms.flatten(1).sum(1)


def loss(logits, x, mu, logvar):
    return bce(logits, x) + kl(mu, logvar)


def by_distributions(logits, x, mu, logvar):
    likelihood = Bernoulli(logits=logits, validate_args=False)
    nll = -likelihood.log_prob(x).flatten(1).sum(1)
    return nll + of_distributions(mu, logvar)


def with_reconstruction(f):
    return lambda a, x, mu, logvar: f(a, x) + kl(mu, logvar)


def with_rate(f):
    return lambda a, x, mu, logvar: bce(a, x) + f(mu, logvar)


def squared(x_hat, x):
    return (x_hat - x).square().flatten(1).sum(1)


def one_scale(a, x):
    p = a.sigmoid()
    q = Normal(p.mean(), p.std() + 1e-3)
    return -q.log_prob(x).flatten(1).sum(1)


def exchanged(a, x):
    target, p = a.sigmoid(), x.clamp(1e-6, 1 - 1e-6)
    terms = F.binary_cross_entropy(p, target, reduction="none")
    return terms.flatten(1).sum(1)


EXERCISE = TestExercise(
    """test_loss(loss): asserts what must hold of the VAE's loss.

    loss(logits, x, mu, logvar) -> (B,), minus the ELBO of each image in nats;
    logits, x: (B, 1, H, W); mu, logvar: (B, K). The prior is N(0, I).
    """,
    right={"the closed form": loss, "torch.distributions": by_distributions},
    mutants={
        "the mean over the pixels": with_reconstruction(
            lambda a, x: bce(a, x) / x[0].numel()
        ),
        "the KL is summed over the batch": with_rate(
            lambda mu, logvar: kl(mu, logvar).sum()
        ),
        "no KL": with_rate(lambda mu, logvar: 0),
        "the KL is subtracted": with_rate(lambda mu, logvar: -kl(mu, logvar)),
        "the ELBO, not minus it": lambda *inputs: -loss(*inputs),
        "the sigmoid is taken twice": with_reconstruction(
            lambda a, x: bce(a.sigmoid(), x)
        ),
        "the squared error of the logits": with_reconstruction(squared),
        "the squared error of the pixels": with_reconstruction(
            lambda a, x: squared(a.sigmoid(), x)
        ),
        "the batch's mean and standard deviation": with_reconstruction(
            one_scale
        ),
        "only pixels of 1 count": with_reconstruction(
            lambda a, x: (x * F.softplus(-a)).flatten(1).sum(1)
        ),
        "the KL's mean over the latents": with_rate(
            lambda mu, logvar: kl(mu, logvar) / mu.shape[1]
        ),
        "image and reconstruction are exchanged": with_reconstruction(
            exchanged
        ),
        "the sum over the batch": lambda *inputs: loss(*inputs).sum(),
    },
    hints={
        "the KL's mean over the latents": "more than one latent, mu not 0",
        "the KL is summed over the batch": "two batch sizes",
    },
    own=[
        "course_lib.losses.negative_elbo",
        "course_lib.losses.bernoulli_nll",
        "course_lib.losses.gaussian_kl",
    ],
)


def at_the_start(loss):
    x = (torch.rand(4, 1, 28, 28) < 0.5).float()
    zero = torch.zeros(4, 3)
    start = loss(torch.zeros(4, 1, 28, 28), x, zero, zero)
    assert (start - 784 * math.log(2)).abs().max() < 1e-2


def GOOD(loss):
    at_the_start(loss)
    x = (torch.rand(4, 1, 28, 28) < 0.3).float()
    logits, mu = torch.randn(4, 1, 28, 28), torch.ones(4, 3)
    inputs = logits, x, mu, torch.zeros(4, 3)
    values, p = loss(*inputs), logits.sigmoid()
    assert values.shape == (4,)
    log_p = (x * p.log() + (1 - x) * (1 - p).log()).flatten(1).sum(1)
    assert (values + log_p - 1.5).abs().max() < 0.02
    alone = loss(*[value[:1] for value in inputs])
    assert (alone - values[:1]).abs().max() < 1e-3


WEAK = [(at_the_start, 4)]
