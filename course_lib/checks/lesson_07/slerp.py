"""Lesson 07: the way between two codes along a circle."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _pairs(generator):
    normal = partial(torch.randn, generator=generator)
    for K, t in [(4, 0.3), (20, 0.75)]:
        yield {"a": normal(K), "b": 2 * normal(K), "t": t}
    a = torch.tensor([0.0, 2, 0])
    yield {"a": a, "b": 2 * a, "t": 0.25}


def _along_codes(slerp, a, b, t):
    """Gradients by the codes' lengths: the angle may be a Python float."""
    if a.requires_grad:
        a, b = (v.detach() * v.norm() / v.norm().detach() for v in (a, b))
    return slerp(a, b, t)


def _angle(a, b):
    # exact for small angles too, where the arccosine is not
    a, b = a / a.norm(), b / b.norm()
    return 2 * torch.atan2((a - b).norm(), (a + b).norm())


def _slerp(a, b, t, angle=_angle):
    omega = angle(a, b)
    if omega < 1e-4:
        return (1 - t) * a + t * b
    return _great_circle(a, b, t, omega)


def _great_circle(a, b, t, omega):
    weights = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


def _unguarded(a, b, t):
    cosine = (a / a.norm()) @ (b / b.norm())
    return _great_circle(a, b, t, cosine.clamp(-1, 1).acos())


slerp = Exercise(
    """slerp(a, b, t) -> (K,): the point at t between the codes a and b.

    a, b: (K,), of any lengths; t: a float in [0, 1]. For parallel codes the
    straight line is meant.
    """,
    cases=_pairs,
    experiment=_along_codes,
    answer=_slerp,
    mistakes={
        "The cosine is taken of codes of any length: normalise them for the "
        "angle.": partial(
            _slerp, angle=lambda a, b: (a @ b).clamp(-1, 1).acos()
        ),
        "The ends are swapped: t = 0 gives a.": (
            lambda a, b, t: _slerp(b, a, t)
        ),
        "This is the straight line: its middle lies nearer to the origin.": (
            lambda a, b, t: (1 - t) * a + t * b
        ),
        "Only the directions are interpolated: a and b keep their lengths.": (
            lambda a, b, t: _slerp(a / a.norm(), b / b.norm(), t)
        ),
        "The division by the sine of the whole angle is missing.": (
            lambda a, b, t: _slerp(a, b, t) * torch.sin(_angle(a, b))
        ),
        "For parallel codes this is 0/0: take the straight line there.": (
            _unguarded
        ),
        "Parallel codes may differ in length: take the straight line.": [
            lambda a, b, t: a,
            lambda a, b, t: b,
        ],
    },
    gradient=["a", "b"],
)
