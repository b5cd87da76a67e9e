"""Answers to principal_angles, written blind."""

import torch


def by_projectors(first, second):
    U = torch.linalg.svd(first.double(), full_matrices=False).U
    V = torch.linalg.svd(second.double(), full_matrices=False).U
    M = U.T @ V
    squares = torch.linalg.eigvalsh(M.T @ M).clamp(0, 1)  # cos^2, ascending
    return torch.acos(squares.sqrt()).flip(0).to(first.dtype)


def by_sine_and_cosine(A, B):
    Q_A, _ = torch.linalg.qr(A)
    Q_B, _ = torch.linalg.qr(B)
    inside = Q_A.T @ Q_B
    outside = Q_B - Q_A @ inside
    cosines = torch.linalg.svdvals(inside)  # descending
    sines = torch.linalg.svdvals(outside).flip(0)  # ascending
    return torch.atan2(sines, cosines)


def only_length_one(A, B):
    A = A / A.norm(dim=0)
    B = B / B.norm(dim=0)
    S = torch.linalg.svdvals(A.T @ B)
    return torch.acos(S.clamp(max=1))


def no_clamp(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    U, S, Vh = torch.linalg.svd(Q_A.T @ Q_B)
    return torch.acos(S)


def in_degrees(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    cosines = torch.linalg.svdvals(Q_A.T @ Q_B).clamp(-1, 1)
    return torch.acos(cosines).rad2deg()


def column_pairs(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    cosines = (Q_A * Q_B).sum(0).abs()
    angles = torch.acos(cosines.clamp(max=1))
    return angles.sort().values


def descending(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    cosines = torch.linalg.svdvals(Q_A.T @ Q_B).clamp(0, 1)
    cosines = cosines.sort().values
    return torch.acos(cosines)


def no_root(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    M = Q_A.T @ Q_B
    eigenvalues = torch.linalg.eigvalsh(M @ M.T).flip(0)
    return torch.acos(eigenvalues.clamp(0, 1))


RIGHT = [
    by_projectors,
    by_sine_and_cosine,
]

WRONG = [
    (
        "gives columns length 1, but does not orthogonalise",
        "Columns of length",
        only_length_one,
    ),
    (
        "does not clamp: NaN for equal subspaces",
        "NaN where the subspaces meet: rounding",
        no_clamp,
    ),
    ("returns degrees", "You return degrees; return radians, and", in_degrees),
    (
        "takes angles between columns in pairs, no SVD",
        "You take the diagonal: the cosines",
        column_pairs,
    ),
    (
        "sorts the cosines, so the angles descend",
        "The angles are right, but not",
        descending,
    ),
    (
        "takes acos of cos^2: eigenvalues without the root",
        "You take eigenvalues of the products",
        no_root,
    ),
]
