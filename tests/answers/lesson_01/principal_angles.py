"""Answers to principal_angles, in forms that learners write."""

import math

import torch
from scipy.linalg import subspace_angles


def angles_qr(A, B):
    Qa, _ = torch.linalg.qr(A)
    Qb, _ = torch.linalg.qr(B)
    cosines = torch.linalg.svdvals(Qa.T @ Qb)
    return torch.acos(cosines.clamp(-1, 1))


def angles_svd(A, B):
    Ua = torch.linalg.svd(A, full_matrices=False).U
    Ub = torch.linalg.svd(B, full_matrices=False).U
    cosines = torch.linalg.svd(torch.einsum("dk,dl->kl", Ua, Ub)).S
    return torch.arccos(torch.minimum(cosines, torch.ones(())))


def angles_projectors(A, B):
    Pa, Pb = A @ torch.linalg.pinv(A), B @ torch.linalg.pinv(B)
    squared = torch.linalg.eigvals(Pa @ Pb).real.sort(descending=True)[0]
    return squared[: A.shape[1]].clamp(0, 1).sqrt().acos()


def angles_gram_schmidt(A, B):
    bases = []
    for matrix in (A.double(), B.double()):
        basis = []
        for v in matrix.T:
            for q in basis:
                v = v - (q @ v) * q
            basis.append(v / v.norm())
        bases.append(torch.stack(basis))
    return torch.linalg.svdvals(bases[0] @ bases[1].T).clamp(max=1).acos()


RIGHT = [
    angles_qr,
    angles_svd,
    angles_projectors,
    angles_gram_schmidt,
]


def angles_by_floats(A, B):
    cosines = angles_qr(A, B).cos().tolist()
    return torch.tensor([math.acos(min(c, 1)) for c in cosines])


def angles_scipy(A, B):
    return torch.tensor(subspace_angles(A.numpy(), B.numpy())[::-1].copy())


def unclamped(basis):
    def angles(A, B):
        cosines = torch.linalg.svdvals(basis(A).T @ basis(B))
        return torch.acos(cosines)

    return angles


def unit_columns(A):
    return A / torch.linalg.vector_norm(A, dim=0, keepdim=True)


def q_of(A):
    return torch.linalg.qr(A).Q


def u_of(A):
    return torch.linalg.svd(A, full_matrices=False)[0]


def whitened(A):
    values, vectors = torch.linalg.eigh(A.T @ A)
    return A @ vectors / values.sqrt()


WRONG = [
    ("not orthonormal", unclamped(lambda A: A)),
    (
        "not orthonormal",
        lambda A, B: torch.linalg.svdvals(A.T @ B).clamp(-1, 1).acos(),
    ),
    ("not orthonormal", lambda A, B: unclamped(unit_columns)(A, B)),
    (
        "not orthonormal",
        lambda A, B: torch.linalg.svdvals(q_of(A).T @ B).acos(),
    ),
    ("cosines", lambda A, B: torch.linalg.svdvals(q_of(A).T @ q_of(B))),
    (
        "not orthonormal",
        lambda A, B: torch.linalg.svdvals(A.T @ q_of(B)).acos(),
    ),
    ("cosines", lambda A, B: torch.cos(angles_svd(A, B))),
    ("[Cc]lamp", unclamped(q_of)),
    ("[Cc]lamp", unclamped(u_of)),
    ("[Cc]lamp", unclamped(whitened)),
    ("[Cc]lamp", lambda A, B: unclamped(q_of)(B, A)),
    ("degrees", lambda A, B: torch.rad2deg(angles_qr(A, B))),
    ("degrees", lambda A, B: angles_svd(A, B) * 180 / torch.pi),
    ("degrees", lambda A, B: torch.rad2deg(unclamped(q_of)(A, B))),
    ("sorted", lambda A, B: angles_qr(A, B).flip(0)),
    ("sorted", lambda A, B: torch.tensor(subspace_angles(A, B))),
    ("gradient", angles_scipy),
    ("gradient", angles_by_floats),
]
