"""Answers to continuous_bernoulli_mean, written blind."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import ContinuousBernoulli

a = torch.tensor([-30.0, -4, -0.5, 1, 8])  # a global of the notebook


# ---------------------------------------------------------------- right


def light_and_turned(logits):
    near = logits.abs() < 0.1
    s = torch.where(near, torch.ones_like(logits), logits).abs()
    light = 1 / s + torch.exp(-s) / torch.expm1(-s)
    far = torch.where(logits > 0, 1 - light, light)
    return torch.where(near, 0.5 + logits / 12 - logits**3 / 720, far)


def langevin(logits):
    # 1/2 + 1/2 coth(a/2) - 1/a
    near = logits.abs() < 0.05
    safe = logits.masked_fill(near, 1.0)
    far = 0.5 + 0.5 / torch.tanh(safe / 2) - 1 / safe
    return torch.where(near, 0.5 + logits / 12, far)


def one_by_one(logits):
    out = []
    for t in logits.flatten():
        if t.abs() < 0.05:
            out.append(0.5 + t / 12)
        elif t > 0:
            out.append(1 / (1 - torch.exp(-t)) - 1 / t)
        else:  # e^a / (e^a - 1), without an overflow
            out.append(torch.exp(t) / torch.expm1(t) - 1 / t)
    return torch.stack(out).view(logits.shape)


def derivative_of_log_integral(logits):
    """d/da log of the integral of e^(a x), which is softplus(a) - log C."""
    with torch.enable_grad():
        b = (
            logits
            if logits.requires_grad
            else logits.detach().requires_grad_()
        )
        c = b.double()
        near = c.abs() < 0.01
        size = torch.where(near, torch.ones_like(c), c).abs()
        log_c = size.log() - torch.tanh(size / 2).log()
        log_c = torch.where(near, math.log(2) + c**2 / 12, log_c)
        (mean,) = torch.autograd.grad(
            (F.softplus(c, threshold=60) - log_c).sum(), b, create_graph=True
        )
    return mean if logits.requires_grad else mean.detach()


def with_lambda(logits):
    x = logits.to(torch.float64)
    undecided = x.abs() < 0.01
    x_safe = torch.where(undecided, 1.0, x)
    lam = torch.sigmoid(x_safe)
    mean = lam / (2 * lam - 1) - 1 / x_safe
    return torch.where(undecided, 0.5 + x / 12, mean).to(logits.dtype)


# ---------------------------------------------------------------- wrong


def just_lambda(logits):
    lam = torch.sigmoid(logits)
    return lam


def plain(logits):
    first = 0.5 / torch.tanh(logits / 2) + 0.5
    return first - 1 / logits


def where_only(logits):
    near = logits.abs() < 0.05
    exact = 0.5 + 0.5 / torch.tanh(logits / 2) - 1 / logits
    return torch.where(near, 0.5 + logits / 12, exact)


def plus(logits):
    near = logits.abs() < 0.05
    safe = torch.where(near, torch.ones_like(logits), logits)
    mean = 0.5 + 0.5 / torch.tanh(safe / 2) + 1 / safe
    return torch.where(near, 0.5 + logits / 12, mean)


def torch_knows(logits):
    distribution = ContinuousBernoulli(logits=logits)
    return distribution.mean


def overflows(logits):
    near = logits.abs() < 0.05
    safe = torch.where(near, torch.ones_like(logits), logits)
    e = torch.exp(safe)
    mean = e / (e - 1) - 1 / safe
    return torch.where(near, 0.5 + logits / 12, mean)


def never_turned(logits):
    near = logits.abs() < 0.05
    s = torch.where(near, torch.ones_like(logits), logits).abs()
    light = 1 / s + torch.exp(-s) / torch.expm1(-s)
    return torch.where(near, 0.5 + logits / 12, light)


def cancelled(logits):
    zero = logits == 0
    safe = torch.where(zero, torch.ones_like(logits), logits)
    mean = 0.5 + 0.5 / torch.tanh(safe / 2) - 1 / safe
    return torch.where(zero, 0.5 + logits / 12, mean)


def takes_lambda(logits):
    p = torch.distributions.ContinuousBernoulli(logits)
    return p.mean


def half_forgotten(logits):
    near = logits.abs() < 0.05
    safe = torch.where(near, torch.ones_like(logits), logits)
    mean = 0.5 + 0.5 / torch.tanh(safe / 2) - 1 / safe
    return torch.where(near, logits / 12, mean)


def mean_of_pixels(logits):
    near = logits.abs() < 0.05
    safe = torch.where(near, torch.ones_like(logits), logits)
    mean = 0.5 + 0.5 / torch.tanh(safe / 2) - 1 / safe
    mean = torch.where(near, 0.5 + logits / 12, mean)
    return mean.mean()


def global_a(logits):
    near = logits.abs() < 0.05
    safe = torch.where(near, torch.ones_like(logits), logits)
    mean = 1 / (1 - torch.exp(-a)) - 1 / a
    return torch.where(near, 0.5 + logits / 12, mean)


RIGHT = [
    light_and_turned,
    langevin,
    one_by_one,
    derivative_of_log_integral,
    with_lambda,
]

WRONG = [
    (
        "returns lambda, as for a Bernoulli",
        "This is lambda itself: the mean",
        just_lambda,
    ),
    (
        "types the formula as it stands: NaN at 0",
        "Right in the ordinary cases, but",
        plain,
    ),
    ("plus 1/a instead of minus", "The sign of", plus),
    (
        "takes torch's mean, which is wrong for large logits",
        "ContinuousBernoulli keeps lambda",
        torch_knows,
    ),
    (
        "writes it with exp(a), which overflows for large logits",
        r"e\^a overflows for large logits, and",
        overflows,
    ),
    (
        "takes |a| and never turns the pixel around for a > 0",
        r"Wrong only where logits is positive\.",
        never_turned,
    ),
    (
        "pastes ContinuousBernoulli(logits), whose first argument is lambda",
        "Expected",
        takes_lambda,
    ),
    (
        "forgets the 1/2 of the series near 0",
        "Right in the ordinary cases, but",
        half_forgotten,
    ),
    (
        "averages the means over all pixels",
        r"Your result has shape \(\); asked",
        mean_of_pixels,
    ),
    (
        "uses the notebook's global a in the formula",
        "Your function raises RuntimeError: The size",
        global_a,
    ),
]

ACCEPTED = [
    ("torch.where without a safe argument: NaN gradient at 0", where_only),
    ("treats only a == 0 apart: near 0 float32 cancels", cancelled),
]
