"""Lesson 09: an allowance for each latent."""

import torch

from course_lib.checks.exercise import Exercise


def _kls(generator):
    for B, K, lam in [(5, 6, 0.5), (3, 4, 0.2), (4, 3, 1.0)]:
        size = torch.rand(K, generator=generator) + 0.2
        kl = torch.rand(B, K, generator=generator).square() * size * 3
        kl[:, 0] = 0.1 * lam * torch.rand(B, generator=generator)
        kl[:, 1] = kl[:, 1] + 2 * lam
        kl[0, 2], kl[1:, 2] = 4 * lam, 0.1 * lam
        yield {"kl": kl, "lam": lam}


def _free(kl, lam):
    return kl.mean(0).clamp(min=lam).sum()


free_bits = Exercise(
    """free_bits(kl, lam) -> (): the rate term with an allowance, in nats.

    kl: (B, K), the KL of each image and each latent; lam: a float, the
    allowance of each latent. Below it a latent's rate, which is its mean
    over the batch, costs lam and has no gradient.
    """,
    cases=_kls,
    answer=_free,
    mistakes={
        "The maximum comes after the sum, or is missing: then one busy "
        "latent uses up the allowance of all. Each latent has its own.": [
            lambda kl, lam: kl.mean(0).sum(),
            lambda kl, lam: kl.sum(1).mean().clamp(min=lam),
            lambda kl, lam: kl.sum(1).clamp(min=lam).mean(),
            lambda kl, lam: kl.sum(1).mean().clamp(min=lam * kl.shape[1]),
            lambda kl, lam: kl.sum(1).clamp(min=lam * kl.shape[1]).mean(),
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
            lambda kl, lam: kl.mean(0).clamp(max=lam).sum(),
            lambda kl, lam: kl.clamp(max=lam).sum(1).mean(),
        ],
        "You subtract the allowance: the gradient is the same, but a rate "
        "below it has to cost lam, not 0.": (
            lambda kl, lam: (kl.mean(0) - lam).clamp(min=0).sum()
        ),
        "You average over the latents: sum them, each is paid for.": (
            lambda kl, lam: kl.mean(0).clamp(min=lam).mean()
        ),
        "The rate is summed over the batch: take the mean, so that lam is in "
        "nats per image.": lambda kl, lam: kl.sum(0).clamp(min=lam).sum(),
        "The mean goes over the latents: a latent's rate is its mean over "
        "the images.": [
            lambda kl, lam: kl.mean(1).clamp(min=lam).sum(),
            lambda kl, lam: kl.mean(1).clamp(min=lam).mean(),
        ],
    },
    gradient=["kl"],
)
