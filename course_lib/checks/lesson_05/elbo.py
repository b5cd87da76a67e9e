"""Lesson 05: probabilistic PCA's ELBO."""

from functools import partial
from math import log, pi

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_05._models import models


def _guesses(generator):
    for inputs in models(generator):
        K = inputs["W"].shape[1]
        root = 0.3 * torch.randn(K, K, generator=generator)
        S = root @ root.T + 0.1 * torch.eye(K)
        mu = torch.randn(len(inputs["x"]), K, generator=generator)
        x, W, s2 = inputs.values()
        yield {"x": x, "mu": mu, "S": S, "W": W, "s2": s2}


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


def _elbo(x, mu, S, W, s2, **factors):
    D, K = W.shape
    terms = {
        "log": D * log(2 * pi * s2),
        "error": (x - mu @ W.mT).square().sum(1) / s2,
        "spread": (W.mT @ W @ S).trace() / s2,
        "trace": S.trace(),
        "square": mu.square().sum(1),
        "K": K,
        "entropy": torch.logdet(S),
    }
    return sum(value * (_TERMS | factors)[n] for n, value in terms.items())


def _with(**factors):
    return partial(_elbo, **factors)


_RATE = ("trace", "square", "K", "entropy")
_turned = _with(**{name: -_TERMS[name] for name in _RATE})
_doubled = _with(**{name: 2 * _TERMS[name] for name in _RATE})

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
        "The trace of S is missing in the rate.": _with(trace=0),
        "The log-determinant of S is missing: without q's entropy, a "
        "narrower q costs nothing.": [_with(entropy=0), _with(entropy=0, K=0)],
        "The log-determinant has the wrong sign: a wider q has a smaller "
        "rate.": _with(entropy=-0.5),
        "The rate has the wrong sign: the ELBO is reconstruction minus "
        "rate.": _turned,
        "This is minus the ELBO: it is something to maximise.": (
            lambda *inputs: -_elbo(*inputs)
        ),
        "A factor 1/2 is missing in the reconstruction.": [
            _with(error=-1, spread=-1),
            _with(error=-1, spread=-1, log=-1),
            _with(log=-1),
        ],
        "A factor 1/2 is missing in the rate.": _doubled,
        "The constant with log(2 pi s2) is missing, or has one D too few: "
        "there is one for each pixel.": [
            _with(log=0),
            lambda x, mu, S, W, s2: _elbo(
                x, mu, S, W, s2, log=-0.5 / W.shape[0]
            ),
        ],
        "K is missing: the rate of q = N(0, I) has to be 0.": _with(K=0),
    },
    gradient=["mu", "S", "W"],
    tolerance=2e-4,
)
