"""Answers to effective_beta, written blind."""

import torch


def reduce_ones(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    # what each reduction makes of ones, against the plain sum

    def factor(n, inner, outer):
        ones = torch.ones(B, n, dtype=torch.float64)
        reduced = getattr(getattr(ones, inner)(1), outer)(0)
        return (reduced / ones.sum()).item()

    r = factor(D, rec_pixels, rec_batch)
    k = factor(K, kl_latents, kl_batch)
    return weight * k / r


def no_batch(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = 1 / D if rec_pixels == "mean" else 1
    k = 1 / K if kl_latents == "mean" else 1
    return weight * k / r  # the batch cancels


def multiplies_r(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = k = 1.0
    if rec_pixels == "mean":
        r = r / D
    if rec_batch == "mean":
        r = r / B
    if kl_latents == "mean":
        k = k / K
    if kl_batch == "mean":
        k = k / B
    return weight * k * r


def elif_chain(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r, k = 1, 1
    if rec_pixels == "mean":
        r = r / D
    elif rec_batch == "mean":
        r = r / B
    if kl_latents == "mean":
        k = k / K
    elif kl_batch == "mean":
        k = k / B
    return weight * k / r


def integer_division(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    top, bottom = 1, 1
    if rec_pixels == "mean":
        top *= D
    if rec_batch == "mean":
        top *= B
    if kl_latents == "mean":
        bottom *= K
    if kl_batch == "mean":
        bottom *= B
    return weight * (top // bottom)


RIGHT = [
    reduce_ones,
]

WRONG = [
    (
        "ignores the reductions over the batch",
        "B is forgotten: a mean over",
        no_batch,
    ),
    (
        "multiplies by r where it should divide",
        "Both reductions of the reconstruction count",
        multiplies_r,
    ),
    (
        "if / elif: a mean over the batch counts only if the first is a sum",
        "Where two reductions of a term",
        elif_chain,
    ),
    ("divides the sizes as integers", "Expected", integer_division),
]
