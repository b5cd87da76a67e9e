"""Answers to principal_angles, written blind."""

import torch


def f1(first, second):
    P = torch.linalg.svd(first.double(), full_matrices=False).U
    Q = torch.linalg.svd(second.double(), full_matrices=False).U
    outside = Q - P @ (P.T @ Q)  # its singular values are the sines
    sines = torch.linalg.svdvals(outside).clamp(max=1)
    return torch.asin(sines).flip(0).to(first.dtype)


def w1(A, B):
    A = A / A.norm(dim=0)
    B = B / B.norm(dim=0)
    cosines = torch.linalg.svdvals(A.T @ B)
    return torch.acos(cosines.clamp(-1, 1))


def w2(A, B):
    Q_A, _ = torch.linalg.qr(A)
    Q_B, _ = torch.linalg.qr(B)
    values = torch.linalg.eigvals(Q_A.T @ Q_B).abs()
    cosines = values.sort(descending=True).values
    return torch.acos(cosines.clamp(0, 1))


def w3(A, B):
    Q_A, _ = torch.linalg.qr(A)
    Q_B, _ = torch.linalg.qr(B)
    cosines = torch.linalg.svdvals(Q_A.T @ Q_B).clamp(0, 1)
    return torch.acos(cosines).rad2deg()


def w4(A, B):
    Q_A, _ = torch.linalg.qr(A)
    Q_B, _ = torch.linalg.qr(B)
    cosines = torch.linalg.svdvals(Q_A.T @ Q_B)
    return torch.acos(cosines)


RIGHT = [
    f1,
]

WRONG = [
    (
        "makes the columns of length 1, but not orthogonal",
        "Columns of length",
        w1,
    ),
    (
        "takes eigenvalues of Q_A^T Q_B instead of singular values",
        "You take eigenvalues: the matrix of",
        w2,
    ),
    ("returns degrees", "You return degrees; return radians, and", w3),
    (
        "does not clamp the cosines: NaN where one is rounded above 1",
        "NaN where the subspaces meet: rounding",
        w4,
    ),
]
