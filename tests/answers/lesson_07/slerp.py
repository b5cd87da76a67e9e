"""Answers to slerp, in forms that learners write."""

import math

import torch
import torch.nn.functional as F


def slerp_usual(a, b, t):
    cosine = torch.dot(a / a.norm(), b / b.norm()).clamp(-1, 1)
    omega = torch.acos(cosine)
    if omega.sin() < 1e-3:
        return torch.lerp(a, b, t)
    first, second = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return first / omega.sin() * a + second / omega.sin() * b


def slerp_cosine(a, b, t):
    cosine = F.cosine_similarity(a, b, dim=0)
    if cosine > 1 - 1e-6:
        return a + t * (b - a)
    omega = cosine.acos()
    weights = torch.stack([((1 - t) * omega).sin(), (t * omega).sin()])
    return weights @ torch.stack([a, b]) / omega.sin()


def slerp_in_double(a, b, t):
    one, two = a.double(), b.double()
    omega = math.acos(
        min(1.0, ((one @ two) / (one.norm() * two.norm())).item())
    )
    if omega < 1e-3:
        return (1 - t) * a + t * b
    scale = math.sin(omega)
    return a * (math.sin((1 - t) * omega) / scale) + b * (
        math.sin(t * omega) / scale
    )


def slerp_by_rotation(a, b, t):
    one, other = a / a.norm(), b / b.norm()
    cosine = (one @ other).clamp(-1, 1)
    across = other - cosine * one
    if across.norm() < 1e-4:
        return (1 - t) * a + t * b
    across = across / across.norm()
    omega = torch.atan2(other @ across, cosine)
    first = torch.sin((1 - t) * omega) / torch.sin(omega)
    second = torch.sin(t * omega) / torch.sin(omega)
    return first * a.norm() * one + second * b.norm() * (
        torch.cos(omega) * one + torch.sin(omega) * across
    )


def slerp_by_entries(a, b, t):
    norms = math.sqrt(sum(v**2 for v in a)) * math.sqrt(sum(v**2 for v in b))
    cosine = sum(v * w for v, w in zip(a, b, strict=True)) / norms
    if cosine > 0.9995:
        return torch.stack(
            [(1 - t) * v + t * w for v, w in zip(a, b, strict=True)]
        )
    omega = math.acos(cosine)
    first = math.sin((1 - t) * omega) / math.sin(omega)
    second = math.sin(t * omega) / math.sin(omega)
    return torch.stack(
        [first * v + second * w for v, w in zip(a, b, strict=True)]
    )


RIGHT = [
    slerp_usual,
    slerp_cosine,
    slerp_in_double,
    slerp_by_rotation,
    slerp_by_entries,
]


def unguarded(a, b, t, omega=None):
    if omega is None:
        omega = ((a / a.norm()) @ (b / b.norm())).clamp(-1, 1).acos()
    first, second = ((1 - t) * omega).sin(), (t * omega).sin()
    return (first * a + second * b) / omega.sin()


def unclamped(a, b, t):
    cosine = torch.dot(a, b) / (a.norm() * b.norm())
    omega = torch.acos(cosine)
    return torch.lerp(a, b, t) if omega < 1e-3 else unguarded(a, b, t, omega)


def guarded(a, b, t, f):
    """f(a, b, t, omega), or the straight line."""
    cosine = F.cosine_similarity(a, b, dim=0)
    if cosine > 1 - 1e-6:
        return torch.lerp(a, b, t)
    return f(a, b, t, cosine.clamp(-1, 1).acos())


def with_weights(f):
    """An answer with weights of t and omega."""

    def weigh(a, b, t, omega):
        first, second = f(t, omega)
        return first * a + second * b

    return lambda a, b, t: guarded(a, b, t, weigh)


def as_for_quaternions(a, b, t):
    if (a @ b) < 0:
        b = -b
    return slerp_usual(a, b, t)


def first_code_if_parallel(a, b, t):
    parallel = F.cosine_similarity(a, b, dim=0) > 1 - 1e-6
    return a if parallel else slerp_usual(a, b, t)


def wide_guard(a, b, t):
    if F.cosine_similarity(a, b, dim=0) > 0.99:
        return torch.lerp(a, b, t)
    return slerp_usual(a, b, t)


def where_guard(a, b, t):
    omega = F.cosine_similarity(a, b, dim=0).clamp(-1, 1).acos()
    arc = unguarded(a, b, t, omega)
    return torch.where(omega < 1e-3, torch.lerp(a, b, t), arc)


def unit_line(a, b, t):
    point = torch.lerp(a, b, t)
    return point / point.norm()


def unit_arc(a, b, t):
    return slerp_usual(a / a.norm(), b / b.norm(), t)


WRONG = [
    ("normalise both", lambda a, b, t: unguarded(a, b, t, (a @ b).acos())),
    (
        "normalise both",
        lambda a, b, t: unguarded(a, b, t, (a @ b).clamp(-1, 1).acos()),
    ),
    (
        "Only one code",
        lambda a, b, t: unguarded(a, b, t, (a @ b / a.norm()).acos()),
    ),
    (
        "arccosine is missing",
        lambda a, b, t: unguarded(a, b, t, F.cosine_similarity(a, b, dim=0)),
    ),
    (
        "degrees",
        lambda a, b, t: guarded(
            a, b, t, lambda *rest: unguarded(*rest[:3], rest[3].rad2deg())
        ),
    ),
    ("swapped", lambda a, b, t: slerp_usual(a, b, 1 - t)),
    ("straight line: its", torch.lerp),
    ("straight line, brought", unit_line),
    ("straight line, brought", lambda a, b, t: a.norm() * unit_line(a, b, t)),
    ("Only the directions", unit_arc),
    ("apart", lambda a, b, t: a.norm() * unit_arc(a, b, t)),
    (
        "apart",
        lambda a, b, t: unit_arc(a, b, t) * torch.lerp(a.norm(), b.norm(), t),
    ),
    (
        "sine of the whole angle",
        with_weights(lambda t, w: (((1 - t) * w).sin(), (t * w).sin())),
    ),
    (
        "divide by the angle",
        with_weights(
            lambda t, w: (((1 - t) * w).sin() / w, (t * w).sin() / w)
        ),
    ),
    (
        "cosines for sines",
        with_weights(
            lambda t, w: (
                ((1 - t) * w).cos() / w.sin(),
                (t * w).cos() / w.sin(),
            )
        ),
    ),
    (
        "sine is taken of t alone",
        with_weights(
            lambda t, w: (
                math.sin(1 - t) * w / w.sin(),
                math.sin(t) * w / w.sin(),
            )
        ),
    ),
    (
        "same weight",
        with_weights(lambda t, w: [(t * w).sin() / w.sin()] * 2),
    ),
    (
        "lacks the 1",
        with_weights(
            lambda t, w: (-(t * w).sin() / w.sin(), (t * w).sin() / w.sin())
        ),
    ),
    ("obtuse", as_for_quaternions),
    ("0/0", unguarded),
    ("clamp it", unclamped),
    ("may differ in length", first_code_if_parallel),
    ("small angle", wide_guard),
    ("NaN or infinite", where_guard),
    ("same for another value of t", lambda a, b, t: slerp_usual(a, b, 0.5)),
    (r"shape \(1, 5\)", lambda a, b, t: slerp_usual(a, b, t)[None]),
    ("one number", lambda a, b, t: slerp_usual(a, b, t).norm()),
    ("gradient", torch.no_grad()(slerp_usual)),
]
