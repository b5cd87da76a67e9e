"""Answers to normal_logpdf, in forms that learners write."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal
from torch.nn.functional import gaussian_nll_loss

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


def one_dimension(x, mu, sigma):
    x, mu, sigma = torch.broadcast_tensors(x, mu, sigma)
    covariance = sigma[..., None, None] ** 2
    normal = MultivariateNormal(mu[..., None], covariance)
    return normal.log_prob(x[..., None])


RIGHT = [
    lambda x, mu, sigma: Normal(mu, sigma).log_prob(x),
    lambda x, mu, sigma: (
        -0.5 * torch.log(2 * torch.pi * sigma**2)
        - (x - mu) ** 2 / (2 * sigma**2)
    ),
    lambda x, mu, sigma: (
        -0.5 * ((x - mu) / sigma) ** 2 - sigma.log() - 0.5 * LOG_2PI
    ),
    lambda x, mu, sigma: (
        torch.log(1 / (sigma * math.sqrt(2 * math.pi)))
        - 0.5 * (x - mu).square() * sigma ** (-2)
    ),
    lambda x, mu, sigma: Normal(
        mu.double(), sigma.double(), validate_args=False
    ).log_prob(x.double()),
    lambda x, mu, sigma: (
        -(x**2 - 2 * x * mu + mu**2) / sigma**2 / 2
        - torch.log(torch.tensor(2 * math.pi) * sigma.pow(2)) / 2
    ),
    lambda x, mu, sigma: (
        -gaussian_nll_loss(x, mu, sigma**2, full=True, reduction="none")
        if x.shape == mu.shape == sigma.shape
        else Normal(mu, sigma).log_prob(x)
    ),
    pdf_loop,
    one_dimension,
]


def terms(a=-1 / 2, b=-1, c=-1 / 2):
    """With these factors; -1/2, -1 and -1/2 are right."""
    return lambda x, m, s: (
        a * ((x - m) / s) ** 2 + b * torch.log(s) + c * LOG_2PI
    )


def distance(of):
    return lambda x, m, s: -of(x, m, s) - s.log() - LOG_2PI / 2


def density(x, m, s):
    factor = 1 / (s * math.sqrt(2 * math.pi))
    return factor * torch.exp(-((x - m) ** 2) / (2 * s**2))


sigma = torch.tensor(0.5)  # a variable of the notebook


def of_the_notebook(x, mu, sd):
    return -0.5 * ((x - mu) / sigma) ** 2 - sigma.log() - 0.5 * LOG_2PI


WRONG = [
    (
        "density; return its log",
        lambda *a: Normal(*a[1:]).log_prob(a[0]).exp(),
    ),
    ("density; return its log", density),
    ("negative log density", lambda x, m, s: -Normal(m, s).log_prob(x)),
    ("sign of the squared", terms(a=0.5)),
    ("sign of log sigma", terms(b=1)),
    (r"sign of log\(2 pi\)", lambda *a: terms()(*a) + LOG_2PI),
    (r"signs of log sigma and of log\(2 pi\)", terms(b=1, c=0.5)),
    (
        r"log\(2 pi\) is missing",
        lambda x, m, s: -0.5 * (torch.log(s**2) + (x - m) ** 2 / s**2),
    ),
    ("log sigma is missing", terms(b=0)),
    ("factor before the exp.* is missing", terms(b=0, c=0)),
    (
        "squared distance has lost",
        distance(lambda x, m, s: ((x - m) / s) ** 2),
    ),
    (r"log\(2 pi\) has lost", terms(c=-1)),
    (r"log\(2 pi\) has lost", lambda x, m, s: terms(c=0)(x, m, s) - LOG_2PI),
    (
        r"log\(2 pi sigma\*\*2\) has lost",
        lambda x, m, s: (
            -0.5 * (x - m) ** 2 / s**2 - torch.log(2 * torch.pi * s**2)
        ),
    ),
    (
        "twice the expected",
        lambda x, m, s: (
            -((x - m) ** 2) / s**2 - torch.log(2 * torch.pi * s**2)
        ),
    ),
    ("Two factors 1/2", terms(a=-1, c=-1)),
    ("log sigma counts twice", terms(b=-2)),
    ("another one", lambda *a: terms(c=0)(*a) - 0.5 * math.log(math.pi)),
    ("another one", lambda *a: terms(c=0)(*a) - 0.5 * (2 * math.pi)),
    ("nat", lambda x, m, s: terms(b=0)(x, m, s) - s.log10()),
    ("nat", lambda *a: terms(c=0)(*a) - 0.5 * math.log2(2 * math.pi)),
    ("nat|bits", lambda x, m, s: Normal(m, s).log_prob(x) / math.log(2)),
    ("everywhere", lambda x, m, s: Normal(m, torch.sqrt(s)).log_prob(x)),
    ("in the squared", distance(lambda x, m, s: (x - m) ** 2 / (2 * s))),
    (
        r"in the log",
        lambda x, m, s: (
            -((x - m) ** 2) / (2 * s**2) - 0.5 * (2 * torch.pi * s).log()
        ),
    ),
    ("square sigma twice", lambda x, m, s: Normal(m, s**2).log_prob(x)),
    (
        "square sigma twice",
        distance(lambda x, m, s: 0.5 * ((x - m) / s**2) ** 2),
    ),
    ("not divided", distance(lambda x, m, s: 0.5 * (x - m) ** 2)),
    ("not squared", distance(lambda x, m, s: (x - m) / (2 * s**2))),
    ("2 is squared", distance(lambda x, m, s: (x - m) ** 2 / (2 * s) ** 2)),
    ("Precedence", distance(lambda x, m, s: (x - m) ** 2 / 2 * s**2)),
    ("add mu", distance(lambda x, m, s: (x + m) ** 2 / (2 * s**2))),
    (
        "sigma itself",
        lambda x, m, s: -((x - m) ** 2) / (2 * s**2) - s - LOG_2PI / 2,
    ),
    (
        "add the factor",
        lambda x, m, s: (
            1 / (s * (2 * math.pi) ** 0.5) - (x - m) ** 2 / (2 * s**2)
        ),
    ),
    (
        "multiply by the factor",
        lambda x, m, s: (
            torch.log(1 / torch.sqrt(2 * torch.pi * s**2))
            * (-((x - m) ** 2) / (2 * s**2))
        ),
    ),
    ("of math take one", lambda x, m, s: terms(b=0)(x, m, s) - math.log(s)),
    ("those of math", lambda *a: terms(c=0)(*a) - torch.log(2 * math.pi) / 2),
    ("one number, the sum", lambda *a: terms()(*a).sum()),
    ("the sum over dimension 1", lambda *a: terms()(*a).sum(-1)),
    ("same for another value of mu", lambda x, m, s: terms()(x, 0, s)),
    ("reads sigma .*from the notebook", of_the_notebook),
    ("rounds to 0 far", lambda *a: torch.log(density(*a))),
    ("rounds to 0 far", lambda *a: torch.log(density(*a) + 1e-10)),
    ("rounds to 0 far", lambda *a: density(*a).clamp(min=1e-8).log()),
    (
        "small sigma",
        lambda x, m, s: Normal(m, s.clamp(min=0.1)).log_prob(x),
    ),
    (
        "fewer dimensions",
        lambda x, m, s: Normal(m, s).log_prob(x).reshape(x.shape),
    ),
    (
        "where x is mu, but the gradient",
        lambda x, m, s: terms()(((x - m) ** 2).sqrt(), 0, s),
    ),
    ("respect to sigma is lost", lambda x, m, s: terms()(x, m, s.detach())),
]
