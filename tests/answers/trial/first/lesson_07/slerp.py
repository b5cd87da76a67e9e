"""Answers to slerp, written blind."""

import math

import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right


def with_branch(a, b, t):
    cosine = (a / a.norm()) @ (b / b.norm())
    omega = torch.acos(cosine.clamp(-1, 1))
    if omega.sin() < 1e-7:
        return (1 - t) * a + t * b
    return (torch.sin((1 - t) * omega) * a + torch.sin(t * omega) * b) / (
        torch.sin(omega)
    )


def with_sinc(a, b, t):
    # sinc is safe at 0; the angle from the sum and difference of unit vectors
    u, v = F.normalize(a, dim=0), F.normalize(b, dim=0)
    omega = 2 * torch.atan2((u - v).norm(), (u + v).norm())
    s = 1 - t
    whole = torch.sinc(omega / math.pi)
    first = s * torch.sinc(s * omega / math.pi) / whole
    second = t * torch.sinc(t * omega / math.pi) / whole
    return first * a + second * b


def entry_by_entry(a, b, t):
    dot, aa, bb = 0, 0, 0
    for p, q in zip(a, b):
        dot, aa, bb = dot + p * q, aa + p * p, bb + q * q
    cosine = dot / (torch.sqrt(aa) * torch.sqrt(bb))
    parallel = cosine > 1 - 1e-6  # of 1.4 milliradians: no difference
    points = []
    for p, q in zip(a, b):
        if parallel:
            points.append(p + t * (q - p))
        else:
            omega = torch.arccos(cosine)
            w_a = torch.sin((1 - t) * omega) / torch.sin(omega)
            w_b = torch.sin(t * omega) / torch.sin(omega)
            points.append(w_a * p + w_b * q)
    return torch.stack(points)


def weights_times_matrix(start, end, time):
    pair = torch.stack([start, end]).double()  # (2, K)
    unit = pair / torch.linalg.vector_norm(pair, dim=1, keepdim=True)
    cosine = (unit @ unit.T)[0, 1]
    if cosine >= 1 - 1e-12:
        return torch.lerp(start, end, time)
    omega = torch.acos(cosine)
    # sin((1 - t) W) / sin W = cos(t W) - cos W sin(t W) / sin W
    w_end = (time * omega).sin() / omega.sin()
    w_start = (time * omega).cos() - cosine * w_end
    weights = torch.stack([w_start, w_end])
    return torch.einsum("i,ik->k", weights, pair).to(start.dtype)


def by_complex_powers(a, b, t):
    u, v = a / torch.linalg.norm(a), b / torch.linalg.norm(b)
    cosine = torch.dot(u, v)
    across = torch.linalg.norm(v - cosine * u)  # the sine
    if across < 1e-6 and cosine > 0:
        return a.lerp(b, t)
    omega = torch.atan2(across, cosine)
    one = torch.ones_like(omega)
    turned = [torch.polar(one, part * omega).imag for part in (1 - t, t, 1)]
    return turned[0] / turned[2] * a + turned[1] / turned[2] * b


# ---------------------------------------------------------------- wrong


def not_normalised(a, b, t):
    cosine = torch.dot(a, b).clamp(-1, 1)
    omega = torch.acos(cosine)
    if omega < 1e-6:
        return (1 - t) * a + t * b
    so = torch.sin(omega)
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def unit_vectors_walked(a, b, t):
    parallel = torch.lerp(a, b, t)
    a = a / a.norm()
    b = b / b.norm()
    omega = torch.acos((a @ b).clamp(-1, 1))
    if omega < 1e-6:
        return parallel
    so = torch.sin(omega)
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def weights_swapped(a, b, t):
    cosine = (a @ b) / (a.norm() * b.norm())
    omega = torch.acos(cosine.clamp(-1, 1))
    if omega < 1e-6:
        return torch.lerp(a, b, t)
    so = torch.sin(omega)
    return torch.sin(t * omega) / so * a + torch.sin((1 - t) * omega) / so * b


def nlerp(a, b, t):
    # the straight line, pushed back to the shell
    point = (1 - t) * a + t * b
    length = (1 - t) * a.norm() + t * b.norm()
    return point / point.norm() * length


