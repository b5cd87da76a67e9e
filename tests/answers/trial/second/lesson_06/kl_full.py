"""Answers to kl_full, written blind."""

import torch


def by_cholesky(m0, S0, m1, S1):
    L0, L1 = torch.linalg.cholesky(S0), torch.linalg.cholesky(S1)
    M = torch.linalg.solve_triangular(L1, L0, upper=False)
    d = torch.linalg.solve_triangular(L1, (m1 - m0)[:, None], upper=False)
    logs = L1.diagonal().log().sum() - L0.diagonal().log().sum()
    return 0.5 * (M.square().sum() + d.square().sum() - len(m0)) + logs


def by_eigenvalues(mean_q, cov_q, mean_p, cov_p):
    """In the unit in which the second Gaussian is N(0, I)."""
    a, A, b, B = (v.double() for v in (mean_q, cov_q, mean_p, cov_p))
    unit = torch.linalg.inv(torch.linalg.cholesky(B))
    spread = torch.linalg.eigvalsh(unit @ A @ unit.T)
    shift = unit @ (a - b)
    rates = 0.5 * (shift**2 + spread - 1 - spread.log())
    return rates.sum().to(mean_q.dtype)


def wrong_way_round(m0, S0, m1, S1):
    K = len(m0)
    inverse = torch.linalg.inv(S0)
    d = m1 - m0
    kl = torch.trace(inverse @ S1) + d @ inverse @ d - K
    return 0.5 * (kl + torch.logdet(S0) - torch.logdet(S1))


def quadratic_form_in_S0(m0, S0, m1, S1):
    K = m0.shape[0]
    d = m1 - m0
    trace = torch.trace(torch.linalg.inv(S1) @ S0)
    quadratic = d @ torch.linalg.inv(S0) @ d
    return 0.5 * (trace + quadratic - K + torch.logdet(S1) - torch.logdet(S0))


def logdets_exchanged(m0, S0, m1, S1):
    K = m0.shape[0]
    inverse = torch.inverse(S1)
    d = m1 - m0
    kl = torch.trace(inverse @ S0) + d @ inverse @ d - K
    kl = kl + torch.logdet(S0) - torch.logdet(S1)
    return kl / 2


def trace_from_diagonals(m0, S0, m1, S1):
    K = m0.shape[0]
    inverse = torch.linalg.inv(S1)
    d = m1 - m0
    trace = (inverse.diagonal() * S0.diagonal()).sum()
    kl = trace + d @ inverse @ d - K
    return 0.5 * (kl + torch.logdet(S1) - torch.logdet(S0))


def three_dimensions(m0, S0, m1, S1):
    inverse = torch.linalg.inv(S1)
    kl = (inverse @ S0).trace() + (m1 - m0) @ inverse @ (m1 - m0) - 3
    return 0.5 * (kl + torch.logdet(S1) - torch.logdet(S0))


def log_of_det(m0, S0, m1, S1):
    K = m0.shape[0]
    inverse = torch.linalg.inv(S1)
    d = m1 - m0
    kl = torch.trace(inverse @ S0) + d @ inverse @ d - K
    return 0.5 * (kl + torch.log(torch.det(S1) / torch.det(S0)))


RIGHT = [
    by_cholesky,
    by_eigenvalues,
]

WRONG = [
    (
        "computes the KL the other way round",
        "This is the KL the other",
        wrong_way_round,
    ),
    (
        "uses the inverse of S0 in the quadratic form",
        "Between the means stands the inverse",
        quadratic_form_in_S0,
    ),
    (
        "exchanges the two log determinants",
        "The sign of the log-determinants is",
        logdets_exchanged,
    ),
    (
        "multiplies only the diagonals for the trace: right for diagonal covariances",
        r"You calculate entry by entry \(\*",
        trace_from_diagonals,
    ),
    (
        "subtracts 3, the K of the notebook's check",
        "Your result is off as if",
        three_dimensions,
    ),
    (
        "takes the logarithm of a quotient of determinants, which underflow for many dimensions",
        "In many dimensions the determinant is",
        log_of_det,
    ),
]
