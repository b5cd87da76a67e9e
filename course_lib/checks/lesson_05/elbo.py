"""Lesson 05: probabilistic PCA's ELBO."""

from functools import partial
from math import log, pi

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_05._models import models
from course_lib.checks.sentences import ROOT_OF_VARIANCE, VARIANCE_SQUARED


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


# The terms of the ELBO, each with the factor that is right for it.
_TERMS = {
    "log": -0.5,  # D log(2 pi s2)
    "error": -0.5,  # |x - W mu|^2 / s2
    "spread": -0.5,  # tr(W^T W S) / s2
    "trace": -0.5,  # tr S
    "square": -0.5,  # |mu|^2
    "K": 0.5,
    "entropy": 0.5,  # log |S|
}
_RATE = ("trace", "square", "K", "entropy")
_RECONSTRUCTION = ("log", "error", "spread")


def _values(x, mu, S, W, s2):
    D, K = W.shape
    return {
        "log": D * log(2 * pi * s2),
        "error": (x - mu @ W.mT).square().sum(1) / s2,
        "spread": (W.mT @ W @ S).trace() / s2,
        "trace": S.trace(),
        "square": mu.square().sum(1),
        "K": K,
        "entropy": torch.logdet(S),
    }


def _sum(values, factors):
    return sum(value * factors[name] for name, value in values.items())


def _elbo(x, mu, S, W, s2, **times):
    """The ELBO, its terms multiplied by ``times``."""
    factors = {name: f * times.get(name, 1) for name, f in _TERMS.items()}
    return _sum(_values(x, mu, S, W, s2), factors)


def _with(**times):
    return partial(_elbo, **times)


def _all(names, factor):
    return dict.fromkeys(names, factor)


def _instead(**terms):
    """The ELBO with other terms: {name: function of the inputs}."""

    def elbo(x, mu, S, W, s2):
        values = _values(x, mu, S, W, s2)
        values |= {name: f(x, mu, S, W, s2) for name, f in terms.items()}
        return _sum(values, _TERMS)

    return elbo


def _other_s2(power):
    """s2 to another power: everywhere, in the constant, in the quotients."""
    quotients = {
        name: lambda *a, n=name: _values(*a[:4], a[4] ** power)[n]
        for name in ("error", "spread")
    }
    constant = {"log": lambda *a: len(a[3]) * log(2 * pi * a[4] ** power)}
    return [
        lambda x, mu, S, W, s2: _elbo(x, mu, S, W, s2**power),
        _instead(**constant),
        _instead(**quotients),
    ]


