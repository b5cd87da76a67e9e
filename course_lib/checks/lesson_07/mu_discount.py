"""Lesson 07: what decoding the mean takes off each image's loss."""

from functools import partial
from math import log

import torch
from torch import nn

from course_lib.checks import sentences
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._rates import rate
from course_lib.checks.lesson_06._samples import WRONG_SAMPLES, sample
from course_lib.checks.lesson_07._reconstructions import (
    WRONG_RECONSTRUCTIONS,
    bce,
)
from course_lib.checks.mistake import Mistake

IN_THE_TERM = (  # beginnings of the sentences that apply here
    "You take the mean over the pixels",
    "The pixels of the whole batch",
    "The sigmoid is taken twice",
    "The logits are taken for probabilities",
)
IN_THE_DRAW = (
    "The noise is multiplied by exp(logvar)",
    "The noise is multiplied by logvar itself",
    "The noise is multiplied by log sigma",
    "The noise is divided by sigma",
    "The noise is not scaled",
    "mu is missing",
    "z comes from the prior",
)


class Decoder(nn.Module):
    """Logits up to 6, not linear in the codes: (n, K) -> (n, 1, H, W)."""

    def __init__(self, weight, bend, image_shape):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bend", bend)
        self.image_shape = image_shape

    def forward(self, z):
        if z.dim() != 2:
            raise Mistake(
                f"The decoder got codes of shape {tuple(z.shape)}: it takes "
                f"(n, K). Decode draw by draw, or flatten(0, 1)."
            )
        a = z @ self.weight + z.square() @ self.bend
        return 6 * torch.tanh(a / 6).unflatten(1, self.image_shape)


def _codes(generator):
    normal = partial(torch.randn, generator=generator)

    def case(S, B, K, H=3, W=4):
        return {
            "x": torch.rand(B, 1, H, W, generator=generator),
            "mu": normal(B, K),
            "logvar": 0.7 * normal(B, K),
            "eps": normal(S, B, K),
            "weight": normal(K, H * W),
            "bend": 0.5 * normal(K, H * W),
        }

    for sizes in [(4, 3, 2), (3, 5, 4)]:
        yield case(*sizes)
    yield "for one draw", case(1, 3, 2)
    yield "for one image alone", case(5, 1, 3)
    yield "for as many images as draws", case(4, 4, 2)


def _decode(f, x, mu, logvar, eps, weight, bend):
    return f(Decoder(weight, bend, x.shape[1:]), x, mu, logvar, eps)


def _nll(logits, x):
    return bce(logits, x).sum(1)


def _all_logits(decoder, z):
    return decoder(z.flatten(0, 1)).unflatten(0, z.shape[:2])


def _sampled(decoder, x, mu, logvar, eps, nll=_nll, draw=sample):
    """The reconstruction terms of all draws, (S, B)."""
    z = draw(mu, logvar, eps)
    return torch.stack([nll(decoder(one), x) for one in z])


def _discount(decoder, x, mu, logvar, eps, nll=_nll, draw=sample, mean=None):
    mean = mean or (lambda terms: terms.mean(0))
    terms = _sampled(decoder, x, mu, logvar, eps, nll, draw)
    return mean(terms) - nll(decoder(mu), x)


def _averaging(*means):
    return [partial(_discount, mean=mean) for mean in means]


def _mean_of_codes(decoder, x, mu, logvar, eps):
    z = sample(mu, logvar, eps).mean(0)
    return _nll(decoder(z), x) - _nll(decoder(mu), x)


def _mean_of_logits(decoder, x, mu, logvar, eps):
    logits = _all_logits(decoder, sample(mu, logvar, eps)).mean(0)
    return _nll(logits, x) - _nll(decoder(mu), x)


def _mean_of_images(decoder, x, mu, logvar, eps):
    p = _all_logits(decoder, sample(mu, logvar, eps)).sigmoid().mean(0)
    return _nll(p.logit(), x) - _nll(decoder(mu), x)


def _with_rate(sign_of_sampled, sign_at_mu):
    def wrong(decoder, x, mu, logvar, eps):
        found = _discount(decoder, x, mu, logvar, eps)
        return found + (sign_of_sampled + sign_at_mu) * rate(mu, logvar)

    return wrong


def _one_part(part):
    def wrong(decoder, x, mu, logvar, eps):
        sampled = _sampled(decoder, x, mu, logvar, eps).mean(0)
        at_mu = _nll(decoder(mu), x)
        return part(sampled, at_mu, rate(mu, logvar))

    return wrong


def _long_batch(codes, noise, images, split):
    """The draws as one long batch, put together as the arguments say."""

    def wrong(decoder, x, mu, logvar, eps):
        S, B = eps.shape[:2]
        z = codes(mu, S) + (0.5 * codes(logvar, S)).exp() * noise(eps)
        terms = split(_nll(decoder(z), images(x, S)), S, B)
        return terms - _nll(decoder(mu), x)

    return wrong


def _by_draw(tensor, S):
    return tensor.repeat(S, *[1] * (tensor.dim() - 1))


def _by_image(tensor, S):
    return tensor.repeat_interleave(S, 0)


def _draws_first(eps):
    return eps.flatten(0, 1)


def _images_first(eps):
    return eps.transpose(0, 1).flatten(0, 1)


def _mean_by_draw(terms, S, B):
    return terms.view(S, B).mean(0)


def _mean_by_image(terms, S, B):
    return terms.view(B, S).mean(1)


