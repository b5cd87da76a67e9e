"""Answers to kl_sparsity, written blind."""

import math

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def formula(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    kl = rho * torch.log(rho / rate) + (1 - rho) * torch.log(
        (1 - rho) / (1 - rate)
    )
    return kl.sum()


def unit_by_unit(z, rho):
    total = z.new_zeros(())
    for j in range(z.shape[1]):
        rate = sum(z[b, j] for b in range(z.shape[0])) / z.shape[0]
        rate = torch.clamp(rate, min=1e-6, max=1 - 1e-6)
        total = total + rho * (math.log(rho) - rate.log())
        total = total + (1 - rho) * (math.log(1 - rho) - (1 - rate).log())
    return total


def cross_entropy_minus_entropy(activations, target):
    rate = activations.mean(dim=0).clamp(min=1e-6, max=1 - 1e-6)
    wanted = torch.full_like(rate, target)
    cross = F.binary_cross_entropy(rate, wanted, reduction="sum")
    entropy = -(
        target * math.log(target) + (1 - target) * math.log(1 - target)
    )
    return cross - entropy * rate.numel()


def two_outcomes(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    log_q = torch.stack([rate, 1 - rate]).log()  # (2, K)
    p = torch.tensor([[rho], [1 - rho]], dtype=z.dtype).expand_as(log_q)
    return F.kl_div(log_q, p, reduction="sum")


def logits_in_double(z, rho):
    """KL = rho (logit rho - logit rate) + log((1 - rho) / (1 - rate))."""
    rate = (z.double().sum(0) / len(z)).clamp(1e-6, 1 - 1e-6)
    log_odds = torch.logit(rate)
    own = math.log(rho / (1 - rho))
    kl = rho * (own - log_odds) + math.log1p(-rho) - torch.log1p(-rate)
    return (torch.ones_like(kl) @ kl).to(z.dtype)


# ---- wrong -----------------------------------------------------------------

rho = torch.tensor(0.02)  # of the notebook


def reversed_kl(z, rho):
    rho_hat = torch.clamp(z.mean(0), 1e-6, 1 - 1e-6)
    kl = rho_hat * torch.log(rho_hat / rho) + (1 - rho_hat) * torch.log(
        (1 - rho_hat) / (1 - rho)
    )
    return kl.sum()


def mean_over_units(z, rho):
    q = z.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    kl = rho * torch.log(rho / q) + (1 - rho) * torch.log((1 - rho) / (1 - q))
    return torch.mean(kl)


def rate_of_images(z, rho):
    rho_hat = torch.mean(z, dim=1)
    rho_hat = rho_hat.clamp(1e-6, 1 - 1e-6)
    kl = rho * torch.log(rho / rho_hat)
    kl += (1 - rho) * torch.log((1 - rho) / (1 - rho_hat))
    return kl.sum()


def entry_by_entry(z, rho):
    p = z.clamp(1e-6, 1 - 1e-6)
    kl = rho * (rho / p).log() + (1 - rho) * ((1 - rho) / (1 - p)).log()
    return kl.sum(1).mean()


def first_term(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    kl = rho * torch.log(rho / rate)
    return kl.sum()


def only_cross_entropy(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    target = torch.full_like(rate, rho)
    return F.binary_cross_entropy(rate, target, reduction="sum")


def fraction_active(z, rho):
    active = (z > 0.5).to(z.dtype)
    rate = active.mean(0).clamp(1e-6, 1 - 1e-6)
    kl = rho * torch.log(rho / rate)
    kl = kl + (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return kl.sum()


def sigmoid_again(z, rho):
    rho_hat = torch.mean(torch.sigmoid(z), 0)
    rho_hat = rho_hat.clamp(1e-6, 1 - 1e-6)
    return torch.sum(
        rho * torch.log(rho / rho_hat)
        + (1 - rho) * torch.log((1 - rho) / (1 - rho_hat))
    )


def global_rho(z, target):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    first, second = rho / rate, (1 - rho) / (1 - rate)
    return (rho * first.log() + (1 - rho) * second.log()).sum()


def clamped_below(z, rho):
    rate = z.mean(0).clamp(min=1e-6)
    first = rho * torch.log(rho / rate)
    second = (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return (first + second).sum()


def keras_epsilon(z, rho):
    epsilon = 1e-7  # K.epsilon()
    rho_hat = torch.clamp(torch.mean(z, dim=0), epsilon, 1 - epsilon)
    kl = rho * torch.log(rho / rho_hat) + (1 - rho) * torch.log(
        (1 - rho) / (1 - rho_hat)
    )
    return kl.sum()


def python_floats(z, rho):
    total = 0.0
    for r in z.mean(0).tolist():
        r = min(max(r, 1e-6), 1 - 1e-6)
        total += rho * math.log(rho / r)
        total += (1 - rho) * math.log((1 - rho) / (1 - r))
    return total


RIGHT = [
    formula,
    unit_by_unit,
    cross_entropy_minus_entropy,
    two_outcomes,
    logits_in_double,
]

WRONG = [
    (
        "turns the divergence round: KL(rate || rho)",
        "This is the KL the other",
        reversed_kl,
    ),
    (
        "averages over the units instead of summing",
        "You average over units; sum over",
        mean_over_units,
    ),
    (
        "takes the mean over the units of each image for the rate",
        "Your rates are means over units:",
        rate_of_images,
    ),
    (
        "takes the divergence of each entry, then the mean over the batch",
        "You take the KL of every",
        entry_by_entry,
    ),
    ("has the first term only", "The second term is missing: a", first_term),
    (
        "returns the cross-entropy: does not subtract rho's entropy",
        "This is the cross-entropy: the penalty",
        only_cross_entropy,
    ),
    (
        "takes for the rate the share of images above 0.5",
        "Your rate is how often a",
        fraction_active,
    ),
    (
        "applies a sigmoid to activations that are rates already",
        "You take a sigmoid of z:",
        sigmoid_again,
    ),
    (
        "uses the notebook's rho, 0.02, whatever is asked",
        "Your function never uses its argument",
        global_rho,
    ),
    (
        "clamps the rate from below only: infinite at rate 1",
        "A unit that is",
        clamped_below,
    ),
    (
        "clamps at Keras's 1e-7",
        "The smallest and the largest rate",
        keras_epsilon,
    ),
    (
        "computes with Python floats: no tensor, no gradient",
        "The values are right, but the",
        python_floats,
    ),
]
