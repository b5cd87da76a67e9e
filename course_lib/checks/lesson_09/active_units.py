"""Lesson 09: the latents whose mean varies."""

import torch

from course_lib.checks.exercise import Exercise

# Standard deviations: 0.1 is the threshold's.
_SPREADS = (0, 0.004, 0.0115, 0.0155, 0.03, 0.07, 0.11, 0.2, 0.4, 0.9, 2)


def _means(generator):
    def case(images, counts):
        """Latents of each spread, some of them around another mean than 0."""
        spreads = torch.tensor(_SPREADS).repeat_interleave(
            torch.tensor(counts)
        )
        noise = torch.randn(images, len(spreads), generator=generator)
        noise = (noise - noise.mean(0)) / noise.std(0)
        offset = torch.zeros(len(spreads))
        offset[::4], offset[2::8] = 2.0, -4.0  # 0 on average, nearly
        mu = offset + spreads * noise
        return {"mu": mu[:, torch.randperm(len(spreads), generator=generator)]}

    yield case(60, (2, 3, 5, 2, 1, 2, 4, 2, 3, 1, 7))
    yield case(40, (1, 2, 3, 1, 4, 1, 2, 1, 5, 3, 2))
    yield case(25, (3, 1, 2, 3, 2, 2, 1, 3, 1, 4, 5))
    yield case(50, (4, 2, 1, 1, 5, 3, 7, 1, 1, 2, 1))
    yield (
        "where no latent is active",
        case(30, (3, 2, 1, 1, 2, 3, 0, 0, 0, 0, 0)),
    )


def _count(measure, threshold=0.01):
    return lambda mu: (measure(mu) > threshold).sum()


def _variance(mu):
    return mu.var(0)


def _squares(mu):
    return (mu - mu.mean(0)).square()


active_units = Exercise(
    """active_units(mu) -> (): the number of latents whose mean varies.

    mu: (N, K), the encoder's means of N images. A latent is active if the
    variance of its mean over the images exceeds 0.01.
    """,
    cases=_means,
    answer=_count(_variance),
    mistakes={
        "The variance goes over the latents of an image: take it over the "
        "images, for each latent.": [
            _count(lambda mu: mu.var(1)),
            _count(lambda mu: mu.var(1, correction=0)),
        ],
        "In effect you compare the standard deviation with 0.01: the "
        "threshold is for the variance.": _count(lambda mu: mu.std(0)),
        "Your threshold is too high: latents are left out whose variance "
        "exceeds 0.01.": [
            _count(_variance, threshold) for threshold in (0.03, 0.1, 0.5, 1)
        ],
        "Your threshold is too low: latents count whose variance is below "
        "0.01.": [_count(_variance, threshold) for threshold in (0, 1e-3)],
        "You compare a sum of squares with 0.01: the variance is their "
        "mean.": _count(lambda mu: _squares(mu).sum(0)),
        "You count all latents, also the collapsed ones. In sampled codes all "
        "of them vary; the mean of a collapsed one doesn't.": (
            lambda mu: torch.tensor(mu.shape[1])
        ),
        "You subtract one mean of all entries: each latent has its own.": (
            lambda mu: ((mu - mu.mean()).square().mean(0) > 0.01).sum()
        ),
        "You look at how far the means are from 0: a constant mean says "
        "nothing about the image. Take the variance.": [
            _count(lambda mu: mu.square().mean(0)),
            _count(lambda mu: 0.5 * mu.square().mean(0)),
            _count(lambda mu: mu.mean(0).square()),
            _count(lambda mu: mu.mean(0).abs()),
            _count(lambda mu: mu.mean(0)),
            _count(lambda mu: mu.abs().mean(0)),
        ],
        "You count the collapsed latents.": (
            lambda mu: (mu.var(0) <= 0.01).sum()
        ),
        "You return a share; return the number of latents.": [
            lambda mu: (mu.var(0) > 0.01).double().mean(),
            lambda mu: 100 * (mu.var(0) > 0.01).double().mean(),
        ],
        "You give one answer for all latents together: ask for each latent, "
        "and count.": lambda mu: (mu.var() > 0.01).sum(),
        "You count entries of mu, or of their squared deviations: take the "
        "variance over the images first, one for each latent.": [
            _count(lambda mu: mu),
            _count(torch.abs),
            _count(_squares),
        ],
        "You count entries of the whole covariance matrix: a latent's "
        "variance stands on its diagonal.": [
            _count(lambda mu: mu.T.cov()),
            _count(torch.cov),
        ],
        "You take the mean absolute deviation: the threshold is for the "
        "variance.": _count(lambda mu: (mu - mu.mean(0)).abs().mean(0)),
        "You look at one latent alone: does the return stand inside the "
        "loop?": [
            _count(lambda mu: mu[:, 0].var()),
            _count(lambda mu: mu[:, -1].var()),
        ],
        "You add up the variances: count those above the threshold.": [
            lambda mu: mu.var(0).sum(),
            lambda mu: mu.var(0)[mu.var(0) > 0.01].sum(),
        ],
    },
    no_gradient="a count",
)
