"""Answers to slerp, written blind."""

import math

import torch
import torch.nn.functional as F


def coordinate_by_coordinate(a, b, t):
    u, v = F.normalize(a.double(), dim=0), F.normalize(b.double(), dim=0)
    omega = torch.acos(torch.dot(u, v).clamp(-1, 1))
    if math.sin(omega.item()) < 1e-7:
        first, second = 1 - t, t
    else:
        first = torch.sin((1 - t) * omega) / torch.sin(omega)
        second = torch.sin(t * omega) / torch.sin(omega)
    point = [first * p + second * q for p, q in zip(a.double(), b.double())]
    return torch.stack(point).to(a.dtype)


def by_sinc(start, end, time):
    """With sin(s w) / sin(w) = s sinc(s w) / sinc(w), which has no 0/0."""
    u, v = F.normalize(start, dim=0), F.normalize(end, dim=0)
    turns = 2 * torch.atan2((u - v).norm(), (u + v).norm()) / torch.pi
    rest = 1 - time
    near = rest * torch.sinc(rest * turns) / torch.sinc(turns)
    far = time * torch.sinc(time * turns) / torch.sinc(turns)
    return near * start + far * end


def on_the_unit_sphere(a, b, t):
    a = a / a.norm()
    b = b / b.norm()
    cos = (a @ b).clamp(-1, 1)
    omega = torch.acos(cos)
    if torch.sin(omega) < 1e-6:
        return (1 - t) * a + t * b
    wa = torch.sin((1 - t) * omega) / torch.sin(omega)
    wb = torch.sin(t * omega) / torch.sin(omega)
    return wa * a + wb * b


def stretched_straight_line(a, b, t):
    line = (1 - t) * a + t * b
    length = (1 - t) * a.norm() + t * b.norm()
    return line / line.norm() * length


def angle_of_raw_codes(a, b, t):
    omega = torch.acos((a @ b).clamp(-1, 1))
    if torch.sin(omega) < 1e-6:
        return (1 - t) * a + t * b
    wa = torch.sin((1 - t) * omega) / torch.sin(omega)
    wb = torch.sin(t * omega) / torch.sin(omega)
    return wa * a + wb * b


def guards_equal_codes_only(a, b, t):
    if torch.equal(a, b):
        return a.clone()
    cos = (a / a.norm()) @ (b / b.norm())
    omega = torch.acos(cos.clamp(-1, 1))
    numerator = torch.sin((1 - t) * omega) * a + torch.sin(t * omega) * b
    return numerator / torch.sin(omega)


def divides_the_first_only(a, b, t):
    cos = (a @ b) / (a.norm() * b.norm())
    omega = torch.acos(cos.clamp(-1, 1))
    sin = torch.sin(omega)
    if sin < 1e-6:
        return torch.lerp(a, b, t)
    return torch.sin((1 - t) * omega) / sin * a + torch.sin(t * omega) * b


def stays_at_a(a, b, t):
    cos = (a @ b) / (a.norm() * b.norm())
    omega = torch.acos(cos.clamp(-1, 1))
    if omega < 1e-3:
        return a
    wa = torch.sin((1 - t) * omega) / torch.sin(omega)
    wb = torch.sin(t * omega) / torch.sin(omega)
    return wa * a + wb * b


RIGHT = [
    coordinate_by_coordinate,
    by_sinc,
]

WRONG = [
    (
        "normalises the codes and never gives the lengths back",
        "Only the directions are interpolated: a",
        on_the_unit_sphere,
    ),
    (
        "walks the straight line and stretches it to the length between",
        "This is the straight line, brought",
        stretched_straight_line,
    ),
    (
        "computes the angle without unit vectors",
        "The cosine is taken of codes",
        angle_of_raw_codes,
    ),
    (
        "guards equal codes only: 0/0 for parallel codes of different length",
        "Right in the ordinary cases, but",
        guards_equal_codes_only,
    ),
    (
        "divides only the first term by sin(omega)",
        "Too small:",
        divides_the_first_only,
    ),
    (
        "returns a itself for parallel codes, whatever t",
        "Parallel codes may differ in length:",
        stays_at_a,
    ),
]
