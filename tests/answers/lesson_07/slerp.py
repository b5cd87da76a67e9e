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


RIGHT = [slerp_usual, slerp_cosine, slerp_in_double]

WRONG = [
    (
        "normalise",
        lambda a, b, t: (
            (
                ((1 - t) * (w := (a @ b).clamp(-1, 1).acos())).sin() * a
                + (t * w).sin() * b
            )
            / w.sin()
        ),
    ),
    ("swapped", lambda a, b, t: slerp_usual(a, b, 1 - t)),
    ("straight line", torch.lerp),
    (
        "may differ in length",
        lambda a, b, t: (
            a
            if F.cosine_similarity(a, b, dim=0) > 1 - 1e-6
            else slerp_usual(a, b, t)
        ),
    ),
    (
        "Only the directions",
        lambda a, b, t: slerp_usual(a / a.norm(), b / b.norm(), t),
    ),
    (
        "sine of the whole angle",
        lambda a, b, t: (
            slerp_usual(a, b, t)
            * F.cosine_similarity(a, b, dim=0).acos().sin()
        ),
    ),
    (
        "0/0",
        lambda a, b, t: (
            (
                ((1 - t) * (w := F.cosine_similarity(a, b, 0).acos())).sin()
                * a
                + (t * w).sin() * b
            )
            / w.sin()
        ),
    ),
    ("gradient", torch.no_grad()(slerp_usual)),
]
