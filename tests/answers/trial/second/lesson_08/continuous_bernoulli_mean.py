"""Answers to continuous_bernoulli_mean, written blind."""

import torch
from torch.distributions import ContinuousBernoulli


def lighter_half(logits):
    near = logits.abs() < 0.05
    s = torch.where(near, torch.ones_like(logits), logits).abs()
    light = 1 / s + torch.exp(-s) / torch.expm1(-s)
    far = torch.where(logits > 0, 1 - light, light)
    return torch.where(near, 0.5 + logits / 12, far)


def coth(a):
    b = a.double()
    tiny = b.abs() < 1e-3
    b_safe = b.masked_fill(tiny, 1.0)
    mean = 0.5 + 0.5 / torch.tanh(0.5 * b_safe) - 1 / b_safe
    return torch.where(tiny, 0.5 + b / 12, mean).to(a.dtype)


def just_lambda(logits):
    return torch.sigmoid(logits)


def exponent_sign(logits):
    near = logits.abs() < 0.05
    a = torch.where(near, torch.ones_like(logits), logits)
    mean = 1 / (1 - torch.exp(a)) - 1 / a
    return torch.where(near, 0.5 + logits / 12, mean)


def no_abs(logits):
    a = logits.clamp(min=0.01)
    return 1 / (1 - torch.exp(-a)) - 1 / a


def only_zero(logits):
    zero = logits == 0
    a = torch.where(zero, torch.ones_like(logits), logits)
    mean = 1 / (1 - torch.exp(-a)) - 1 / a
    return torch.where(zero, torch.full_like(logits, 0.5), mean)


def from_torch(logits):
    return ContinuousBernoulli(logits=logits).mean


def where_both_sides(logits):
    near = logits.abs() < 0.05
    mean = 1 / (1 - torch.exp(-logits)) - 1 / logits
    return torch.where(near, 0.5 + logits / 12, mean)


RIGHT = [
    lighter_half,
    coth,
]

WRONG = [
    (
        "returns lambda, as for the ordinary Bernoulli",
        "This is lambda itself: the mean",
        just_lambda,
    ),
    ("e^a instead of e^-a", "The sign of the exponent is", exponent_sign),
    (
        "clamps the logits at 0.01 without abs: all negative ones become 1/2",
        "You take all negative logits for",
        no_abs,
    ),
    (
        "replaces only a == 0: tiny logits in float32 give garbage",
        "Near lambda =",
        only_zero,
    ),
    (
        "takes torch's ContinuousBernoulli.mean, wrong for large logits",
        "ContinuousBernoulli keeps lambda",
        from_torch,
    ),
]

ACCEPTED = [
    (
        "torch.where without a harmless number: NaN gradient at 0",
        where_both_sides,
    ),
]
