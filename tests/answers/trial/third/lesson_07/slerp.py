"""Answers to slerp, written blind."""

import torch
import torch.nn.functional as F


def with_sinc(a, b, t):
    u, v = F.normalize(a.double(), dim=0), F.normalize(b.double(), dim=0)
    # the angle in half turns, exact for small angles too
    w = 2 * torch.atan2((u - v).norm(), (u + v).norm()) / torch.pi
    first = (1 - t) * torch.sinc((1 - t) * w) / torch.sinc(w)
    second = t * torch.sinc(t * w) / torch.sinc(w)
    return (first * a + second * b).to(a.dtype)


def straight_then_stretched(a, b, t):
    point = (1 - t) * a + t * b
    length = (1 - t) * a.norm() + t * b.norm()
    return point / point.norm() * length


def angle_without_units(a, b, t):
    omega = torch.acos((a @ b).clamp(-1, 1))
    if omega.sin() < 1e-6:
        return (1 - t) * a + t * b
    first = torch.sin((1 - t) * omega) / torch.sin(omega)
    second = torch.sin(t * omega) / torch.sin(omega)
    return first * a + second * b


def weights_swapped(a, b, t):
    cos = ((a / a.norm()) @ (b / b.norm())).clamp(-1, 1)
    omega = torch.acos(cos)
    if omega < 1e-4:
        return torch.lerp(a, b, t)
    weights = torch.sin(t * omega), torch.sin((1 - t) * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


def parallel_gives_a(a, b, t):
    cos = ((a / a.norm()) @ (b / b.norm())).clamp(-1, 1)
    omega = torch.acos(cos)
    if omega < 1e-4:
        return a  # same direction, nothing to do
    weights = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


RIGHT = [
    with_sinc,
]

WRONG = [
    (
        "goes along the straight line and stretches the point to the right length",
        "This is the straight line, brought",
        straight_then_stretched,
    ),
    (
        "computes the angle from a and b without dividing by their lengths",
        "The cosine is taken of codes",
        angle_without_units,
    ),
    (
        "swaps the weights of a and b",
        "The ends are swapped: t =",
        weights_swapped,
    ),
    (
        "returns a for parallel codes, also when their lengths differ",
        "Parallel codes may differ in length:",
        parallel_gives_a,
    ),
]
