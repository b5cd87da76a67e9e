"""Lesson 05: probabilistic PCA's ELBO."""

from math import log, log2, log10, pi

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_05._models import models
from course_lib.checks.lesson_05._terms import (
    RATE,
    RECONSTRUCTION,
    TERMS,
    divided,
    each,
    instead,
    other_error,
    other_log,
    other_s2,
    other_spread,
    reversed_rate,
    subsets,
    summed,
    term_values,
    terms_times,
    with_factors,
)
from course_lib.checks.sentences import (
    BITS,
    KL_REVERSED,
    LATENT_MEAN,
    PIXEL_MEAN,
    ROOT_OF_VARIANCE,
    VARIANCE_SQUARED,
)


def _guesses(generator):
    for inputs in models(generator):
        K = inputs["W"].shape[1]
        root = 0.5 * torch.randn(K, K, generator=generator)
        S = root @ root.T + 0.2 * torch.eye(K)
        mu = torch.randn(len(inputs["x"]), K, generator=generator)
        x, W, s2 = inputs.values()
        yield {"x": x, "mu": mu, "S": S, "W": W, "s2": s2}
    one = {"x": x[:1], "mu": mu[:1], "S": S, "W": W, "s2": s2}
    yield "for one x alone", one


_MISSING = {
    "The constant with log(2 pi s2) is missing.": with_factors(log=0),
    "The squared error is missing.": with_factors(error=0),
    "The trace of W^T W S is missing: codes are spread around mu, and each "
    "of them is decoded.": with_factors(spread=0),
    "The trace of S is missing in the rate.": with_factors(trace=0),
    "The square of mu is missing in the rate.": with_factors(square=0),
    "K is missing: the rate of q = N(0, I) has to be 0.": with_factors(K=0),
    "The log-determinant of S is missing: without q's entropy, a narrower q "
    "costs nothing.": with_factors(entropy=0),
}
_TURNED = {
    "The constant with log(2 pi s2) has the wrong sign.": with_factors(log=-1),
    "The spread of the decoded codes has the wrong sign: it lowers the "
    "reconstruction term.": with_factors(spread=-1),
    "The trace of S has the wrong sign: a wider q has a larger trace, and "
    "that part of the rate grows.": with_factors(trace=-1),
    "The square of mu has the wrong sign: a code far out has a larger rate.": (
        with_factors(square=-1)
    ),
    "K has the wrong sign: the rate of q = N(0, I) has to be 0.": with_factors(
        K=-1
    ),
    "The log-determinant has the wrong sign: a wider q has a larger "
    "entropy.": with_factors(entropy=-1),
    "K and the log-determinant have the wrong sign: both lower the rate.": (
        with_factors(K=-1, entropy=-1)
    ),
    "The trace of S and the square of mu have the wrong sign: both are in "
    "the rate, which is subtracted.": with_factors(trace=-1, square=-1),
}