def _shared(pick):
    return lambda decoder, x, mu, logvar, eps: _discount(
        decoder, x, mu, logvar, pick(eps)
    )


def _squared_error(logits, x):
    return (logits.sigmoid() - x).square().flatten(1).sum(1)


mu_discount = Exercise(
    """mu_discount(decoder, x, mu, logvar, eps) -> (B,), in nats.

    The mean over draws of the reconstruction term at z = mu + sigma eps,
    minus the reconstruction term at z = mu.

    decoder: codes (n, K) to logits (n, 1, H, W); x: (B, 1, H, W)
    mu, logvar: (B, K); eps: (S, B, K), S draws for each image
    """,
    cases=_codes,
    experiment=_decode,
    answer=_discount,
    mistakes={
        sentence: [partial(_discount, nll=nll) for nll in wrong]
        for sentence, wrong in WRONG_RECONSTRUCTIONS.items()
        if sentence.startswith(IN_THE_TERM)
    }
    | {
        sentence: [partial(_discount, draw=draw) for draw in draws]
        for sentence, draws in WRONG_SAMPLES.items()
        if sentence.startswith(IN_THE_DRAW)
    }
    | {
        "The sampled term is averaged over the images: each has its own.": (
            _averaging(lambda terms: terms.mean())
        ),
        "The reconstruction term is a squared error, a Gaussian's; here "
        "p(x|z) is Bernoulli.": partial(_discount, nll=_squared_error),
        "The difference has the wrong sign: it is what the noise adds, "
        "sampled minus at mu.": _one_part(lambda s, m, r: m - s),
        "You average the codes before they are decoded: their mean is nearly "
        "mu. Average the losses.": _mean_of_codes,
        "You average the logits: each draw has its own loss, and those are "
        "averaged.": _mean_of_logits,
        "You average the images (probabilities): each draw has its own loss, "
        "and those are averaged.": _mean_of_images,
        "The rate is in one of the two only: it is the same in both, and "
        "cancels.": [_with_rate(1, 0), _with_rate(0, -1)],
        "The rate is added twice, or with two signs: it is the same in both, "
        "and cancels.": [_with_rate(1, 1), _with_rate(-1, -1)],
        "This is the sampled term alone: subtract the one at mu.": [
            _one_part(lambda s, m, r: s),
            _one_part(lambda s, m, r: s + r),
        ],
        "This is the term at mu alone: it is subtracted from the sampled "
        "one.": [
            _one_part(lambda s, m, r: m),
            _one_part(lambda s, m, r: -m),
            _one_part(lambda s, m, r: m + r),
        ],
        "The two terms are added: the discount is their difference.": (
            _one_part(lambda s, m, r: s + m)
        ),
        "You divide the two terms: the discount is their difference, in "
        "nats.": [
            _one_part(lambda s, m, r: s / m),
            _one_part(lambda s, m, r: m / s),
            _one_part(lambda s, m, r: s / m - 1),
        ],
        "The draws are summed: take their mean.": _averaging(
            lambda terms: terms.sum(0)
        ),
        "This is one draw alone: average over all S of them.": _averaging(
            lambda terms: terms[0], lambda terms: terms[-1]
        ),
        "You average over the images too: one number for each.": [
            _one_part(lambda s, m, r: (s - m).mean()),
            _one_part(lambda s, m, r: (s - m).mean().expand(len(s))),
        ],
        "You take the best draw of each image: their mean is asked for.": (
            _averaging(lambda terms: terms.amin(0))
        ),
        "You take the worst draw of each image: their mean is asked for.": (
            _averaging(lambda terms: terms.amax(0))
        ),
        "You take the median of the draws: their mean is asked for.": (
            _averaging(lambda terms: terms.median(0).values)
        ),
        "You average the likelihoods, then take the log: here the log comes "
        "first, as in the ELBO.": _averaging(
            lambda terms: log(len(terms)) - (-terms).logsumexp(0)
        ),
        "The absolute value hides where noise helps: the discount of an image "
        "may be negative.": _one_part(lambda s, m, r: (s - m).abs()),
        "A discount below 0 is cut off: noise may help an image.": _one_part(
            lambda s, m, r: (s - m).clamp(min=0)
        ),
        "All images share the noise of the first one: eps has draws for "
        "each.": _shared(lambda eps: eps[:, :1].expand_as(eps)),
        "Codes and images don't belong together: the draws come first in eps, "
        "so repeat, not repeat_interleave.": [
            _long_batch(_by_draw, _draws_first, _by_image, _mean_by_draw),
            _long_batch(_by_draw, _draws_first, _by_image, _mean_by_image),
            _long_batch(_by_image, _draws_first, _by_draw, _mean_by_draw),
        ],
        "mu and eps don't belong together: the draws come first in eps, so "
        "repeat mu, not repeat_interleave.": [
            _long_batch(_by_image, _draws_first, _by_image, _mean_by_image),
            _long_batch(_by_image, _draws_first, _by_image, _mean_by_draw),
        ],
        "The long batch is cut up wrongly: terms of several images are "
        "averaged.": [
            _long_batch(_by_draw, _draws_first, _by_draw, _mean_by_image),
            _long_batch(_by_image, _images_first, _by_image, _mean_by_draw),
        ],
        sentences.BITS: _one_part(lambda s, m, r: (s - m) / log(2)),
    },
    no_gradient="it is measured on a trained model, often without gradients",
)
