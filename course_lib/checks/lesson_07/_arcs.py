"""Lesson 07: the arc between two codes, and wrong forms of it."""

from functools import partial

import torch
import torch.nn.functional as F


def angle_of(a, b):
    # exact for small angles too, where the arccosine is not
    a, b = a / a.norm(), b / b.norm()
    return 2 * torch.atan2((a - b).norm(), (a + b).norm())


def sines(t, omega):
    return torch.sin((1 - t) * omega), torch.sin(t * omega)


def arc(
    a, b, t, angle=angle_of, weights=sines, whole=torch.sin, shortest=1e-4
):
    omega = angle(a, b)
    if omega < shortest:
        return line(a, b, t)
    first, second = weights(t, omega)
    return (first * a + second * b) / whole(omega)


def line(a, b, t):
    return (1 - t) * a + t * b


def with_other(**options):
    return partial(arc, **options)


COSINES = (
    lambda a, b: (a / a.norm()) @ (b / b.norm()),
    lambda a, b: a @ b / (a.norm() * b.norm()),
    lambda a, b: F.cosine_similarity(a, b, dim=0),
)


def arccosine(cosine, clamped=True):
    if clamped:
        return lambda a, b: cosine(a, b).clamp(-1, 1).acos()
    return lambda a, b: cosine(a, b).acos()


def with_norms(first, second):
    """The arccosine of a @ b over powers of the two norms."""
    return with_other(
        angle=arccosine(
            lambda a, b: a @ b / (a.norm() ** first * b.norm() ** second)
        )
    )


def with_sines(first, second):
    """Weights that are sines of functions of t, times the angle."""
    return with_other(
        weights=lambda t, omega: (
            torch.sin(first(t) * omega),
            torch.sin(second(t) * omega),
        )
    )


def directions(length):
    """The arc between directions, of a length that f(|a|, |b|, t) gives."""
    return lambda a, b, t: (
        length(a.norm(), b.norm(), t) * arc(a / a.norm(), b / b.norm(), t)
    )


def stretched(length):
    """The straight line's directions, of another length."""

    def wrong(a, b, t):
        point = line(a, b, t)
        return length(a.norm(), b.norm(), t) * point / point.norm()

    return wrong
