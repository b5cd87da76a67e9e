"""Answers to kl_full, written blind."""

import torch


def by_change_of_unit(m0, S0, m1, S1):
    dtype = m0.dtype
    m0, S0, m1, S1 = (t.double() for t in (m0, S0, m1, S1))
    root = torch.linalg.cholesky(S1)
    y = torch.linalg.solve_triangular(root, (m0 - m1)[:, None], upper=False)
    half = torch.linalg.solve_triangular(root, S0, upper=False)
    C = torch.linalg.solve_triangular(root, half.T, upper=False)
    lam = torch.linalg.eigvalsh((C + C.T) / 2)  # now q against N(0, I)
    return (0.5 * (y.square().sum() + (lam - 1 - lam.log()).sum())).to(dtype)


def other_direction(m0, S0, m1, S1):
    K = len(m0)
    inverse = torch.linalg.inv(S0)
    d = m1 - m0
    kl = torch.trace(inverse @ S1) + d @ inverse @ d - K
    return 0.5 * (kl + torch.logdet(S0) - torch.logdet(S1))


def diagonals_only(m0, S0, m1, S1):
    v0 = torch.diagonal(S0)
    v1 = torch.diagonal(S1)
    kl = (v0 + (m0 - m1) ** 2) / v1 - 1 + v1.log() - v0.log()
    return 0.5 * kl.sum()


def three_dimensions(m0, S0, m1, S1):
    inverse = torch.linalg.inv(S1)
    kl = (inverse @ S0).trace() + (m1 - m0) @ inverse @ (m1 - m0) - 3
    kl = 0.5 * (kl + torch.logdet(S1) - torch.logdet(S0))
    return kl


def log_of_det(m0, S0, m1, S1):
    K = m0.shape[0]
    inverse = torch.inverse(S1)
    d = m1 - m0
    log_ratio = torch.log(torch.det(S1) / torch.det(S0))
    return 0.5 * (torch.trace(inverse @ S0) + d @ inverse @ d - K + log_ratio)


RIGHT = [
    by_change_of_unit,
]

WRONG = [
    (
        "computes KL(N(m1, S1) || N(m0, S0)), the other direction",
        "This is the KL the other",
        other_direction,
    ),
    (
        "uses only the diagonals of the covariances",
        "Only the diagonals of the covariances",
        diagonals_only,
    ),
    (
        "subtracts 3, the notebook's dimension, instead of K",
        "Your result is off as if",
        three_dimensions,
    ),
    (
        "takes the log of a ratio of determinants, which under- or overflow in many dimensions",
        "In many dimensions the determinant is",
        log_of_det,
    ),
]
