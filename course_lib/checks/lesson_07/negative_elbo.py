"""Lesson 07: the VAE's loss."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._rates import WRONG_RATES, rate
from course_lib.checks.lesson_07._reconstructions import (
    SQUARED,
    WRONG_RECONSTRUCTIONS,
    bce,
)


def _outputs(generator):
    normal = partial(torch.randn, generator=generator)
    rand = partial(torch.rand, generator=generator)
    for B, H, W, K in [(3, 5, 6, 7), (2, 28, 28, 6), (5, 6, 2, 3)]:
        size = B, 1, H, W
        yield _case(2 * normal(size), rand(size), normal(B, K), normal(B, K))
    one, few, heads = (1, 1, 4, 3), (3, 1, 3, 5), (normal(3, 2), normal(3, 2))
    alone = _case(normal(one), rand(one), normal(1, 3), normal(1, 3))
    yield "for one image alone", alone
    inks = rand(few).round()
    yield "for pixels of 0 and 1", _case(normal(few), inks, *heads)
    prior = torch.zeros(3, 2), torch.zeros(3, 2)
    yield "at the prior", _case(normal(few), rand(few), *prior)
    # up to 80: beyond 88, exp(logits) is infinite, and right forms have it
    large = (60 + 20 * rand(few)) * normal(few).sign()
    label = "for large logits, where the sigmoid is 0 or 1 in float32"
    yield label, _case(large, torch.cat([rand(few)[:1], inks[1:]]), *heads)


def _case(logits, x, mu, logvar):
    return {"logits": logits, "x": x, "mu": mu, "logvar": logvar}


def _loss(logits, x, *heads, kl=rate, reconstruction=None):
    if reconstruction is not None:
        return reconstruction(logits, x) + kl(*heads)
    return bce(logits, x).sum(1) + kl(*heads)


def _rates(*wrong):
    return [partial(_loss, kl=kl) for kl in wrong]


def _reconstructions(*wrong):
    return [partial(_loss, reconstruction=f) for f in wrong]


def _in_the_kl(sentence):
    return f"In the KL: {sentence[0].lower()}{sentence[1:]}"


def _sums(pixels, latents):
    """Both orders of adding what may not fit together."""
    return [
        lambda a, x, *heads: pixels(a, x) + latents(*heads),
        lambda a, x, *heads: latents(*heads) + pixels(a, x),
    ]


def _each_latent(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


_WRONG_SUMS = {
    "This is the ELBO itself: it is maximised, so the loss is minus it.": [
        lambda *inputs: -_loss(*inputs)
    ],
    "The KL has the wrong sign: the loss is minus the ELBO, and in it the "
    "rate is added.": _rates(lambda *heads: -rate(*heads)),
    "There is no KL term: this trains a plain autoencoder.": [
        lambda logits, x, *heads, f=f: f(logits, x)
        for f in (lambda logits, x: bce(logits, x).sum(1), *SQUARED)
    ],
    "There is no reconstruction term: this is the rate alone.": [
        lambda logits, x, *heads: rate(*heads)
    ],
    "A log-probability of the code stands in place of the KL: that is no "
    "rate.": _rates(
        lambda mu, _: -mu.log_softmax(1).sum(1),
        lambda mu, _: mu.log_softmax(1).sum(1),
    ),
    "The cross-entropy's default reduction is the mean over all pixels and "
    "images: every image gets the sum over its own pixels.": [
        lambda a, x, *heads, kl=kl: bce(a, x).mean() + kl(*heads)
        for kl in (
            rate,
            lambda *heads: rate(*heads).sum(),
            lambda *heads: rate(*heads).mean(),
            lambda *heads: _each_latent(*heads).mean(),
        )
    ],
    "The pixels are still apart when the KL is added: sum over all dimensions "
    "of an image first.": [
        *_sums(bce, rate),
        *_sums(lambda a, x: bce(a, x).view_as(x), rate),
        *_sums(lambda a, x: bce(a, x).view_as(x).sum(1), rate),
    ],
    "The latents are still apart when the terms are added: sum over them "
    "first.": _sums(lambda a, x: bce(a, x).sum(1), _each_latent),
    "The KL is summed over the batch too: every image gets its own.": _rates(
        lambda *heads: rate(*heads).sum()
    ),
    "The KL is averaged over the batch: every image gets its own.": _rates(
        lambda *heads: rate(*heads).mean()
    ),
    "The KL is divided by the batch size: every image gets its own.": _rates(
        lambda *heads: rate(*heads) / len(heads[0])
    ),
    "The KL is divided by the number of pixels: both terms are sums.": [
        lambda a, x, *heads: bce(a, x).sum(1) + rate(*heads) / x[0].numel()
    ],
}

negative_elbo = Exercise(
    """negative_elbo(logits, x, mu, logvar) -> (B,): a loss in nats an image.

    logits, x: (B, 1, H, W), the decoder's output and the images in [0, 1];
    mu, logvar: (B, K), the encoder's output. The prior is N(0, I).
    """,
    cases=_outputs,
    answer=_loss,
    mistakes=_WRONG_SUMS
    | {
        sentence: _reconstructions(*wrong)
        for sentence, wrong in WRONG_RECONSTRUCTIONS.items()
    }
    | {
        _in_the_kl(sentence): _rates(*wrong)
        for sentence, wrong in WRONG_RATES.items()
    },
    gradient=["logits", "mu", "logvar"],
    tolerance=1e-3,  # of slopes multiplied by hundreds of nats, in float32
)
