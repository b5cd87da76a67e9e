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
    return (total + S1.logdet() - S0.logdet()) / 2


def kl_full_by_determinants(m0, S0, m1, S1):
    total = kl_full_by_solve(m0, S0, m1, S1) - (S1.logdet() - S0.logdet()) / 2
    return total + (S1.det().log() - S0.det().log()) / 2


def kl_full_by_eigenvalues(m0, S0, m1, S1):
    values, vectors = torch.linalg.eigh(S1)
    S0_turned = torch.einsum("ik,ij,jl->kl", vectors, S0, vectors)
    d = vectors.T @ (m1 - m0)
    total = (S0_turned.diagonal() / values + d**2 / values - 1).sum()
    logs = values.log().sum() - torch.linalg.eigvalsh(S0).log().sum()
    return (total + logs) / 2


def kl_full_loop(m0, S0, m1, S1):
    P, total = S1.inverse(), -len(m0)
    for i in range(len(m0)):
        for j in range(len(m0)):
            total = total + P[i, j] * S0[j, i]
            total = total + (m1[i] - m0[i]) * P[i, j] * (m1[j] - m0[j])
    logs = torch.slogdet(S1)[1] - torch.slogdet(S0)[1]
    return 0.5 * (total + logs)


def kl_full_in_double(m0, S0, m1, S1):
    m0, S0, m1, S1 = (v.double() for v in (m0, S0, m1, S1))
    P, d = torch.linalg.pinv(S1), (m1 - m0)[:, None]
    squared = (d.T @ P @ d).squeeze()
    total = (P * S0.T).sum() + squared - S0.shape[0]
    return 0.5 * (total - torch.log(torch.det(P @ S0)))


RIGHT = [
    kl_full_by_distributions,
    kl_full_by_cholesky,
    kl_full_by_solve,
    kl_full_by_eigenvalues,
    kl_full_loop,
    kl_full_in_double,
]


def parts(m0, S0, m1, S1):
    P, d = S1.inverse(), m1 - m0
    return (P @ S0).trace(), d @ P @ d, len(m0), S1.logdet() - S0.logdet()


def combined(f):
    """An answer of the four right parts: trace, square, K, logarithms."""
    return lambda *gaussians: f(*parts(*gaussians))


def no_inverse(m0, S0, m1, S1):
    d = m1 - m0
    total = (S1 @ S0).trace() + d @ S1 @ d - len(m0)
    return 0.5 * (total + S1.logdet() - S0.logdet())


def only_diagonals(m0, S0, m1, S1):
    v0, v1 = S0.diagonal(), S1.diagonal()
    terms = v0 / v1 + (m1 - m0) ** 2 / v1 - 1 + (v1 / v0).log()
    return 0.5 * terms.sum()


def cholesky_logs(m0, S0, m1, S1):
    L0, L1 = torch.linalg.cholesky(S0), torch.linalg.cholesky(S1)
    logs = L1.diagonal().log().sum() - L0.diagonal().log().sum()
    trace, squared, K, _ = parts(m0, S0, m1, S1)
    return 0.5 * (trace + squared - K + logs)


def with_trace(f):
    def wrong(m0, S0, m1, S1):
        _, squared, K, logs = parts(m0, S0, m1, S1)
        return 0.5 * (f(S0, S1) + squared - K + logs)

    return wrong


def with_square(f):
    def wrong(m0, S0, m1, S1):
        trace, _, K, logs = parts(m0, S0, m1, S1)
        return 0.5 * (trace + f(m1 - m0, S0, S1) - K + logs)

    return wrong


def with_logs(f):
    def wrong(m0, S0, m1, S1):
        trace, squared, K, _ = parts(m0, S0, m1, S1)
        return 0.5 * (trace + squared - K + f(S0, S1))

    return wrong