elbo = Exercise(
    """elbo(x, mu, S, W, s2) -> (B,): the ELBO for q = N(mu, S), in nats.

    x: (B, D), centred; mu: (B, K); S: (K, K); W: (D, K); s2: the noise's
    variance, a float. The model is p(z) = N(0, I), p(x | z) = N(W z, s2 I).
    """,
    cases=_guesses,
    answer=terms_times,
    mistakes={
        **_MISSING,
        **_TURNED,
        "The trace of W^T W S is not divided by the noise's variance.": (
            instead(spread=lambda x, mu, S, W, s2: (W.mT @ W @ S).trace())
        ),
        "You multiply two traces: the trace is that of the product.": (
            instead(
                spread=lambda x, mu, S, W, s2: (
                    (W.mT @ W).trace() * S.trace() / s2
                )
            )
        ),
        "S is missing in the trace of W^T W S.": other_spread(
            lambda square, S: square
        ),
        "W is missing in the trace of W^T W S: codes are decoded.": (
            other_spread(lambda square, S: S)
        ),
        "Only the diagonals meet in the trace of W^T W S: it is a product of "
        "matrices, and S has correlations.": other_spread(
            lambda square, S: square * S
        ),
        "You sum all entries: a trace is the sum of the diagonal.": [
            instead(spread=lambda x, mu, S, W, s2: (W.mT @ W @ S).sum() / s2),
            instead(trace=lambda x, mu, S, W, s2: S.sum()),
        ],
        "The log-determinant of S is missing, and so is K: without q's "
        "entropy, a narrower q costs nothing.": with_factors(entropy=0, K=0),
        "You take the log-determinant of the diagonal alone: S has "
        "correlations.": instead(
            entropy=lambda x, mu, S, W, s2: S.diagonal().log().sum()
        ),
        "You take the logarithm of the trace: it is that of the "
        "determinant.": instead(
            entropy=lambda x, mu, S, W, s2: S.trace().log()
        ),
        "You take the determinant without its logarithm.": (
            instead(entropy=lambda x, mu, S, W, s2: torch.det(S))
        ),
        "S stands for a standard deviation, or a root of the covariance: it "
        "is the covariance itself.": instead(
            trace=lambda x, mu, S, W, s2: S.diagonal().square().sum(),
            entropy=lambda x, mu, S, W, s2: 2 * S.diagonal().log().sum(),
        ),
        "The rate is missing: this is the reconstruction term alone.": (
            with_factors(**each(RATE, 0))
        ),
        "The reconstruction term is missing: this is the rate alone.": [
            with_factors(**each(RECONSTRUCTION, 0)),
            with_factors(**each(RECONSTRUCTION, 0) | each(RATE, -1)),
        ],
        "The rate has the wrong sign: the ELBO is reconstruction minus "
        "rate.": with_factors(**each(RATE, -1)),
        "The reconstruction term has the wrong sign.": (
            with_factors(**each(RECONSTRUCTION, -1))
        ),
        "The squared error has the wrong sign: a larger one lowers the "
        "ELBO.": [with_factors(error=-1), with_factors(error=-1, spread=-1)],
        "This is minus the ELBO: it is something to maximise.": (
            lambda *inputs: -terms_times(*inputs)
        ),
        "A factor 1/2 is missing in the reconstruction.": [
            with_factors(**each(some, 2)) for some in subsets(RECONSTRUCTION)
        ],
        "A factor 1/2 is missing in the rate.": [
            with_factors(**each(some, 2)) for some in subsets(RATE)
        ],
        "There is a factor 1/2 too many in the reconstruction.": [
            with_factors(**each(some, 0.5)) for some in subsets(RECONSTRUCTION)
        ],
        "There is a factor 1/2 too many in the rate.": [
            with_factors(**each(some, 0.5)) for some in subsets(RATE)
        ],
        "log(2 pi) is missing in the constant.": (
            instead(log=lambda x, mu, S, W, s2: len(W) * log(s2))
        ),
        "log s2 is missing in the constant.": (
            instead(log=lambda x, mu, S, W, s2: len(W) * log(2 * pi))
        ),
        "The 2 is missing in the constant's logarithm.": (
            instead(log=lambda x, mu, S, W, s2: len(W) * log(pi * s2))
        ),
        "The constant with log(2 pi s2) stands once: there is one for each "
        "pixel.": [
            instead(log=lambda x, mu, S, W, s2: log(2 * pi * s2)),
            instead(
                log=lambda x, mu, S, W, s2: log(2 * pi) + len(W) * log(s2)
            ),
        ],
        "The constant with log(2 pi s2) is counted for each latent: there is "
        "one for each pixel.": instead(
            log=lambda x, mu, S, W, s2: W.shape[1] * log(2 * pi * s2)
        ),
        "The constant with log(2 pi s2) is counted for each image: an image "
        "has one for each of its pixels.": instead(
            log=lambda x, mu, S, W, s2: len(x) * log(2 * pi * s2)
        ),
        "You subtract another number than K, the number of latents, in the "
        "rate.": [
            instead(K=lambda x, mu, S, W, s2: len(W)),
            instead(K=lambda x, mu, S, W, s2: 1),
            instead(K=lambda x, mu, S, W, s2: len(x)),
        ],
        "The squared error is not divided by the noise's variance.": [
            instead(
                error=lambda x, mu, S, W, s2: (x - mu @ W.mT).square().sum(1)
            ),
            instead(
                error=lambda x, mu, S, W, s2: (x - mu @ W.mT).square().sum(1),
                spread=lambda x, mu, S, W, s2: (W.mT @ W @ S).trace(),
            ),
        ],
        "The squared error is multiplied by the noise's variance: divide by "
        "it, with brackets around 2 s2.": other_s2(-1, ("error", "spread")),
        "The distance of x and W mu is squared, pixel by pixel, then "
        "summed.": [
            other_error(lambda e: e.norm(dim=1)),
            other_error(lambda e: e.abs().sum(1)),
            other_error(lambda e: e.sum(1)),
            other_error(lambda e: e.sum(1).square()),
        ],
        "mu is not decoded in the squared error: it is compared with x, "
        "through W.": [
            instead(
                error=lambda x, mu, S, W, s2: (x @ W - mu).square().sum(1) / s2
            ),
            instead(error=lambda x, mu, S, W, s2: x.square().sum(1) / s2),
        ],
        PIXEL_MEAN: [
            other_error(lambda e: e.square().mean(1)),
            lambda *a: divided(*a, each(("log", "error"), len(a[3]))),
            lambda *a: divided(*a, each(RECONSTRUCTION, len(a[3]))),
        ],
        LATENT_MEAN: [
            instead(square=lambda x, mu, S, W, s2: mu.square().mean(1)),
            lambda *a: divided(*a, each(RATE, len(a[2]))),
        ],
        "The squares of mu are missing: you sum mu itself, or take its "
        "length.": [
            instead(square=lambda x, mu, S, W, s2: mu.sum(1)),
            instead(square=lambda x, mu, S, W, s2: mu.norm(dim=1)),
        ],
        "The square of mu is summed over the images too: each has its own.": (
            instead(square=lambda x, mu, S, W, s2: mu.square().sum())
        ),
        VARIANCE_SQUARED: other_s2(2),
        ROOT_OF_VARIANCE: other_s2(0.5),
        BITS: [*other_log(log2), *other_log(log10)],
        KL_REVERSED + " In the rate that is q.": lambda *a: summed(
            term_values(*a) | reversed_rate(*a), TERMS
        ),
        "The trace of S is that of S itself, not of its inverse.": instead(
            trace=lambda x, mu, S, W, s2: torch.linalg.inv(S).trace()
        ),
        "The prior's covariance is I: the noise's variance does not belong "
        "into the rate.": instead(
            trace=lambda x, mu, S, W, s2: S.trace() / s2,
            square=lambda x, mu, S, W, s2: mu.square().sum(1) / s2,
            entropy=lambda x, mu, S, W, s2: torch.logdet(S) - len(S) * log(s2),
        ),
        "The square of mu is multiplied by S or divided by it: the prior has "
        "the covariance I.": [
            instead(
                square=lambda x, mu, S, W, s2: (
                    mu @ torch.linalg.inv(S) * mu
                ).sum(1)
            ),
            instead(square=lambda x, mu, S, W, s2: (mu @ S * mu).sum(1)),
        ],
        "(2 pi) belongs to an entropy, not to the rate: in a KL it cancels.": [
            instead(K=lambda x, mu, S, W, s2: len(S) * (1 + log(2 * pi))),
            instead(K=lambda x, mu, S, W, s2: -len(S) * log(2 * pi)),
        ],
    },
    gradient=["mu", "S", "W"],
    tolerance=2e-4,
)
