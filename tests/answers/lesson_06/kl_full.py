"""Answers to kl_full, in forms that learners write."""

import torch
from torch.distributions import MultivariateNormal, kl_divergence


def kl_full_by_distributions(m0, S0, m1, S1):
    return kl_divergence(
        MultivariateNormal(m0, S0), MultivariateNormal(m1, S1)
    )


def kl_full_by_cholesky(m0, S0, m1, S1):
    L0, L1 = torch.linalg.cholesky(S0), torch.linalg.cholesky(S1)
    M = torch.linalg.solve_triangular(L1, L0, upper=False)
    y = torch.linalg.solve_triangular(L1, (m1 - m0)[:, None], upper=False)
    logs = L1.diagonal().log().sum() - L0.diagonal().log().sum()
    return 0.5 * (M.square().sum() + y.square().sum() - len(m0)) + logs


def kl_full_by_solve(m0, S0, m1, S1):
    d = m1 - m0
    total = torch.trace(torch.linalg.solve(S1, S0))
    total = total + d @ torch.linalg.solve(S1, d) - d.numel()
    return (total + S1.det().log() - S0.det().log()) / 2


RIGHT = [
    kl_full_by_distributions,
    kl_full_by_cholesky,
    kl_full_by_solve,
]

WRONG = [
    (
        "other way round",
        lambda m0, S0, m1, S1: kl_full_by_solve(m1, S1, m0, S0),
    ),
    (
        "-K is missing",
        lambda m0, *rest: kl_full_by_solve(m0, *rest) + len(m0) / 2,
    ),
    (
        "K is added",
        lambda m0, *rest: kl_full_by_solve(m0, *rest) + len(m0),
    ),
    (
        "sign of the log-determinants",
        lambda m0, S0, m1, S1: (
            kl_full_by_solve(m0, S0, m1, S1) + (S0.det() / S1.det()).log()
        ),
    ),
    (
        "log-determinants are missing",
        lambda m0, S0, m1, S1: (
            kl_full_by_cholesky(m0, S0, m1, S1)
            + (S0.det() / S1.det()).log() / 2
        ),
    ),
    (
        "inverse of S0",
        lambda m0, S0, m1, S1: (
            kl_full_by_solve(m1, S1, m0, S0) + (S1.det() / S0.det()).log()
        ),
    ),
    ("1/2 is missing", lambda *a: 2 * kl_full_by_distributions(*a)),
    (
        "two means",
        lambda m0, S0, m1, S1: kl_full_by_solve(m0, S0, m0, S1),
    ),
    ("gradient", lambda m0, *rest: kl_full_by_solve(m0.detach(), *rest)),
]
