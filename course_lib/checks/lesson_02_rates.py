"""Lesson 02: the penalty on a unit's rate, and dead units."""

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
    "kl_sparsity",
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
        "You return one KL for each unit: sum over units.": (
            lambda h, rho: h.new_empty(h.shape[1], device="meta")
        ),
        "A unit that never fires gives an infinite penalty: keep the rates "
        "away from 0 and 1 before the logarithm.": (
            lambda h, rho: _coin_kl(rho, h.mean(0)).sum()
        ),
    },
    gradient=["h"],
)


def _signed_codes(generator):
    for images, units, dead in [(40, 27, 4), (30, 33, 6)]:
        h = torch.randn(images, units, generator=generator)
        h = h * (torch.rand(images, units, generator=generator) < 0.4) + 1
        h[2] = 0  # an image without any active unit
        h[:, : dead + 3] = 0
        h[1, dead] = 1e-3  # alive, for one image only
        h[:2, dead + 1 : dead + 3] = torch.tensor([[1.0], [-1]])  # of mean 0
        h[:, dead + 3 : dead + 8] = -h[:, dead + 3 : dead + 8].abs()
        yield {"h": h}


dead_units = Exercise(
    "dead_units",
    """dead_units(h) -> (): how many units are 0 for every image.

    h: (N, M) codes of N images, of any sign.
    """,
    cases=_signed_codes,
    answer=lambda h: (h == 0).all(0).sum(),
    mistakes={
        "You count images for which all units are 0: a unit is a column.": (
            lambda h: (h == 0).all(1).sum()
        ),
        "You count the zeros: a unit is dead only if it is 0 for all "
        "images.": lambda h: (h == 0).sum(),
        "You count the units that are 0 for some image: dead are those that "
        "are 0 for all.": lambda h: (h == 0).any(0).sum(),
        "You look at a unit's mean: codes of both signs cancel, and a unit "
        "that fires once is alive. Look at every entry.": [
            lambda h: (h.mean(0) == 0).sum(),
            lambda h: (h.mean(0).abs() < 1e-3).sum(),
        ],
        "A threshold on the size is not asked for: a small code is alive.": (
            lambda h: (h.abs() < 1e-2).all(0).sum()
        ),
        "A unit with negative codes is alive too: dead means 0 for all.": (
            lambda h: (h <= 0).all(0).sum()
        ),
        "You count the living units.": lambda h: (h != 0).any(0).sum(),
        "You return a share; return the number of units.": (
            lambda h: (h == 0).all(0).double().mean()
        ),
        "You return one answer for each unit: count them.": (
            lambda h: h.new_empty(h.shape[1], device="meta")
        ),
    },
)
