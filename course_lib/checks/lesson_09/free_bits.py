"""Lesson 09: an allowance for each latent."""

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import LATENT_MEAN


def _kls(generator):
    def case(B, K, lam):
        """Rates on both sides of lam, and an image that costs little."""
        sizes = lam * torch.linspace(2.5, 0.05, K)
        kl = sizes * (torch.rand(B, K, generator=generator) + 0.2)
        kl[0], kl[-1] = 1.5 * sizes, 0.05 * kl[-1]
        kl[0, 0] = (1.5 + B) * lam
        kl = kl.roll(-2, 1)  # the largest rate is not first, nor last
        return {"kl": kl, "lam": lam}

    yield case(5, 7, 0.5)
    yield case(3, 5, 0.2)
    yield case(4, 6, 1.0)
    yield "for one image alone", case(1, 5, 0.3)
    yield "for one latent alone", case(4, 1, 0.4)
    yield "where lam is 0", case(3, 4, 1.0) | {"lam": 0.0}


def _free(kl, lam):
    return kl.mean(0).clamp(min=lam).sum()


def _each(change):
    """The sum over the latents of what becomes of their rates."""
    return lambda kl, lam: change(kl.mean(0), lam).sum()


free_bits = Exercise(
    """free_bits(kl, lam) -> (): the rate term with an allowance, in nats.

    kl: (B, K), the KL of each image and each latent; lam: a float, the
    allowance of each latent. Below it a latent's rate, which is its mean
    over the batch, costs lam and has no gradient.
    """,
    cases=_kls,
    answer=_free,
    mistakes={
        "The allowance has no effect here: each latent has its own, so the "
        "maximum belongs before the sum over the latents.": [
            lambda kl, lam: kl.mean(0).sum(),
            lambda kl, lam: kl.sum(1).mean().clamp(min=lam),
        ],
        "The maximum comes after the sum over the latents: one busy latent "
        "uses up the allowance of all. Each has its own.": [
            lambda kl, lam: kl.sum(1).clamp(min=lam).mean(),
            lambda kl, lam: kl.sum(1).mean().clamp(min=lam * kl.shape[1]),
            lambda kl, lam: kl.sum(1).clamp(min=lam * kl.shape[1]).mean(),
            lambda kl, lam: kl.sum(1).clamp(min=lam).sum(),
        ],
        "You take the maximum for every image: first the mean over the "
        "batch, then the maximum, so that a latent may say much about one "
        "image and nothing about others.": [
            lambda kl, lam: kl.clamp(min=lam).sum(1).mean(),
            lambda kl, lam: kl.clamp(min=lam).sum(),
            lambda kl, lam: kl.clamp(min=lam).mean(),
        ],
        "This is a minimum: it caps the rate at lam and rewards nothing "
        "above it. Take the maximum of the two.": [
            _each(lambda rate, lam: rate.clamp(max=lam)),
            lambda kl, lam: kl.clamp(max=lam).sum(1).mean(),
        ],
        "You subtract the allowance: the gradient is the same, but a rate "
        "below it has to cost lam, not 0.": _each(
            lambda rate, lam: (rate - lam).clamp(min=0)
        ),
        "You leave out the latents below their allowance: each of them costs "
        "lam.": _each(lambda rate, lam: rate * (rate > lam)),
        "You leave out the latents above their allowance: each of them costs "
        "its rate.": _each(lambda rate, lam: lam * (rate < lam)),
        "You add the allowance to the rate: take the larger of the two.": (
            _each(torch.add)
        ),
        "You subtract the allowance from the rate: take the larger of the "
        "two.": _each(torch.sub),
        "The allowance of each latent is lam itself: don't divide it by their "
        "number.": lambda kl, lam: _free(kl, lam / kl.shape[1]),
        "The allowance of each latent is lam itself, not a multiple.": [
            lambda kl, lam: _free(kl, lam * kl.shape[1]),
            lambda kl, lam: _free(kl, lam * len(kl)),
        ],
        "This is the allowance of all latents: where a rate is above its own, "
        "the rate counts.": lambda kl, lam: torch.tensor(lam * kl.shape[1]),
        LATENT_MEAN: lambda kl, lam: kl.mean(0).clamp(min=lam).mean(),
        "One mean over images and latents together leaves one rate: each "
        "latent has a rate of its own.": lambda kl, lam: kl.mean().clamp(
            min=lam
        ),
        "The rate is summed over the batch: take the mean, so that lam is in "
        "nats per image.": lambda kl, lam: kl.sum(0).clamp(min=lam).sum(),
        "You compare a sum over the batch with lam, and divide by the batch "
        "afterwards: the mean comes first.": lambda kl, lam: (
            kl.sum(0).clamp(min=lam).sum() / len(kl)
        ),
        "A latent's rate is its mean over the batch, not its largest KL.": (
            lambda kl, lam: kl.amax(0).clamp(min=lam).sum()
        ),
        "The mean goes over the latents: a latent's rate is its mean over "
        "the images.": [
            lambda kl, lam: kl.mean(1).clamp(min=lam).sum(),
            lambda kl, lam: kl.mean(1).clamp(min=lam).mean(),
        ],
        "Only the first latent counts: does the return stand inside the "
        "loop?": lambda kl, lam: _free(kl[:, :1], lam),
        "Only the last latent counts: does the loop add up?": (
            lambda kl, lam: _free(kl[:, -1:], lam)
        ),
        "This is the largest rate alone: the maximum is taken of lam and a "
        "rate, for each latent.": [
            lambda kl, lam: kl.mean(0).max(),
            lambda kl, lam: kl.max(),
        ],
    },
    gradient=["kl"],
)
