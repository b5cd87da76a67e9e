"""Answers to normal_logpdf, in forms that learners write."""

import math

import torch
from torch.distributions import Normal

LOG_2PI = math.log(2 * math.pi)


def pdf_loop(x, mu, sigma):
    x, mu, sigma = torch.broadcast_tensors(x, mu, sigma)
    values = [
        -((a - m) ** 2) / (2 * s**2) - torch.log(s * math.sqrt(2 * math.pi))
        for a, m, s in zip(
            x.flatten(), mu.flatten(), sigma.flatten(), strict=True
        )
    ]
    return torch.stack(values).reshape(x.shape)


RIGHT = [
    lambda x, mu, sigma: Normal(mu, sigma).log_prob(x),
    lambda x, mu, sigma: (
        -0.5 * torch.log(2 * torch.pi * sigma**2)
        - (x - mu) ** 2 / (2 * sigma**2)
    ),
    lambda x, mu, sigma: (
        -0.5 * ((x - mu) / sigma) ** 2 - sigma.log() - 0.5 * LOG_2PI
    ),
    lambda x, mu, sigma: torch.log(
        torch.exp(-0.5 * ((x - mu) / sigma).square())
        / (sigma * math.sqrt(2 * math.pi))
    ),
    lambda x, mu, sigma: Normal(
        mu.double(), sigma.double(), validate_args=False
    ).log_prob(x.double()),
    pdf_loop,
]

WRONG = [
    (
        "density; return its log",
        lambda x, m, s: Normal(m, s).log_prob(x).exp(),
    ),
    (
        "density; return its log",
        lambda x, m, s: (
            torch.exp(-((x - m) ** 2) / (2 * s**2))
            / (s * math.sqrt(2 * math.pi))
        ),
    ),
    ("sign", lambda x, m, s: -Normal(m, s).log_prob(x)),
    (
        "sign",
        lambda x, m, s: ((x - m) / s) ** 2 / 2 - s.log() - LOG_2PI / 2,
    ),
    (
        "sign",
        lambda x, m, s: -(((x - m) / s) ** 2) / 2 + s.log() - LOG_2PI / 2,
    ),
    ("sign", lambda x, m, s: Normal(m, s).log_prob(x) + LOG_2PI),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) / 2 - s.log(),
    ),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, s: -0.5 * (torch.log(s**2) + (x - m) ** 2 / s**2),
    ),
    (
        "log sigma is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) / 2 - LOG_2PI / 2,
    ),
    (
        "1/2 is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) - torch.log(s) - LOG_2PI / 2,
    ),
    (
        "1/2 is missing",
        lambda x, m, s: (
            -0.5 * (x - m) ** 2 / s**2 - torch.log(2 * torch.pi * s**2)
        ),
    ),
    (
        "1/2 is missing",
        lambda x, m, s: (
            -((x - m) ** 2) / s**2 - torch.log(2 * torch.pi * s**2)
        ),
    ),
    (
        "1/2 is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) / 2 - s.log() - LOG_2PI,
    ),
    (
        "1/2 is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) - s.log() - LOG_2PI,
    ),
    (
        "1/2 is missing",
        lambda x, m, s: -(((x - m) / s) ** 2) / 2 - (s**2).log() - LOG_2PI / 2,
    ),
    (
        r"sigma for sigma\*\*2",
        lambda x, m, s: Normal(m, torch.sqrt(s)).log_prob(x),
    ),
    (
        r"sigma for sigma\*\*2",
        lambda x, m, s: -((x - m) ** 2) / (2 * s) - s.log() - LOG_2PI / 2,
    ),
    (
        r"sigma for sigma\*\*2",
        lambda x, m, s: (
            -((x - m) ** 2) / (2 * s**2) - 0.5 * (2 * torch.pi * s).log()
        ),
    ),
    (
        "square sigma twice",
        lambda x, m, s: Normal(m, s**2).log_prob(x),
    ),
    (
        "square sigma twice",
        lambda x, m, s: -0.5 * ((x - m) / s**2) ** 2 - s.log() - LOG_2PI / 2,
    ),
]
