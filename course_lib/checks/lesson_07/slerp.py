"""Lesson 07: the way between two codes along a circle."""

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_07._arcs import (
    COSINES,
    angle_of,
    arc,
    arccosine,
    directions,
    line,
    sines,
    stretched,
    with_norms,
    with_other,
    with_sines,
)


def _pairs(generator):
    def pair(K, angle, lengths, t):
        """Codes of given lengths, at a given angle."""
        plane = torch.randn(K, 2, generator=generator)
        one, other = torch.linalg.qr(plane).Q.T
        angle = torch.tensor(angle)
        b = angle.cos() * one + angle.sin() * other
        return {"a": lengths[0] * one, "b": lengths[1] * b, "t": t}

    # Shorter than 1, so that a @ b, without norms, is a cosine too.
    yield pair(5, 0.9, (0.9, 0.5), 0.3)
    yield pair(20, 2.2, (0.6, 0.8), 0.75)
    yield pair(6, 1.3, (0.8, 0.3), 0.6)
    label = "for nearly opposite codes"
    yield label, pair(5, 3.12, (0.9, 0.8), 0.3)
    yield "for codes as long as the prior's", pair(20, 1.7, (4, 6), 0.4)
    yield "at t = 0", pair(5, 0.8, (0.7, 2.0), 0.0)
    yield "at t = 1", pair(5, 0.8, (0.7, 2.0), 1.0)
    # There the arc differs from the line by 0.003.
    label = "at a small angle, 0.12, where the arc is no line yet"
    yield label, pair(2, 0.12, (1.0, 2.0), 0.55)
    for a in ([0.0, 2, 0, 0, 0], [3.0, -4]):
        a = torch.tensor(a)
        yield "for parallel codes", {"a": a, "b": 2 * a, "t": 0.25}
    yield "for equal codes", {"a": a, "b": a.clone(), "t": 0.25}
    # In float32, all ways of computing their cosine give 1 + 1.2e-7.
    label = "for parallel codes, where rounding may lift the cosine above 1"
    for a in ([0.1, 0.2], [0.3, 5.0]):
        a = torch.tensor(a)
        yield label, {"a": a, "b": 2 * a, "t": 0.25}


def _along_codes(slerp, a, b, t):
    """Gradients by the codes' lengths: the angle may be a Python float."""
    if a.requires_grad:
        a, b = (v.detach() * v.norm() / v.norm().detach() for v in (a, b))
    return slerp(a, b, t)


slerp = Exercise(
    """slerp(a, b, t) -> (K,): the point at t between the codes a and b.

    a, b: (K,), of any lengths; t: a float in [0, 1]. For parallel codes the
    straight line is meant.
    """,
    cases=_pairs,
    experiment=_along_codes,
    answer=arc,
    mistakes={
        "The cosine is taken of codes of any length: normalise both for the "
        "angle.": with_norms(0, 0),
        "Only one code is normalised for the angle: both have to be.": [
            with_norms(*powers) for powers in [(1, 0), (0, 1), (2, 0), (0, 2)]
        ],
        "You divide by the squares of the norms: a unit vector comes from the "
        "norm itself.": with_norms(2, 2),
        "The arccosine is missing: the cosine is not the angle.": with_other(
            angle=COSINES[0], shortest=-1
        ),
        "The angle is in degrees: sin takes radians.": with_other(
            angle=lambda a, b: angle_of(a, b).rad2deg()
        ),
        "The ends are swapped: t = 0 has to give a.": (
            lambda a, b, t: arc(b, a, t)
        ),
        "This is the straight line: its middle lies nearer to the origin.": (
            line
        ),
        "This is the straight line, brought to another length: the arc turns "
        "at an even speed.": [
            stretched(lambda *_: 1),
            stretched(lambda a, b, t: a),
            stretched(line),
        ],
        "Only the directions are interpolated: a and b keep their lengths.": (
            directions(lambda *_: 1)
        ),
        "Directions and lengths are interpolated apart: a and b themselves "
        "are weighted.": [
            directions(lambda a, b, t: a),
            directions(lambda a, b, t: (a + b) / 2),
            directions(line),
        ],
        "The division by the sine of the whole angle is missing.": with_other(
            whole=lambda omega: 1
        ),
        "You divide by the angle: divide by its sine.": with_other(
            whole=lambda omega: omega
        ),
        "The weights have cosines for sines.": with_other(
            weights=lambda t, omega: (
                ((1 - t) * omega).cos(),
                (t * omega).cos(),
            )
        ),
        "The sine is taken of t alone: the angle belongs inside.": with_other(
            weights=lambda t, omega: [s * omega for s in sines(t, omega**0)]
        ),
        "Both codes have the same weight: one has t, the other 1 - t.": [
            with_sines(lambda t: t, lambda t: t),
            with_sines(lambda t: 1 - t, lambda t: 1 - t),
        ],
        "The weight of a lacks the 1 of 1 - t.": with_sines(
            lambda t: -t, lambda t: t
        ),
        "The weight of b has the wrong sign.": with_sines(
            lambda t: 1 - t, lambda t: -t
        ),
        "An obtuse angle is turned into an acute one: that is for rotations, "
        "where b and -b mean the same.": [
            lambda a, b, t: arc(a, -b if a @ b < 0 else b, t),
            with_other(angle=arccosine(lambda a, b: COSINES[0](a, b).abs())),
        ],
        "For parallel codes this is 0/0: take the straight line there.": [
            with_other(angle=arccosine(cosine, clamped), shortest=-1)
            for cosine in COSINES
            for clamped in (True, False)
        ],
        "Rounding can lift a cosine above 1, and then the arccosine is NaN: "
        "clamp it.": [
            with_other(angle=arccosine(cosine, False)) for cosine in COSINES
        ],
        "Parallel codes may differ in length: take the straight line.": [
            lambda a, b, t: a if angle_of(a, b) < 1e-3 else arc(a, b, t),
            lambda a, b, t: b if angle_of(a, b) < 1e-3 else arc(a, b, t),
        ],
    },
    gradient=["a", "b"],
)
