"""Answers to principal_angles, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from scipy.linalg import subspace_angles

from course_lib import evaluation


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


def angles_sines(A, B):
    """Small angles by their sines, as Björck and Golub do."""
    Qa, Qb = q_of(A), q_of(B)
    cosines = torch.linalg.svdvals(Qa.T @ Qb).clamp(0, 1)
    sines = torch.linalg.svdvals(Qb - Qa @ (Qa.T @ Qb)).flip(0).clamp(0, 1)
    return torch.where(cosines > 0.7, sines.asin(), cosines.acos())


def angles_eigh(A, B):
    M = whitened(A).T @ whitened(B)
    squares = torch.linalg.eigvalsh(M.T @ M).clamp(0, 1)
    return squares.sqrt().acos().flip(0)


def unit_columns(A):
    return A / torch.linalg.vector_norm(A, dim=0, keepdim=True)


def q_of(A):
    return torch.linalg.qr(A).Q


def complete(A):
    return torch.linalg.qr(A, mode="complete").Q


def u_of(A):
    return torch.linalg.svd(A, full_matrices=False)[0]


def whitened(A):
    values, vectors = torch.linalg.eigh(A.T @ A)
    return A @ vectors / values.sqrt()


RIGHT = [
    angles_qr,
    angles_svd,
    angles_projectors,
    angles_gram_schmidt,
    angles_sines,
    angles_eigh,
    lambda A, B: angles_qr(B, A),
    lambda A, B: torch.nan_to_num(unclamped(q_of)(A, B)),
    lambda A, B: angles_qr(A.double(), B.double()).sort().values,
    lambda A, B: evaluation.principal_angles(A, B),
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


def of_angles(change):
    return lambda A, B: change(angles_qr(A, B))


def of_products(change):
    return lambda A, B: change(q_of(A).T @ q_of(B))


def clamped(basis_a, basis_b):
    return lambda A, B: (
        torch.linalg.svdvals(basis_a(A).T @ basis_b(B)).clamp(-1, 1).acos()
    )


WRONG = [
    ("columns of A and B are not", unclamped(lambda A: A)),
    ("columns of A and B are not", clamped(lambda A: A, lambda B: B)),
    ("B needs a basis", clamped(q_of, lambda B: B)),
    (
        "A needs a basis",
        lambda A, B: torch.linalg.svdvals(A.T @ u_of(B)).acos(),
    ),
    ("length 1 are not", unclamped(unit_columns)),
    ("length 1 are not", clamped(unit_columns, unit_columns)),
    ("whole matrix", unclamped(lambda A: A / A.norm())),
    ("one by one", lambda A, B: F.cosine_similarity(A, B, dim=0).acos()),
    (
        "one by one",
        lambda A, B: F.cosine_similarity(A, B, dim=0).abs().acos().sort()[0],
    ),
    ("take the diagonal", of_products(lambda M: M.diag().clamp(-1, 1).acos())),
    ("each product", of_products(lambda M: M.clamp(-1, 1).acos())),
    ("cosines of", lambda A, B: torch.linalg.svdvals(q_of(A).T @ q_of(B))),
    ("cosines of", of_angles(torch.cos)),
    ("arcsine", of_products(lambda M: torch.linalg.svdvals(M).asin())),
    ("sines of", of_angles(torch.sin)),
    (
        "squares of the cosines",
        of_products(
            lambda M: torch.linalg.eigvalsh(M.T @ M).clamp(0, 1).acos()
        ),
    ),
    (
        "squares of the cosines",
        of_products(
            lambda M: (torch.linalg.svdvals(M) ** 2).clamp(max=1).acos()
        ),
    ),
    (
        "take eigenvalues: the",
        of_products(lambda M: torch.linalg.eigvals(M).abs().acos()),
    ),
    ("complex", of_products(lambda M: torch.linalg.eigvals(M).acos())),
    ("NaN where.*Clamp", unclamped(q_of)),
    ("NaN where.*Clamp", unclamped(u_of)),
    ("NaN where.*Clamp", unclamped(whitened)),
    ("NaN where.*Clamp", lambda A, B: unclamped(q_of)(B, A)),
    (
        "NaN where.*Clamp",
        of_products(lambda M: torch.linalg.svdvals(M).clamp(min=-1).acos()),
    ),
    ("degrees", lambda A, B: torch.rad2deg(angles_qr(A, B))),
    ("degrees", lambda A, B: angles_svd(A, B) * 180 / torch.pi),
    ("degrees", lambda A, B: torch.rad2deg(unclamped(q_of)(A, B))),
    ("in radians already", of_angles(torch.deg2rad)),
    ("sorted", lambda A, B: angles_qr(A, B).flip(0)),
    ("sorted", lambda A, B: torch.tensor(subspace_angles(A, B))),
    (
        "You return D = 20 angles",
        lambda A, B: torch.linalg.svdvals(q_of(A) @ q_of(B).T).acos(),
    ),
    ("first of the values asked for", lambda A, B: angles_qr(A, B)[0]),
    ("one number, the mean", lambda A, B: angles_qr(A, B).mean()),
    ("never uses its argument B", lambda A, B: angles_qr(A, A)),
    (
        "You return D = 20 angles",
        lambda A, B: clamped(complete, complete)(A, B),
    ),
    ("twice", of_angles(lambda angles: 2 * angles)),
    (
        "for one subspace",
        of_products(
            lambda M: torch.linalg.svdvals(M).clamp(max=1 - 1e-3).acos()
        ),
    ),
    ("for lines, K = 1", of_angles(torch.squeeze)),
    ("Right for some inputs", of_angles(lambda angles: angles[:2])),
    ("mat1 and mat2", lambda A, B: clamped(lambda A: q_of(A).T, q_of)(A, B)),
    ("gradient", angles_scipy),
    ("gradient", angles_by_floats),
]
