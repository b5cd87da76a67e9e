"""Lesson 02: the penalty on a unit's rate."""

from functools import partial

import torch
from torch.special import xlogy

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import BITS, KL_REVERSED


def _activations(generator):
    for B, K, rho in [(6, 4, 0.1), (9, 5, 0.3), (7, 3, 0.05)]:
        z = torch.rand(B, K, generator=generator) ** 2
        yield {"z": z, "rho": rho}
    z = torch.rand(6, 3, generator=generator)
    yield "for one image alone", {"z": z[:1], "rho": 0.2}
    never, always = torch.tensor([1, 0, 1.0]), torch.tensor([0, 1.0, 0])
    yield "where a unit never fires", {"z": z * never, "rho": 0.2}
    yield (
        "where a unit is 1 for all images",
        {
            "z": torch.maximum(z, always),
            "rho": 0.2,
        },
    )


def _rates(z, dim=0, low=1e-6, high=1e-6):
    return z.mean(dim).clamp(low, 1 - high)


def _terms(rho, q, second=1.0, log=torch.log):
    p = torch.as_tensor(rho, dtype=q.dtype)
    return p * log(p / q) + second * (1 - p) * log((1 - p) / (1 - q))


def _penalty(z, rho, rates=_rates, **changes):
    return _terms(rho, rates(z), **changes).sum()


def _with(**changes):
    return partial(_penalty, **changes)


def _reversed(z, rho):
    q = _rates(z)
    return (xlogy(q, q / rho) + xlogy(1 - q, (1 - q) / (1 - rho))).sum()


def _cross_entropy(z, rho):
    q = _rates(z)
    return -(rho * q.log() + (1 - rho) * (1 - q).log()).sum()


def _each_activation(z, rho):
    return _terms(rho, z.clamp(1e-6, 1 - 1e-6))


def _inside_the_log(eps, z, rho):
    q, p = z.mean(0), torch.as_tensor(rho, dtype=z.dtype)
    return (
        p * (p / (q + eps)).log() + (1 - p) * ((1 - p) / (1 - q + eps)).log()
    ).sum()


_LIMITS = (1e-3, 1e-4, 1e-5, 1e-7, 1e-8, 1e-10, 1e-12)

kl_sparsity = Exercise(
    """kl_sparsity(z, rho) -> (): the sum over units of KL(rho || rate).

    z: (B, K) activations in [0, 1]; rho: a float. A unit's rate is its mean
    over the batch, kept within [1e-6, 1 - 1e-6].
    """,
    cases=_activations,
    answer=_penalty,
    mistakes={
        KL_REVERSED + " That is rho; the unit's rate comes second.": _reversed,
        "The logarithms are weighted with the rate: their weights are rho "
        "and 1 - rho.": lambda z, rho: -_reversed(z, rho),
        BITS: [_with(log=torch.log2), _with(log=torch.log10)],
        "The second term is missing: a unit that is off counts too, with "
        "weight 1 - rho.": [
            _with(second=0),
            lambda z, rho: -(rho * _rates(z).log()).sum(),
        ],
        "The second term has the wrong sign: both are added.": (
            _with(second=-1)
        ),
        "This is the cross-entropy: the penalty of a unit whose rate is rho "
        "has to be 0.": _cross_entropy,
        "You take the KL of every activation: first the mean over the "
        "batch, then the KL of this rate.": [
            lambda z, rho: _each_activation(z, rho).mean(0).sum(),
            lambda z, rho: _each_activation(z, rho).sum(),
            lambda z, rho: _each_activation(z, rho).mean(),
        ],
        "You average over units; sum over them.": (
            lambda z, rho: _terms(rho, _rates(z)).mean()
        ),
        "You look at one unit only: does the return stand inside the loop?": [
            lambda z, rho: _terms(rho, _rates(z))[0],
            lambda z, rho: _terms(rho, _rates(z))[-1],
        ],
        "You take one rate for all units: each unit has its own.": [
            lambda z, rho: _terms(rho, _rates(z.flatten())),
            lambda z, rho: z.shape[1] * _terms(rho, _rates(z.flatten())),
        ],
        "Your rates are means over units: a unit's rate is its mean over the "
        "batch.": _with(rates=partial(_rates, dim=1)),
        "You take a sigmoid of z: the activations are in [0, 1] already.": (
            _with(rates=lambda z: _rates(z.sigmoid()))
        ),
        "Your rates are sums over the batch: take the mean.": (
            _with(rates=lambda z: z.sum(0).clamp(1e-6, 1 - 1e-6))
        ),
        "Your rate is how often a unit exceeds a threshold: take the mean of "
        "its activations.": [
            _with(rates=lambda z, t=t: _rates((z > t).to(z.dtype)))
            for t in (0, 0.01, 0.02, 0.05, 0.1, 0.5)
        ],
        "The sign is turned: this is minus the KL.": (
            lambda z, rho: -_penalty(z, rho)
        ),
        "This is a distance between rate and target, not their KL.": [
            lambda z, rho: (_rates(z) - rho).square().sum(),
            lambda z, rho: (_rates(z) - rho).abs().sum(),
        ],
        "A unit that never fires gives an infinite penalty: keep the rates "
        "away from 0 before the logarithm.": [
            _with(rates=lambda z: z.mean(0)),
            _with(rates=lambda z: z.mean(0).clamp(max=1 - 1e-6)),
        ],
        "A unit that is 1 for all images gives an infinite penalty: keep the "
        "rates away from 1, too.": (
            _with(rates=lambda z: z.mean(0).clamp(min=1e-6))
        ),
        "The smallest and the largest rate are not those asked for: keep the "
        "rates within the limits before the logarithm.": [
            *[_with(rates=partial(_rates, low=e, high=e)) for e in _LIMITS],
            *[partial(_inside_the_log, e) for e in _LIMITS[3:]],
        ],
    },
    gradient=["z"],
    tolerance=2e-3,  # float32 rounds 1 - 1e-6, and a logarithm enlarges that
)
