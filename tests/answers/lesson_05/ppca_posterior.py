"""Answers to ppca_posterior, in forms that learners write."""

import torch

from answers.lesson_05._posteriors import posterior_by_precision


def posterior_by_solve(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1]).to(W)
    mean = torch.linalg.solve(M, W.T @ x.T).T
    return mean, s2 * torch.linalg.inv(M)


def posterior_by_conditioning(x, W, s2):
    """The joint Gaussian of z and x, conditioned on x."""
    C = W @ W.T + s2 * torch.eye(len(W)).to(W)
    gain = W.T @ torch.linalg.inv(C)
    return x @ gain.T, torch.eye(W.shape[1]).to(W) - gain @ W


RIGHT = [
    posterior_by_precision,
    posterior_by_solve,
    posterior_by_conditioning,
]


def wrong_precision(noise):
    """Another noise in the precision; the mean is divided by s2."""

    def ppca_posterior(x, W, s2):
        precision = torch.eye(W.shape[1]).to(W) + W.T @ W / noise(s2)
        covariance = torch.linalg.inv(precision)
        return x @ W @ covariance / s2, covariance

    return ppca_posterior


WRONG = [
    ("root", lambda x, W, s2: posterior_by_solve(x, W, s2**0.5)),
    (
        "no s2 in front",
        lambda x, W, s2: (
            posterior_by_solve(x, W, s2)[0],
            posterior_by_solve(x, W, s2)[1] / s2,
        ),
    ),
    (
        "alone is inverted",
        lambda x, W, s2: (
            x @ W @ torch.linalg.inv(W.T @ W),
            s2 * torch.linalg.inv(W.T @ W),
        ),
    ),
    (
        "precision",
        lambda x, W, s2: (
            posterior_by_precision(x, W, s2)[0],
            torch.eye(W.shape[1]).to(W) + W.T @ W / s2,
        ),
    ),
    ("swapped", lambda *inputs: posterior_by_solve(*inputs)[::-1]),
    (
        "shape",
        lambda x, W, s2: (
            posterior_by_solve(x, W, s2)[0].T,
            posterior_by_solve(x, W, s2)[1],
        ),
    ),
    (
        "divided by s2",
        lambda x, W, s2: (
            posterior_by_solve(x, W, s2)[0] / s2,
            posterior_by_solve(x, W, s2)[1],
        ),
    ),
    (
        "The mean is not:",
        lambda x, W, s2: (
            0.7 * posterior_by_solve(x, W, s2)[0] + 0.1,
            posterior_by_solve(x, W, s2)[1],
        ),
    ),
    (
        "diagonal alone",
        lambda x, W, s2: (
            posterior_by_solve(x, W, s2)[0],
            posterior_by_solve(x, W, s2)[1].diagonal().diag(),
        ),
    ),
    (
        "square what is a variance",
        lambda x, W, s2: posterior_by_solve(x, W, s2**2),
    ),
    (
        "centre x once more",
        lambda x, W, s2: posterior_by_solve(x - x.mean(0), W, s2),
    ),
    ("return 2 values", lambda *inputs: posterior_by_solve(*inputs)[0]),
    (
        "gradient",  # of the covariance alone
        lambda *inputs: (
            posterior_by_solve(*inputs)[0],
            posterior_by_solve(*inputs)[1].detach(),
        ),
    ),
    ("is not divided by the noise", wrong_precision(lambda s2: 1)),
    ("is multiplied by the noise", wrong_precision(lambda s2: 1 / s2)),
    ("square what is", wrong_precision(lambda s2: s2**2)),
    (
        "s2 times the right one",  # by the precision, without / s2
        lambda x, W, s2: (
            x @ W @ posterior_by_precision(x, W, s2)[1],
            posterior_by_precision(x, W, s2)[1],
        ),
    ),
    (
        "covariance of the pixels",
        lambda x, W, s2: (
            posterior_by_solve(x, W, s2)[0],
            W @ W.T + s2 * torch.eye(len(W)).to(W),
        ),
    ),
    (
        "alone is inverted",  # least squares
        lambda x, W, s2: (
            x @ torch.linalg.pinv(W).T,
            posterior_by_solve(x, W, s2)[1],
        ),
    ),
]
