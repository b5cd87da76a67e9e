"""Lesson 03: salt-and-pepper noise."""

import torch
from torch import Generator, Tensor

from course_lib.checks.exercise import Exercise


def _grey_images(generator):
    for p, size in [(0.25, (8, 1, 120, 120)), (0.2, (6, 1, 130, 140))]:
        yield {"x": torch.full(size, 0.4), "p": p, "seed": 1}


def _statistics(salt_pepper, x, p, seed):
    """What all right answers share, whatever the order of their draws."""

    def corrupt(seed):
        return salt_pepper(x, p, Generator().manual_seed(seed))

    if x.requires_grad:  # spared pixels pass it; hit ones are left out
        noisy = corrupt(seed)
        return torch.where(noisy == x, noisy, x)
    with torch.random.fork_rng(devices=[]):
        noisy, again, other = corrupt(seed), corrupt(seed), corrupt(seed + 1)
    if not isinstance(noisy, Tensor) or noisy.shape != x.shape:
        return {"Images": noisy}
    hit = noisy != x
    white = ((noisy == 1) & hit).flatten(1).sum(1) / hit.flatten(1).sum(1)
    strange = hit & (noisy != 0) & (noisy != 1)
    return {
        "Images": 0 * noisy,  # only shape and kind are compared
        "Share of hit pixels that are neither 0 nor 1": _mean(strange),
        "Share of pixels hit": _mean(hit),
        "Largest share of one colour among an image's hits": (
            torch.maximum(white, 1 - white).max()
        ),
        "Share of pixels in which two images' hits agree": (
            _mean(hit[0] == hit[1])
        ),
        "Same result from the same generator state": (
            torch.as_tensor(float(noisy.equal(again)))
        ),
        "Other result from another generator state": (
            torch.as_tensor(float(not noisy.equal(other)))
        ),
    }


def _mean(mask):
    return mask.double().mean()


def _rand(x, generator):
    return torch.rand(x.shape, generator=generator, dtype=x.dtype)


def _hit(x, hit, white):
    return torch.where(hit, white.to(x.dtype), x)


def _answer(x, p, generator):
    hit = _rand(x, generator) < p
    return _hit(x, hit, _rand(x, generator) < 0.5)


def _each_kind(x, p, generator):
    u = _rand(x, generator)
    return _hit(x, (u < p) | (u > 1 - p), u > 0.5)


def _one_after_the_other(x, p, generator, first=0.0):
    x = torch.where(_rand(x, generator) < p, first, x)
    return torch.where(_rand(x, generator) < p, 1 - first, x)


def _one_mask(x, p, generator):
    hit = (_rand(x[:1], generator) < p).expand_as(x)
    return _hit(x, hit, _rand(x, generator) < 0.5)


def _ignores(x, p, generator):
    return _answer(x, p, None)


def _one_colour(x, p, generator):
    hit = _rand(x, generator) < p
    return _hit(
        x, hit, (_rand(x[:1, :1, :1, :1], generator) < 0.5).expand_as(x)
    )


def _adds(x, p, generator):
    hit = _rand(x, generator) < p
    sign = 2.0 * (_rand(x, generator) < 0.5) - 1
    return torch.where(hit, x + sign, x)


def _flips(x, p, generator):
    return torch.where(_rand(x, generator) < p, 1 - x, x)


def _always_the_same(x, p, generator):
    return _answer(x, p, Generator().manual_seed(0))


salt_pepper = Exercise(
    """salt_pepper(x, p, generator) -> (B, 1, H, W): the corrupted images.

    x: (B, 1, H, W) in [0, 1]. Each pixel is hit with probability p; a hit
    pixel becomes 0 or 1, each with probability 1/2. All random numbers come
    from the generator.
    """,
    cases=_grey_images,
    experiment=_statistics,
    answer=_answer,
    mistakes={
        "You use p for each of the two kinds: p is the probability that a "
        "pixel is hit at all.": [
            _each_kind,
            _one_after_the_other,
            lambda *inputs: _one_after_the_other(*inputs, first=1.0),
        ],
        "You hit the pixels that should stay: only a share p is hit.": (
            lambda x, p, generator: _answer(x, 1 - p, generator)
        ),
        "All images of the batch get the same mask: draw one number for "
        "every pixel of every image.": _one_mask,
        "The generator is ignored: hand it to every function that draws "
        "(generator=generator), so that its state decides the result.": (
            _ignores
        ),
        "You draw from a generator of your own: use the one that you are "
        "given, so that another state gives another result.": (
            _always_the_same
        ),
        "All hit pixels of an image have one colour: the choice between 0 "
        "and 1 is made for every pixel.": [
            _one_colour,
            lambda x, p, g: _hit(x, _rand(x, g) < p, torch.ones_like(x)),
        ],
        "A hit pixel becomes 0 or 1, whatever it was: don't add to it, and "
        "don't turn it round.": [_adds, _flips],
    },
    gradient=["x"],
    tolerance=0.025,  # five standard errors of the difference of two shares
    sampled=True,
)
