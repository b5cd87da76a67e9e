"""Lesson 02: the penalty on a unit's rate."""

import torch

from course_lib.checks.exercise import Exercise


def _activations(generator):
    for batch_size, units, rho in [(6, 4, 0.1), (9, 5, 0.3)]:
        h = torch.rand(batch_size, units, generator=generator) ** 2
        yield {"h": h, "rho": rho}
    silent = torch.rand(6, 3, generator=generator) * torch.tensor([1, 0, 1.0])
    yield {"h": silent, "rho": 0.2}


def _rates(h, dim=0):
    return h.mean(dim).clamp(1e-6, 1 - 1e-6)


def _coin_kl(p, q):
    p, q = torch.as_tensor(p, dtype=q.dtype), torch.as_tensor(q)
    return p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()


def _reversed(h, rho):
    rate = _rates(h)
    return (
        rate * (rate / rho).log() + (1 - rate) * ((1 - rate) / (1 - rho)).log()
    ).sum()


def _each_sample(h, rho):
    return _coin_kl(rho, h.clamp(1e-6, 1 - 1e-6))


kl_sparsity = Exercise(
    """kl_sparsity(h, rho) -> (): the sum over units of KL(rho || rate).

    h: (B, M) activations in [0, 1]; rho: a float. A unit's rate is its mean
    over the batch, kept within [1e-6, 1 - 1e-6].
    """,
    cases=_activations,
    answer=lambda h, rho: _coin_kl(rho, _rates(h)).sum(),
    mistakes={
        "The KL is reversed: the target rho is the first argument, the "
        "unit's rate the second.": _reversed,
        "The second term is missing: a unit that is off counts too, with "
        "weight 1 - rho.": [
            lambda h, rho: (rho * (rho / _rates(h)).log()).sum(),
            lambda h, rho: -(rho * _rates(h).log()).sum(),
        ],
        "You take the KL of every activation: first the mean over the "
        "batch, then the KL of this rate.": [
            lambda h, rho: _each_sample(h, rho).mean(0).sum(),
            lambda h, rho: _each_sample(h, rho).sum(),
            lambda h, rho: _each_sample(h, rho).mean(),
        ],
        "You average over units; sum over them.": (
            lambda h, rho: _coin_kl(rho, _rates(h)).mean()
        ),
        "Your rates are means over units: a unit's rate is its mean over the "
        "batch.": lambda h, rho: _coin_kl(rho, _rates(h, 1)).sum(),
        "The sign is turned: this is minus the KL.": (
            lambda h, rho: -_coin_kl(rho, _rates(h)).sum()
        ),
        "A unit that never fires gives an infinite penalty: keep the rates "
        "away from 0 and 1 before the logarithm.": (
            lambda h, rho: _coin_kl(rho, h.mean(0)).sum()
        ),
    },
    gradient=["h"],
)
