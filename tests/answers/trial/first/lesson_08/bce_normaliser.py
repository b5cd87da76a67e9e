"""Answers to bce_normaliser, written blind."""

import torch

# ---------------------------------------------------------------- right


def where_series(logits):
    near = logits.abs() < 1e-2
    safe = torch.where(near, torch.ones_like(logits), logits)
    return torch.where(near, 0.5 - logits**2 / 24, torch.tanh(safe / 2) / safe)


def by_entries(a):
    """One logit after the other, like a for-loop in MATLAB."""
    values = []
    for entry in a.reshape(-1):
        if abs(entry.item()) < 1e-3:
            values.append(0.5 - entry * entry / 24)
        else:
            values.append(torch.tanh(entry / 2) / entry)
    return torch.stack(values).reshape(a.shape)


def expm1_of_abs(logits):
    # tanh(s/2) = (1 - e^-s) / (1 + e^-s); even in a
    s = logits.abs().clamp(min=1e-4)
    return -torch.expm1(-s) / (s * (1 + torch.exp(-s)))


def lambdas_in_double(logits):
    a = logits.double()
    small = a.abs() < 1e-3
    lam = torch.sigmoid(torch.where(small, 1.0, a))
    quotient = (2 * lam - 1) / torch.where(small, 1.0, a)
    out = torch.where(small, 0.5 - a * a / 24, quotient)
    return out.to(logits.dtype)


def masked_logarithms(logits):
    out = 0.5 - logits.clamp(-1, 1) ** 2 / 24
    big = logits.abs() > 5e-3
    size = logits[big].abs()
    out[big] = torch.exp(torch.log(torch.tanh(size / 2)) - torch.log(size))
    return out


# ---------------------------------------------------------------- wrong


def plain(logits):
    mass = torch.tanh(logits / 2) / logits
    return mass


def nan_to_num(logits):
    mass = torch.tanh(logits / 2) / logits
    mass = torch.nan_to_num(mass, nan=0.5)
    return mass


def constant_c(logits):
    near = logits.abs() < 1e-2
    a = torch.where(near, torch.ones_like(logits), logits)
    C = a / torch.tanh(a / 2)
    return torch.where(near, 2 + logits**2 / 6, C)


def log_mass(logits):
    size = logits.abs().clamp(min=1e-4)
    log_norm = torch.log(torch.tanh(size / 2)) - torch.log(size)
    return log_norm


def epsilon(logits, eps=1e-8):
    numerator = torch.tanh(logits / 2)
    denominator = logits + eps  # avoid division by zero
    return numerator / denominator


def cancelled(logits):
    tiny = logits.abs() < 1e-8
    a = torch.where(tiny, torch.ones_like(logits), logits)
    lam = torch.sigmoid(a)
    mass = (2 * lam - 1) / a
    return torch.where(tiny, torch.full_like(logits, 0.5) + 0 * logits, mass)


def no_abs(logits):
    near = logits < 1e-3
    a = torch.where(near, torch.ones_like(logits), logits)
    mass = torch.tanh(a / 2) / a
    return torch.where(near, 0.5 + 0 * logits, mass)


def not_halved(logits):
    near = logits.abs() < 1e-3
    a = torch.where(near, torch.ones_like(logits), logits)
    mass = torch.tanh(a) / a
    return torch.where(near, 1.0 + 0 * logits, mass)


def takes_lambda(logits):
    lam = logits
    half = (lam - 0.5).abs() < 1e-3
    lam = torch.where(half, torch.full_like(lam, 0.9), lam)
    a = torch.log(lam) - torch.log(1 - lam)
    mass = (2 * lam - 1) / a
    return torch.where(half, 0.5 + 0 * logits, mass)


def overflows(logits):
    near = logits.abs() < 1e-3
    a = torch.where(near, torch.ones_like(logits), logits)
    e = torch.exp(a)
    mass = (e - 1) / (a * (1 + e))
    return torch.where(near, 0.5 - logits**2 / 24, mass)


def of_the_image(logits):
    near = logits.abs() < 1e-2
    a = torch.where(near, torch.ones_like(logits), logits)
    mass = torch.where(near, 0.5 - logits**2 / 24, torch.tanh(a / 2) / a)
    return mass.prod()  # of all the pixels


def python_if(logits):
    if abs(logits) < 1e-3:
        return 0.5 - logits**2 / 24
    return torch.tanh(logits / 2) / logits


RIGHT = [
    where_series,
    by_entries,
    expm1_of_abs,
    lambdas_in_double,
    masked_logarithms,
]

WRONG = [
    (
        "types the formula as it stands: NaN at 0",
        "0/0: at lambda = 1/2 the",
        plain,
    ),
    (
        "repairs the value with nan_to_num: the gradient at 0 stays NaN",
        "The values are right at logit",
        nan_to_num,
    ),
    (
        "returns the constant C, the reciprocal",
        "This is the reciprocal, what the",
        constant_c,
    ),
    (
        "returns the logarithm of the mass",
        "Your result is the logarithm of",
        log_mass,
    ),
    (
        "adds an epsilon to the denominator: 0 instead of 1/2 at 0",
        "A small number in the divisor",
        epsilon,
    ),
    (
        "2 lambda - 1 cancels in float32 for small logits, threshold 1e-8",
        "Near lambda =",
        cancelled,
    ),
    (
        "forgets abs in the condition: all negative logits give 1/2",
        "You take all negative logits for",
        no_abs,
    ),
    (
        "tanh(a) / a instead of tanh(a / 2) / a",
        "The tanh is of half the",
        not_halved,
    ),
    (
        "takes its argument for lambda, not for the logit",
        "The input is the logit, not",
        takes_lambda,
    ),
    (
        "writes it with exp(a), which overflows for large logits",
        r"e\^a overflows for large logits, and",
        overflows,
    ),
    (
        "multiplies over all pixels: the mass of the image",
        r"Your result has shape \(\); asked",
        of_the_image,
    ),
    (
        "a Python if on the whole tensor, as for one number",
        "Your function raises RuntimeError: Boolean value",
        python_if,
    ),
]
