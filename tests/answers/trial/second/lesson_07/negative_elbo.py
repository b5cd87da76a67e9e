"""Answers to negative_elbo, written blind."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli


def by_distributions(logits, x, mu, logvar):
    log_p = Bernoulli(logits=logits, validate_args=False).log_prob(x)
    rate = torch.zeros_like(mu[:, 0])
    for k in range(mu.shape[1]):
        m, l = mu[:, k], logvar[:, k]
        rate = rate + 0.5 * (m * m - l + torch.expm1(l))
    return rate - log_p.sum(dim=(1, 2, 3))


def image_by_image(a, image, mean, log_variance):
    losses = []
    for i in range(len(image)):
        a_i, x_i = a[i].double().ravel(), image[i].double().ravel()
        m, l = mean[i].double(), log_variance[i].double()
        nll = torch.logaddexp(a_i, torch.zeros_like(a_i)).sum() - x_i @ a_i
        kl = (m @ m + l.exp().sum() - l.sum() - len(m)) / 2
        losses.append((nll + kl).to(a.dtype))
    return torch.stack(losses)


def rate_subtracted(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll - kl


def mean_over_pixels(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.mean(dim=(1, 2, 3))
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def squared_errors(logits, x, mu, logvar):
    x_hat = torch.sigmoid(logits)
    reconstruction = ((x_hat - x) ** 2).flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return reconstruction + kl


def sigmoid_twice(logits, x, mu, logvar):
    p = torch.sigmoid(logits)
    nll = F.binary_cross_entropy_with_logits(p, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def saturates(logits, x, mu, logvar):
    p = torch.sigmoid(logits)
    nll = F.binary_cross_entropy(p, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def images_of_784(logits, x, mu, logvar):
    logits, x = logits.reshape(-1, 784), x.reshape(-1, 784)
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return nll.sum(1) + kl.sum(1)


RIGHT = [
    by_distributions,
    image_by_image,
]

WRONG = [
    (
        "subtracts the rate instead of adding it",
        "The KL has the wrong sign:",
        rate_subtracted,
    ),
    (
        "averages over the pixels, but sums over latents",
        "You take the mean over the",
        mean_over_pixels,
    ),
    (
        "uses squared errors instead of the cross-entropy",
        "The reconstruction term is a squared",
        squared_errors,
    ),
    (
        "gives probabilities to a function that expects logits: the sigmoid twice",
        "The sigmoid is taken twice: the",
        sigmoid_twice,
    ),
    (
        "takes the logarithm of the sigmoid, which is 0 or 1 for large logits",
        "A sigmoid and then a log",
        saturates,
    ),
    (
        "reshapes to 784 pixels, whatever the size of the images",
        r"Your function raises RuntimeError: shape '\[-",
        images_of_784,
    ),
]
