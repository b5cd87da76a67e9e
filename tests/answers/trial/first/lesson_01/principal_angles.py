"""Answers to principal_angles, written blind."""

import numpy as np
import scipy.linalg
import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def qr_and_svd(A, B):
    Q_A = torch.linalg.qr(A).Q
    Q_B = torch.linalg.qr(B).Q
    return torch.linalg.svdvals(Q_A.T @ Q_B).clamp(max=1).acos()


def from_scipy(A, B):
    angles = scipy.linalg.subspace_angles(
        A.detach().numpy(), B.detach().numpy()
    )  # descending
    return torch.from_numpy(np.flip(angles).copy()).to(A.dtype)


def by_eigenvalues(A, B):
    """cos^2 are the eigenvalues of Q_A^T P_B Q_A."""
    A64, B64 = A.double(), B.double()
    Q = torch.linalg.svd(A64, full_matrices=False).U
    P = B64 @ torch.linalg.pinv(B64)  # the projection on B's columns
    squares = torch.linalg.eigvalsh(Q.T @ P @ Q).flip(0)
    return squares.clamp(0, 1).sqrt().acos().to(A.dtype)


def by_sines(A, B):
    """P_A - P_B has the eigenvalues +sin and -sin."""
    K = A.shape[1]
    Q_A, Q_B = torch.linalg.qr(A.double())[0], torch.linalg.qr(B.double())[0]
    difference = Q_A @ Q_A.T - Q_B @ Q_B.T
    sines = torch.linalg.eigvalsh(difference)[-K:]  # ascending
    return torch.asin(sines.clamp(0, 1)).to(A.dtype)


def gram_schmidt(A, B):
    def orthonormal(M):
        basis = []
        for column in M.double().unbind(1):
            for _ in range(2):  # twice is enough
                for q in basis:
                    column = column - (q @ column) * q
            basis.append(column / column.norm())
        return torch.stack(basis, dim=1)

    M = torch.einsum("dk,dl->kl", orthonormal(A), orthonormal(B))
    U, S, Vh = torch.linalg.svd(M)
    angles = torch.arccos(torch.clamp(S, -1.0, 1.0))
    return torch.sort(angles).values.to(A.dtype)


# ---- wrong -----------------------------------------------------------------


def not_orthonormal(A, B):
    S = torch.linalg.svdvals(A.T @ B)
    return torch.acos(S.clamp(-1, 1))


def only_normalised(A, B):
    A = A / A.norm(dim=0, keepdim=True)
    B = B / B.norm(dim=0, keepdim=True)
    cosines = torch.linalg.svdvals(A.T @ B)
    return torch.acos(cosines.clamp(-1, 1))


def cosines_only(A, B):
    QA, _ = torch.linalg.qr(A)
    QB, _ = torch.linalg.qr(B)
    _, S, _ = torch.linalg.svd(QA.T @ QB)
    return S.clamp(0, 1)


def in_degrees(A, B):
    QA, QB = torch.linalg.qr(A).Q, torch.linalg.qr(B).Q
    S = torch.linalg.svdvals(QA.T @ QB).clamp(max=1)
    return torch.rad2deg(torch.acos(S))


def descending(A, B):
    angles = scipy.linalg.subspace_angles(
        A.detach().cpu().numpy(), B.detach().cpu().numpy()
    )
    return torch.tensor(angles, dtype=A.dtype)


def not_clamped(A, B):
    QA, RA = torch.linalg.qr(A)
    QB, RB = torch.linalg.qr(B)
    s = torch.linalg.svdvals(QA.T @ QB)
    return torch.acos(s)


def outer(A, B):
    QA = torch.linalg.qr(A)[0]
    QB = torch.linalg.qr(B)[0]
    M = QA @ QB.T
    S = torch.linalg.svdvals(M)
    return torch.acos(S.clamp(0, 1))


def column_by_column(A, B):
    QA = torch.linalg.qr(A).Q
    QB = torch.linalg.qr(B).Q
    cos = F.cosine_similarity(QA, QB, dim=0).abs()
    return torch.acos(cos.clamp(max=1)).sort().values


def matlab_subspace(A, B):
    # theta = subspace(A, B)
    QA = torch.linalg.qr(A).Q
    QB = torch.linalg.qr(B).Q
    s = torch.linalg.svdvals(QA.T @ QB).clamp(max=1)
    return torch.acos(s.min())


def squared_cosines(A, B):
    QA = torch.linalg.qr(A).Q
    QB = torch.linalg.qr(B).Q
    M = QA.T @ QB
    vals = torch.linalg.eigvalsh(M @ M.T)
    vals = vals.flip(0).clamp(0, 1)
    return torch.acos(vals)


def canonical_correlations(A, B):
    A = A - A.mean(0)
    B = B - B.mean(0)
    QA, QB = torch.linalg.qr(A).Q, torch.linalg.qr(B).Q
    corr = torch.linalg.svdvals(QA.T @ QB)
    return torch.acos(corr.clamp(0, 1))


def squeezed(A, B):
    Qa, Qb = torch.linalg.qr(A).Q, torch.linalg.qr(B).Q
    s = torch.linalg.svd(Qa.T @ Qb).S
    theta = torch.acos(torch.clamp(s, max=1.0))
    return theta.squeeze()


RIGHT = [
    qr_and_svd,
    by_eigenvalues,
    by_sines,
    gram_schmidt,
]

WRONG = [
    (
        "does not make the columns orthonormal",
        "The columns of A and B",
        not_orthonormal,
    ),
    (
        "scales the columns to length 1 only, and leaves them oblique",
        "Columns of length",
        only_normalised,
    ),
    (
        "returns the cosines instead of the angles",
        "You return the cosines of the",
        cosines_only,
    ),
    ("returns degrees", "You return degrees; return radians, and", in_degrees),
    (
        "returns the angles in descending order, as scipy does",
        "The angles are right, but not",
        descending,
    ),
    (
        "does not clamp: NaN where a cosine is rounded above 1",
        "NaN where the subspaces meet: rounding",
        not_clamped,
    ),
    (
        "multiplies Q_A Q_B^T instead of Q_A^T Q_B: D numbers",
        "You return D =",
        outer,
    ),
    (
        "compares column by column (cosine similarity)",
        "You take the diagonal: the cosines",
        column_by_column,
    ),
    (
        "returns the largest angle only, as MATLAB's subspace",
        r"Your result has shape \(\); asked",
        matlab_subspace,
    ),
    (
        "takes the eigenvalues of M M^T for the cosines: forgets the root",
        "You take eigenvalues of the products",
        squared_cosines,
    ),
    (
        "subtracts the column means first: canonical correlations",
        "Too small:",
        canonical_correlations,
    ),
    (
        "squeezes: K = 1 gives shape ()",
        "Right in the ordinary cases, but",
        squeezed,
    ),
]
