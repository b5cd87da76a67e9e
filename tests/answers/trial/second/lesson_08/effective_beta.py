"""Answers to effective_beta, written blind."""

import torch


def by_table(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    def factor(how, n):
        return {"sum": 1.0, "mean": 1 / n}[how]

    k = factor(kl_latents, K) * factor(kl_batch, B)
    r = factor(rec_pixels, D) * factor(rec_batch, B)
    return weight * k / r


def by_trying(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    # reduce ones and see which part of their sum is left
    def part(how, n):
        ones = torch.ones(n, dtype=torch.float64)
        return getattr(torch, how)(ones).item() / n

    beta = weight
    beta = beta * part(kl_latents, K) * part(kl_batch, B)
    return beta / (part(rec_pixels, D) * part(rec_batch, B))


def upside_down(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = k = 1.0
    if rec_pixels == "mean":
        r /= D
    if rec_batch == "mean":
        r /= B
    if kl_latents == "mean":
        k /= K
    if kl_batch == "mean":
        k /= B
    return weight * r / k


def without_batch(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    # the batch is the same for both terms, so it cancels
    r = 1 / D if rec_pixels == "mean" else 1
    k = 1 / K if kl_latents == "mean" else 1
    return weight * k / r


def elif_chain(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    beta = weight
    if rec_pixels == "mean":
        beta = beta * D
    elif rec_batch == "mean":
        beta = beta * B
    if kl_latents == "mean":
        beta = beta / K
    elif kl_batch == "mean":
        beta = beta / B
    return beta


def floor_division(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    beta = weight
    if rec_pixels == "mean":
        beta *= D
    if rec_batch == "mean":
        beta *= B
    if kl_latents == "mean":
        beta //= K
    if kl_batch == "mean":
        beta /= B
    return beta


def batch_one_way(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    beta = weight
    if rec_pixels == "mean":
        beta = beta * D
    if kl_latents == "mean":
        beta = beta / K
    if rec_batch != kl_batch:
        beta = beta * B
    return beta


def fixed_sizes(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = {"sum": 1, "mean": 1 / 784}[rec_pixels] * {"sum": 1, "mean": 1 / B}[
        rec_batch
    ]
    k = {"sum": 1, "mean": 1 / 20}[kl_latents] * {"sum": 1, "mean": 1 / B}[
        kl_batch
    ]
    return weight * k / r


RIGHT = [
    by_table,
    by_trying,
]

WRONG = [
    (
        "divides the reconstruction's factor by the KL's",
        "Inverted: a mean makes its term",
        upside_down,
    ),
    (
        "leaves out the batch, as if it always cancelled",
        "B is forgotten: a mean over",
        without_batch,
    ),
    (
        "elif: of two means in one term only the first counts",
        "Where two reductions of a term",
        elif_chain,
    ),
    ("integer division by K", "Expected", floor_division),
    (
        "multiplies by B if the batch reductions differ, whichever is the mean",
        "Expected",
        batch_one_way,
    ),
    (
        "writes 784 pixels and 20 latents into the code",
        "Sizes differ from one data set",
        fixed_sizes,
    ),
]