def columns(m0, S0, m1, S1):
    trace, _, K, logs = parts(m0, S0, m1, S1)
    d = (m1 - m0)[:, None]
    return 0.5 * (trace + d.T @ S1.inverse() @ d - K + logs)


WRONG = [
    ("determinant is rounded to 0", kl_full_by_determinants),
    (
        "other way round",
        lambda m0, S0, m1, S1: kl_full_by_solve(m1, S1, m0, S0),
    ),
    ("-K is missing", combined(lambda t, s, K, d: 0.5 * (t + s + d))),
    ("K is added", combined(lambda t, s, K, d: 0.5 * (t + s + K + d))),
    ("1 is subtracted", combined(lambda t, s, K, d: 0.5 * (t + s - 1 + d))),
    ("1/2 is missing", lambda *a: 2 * kl_full_by_distributions(*a)),
    ("some of the four", combined(lambda t, s, K, d: (t + s - K) / 2 + d)),
    ("some of the four", combined(lambda t, s, K, d: t / 2 + s - K + d)),
    ("halved", combined(lambda t, s, K, d: 0.5 * (t + 0.5 * s - K + d))),
    (
        "sign of the log-determinants",
        combined(lambda t, s, K, d: 0.5 * (t + s - K - d)),
    ),
    ("means has the", combined(lambda t, s, K, d: 0.5 * (t - s - K + d))),
    ("More than one", combined(lambda t, s, K, d: 0.5 * (t - s - K - d))),
    (
        "log-determinants don't count",
        combined(lambda t, s, K, d: 0.5 * (t + s - K)),
    ),
    ("half", cholesky_logs),
    ("logarithm of the det", with_logs(lambda S0, S1: S1.det() - S0.det())),
    ("logarithm of the det", with_logs(lambda S0, S1: S1.det() / S0.det())),
    ("determinant of S0 is", with_logs(lambda S0, S1: S1.logdet())),
    ("multiply the two", with_logs(lambda S0, S1: (S0 @ S1).logdet())),
    ("the nat", with_logs(lambda S0, S1: (S1.det() / S0.det()).log2())),
    (
        "product of the diagonal",
        with_logs(
            lambda S0, S1: (
                S1.diagonal().prod().log() - S0.diagonal().prod().log()
            )
        ),
    ),
    (
        "inverse of S0 stands where",
        lambda m0, S0, m1, S1: (
            kl_full_by_solve(m1, S1, m0, S0) + (S1.det() / S0.det()).log()
        ),
    ),
    ("changed places", with_trace(lambda S0, S1: (S0.inverse() @ S1).trace())),
    ("not inverted", with_trace(lambda S0, S1: (S1 @ S0).trace())),
    ("S1 is missing", with_trace(lambda S0, S1: S0.trace())),
    ("S0 is missing", with_trace(lambda S0, S1: S1.inverse().trace())),
    ("trace is missing", with_trace(lambda S0, S1: 0)),
    ("sum over all", with_trace(lambda S0, S1: (S1.inverse() @ S0).sum())),
    ("entry by entry", with_trace(lambda S0, S1: (S0 / S1).trace())),
    (
        "entry by entry",
        with_trace(lambda S0, S1: (S1.inverse() * S0).trace()),
    ),
    ("two traces", with_trace(lambda a, b: b.inverse().trace() * a.trace())),
    ("inverted nowhere", no_inverse),
    ("Only the diagonals", only_diagonals),
    (
        "two means is missing",
        lambda m0, S0, m1, S1: kl_full_by_solve(m0, S0, m0, S1),
    ),
    ("inverse of S1 is missing", with_square(lambda d, *_: d @ d)),
    ("S1 is not inverted", with_square(lambda d, S0, S1: d @ S1 @ d)),
    ("inverse of S0", with_square(lambda d, S0, S1: d @ S0.inverse() @ d)),
    ("size 1 too many", columns),
    ("gradient", lambda m0, *rest: kl_full_by_solve(m0.detach(), *rest)),
]
