"""Answers to effective_beta, written blind."""

import math

import numpy as np
import torch

# ---------------------------------------------------------------- right


def with_ifs(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = k = 1.0
    if rec_pixels == "mean":
        r = r / D
    if rec_batch == "mean":
        r = r / B
    if kl_latents == "mean":
        k = k / K
    if kl_batch == "mean":
        k = k / B
    return weight * k / r


def with_table(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    def factor(how, n):
        return {"sum": 1.0, "mean": 1.0 / n}[how]

    r = factor(rec_pixels, D) * factor(rec_batch, B)
    return weight * factor(kl_latents, K) * factor(kl_batch, B) / r


def with_exponents(rec_p, rec_b, kl_l, kl_b, w, D, K, B):
    batch = (rec_b == "mean") - (kl_b == "mean")
    return (
        w * D ** (rec_p == "mean") * float(B) ** batch / K ** (kl_l == "mean")
    )


def measured(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    """Reduce tensors of ones, and compare with their true sums over the batch."""

    def moved(each, inner, batch):
        rows = getattr(torch, inner)(each, dim=1)
        return getattr(torch, batch)(rows, dim=0) / each.sum()

    pixels = torch.ones(B, D, dtype=torch.float64)
    latents = torch.ones(B, K, dtype=torch.float64)
    r = moved(pixels, rec_pixels, rec_batch)
    return (weight * moved(latents, kl_latents, kl_batch) / r).item()


def logarithms(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    how = [rec_pixels, rec_batch, kl_latents, kl_batch]
    signs = np.array([1, 1, -1, -1])
    is_mean = np.array([h == "mean" for h in how])
    logs = np.log(np.array([D, B, K, B], dtype=float))
    return float(weight * math.exp((signs * is_mean) @ logs))


# ---------------------------------------------------------------- wrong


def upside_down(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = (1 / D if rec_pixels == "mean" else 1) * (
        1 / B if rec_batch == "mean" else 1
    )
    k = (1 / K if kl_latents == "mean" else 1) * (
        1 / B if kl_batch == "mean" else 1
    )
    return weight * r / k


def no_weight(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r, k = 1.0, 1.0
    if rec_pixels == "mean":
        r /= D
    if rec_batch == "mean":
        r /= B
    if kl_latents == "mean":
        k /= K
    if kl_batch == "mean":
        k /= B
    return k / r


def no_batch(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    # the batch is the same for both terms, it cancels
    r = 1 / D if rec_pixels == "mean" else 1.0
    k = 1 / K if kl_latents == "mean" else 1.0
    return weight * k / r


def swapped(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r, k = 1.0, 1.0
    if rec_pixels == "mean":
        r /= K
    if rec_batch == "mean":
        r /= B
    if kl_latents == "mean":
        k /= D
    if kl_batch == "mean":
        k /= B
    return weight * k / r


def sums_multiply(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    # a mean has the size of one element, a sum that of n elements
    r = (D if rec_pixels == "sum" else 1) * (B if rec_batch == "sum" else 1)
    k = (K if kl_latents == "sum" else 1) * (B if kl_batch == "sum" else 1)
    return weight * k / r


def floor_division(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    numerator = weight
    denominator = 1
    if rec_pixels == "mean":
        numerator *= D
    if rec_batch == "mean":
        numerator *= B
    if kl_latents == "mean":
        denominator *= K
    if kl_batch == "mean":
        denominator *= B
    return numerator // denominator


def numbers_of_the_notebook(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    r = {"sum": 1, "mean": 1 / 784}[rec_pixels] * {"sum": 1, "mean": 1 / 128}[
        rec_batch
    ]
    k = {"sum": 1, "mean": 1 / 20}[kl_latents] * {"sum": 1, "mean": 1 / 128}[
        kl_batch
    ]
    return weight * k / r


def both_or_nothing(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    r = 1.0
    if rec_pixels == "mean" and rec_batch == "mean":
        r = 1 / (D * B)
    k = 1.0
    if kl_latents == "mean" and kl_batch == "mean":
        k = 1 / (K * B)
    return weight * k / r


def too_early(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    beta = weight
    sizes = [
        (rec_pixels, D),
        (rec_batch, B),
        (kl_latents, 1 / K),
        (kl_batch, 1 / B),
    ]
    for how, n in sizes:
        if how == "mean":
            beta = beta * n
            return beta
    return beta


def printed(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = (1 / D if rec_pixels == "mean" else 1) * (
        1 / B if rec_batch == "mean" else 1
    )
    k = (1 / K if kl_latents == "mean" else 1) * (
        1 / B if kl_batch == "mean" else 1
    )
    beta = weight * k / r
    print(f"effective beta: {beta}")


def rounded(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = (1 / D if rec_pixels == "mean" else 1) * (
        1 / B if rec_batch == "mean" else 1
    )
    k = (1 / K if kl_latents == "mean" else 1) * (
        1 / B if kl_batch == "mean" else 1
    )
    return round(weight * k / r, 2)


def beta_sigma2(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = (1 / D if rec_pixels == "mean" else 1) * (
        1 / B if rec_batch == "mean" else 1
    )
    k = (1 / K if kl_latents == "mean" else 1) * (
        1 / B if kl_batch == "mean" else 1
    )
    beta_prime = weight * k / r
    return beta_prime / 2  # (8.10)


RIGHT = [
    with_ifs,
    with_table,
    with_exponents,
    measured,
    logarithms,
]

WRONG = [
    ("upside down: r / k", "Inverted: a mean makes its term", upside_down),
    ("forgets the weight", r"The weight is forgotten\.", no_weight),
    (
        "ignores the reductions over the batch",
        "B is forgotten: a mean over",
        no_batch,
    ),
    ("exchanges D and K", "D and K are exchanged: D", swapped),
    (
        "a sum counts n times and a mean once",
        "You multiply by the size for",
        sums_multiply,
    ),
    ("divides with //", "Your result is rounded down: look", floor_division),
    (
        "uses 784, 20 and 128 instead of the arguments",
        "Sizes differ from one data set",
        numbers_of_the_notebook,
    ),
    (
        "sees a mean only where both reductions of a term are means",
        "A mean counts in your result",
        both_or_nothing,
    ),
    (
        "returns inside the loop, after the first mean",
        "Of several means only the first",
        too_early,
    ),
    (
        "prints instead of returning",
        "You print the result; return it,",
        printed,
    ),
    ("rounds to two decimals: small betas become 0", "Expected", rounded),
    (
        "halves it, as for beta sigma^2 of a squared error",
        "There is a factor",
        beta_sigma2,
    ),
]