def no_clamp(a, b, t):
    a_unit = a / a.norm()
    b_unit = b / b.norm()
    omega = torch.acos(torch.sum(a_unit * b_unit))
    if omega < 1e-6:
        return torch.lerp(a, b, t)
    so = torch.sin(omega)
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def degrees(a, b, t):
    cosine = (a @ b) / (a.norm() * b.norm())
    omega = torch.rad2deg(torch.acos(cosine.clamp(-1, 1)))
    if omega < 1e-4:
        return torch.lerp(a, b, t)
    so = torch.sin(omega)
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def dot_threshold(v0, v1, t, DOT_THRESHOLD=0.9995):
    dot = torch.sum(v0 * v1 / (v0.norm() * v1.norm()))
    if torch.abs(dot) > DOT_THRESHOLD:
        v2 = (1 - t) * v0 + t * v1
    else:
        theta_0 = torch.acos(dot)
        sin_theta_0 = torch.sin(theta_0)
        theta_t = theta_0 * t
        s0 = torch.sin(theta_0 - theta_t) / sin_theta_0
        s1 = torch.sin(theta_t) / sin_theta_0
        v2 = s0 * v0 + s1 * v1
    return v2


def shortest_path(a, b, t):
    # from a quaternion library
    dot = (a @ b) / (a.norm() * b.norm())
    if dot < 0.0:
        b = -b
        dot = -dot
    if dot > 0.99999:
        return a + t * (b - a)
    theta = torch.acos(dot)
    s0 = torch.sin((1 - t) * theta) / torch.sin(theta)
    s1 = torch.sin(t * theta) / torch.sin(theta)
    return s0 * a + s1 * b


def parallel_gives_a(a, b, t):
    cosine = (a / a.norm()) @ (b / b.norm())
    omega = torch.acos(cosine.clamp(-1, 1))
    so = torch.sin(omega)
    if so < 1e-6:
        return a  # same direction, nothing to do
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def epsilon_below(a, b, t):
    cosine = (a / a.norm()) @ (b / b.norm())
    omega = torch.acos(cosine.clamp(-1, 1))
    so = torch.sin(omega) + 1e-8
    return torch.sin((1 - t) * omega) / so * a + torch.sin(t * omega) / so * b


def in_place(a, b, t):
    length_a, length_b = a.norm(), b.norm()
    a /= length_a
    b /= length_b
    omega = torch.acos((a @ b).clamp(-1, 1))
    if omega < 1e-6:
        return torch.lerp(a * length_a, b * length_b, t)
    so = torch.sin(omega)
    w_a = torch.sin((1 - t) * omega) / so * length_a
    w_b = torch.sin(t * omega) / so * length_b
    return w_a * a + w_b * b


def one_row(a, b, t):
    # the notebook's arc, made safe
    omega = torch.acos(((a @ b) / (a.norm() * b.norm())).clamp(-1, 1))
    t = torch.tensor([t], dtype=a.dtype)[:, None]
    if omega < 1e-6:
        return (1 - t) * a + t * b
    weights = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


RIGHT = [
    with_branch,
    with_sinc,
    entry_by_entry,
    weights_times_matrix,
    by_complex_powers,
]

WRONG = [
    (
        "the angle from codes that are not normalised",
        "The cosine is taken of codes",
        not_normalised,
    ),
    (
        "walks between the unit vectors: the length is lost",
        "Only the directions are interpolated: a",
        unit_vectors_walked,
    ),
    (
        "the weights of a and b swapped: runs from b to a",
        "The ends are swapped: t =",
        weights_swapped,
    ),
    (
        "nlerp: the straight line, rescaled",
        "This is the straight line, brought",
        nlerp,
    ),
    (
        "no clamp: NaN where rounding pushes the cosine above 1",
        "Rounding can lift a cosine above",
        no_clamp,
    ),
    ("the angle in degrees", "The angle is in degrees: sin", degrees),
    (
        "the straight line also for nearly opposite codes",
        "Right in the ordinary cases, but",
        dot_threshold,
    ),
    (
        "turns b round when the angle is obtuse, as for quaternions",
        "An obtuse angle is turned into",
        shortest_path,
    ),
    (
        "returns a for parallel codes",
        "Parallel codes may differ in length:",
        parallel_gives_a,
    ),
    (
        "adds 1e-8 to the sine: 0 for parallel codes",
        "Right in the ordinary cases, but",
        epsilon_below,
    ),
    ("normalises a and b in place", "You change the input a in", in_place),
    ("the result has the shape (1, K)", r"Your result has shape \(", one_row),
]
