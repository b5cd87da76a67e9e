"""Lesson 02: the penalty on a unit's rate."""

from functools import partial

import torch
from torch.special import xlogy

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import BITS, KL_REVERSED


def _activations(generator):
    for B, M, rho in [(6, 4, 0.1), (9, 5, 0.3), (7, 3, 0.05)]:
        h = torch.rand(B, M, generator=generator) ** 2
        yield {"h": h, "rho": rho}
    h = torch.rand(6, 3, generator=generator)
    yield "for one image alone", {"h": h[:1], "rho": 0.2}
    never, always = torch.tensor([1, 0, 1.0]), torch.tensor([0, 1.0, 0])
    yield "where a unit never fires", {"h": h * never, "rho": 0.2}
    yield (
        "where a unit is 1 for all images",
        {
            "h": torch.maximum(h, always),
            "rho": 0.2,
        },
    )


def _rates(h, dim=0, low=1e-6, high=1e-6):
    return h.mean(dim).clamp(low, 1 - high)


def _terms(rho, q, second=1.0, log=torch.log):
    p = torch.as_tensor(rho, dtype=q.dtype)
    return p * log(p / q) + second * (1 - p) * log((1 - p) / (1 - q))


def _penalty(h, rho, rates=_rates, **changes):
    return _terms(rho, rates(h), **changes).sum()


def _with(**changes):
    return partial(_penalty, **changes)


def _reversed(h, rho):
    q = _rates(h)
    return (xlogy(q, q / rho) + xlogy(1 - q, (1 - q) / (1 - rho))).sum()


def _cross_entropy(h, rho):
    q = _rates(h)
    return -(rho * q.log() + (1 - rho) * (1 - q).log()).sum()


def _each_activation(h, rho):
    return _terms(rho, h.clamp(1e-6, 1 - 1e-6))


def _inside_the_log(eps, h, rho):
    q, p = h.mean(0), torch.as_tensor(rho, dtype=h.dtype)
    return (
        p * (p / (q + eps)).log() + (1 - p) * ((1 - p) / (1 - q + eps)).log()
    ).sum()


_LIMITS = (1e-3, 1e-4, 1e-5, 1e-7, 1e-8, 1e-10, 1e-12)

kl_sparsity = Exercise(
    """kl_sparsity(h, rho) -> (): the sum over units of KL(rho || rate).

    h: (B, M) activations in [0, 1]; rho: a float. A unit's rate is its mean
    over the batch, kept within [1e-6, 1 - 1e-6].
    """,
    cases=_activations,
    answer=_penalty,
    mistakes={
        KL_REVERSED + " That is rho; the unit's rate comes second.": _reversed,
        "The logarithms are weighted with the rate: their weights are rho "
        "and 1 - rho.": lambda h, rho: -_reversed(h, rho),
        BITS: [_with(log=torch.log2), _with(log=torch.log10)],
        "The second term is missing: a unit that is off counts too, with "
        "weight 1 - rho.": [
            _with(second=0),
            lambda h, rho: -(rho * _rates(h).log()).sum(),
        ],
        "The second term has the wrong sign: both are added.": (
            _with(second=-1)
        ),
        "This is the cross-entropy: the penalty of a unit whose rate is rho "
        "has to be 0.": _cross_entropy,
        "You take the KL of every activation: first the mean over the "
        "batch, then the KL of this rate.": [
            lambda h, rho: _each_activation(h, rho).mean(0).sum(),
            lambda h, rho: _each_activation(h, rho).sum(),
            lambda h, rho: _each_activation(h, rho).mean(),
        ],
        "You average over units; sum over them.": (
            lambda h, rho: _terms(rho, _rates(h)).mean()
        ),
        "You look at one unit only: does the return stand inside the loop?": [
            lambda h, rho: _terms(rho, _rates(h))[0],
            lambda h, rho: _terms(rho, _rates(h))[-1],
        ],
        "You take one rate for all units: each unit has its own.": [
            lambda h, rho: _terms(rho, _rates(h.flatten())),
            lambda h, rho: h.shape[1] * _terms(rho, _rates(h.flatten())),
        ],
        "Your rates are means over units: a unit's rate is its mean over the "
        "batch.": _with(rates=partial(_rates, dim=1)),
        "You take a sigmoid of h: the activations are in [0, 1] already.": (
            _with(rates=lambda h: _rates(h.sigmoid()))
        ),
        "Your rates are sums over the batch: take the mean.": (
            _with(rates=lambda h: h.sum(0).clamp(1e-6, 1 - 1e-6))
        ),
        "Your rate is how often a unit exceeds a threshold: take the mean of "
        "its activations.": [
            _with(rates=lambda h, t=t: _rates((h > t).to(h.dtype)))
            for t in (0, 0.01, 0.02, 0.05, 0.1, 0.5)
        ],
        "The sign is turned: this is minus the KL.": (
            lambda h, rho: -_penalty(h, rho)
        ),
        "This is a distance between rate and target, not their KL.": [
            lambda h, rho: (_rates(h) - rho).square().sum(),
            lambda h, rho: (_rates(h) - rho).abs().sum(),
        ],
        "A unit that never fires gives an infinite penalty: keep the rates "
        "away from 0 before the logarithm.": [
            _with(rates=lambda h: h.mean(0)),
            _with(rates=lambda h: h.mean(0).clamp(max=1 - 1e-6)),
        ],
        "A unit that is 1 for all images gives an infinite penalty: keep the "
        "rates away from 1, too.": (
            _with(rates=lambda h: h.mean(0).clamp(min=1e-6))
        ),
        "The smallest and the largest rate are not those asked for: keep the "
        "rates within the limits before the logarithm.": [
            *[_with(rates=partial(_rates, low=e, high=e)) for e in _LIMITS],
            *[partial(_inside_the_log, e) for e in _LIMITS[3:]],
        ],
    },
    gradient=["h"],
    tolerance=2e-3,  # float32 rounds 1 - 1e-6, and a logarithm enlarges that
)