elbo = Exercise(
    """elbo(x, mu, S, W, s2) -> (B,): the ELBO for q = N(mu, S), in nats.

    x: (B, D), centred; mu: (B, K); S: (K, K); W: (D, K); s2: the noise's
    variance, a float. The model is p(z) = N(0, I), p(x | z) = N(W z, s2 I).
    """,
    cases=_guesses,
    answer=_elbo,
    mistakes={
        "The trace of W^T W S is missing: codes are spread around mu, and "
        "each of them is decoded.": _with(spread=0),
        "The trace of W^T W S is not divided by the noise's variance.": (
            _instead(spread=lambda x, mu, S, W, s2: (W.mT @ W @ S).trace())
        ),
        "You multiply two traces: the trace is that of the product.": (
            _instead(
                spread=lambda x, mu, S, W, s2: (
                    (W.mT @ W).trace() * S.trace() / s2
                )
            )
        ),
        "The spread of the decoded codes has the wrong sign: it lowers the "
        "reconstruction term.": _with(spread=-1),
        "The trace of S is missing in the rate.": _with(trace=0),
        "The square of mu is missing in the rate.": _with(square=0),
        "K is missing: the rate of q = N(0, I) has to be 0.": _with(K=0),
        "K has the wrong sign: the rate of q = N(0, I) has to be 0.": (
            _with(K=-1)
        ),
        "The log-determinant of S is missing: without q's entropy, a "
        "narrower q costs nothing.": [
            _with(entropy=0),
            _with(entropy=0, K=0),
        ],
        "The log-determinant has the wrong sign: a wider q has a smaller "
        "rate.": _with(entropy=-1),
        "You take the log-determinant of the diagonal alone: S has "
        "correlations.": _instead(
            entropy=lambda x, mu, S, W, s2: S.diagonal().log().sum()
        ),
        "You take the determinant without its logarithm.": (
            _instead(entropy=lambda x, mu, S, W, s2: torch.det(S))
        ),
        "The rate is missing: this is the reconstruction term alone.": (
            _with(**_all(_RATE, 0))
        ),
        "The reconstruction term is missing: this is minus the rate alone.": (
            _with(**_all(_RECONSTRUCTION, 0))
        ),
        "The rate has the wrong sign: the ELBO is reconstruction minus "
        "rate.": _with(**_all(_RATE, -1)),
        "The reconstruction term has the wrong sign.": (
            _with(**_all(_RECONSTRUCTION, -1))
        ),
        "The constant with log(2 pi s2) has the wrong sign.": _with(log=-1),
        "This is minus the ELBO: it is something to maximise.": (
            lambda *inputs: -_elbo(*inputs)
        ),
        "A factor 1/2 is missing in the reconstruction.": [
            _with(error=2, spread=2),
            _with(**_all(_RECONSTRUCTION, 2)),
            _with(log=2),
            _with(error=2),
            _with(spread=2),
        ],
        "A factor 1/2 is missing in the rate.": [
            _with(**_all(_RATE, 2)),
            *[_with(**{name: 2}) for name in _RATE],
        ],
        "There is a factor 1/2 too many in the rate.": (
            _with(**_all(_RATE, 0.5))
        ),
        "The constant with log(2 pi s2) is missing.": _with(log=0),
        "log(2 pi) is missing in the constant.": (
            _instead(log=lambda x, mu, S, W, s2: len(W) * log(s2))
        ),
        "log s2 is missing in the constant.": (
            _instead(log=lambda x, mu, S, W, s2: len(W) * log(2 * pi))
        ),
        "The constant with log(2 pi s2) stands once: there is one for each "
        "pixel.": _instead(log=lambda x, mu, S, W, s2: log(2 * pi * s2)),
        "The constant with log(2 pi s2) is counted for each latent: there is "
        "one for each pixel.": _instead(
            log=lambda x, mu, S, W, s2: W.shape[1] * log(2 * pi * s2)
        ),
        "The squared error is not divided by the noise's variance.": [
            _instead(
                error=lambda x, mu, S, W, s2: (x - mu @ W.mT).square().sum(1)
            ),
            _instead(
                error=lambda x, mu, S, W, s2: (x - mu @ W.mT).square().sum(1),
                spread=lambda x, mu, S, W, s2: (W.mT @ W @ S).trace(),
            ),
        ],
        "The squared error is averaged over the pixels: sum it.": (
            _instead(
                error=lambda x, mu, S, W, s2: (
                    (x - mu @ W.mT).square().mean(1) / s2
                )
            )
        ),
        "The square of mu is summed over the images too: each has its own.": (
            _instead(square=lambda x, mu, S, W, s2: mu.square().sum())
        ),
        VARIANCE_SQUARED: _other_s2(2),
        ROOT_OF_VARIANCE: _other_s2(0.5),
        "The square of mu is multiplied by S or divided by it: the prior has "
        "the covariance I.": [
            _instead(
                square=lambda x, mu, S, W, s2: (
                    mu @ torch.linalg.inv(S) * mu
                ).sum(1)
            ),
            _instead(square=lambda x, mu, S, W, s2: (mu @ S * mu).sum(1)),
        ],
    },
    gradient=["mu", "S", "W"],
    tolerance=2e-4,
)
