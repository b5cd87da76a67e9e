"""Lesson 03: salt-and-pepper noise."""

import torch
from torch import Generator, Tensor

from course_lib.checks.exercise import Exercise


def _grey_images(generator):
    for p, size in [(0.25, (4, 1, 50, 44)), (0.5, (6, 1, 36, 40))]:
        yield {"x": torch.full(size, 0.4), "p": p, "seed": 20_016}
    few = {"x": torch.full((4, 1, 25, 40), 0.4), "p": 1.0, "seed": 20_018}
    yield "at p = 1", few


def _statistics(salt_pepper, x, p, seed):
    """What all right answers share, whatever the order of their draws."""

    def corrupt(x, seed):
        return salt_pepper(x, p, Generator().manual_seed(seed))

    small = x[:, :, :8, :8]
    if x.requires_grad:  # spared pixels pass it; hit ones are left out
        noisy = corrupt(small, seed)
        return torch.where(noisy == small, noisy, small)
    noisy = corrupt(x, seed)
    if not isinstance(noisy, Tensor) or noisy.shape != x.shape:
        return {"Images": noisy}
    if noisy.is_complex():
        return {"Images": noisy}
    many = corrupt(x[:1, :, :4, :4].repeat(24, 1, 1, 1), seed)
    both = {"Both colours occur in an image": torch.tensor(1.0)}
    if _each_has_one_colour(many):
        return {what: 0 * truth for what, truth in both.items()}
    one, again, other = (corrupt(small, seed + i) for i in (0, 0, 1))
    same = float(one.equal(again))
    hit, white = noisy != x, _mean(noisy == 1)
    strange = hit & (noisy != 0) & (noisy != 1)
    return both | {
        "Images": 0 * noisy,  # only shape and kind are compared
        "Share of hit pixels that are neither 0 nor 1": _mean(strange),
        "Largest pixel": noisy.max(),
        "Smallest pixel": noisy.min(),
        "Share of pixels hit": _mean(hit),
        "Share of pixels that become white": white,
        "Share of places hit in all images": _mean(hit.all(0)),
        "Same result from the same generator state": torch.as_tensor(same),
        "Other result from another generator state": (
            torch.as_tensor(float(p == 1 or not one.equal(other)))
        ),
    }


def _each_has_one_colour(noisy):
    """Whether black and white occur, but never in the same image."""
    white, black = ((noisy == c).flatten(1).any(1) for c in (1, 0))
    return white.any() and black.any() and not (white & black).any()


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
        x, hit, (_rand(x[:, :1, :1, :1], generator) < 0.5).expand_as(x)
    )


def _adds(x, p, generator):
    hit = _rand(x, generator) < p
    sign = 2.0 * (_rand(x, generator) < 0.5) - 1
    return torch.where(hit, x + sign, x)


def _always_the_same(x, p, generator):
    return _answer(x, p, Generator().manual_seed(0))


def _tilted(x, p, generator, white=0.9):
    hit = _rand(x, generator) < p
    return _hit(x, hit, _rand(x, generator) < white)


def _to(value):
    def corrupt(x, p, generator):
        hit = _rand(x, generator) < p
        return torch.where(hit, value(x, generator), x)

    return corrupt


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
        "You draw once for each colour, and where both fall on a pixel it is "
        "hit once: too few are hit.": [
            lambda x, p, g: _one_after_the_other(x, p / 2, g),
            lambda x, p, g: _one_after_the_other(x, p / 2, g, first=1.0),
        ],
        "You hit half of the pixels that should be hit: p is the probability "
        "of both kinds together.": (
            lambda x, p, generator: _answer(x, p / 2, generator)
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
        "and 1 is made for every pixel.": _one_colour,
        "Every hit pixel becomes white: half of them have to be 0.": (
            _to(lambda x, _: torch.ones_like(x))
        ),
        "Every hit pixel becomes black: half of them have to be 1.": (
            _to(lambda x, _: torch.zeros_like(x))
        ),
        "A hit pixel is turned round, 1 - x: it becomes 0 or 1, whatever it "
        "was.": _to(lambda x, _: 1 - x),
        "You add to a hit pixel: it becomes 0 or 1, whatever it was.": _adds,
        "A hit pixel becomes any number between 0 and 1: this is no salt and "
        "pepper.": _to(_rand),
        "One colour is more frequent than the other: each has probability "
        "1/2.": [
            _tilted,
            lambda *inputs: _tilted(*inputs, white=0.1),
        ],
    },
    gradient=["x"],
    # Five standard errors of the difference of two shares of pixels,
    # 8,800 each, at p = 0.25.
    tolerance=0.033,
    sampled=True,
)
