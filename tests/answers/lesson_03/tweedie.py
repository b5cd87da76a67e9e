"""Answers to tweedie, in forms that learners write."""

import torch

RIGHT = [
    lambda y, score, sigma: y + sigma**2 * score,
    lambda y, score, sigma: torch.add(y, score, alpha=sigma * sigma),
    lambda y, score, sigma: torch.stack(
        [a + sigma**2 * b for a, b in zip(y, score, strict=True)]
    ),
]

WRONG = [
    ("sigma for", lambda y, score, sigma: y + sigma * score),
    ("sign", lambda y, score, sigma: y - sigma**2 * score),
    ("y is missing", lambda y, score, sigma: sigma**2 * score),
    ("divide", lambda y, score, sigma: y + score / sigma**2),
    ("1/2", lambda y, score, sigma: y + 0.5 * sigma**2 * score),
    ("variance is missing", lambda y, score, sigma: y + score),
    ("gradient", lambda y, score, sigma: y + sigma**2 * score.detach()),
]
