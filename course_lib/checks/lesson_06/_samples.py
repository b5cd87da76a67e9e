"""Lesson 06: wrong forms of a sample of N(mu, exp(logvar))."""

from math import sqrt

from torch.nn.functional import softplus
from torch.special import ndtr


def sample(mu, logvar, eps):
    return mu + (0.5 * logvar).exp() * eps


def _scaled(scale):
    return lambda mu, logvar, eps: mu + scale(logvar) * eps


def _uniform(low, high):
    def with_uniform(mu, logvar, eps):
        return sample(mu, logvar, low + (high - low) * ndtr(eps))

    return with_uniform


# functions of mu, logvar and standard normal noise
WRONG_SAMPLES = {
    "The noise is multiplied by exp(logvar): that is the variance, not "
    "sigma.": [_scaled(lambda logvar: logvar.exp())],
    "The half belongs inside the exponential: half the variance is not "
    "sigma.": [_scaled(lambda logvar: 0.5 * logvar.exp())],
    "The noise is multiplied by logvar itself: the exponential is missing.": [
        _scaled(lambda logvar: logvar),
        _scaled(lambda logvar: logvar.abs()),
    ],
    "The noise is multiplied by log sigma: the exponential is missing.": [
        _scaled(lambda logvar: 0.5 * logvar)
    ],
    "You take the root of logvar: it is a logarithm, often negative.": [
        _scaled(lambda logvar: logvar.sqrt())
    ],
    "You take the root of sigma: one half makes sigma of the variance.": [
        _scaled(lambda logvar: (0.25 * logvar).exp())
    ],
    "You square the variance: its root is sigma.": [
        _scaled(lambda logvar: (2 * logvar).exp())
    ],
    "The noise is divided by sigma: the exponent has the wrong sign.": [
        _scaled(lambda logvar: (-0.5 * logvar).exp())
    ],
    "You take softplus for the exponential: logvar is log sigma^2.": [
        _scaled(softplus),
        _scaled(lambda logvar: softplus(0.5 * logvar)),
        _scaled(lambda logvar: softplus(logvar).sqrt()),
    ],
    "The noise is not scaled: sigma is missing.": [
        lambda mu, logvar, eps: mu + eps
    ],
    "sigma is added: it multiplies the noise.": [
        lambda mu, logvar, eps: mu + (0.5 * logvar).exp() + eps
    ],
    "mu is missing: the samples lie around 0.": [
        lambda mu, logvar, eps: (0.5 * logvar).exp() * eps
    ],
    "mu is multiplied by sigma too: only the noise is.": [
        lambda mu, logvar, eps: (0.5 * logvar).exp() * (mu + eps)
    ],
    "The noise multiplies mu too: it multiplies sigma alone.": [
        lambda mu, logvar, eps: (mu + (0.5 * logvar).exp()) * eps
    ],
    "sigma multiplies mu: it multiplies the noise.": [
        lambda mu, logvar, eps: (0.5 * logvar).exp() * mu + eps
    ],
    "The noise multiplies mu: it multiplies sigma.": [
        lambda mu, logvar, eps: mu * eps + (0.5 * logvar).exp()
    ],
    "z comes from the prior, whatever mu and logvar are.": [
        lambda mu, logvar, eps: eps
    ],
    "mu and logvar have changed places.": [
        lambda mu, logvar, eps: sample(logvar, mu, eps)
    ],
    "The noise is uniform: it has to be standard normal (torch.randn).": [
        _uniform(0, 1),
        _uniform(-1, 1),
        _uniform(-0.5, 0.5),
        _uniform(-sqrt(3), sqrt(3)),
    ],
    "The noise is never negative: it has to be standard normal.": [
        lambda mu, logvar, eps: sample(mu, logvar, eps.abs())
    ],
}
