"""Answers to mu_discount, in forms that learners write."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli


def nll_of(decoder, z, x):
    logits = decoder(z)
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each.flatten(1).sum(1)


def draw_by_draw(decoder, x, mu, logvar, eps):
    sigma = torch.exp(0.5 * logvar)
    terms = [nll_of(decoder, mu + sigma * one, x) for one in eps]
    return torch.stack(terms).mean(0) - nll_of(decoder, mu, x)


def long_batch(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    z = mu + torch.exp(0.5 * logvar) * eps  # (S, B, K)
    copies = x.repeat(S, 1, 1, 1)
    terms = nll_of(decoder, z.reshape(S * B, K), copies).view(S, B)
    return terms.mean(0) - nll_of(decoder, mu, x)


def running_mean(decoder, x, mu, logvar, eps):
    total = torch.zeros(len(x), dtype=x.dtype)
    for one in eps:
        z = mu + logvar.exp().sqrt() * one
        p = Bernoulli(logits=decoder(z))
        total += -(x * p.logits - F.softplus(p.logits)).flatten(1).sum(1)
    at_mu = decoder(mu).flatten(1)
    at_mu = (F.softplus(at_mu) - x.flatten(1) * at_mu).sum(1)
    return total / len(eps) - at_mu


@torch.no_grad()
def image_by_image(decoder, x, mu, logvar, eps):
    rows = []
    for i in range(len(x)):
        z = mu[i] + (logvar[i] / 2).exp() * eps[:, i]  # (S, K)
        copies = x[i : i + 1].expand(len(z), -1, -1, -1)
        terms = nll_of(decoder, z, copies)
        rows.append(
            terms.mean() - nll_of(decoder, mu[i : i + 1], x[i : i + 1])
        )
    return torch.cat(rows)


def whole_losses(decoder, x, mu, logvar, eps):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    sigma = torch.exp(0.5 * logvar)
    losses = [nll_of(decoder, mu + sigma * e, x) + kl for e in eps]
    return sum(losses) / len(losses) - (nll_of(decoder, mu, x) + kl)


RIGHT = [
    draw_by_draw,
    long_batch,
    running_mean,
    image_by_image,
    whole_losses,
]


def changed(scale=lambda logvar: torch.exp(0.5 * logvar), mean=None):
    mean = mean or (lambda terms: terms.mean(0))

    def f(decoder, x, mu, logvar, eps):
        z = mu + scale(logvar) * eps
        terms = torch.stack([nll_of(decoder, one, x) for one in z])
        return mean(terms) - nll_of(decoder, mu, x)

    return f


def turned(*args):
    return -draw_by_draw(*args)


def mean_code(decoder, x, mu, logvar, eps):
    z = (mu + torch.exp(0.5 * logvar) * eps).mean(0)
    return nll_of(decoder, z, x) - nll_of(decoder, mu, x)


def all_logits(decoder, mu, logvar, eps):
    sigma = torch.exp(0.5 * logvar)
    return torch.stack([decoder(mu + sigma * e) for e in eps])


def mean_logits(decoder, x, mu, logvar, eps):
    a = all_logits(decoder, mu, logvar, eps).mean(0)
    nll = F.binary_cross_entropy_with_logits(a, x, reduction="none")
    return nll.flatten(1).sum(1) - nll_of(decoder, mu, x)


def mean_image(decoder, x, mu, logvar, eps):
    p = all_logits(decoder, mu, logvar, eps).sigmoid().mean(0)
    nll = F.binary_cross_entropy(p, x, reduction="none")
    return nll.flatten(1).sum(1) - nll_of(decoder, mu, x)


def rate_in_one(decoder, x, mu, logvar, eps):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return draw_by_draw(decoder, x, mu, logvar, eps) + kl


def sampled_alone(decoder, x, mu, logvar, eps):
    return draw_by_draw(decoder, x, mu, logvar, eps) + nll_of(decoder, mu, x)


def wrong_images(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    z = (mu + torch.exp(0.5 * logvar) * eps).reshape(S * B, K)
    terms = nll_of(decoder, z, x.repeat_interleave(S, 0)).view(S, B)
    return terms.mean(0) - nll_of(decoder, mu, x)


def wrong_view(decoder, x, mu, logvar, eps):
    S, B, K = eps.shape
    z = (mu + torch.exp(0.5 * logvar) * eps).reshape(S * B, K)
    terms = nll_of(decoder, z, x.repeat(S, 1, 1, 1)).view(B, S)
    return terms.mean(1) - nll_of(decoder, mu, x)


def three_dims(decoder, x, mu, logvar, eps):
    return decoder(mu + torch.exp(0.5 * logvar) * eps)


def shared_noise(decoder, x, mu, logvar, eps):
    return draw_by_draw(decoder, x, mu, logvar, eps[:, :1].expand_as(eps))


def pixel_mean(decoder, x, mu, logvar, eps):
    return draw_by_draw(decoder, x, mu, logvar, eps) / x[0].numel()


def squared(decoder, x, mu, logvar, eps):
    def error(z):
        return (decoder(z).sigmoid() - x).square().flatten(1).sum(1)

    z = mu + torch.exp(0.5 * logvar) * eps
    return torch.stack([error(one) for one in z]).mean(0) - error(mu)


WRONG = [
    ("wrong sign", turned),
    ("is the variance", changed(torch.exp)),
    ("logvar itself", changed(lambda logvar: logvar)),
    ("sigma is missing", changed(lambda logvar: 1)),
    ("average the codes", mean_code),
    ("average the logits", mean_logits),
    ("average the images", mean_image),
    ("one of the two only", rate_in_one),
    ("sampled term alone", sampled_alone),
    ("draws are summed", changed(mean=lambda terms: terms.sum(0))),
    ("one draw alone", changed(mean=lambda terms: terms[0])),
    ("best draw", changed(mean=lambda terms: terms.amin(0))),
    ("averaged over the images", changed(mean=lambda terms: terms.mean())),
    ("repeat_interleave", wrong_images),
    ("cut up wrongly", wrong_view),
    ("flatten", three_dims),
    ("noise of the first", shared_noise),
    ("mean over the pixels", pixel_mean),
    ("squared error", squared),
    ("absolute value", lambda *args: draw_by_draw(*args).abs()),
]
