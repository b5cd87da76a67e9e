"""Answers to negative_elbo, written blind."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Independent

from course_lib import losses

# ---------------------------------------------------------------- right


def as_the_notebook(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll.flatten(1).sum(1) + kl


def image_by_image(logits, x, mu, logvar):
    out = torch.zeros(len(x), dtype=logits.dtype)
    for b in range(len(x)):
        loss = F.binary_cross_entropy_with_logits(
            logits[b], x[b], reduction="sum"
        )
        for m, lv in zip(mu[b], logvar[b]):
            loss = loss + (m * m + torch.exp(lv) - 1 - lv) / 2
        out[b] = loss
    return out


def distributions(logits, x, mu, logvar):
    # grey pixels: don't let Bernoulli refuse them
    pixels = Bernoulli(logits=logits, validate_args=False)
    likelihood = Independent(pixels, 3, validate_args=False)
    rate = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)
    return rate - likelihood.log_prob(x)


def softplus_einsum(a, pixels, mean, log_variance):
    a, pixels = a.flatten(1).double(), pixels.flatten(1).double()
    m, lv = mean.double(), log_variance.double()
    nll = F.softplus(a).sum(1) - torch.einsum("bd,bd->b", pixels, a)
    rate = torch.einsum("bk,bk->b", m, m) + (torch.expm1(lv) - lv).sum(1)
    return (nll + rate / 2).to(mean.dtype)


def log_sigmoids(logits, x, mu, logvar):
    log_p, log_not_p = F.logsigmoid(logits), F.logsigmoid(-logits)
    log_likelihood = (x * log_p + (1 - x) * log_not_p).sum(dim=(1, 2, 3))
    return losses.gaussian_kl(mu=mu, logvar=logvar) - log_likelihood


# ---------------------------------------------------------------- wrong


def mean_over_pixels(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).mean(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def rate_subtracted(logits, x, mu, logvar):
    # ELBO = reconstruction - rate
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll - kl


def keras_epsilon(logits, x, mu, logvar):
    p = torch.sigmoid(logits)
    p = torch.clamp(p, 1e-7, 1 - 1e-7)
    bce = -(x * torch.log(p) + (1 - x) * torch.log(1 - p))
    reconstruction = bce.sum(dim=(1, 2, 3))
    kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1)
    return reconstruction + kl


def sigmoid_twice(logits, x, mu, logvar):
    x_hat = torch.sigmoid(logits)
    nll = F.binary_cross_entropy_with_logits(x_hat, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def arguments_swapped(logits, x, mu, logvar):
    # Keras: (y_true, y_pred)
    nll = F.binary_cross_entropy_with_logits(x, logits, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def binarised(logits, x, mu, logvar):
    target = (x > 0.5).to(logits.dtype)
    nll = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def mean_rate_for_all(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    kl = kl.mean()
    return nll + kl


def broadcast(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1, keepdim=True)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return nll + kl


def squared_errors(logits, x, mu, logvar):
    x_hat = torch.sigmoid(logits)
    mse = F.mse_loss(x_hat, x, reduction="none")
    reconstruction = mse.flatten(1).sum(1)
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1)
    return reconstruction + kl


def refuses_grey(logits, x, mu, logvar):
    p_x = Bernoulli(logits=logits)
    log_likelihood = p_x.log_prob(x).flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return kl - log_likelihood


def mnist_hard_coded(logits, x, mu, logvar):
    BCE = F.binary_cross_entropy_with_logits(
        logits.view(-1, 784), x.view(-1, 784), reduction="none"
    )
    KLD = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1)
    return BCE.sum(1) + KLD


def returns_terms(logits, x, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return {"loss": nll + kl, "reconstruction": nll, "kl": kl}


RIGHT = [
    as_the_notebook,
    image_by_image,
    distributions,
    softplus_einsum,
    log_sigmoids,
]

WRONG = [
    (
        "averages over the pixels instead of summing",
        "You take the mean over the",
        mean_over_pixels,
    ),
    ("subtracts the rate", "The KL has the wrong sign:", rate_subtracted),
    (
        "clips the probabilities to 1e-7, as Keras does",
        "Right in the ordinary cases, but",
        keras_epsilon,
    ),
    (
        "applies the sigmoid twice",
        "The sigmoid is taken twice: the",
        sigmoid_twice,
    ),
    (
        "swaps logits and images in the cross-entropy",
        "Logits and images are swapped: the",
        arguments_swapped,
    ),
    ("makes the pixels 0 or 1 first", "You round the images to", binarised),
    (
        "adds the batch's mean rate to each image",
        "The KL is averaged over the",
        mean_rate_for_all,
    ),
    (
        "(B, 1) + (B,): the result is (B, B)",
        r"Your result has shape \(",
        broadcast,
    ),
    (
        "squared error instead of the cross-entropy",
        "The reconstruction term is a squared",
        squared_errors,
    ),
    (
        "Bernoulli with its validation: an error for grey pixels",
        "Your function raises ValueError: Expected value",
        refuses_grey,
    ),
    (
        "784 pixels hard-coded",
        r"Your function raises RuntimeError: shape '\[-",
        mnist_hard_coded,
    ),
    (
        "returns the dictionary of terms, as the course's loss",
        "You return one dict; return one",
        returns_terms,
    ),
]
