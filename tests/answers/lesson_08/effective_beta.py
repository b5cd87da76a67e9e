"""Answers to effective_beta, in forms that learners write."""

import math

import torch


def beta_usual(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
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


def beta_by_table(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    rec = {"sum": 1, "mean": D}[rec_pixels] * {"sum": 1, "mean": B}[rec_batch]
    kl = {"sum": 1, "mean": K}[kl_latents] * {"sum": 1, "mean": B}[kl_batch]
    return torch.tensor(weight * rec / kl)


def beta_by_tensors(rec_pixels, rec_batch, kl_latents, kl_batch, weight, *n):
    """Reduce tensors of ones in the same way."""
    D, K, B = n
    rec = getattr(torch.ones(B, D), rec_pixels)(1)
    kl = getattr(torch.ones(B, K), kl_latents)(1)
    rec, kl = getattr(rec, rec_batch)(), getattr(kl, kl_batch)()
    return weight * (kl / (B * K)) / (rec / (B * D))


def beta_by_logs(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    total = math.log(weight)
    total += math.log(D) * (rec_pixels == "mean")
    total += math.log(B) * ((rec_batch == "mean") - (kl_batch == "mean"))
    total -= math.log(K) * (kl_latents != "sum")
    return math.exp(total)


RIGHT = [beta_usual, beta_by_table, beta_by_tensors, beta_by_logs]


def factors(rp, rb, kl, kb, D, K, B):
    """r and k."""
    return (
        beta_usual("sum", "sum", rp, rb, 1.0, 1, D, B),
        beta_usual("sum", "sum", kl, kb, 1.0, 1, K, B),
    )


def beta_of(combine):
    """Another combination of the factors."""

    def beta(*inputs):
        *reductions, weight, D, K, B = inputs
        return combine(weight, *factors(*reductions, D, K, B))

    return beta


def with_sizes(change):
    """beta_usual with other sizes."""

    def beta(*inputs):
        *rest, D, K, B = inputs
        return beta_usual(*rest, *change(D, K, B))

    return beta


def beta_kl_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, rb, kl, "sum", *rest)


def beta_rec_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, "sum", kl, kb, *rest)


def beta_truthy(rp, rb, kl, kb, weight, D, K, B):
    r = k = 1.0
    if rp:
        r /= D
    if rb:
        r /= B
    if kl:
        k /= K
    if kb:
        k /= B
    return weight * k / r


def beta_elif(rp, rb, kl, kb, weight, D, K, B):
    r = k = 1.0
    if rp == "mean":
        r = 1 / D
    elif rb == "mean":
        r = 1 / B
    if kl == "mean":
        k = 1 / K
    elif kb == "mean":
        k = 1 / B
    return weight * k / r


def beta_overwritten(rp, rb, kl, kb, weight, D, K, B):
    r = 1.0
    if rp == "mean":
        r = 1 / D
    if rb == "mean":
        r = 1 / B
    return beta_usual("sum", "sum", kl, kb, weight, D, K, B) / r


def beta_returned_early(rp, rb, kl, kb, weight, D, K, B):
    if rp == "mean":
        return weight * D
    if rb == "mean":
        return weight * B
    if kl == "mean":
        return weight / K
    if kb == "mean":
        return weight / B
    return weight


def beta_of_one_data_set(rp, rb, kl, kb, weight, D, K, B):
    return beta_usual(rp, rb, kl, kb, weight, 784, K, B)


def beta_of_mse_loss(rp, rb, kl, kb, weight, D, K, B):
    """As if F.mse_loss's mean were what rec_pixels says."""
    r = 1 / (B * D) if rp == "mean" else 1
    k = 1 / (B * K) if kl == "mean" else 1
    return weight * k / r


def beta_sums_multiply(*inputs):
    *reductions, weight, D, K, B = inputs
    return beta_usual(*reductions, weight, D, K, B) * K / D


WRONG = [
    ("Inverted", beta_of(lambda w, r, k: w * r / k)),
    ("1 divided by beta", beta_of(lambda w, r, k: r / (w * k))),
    ("of the reconstruction count the", beta_of(lambda w, r, k: w * k * r)),
    ("of the KL count the", beta_of(lambda w, r, k: w / (k * r))),
    ("reconstruction's reductions", beta_of(lambda w, r, k: w * k)),
    ("KL's reductions", beta_of(lambda w, r, k: w / r)),
    ("as if all four were sums", beta_of(lambda w, r, k: w)),
    ("weight is forgotten", beta_of(lambda w, r, k: k / r)),
    ("weight is on the wrong", beta_of(lambda w, r, k: k / (w * r))),
    ("1/2 too many", beta_of(lambda w, r, k: w * k / r / 2)),
    ("factor 2 too many", beta_of(lambda w, r, k: 2 * w * k / r)),
    ("tuple of length 2", beta_of(lambda w, r, k: (w * k, r))),
    ("D is forgotten", with_sizes(lambda D, K, B: (1, K, B))),
    ("K is forgotten", with_sizes(lambda D, K, B: (D, 1, B))),
    ("B is forgotten", with_sizes(lambda D, K, B: (D, K, 1))),
    ("Only the means over the batch", with_sizes(lambda D, K, B: (1, 1, B))),
    ("rec_batch", beta_rec_batch_ignored),
    ("kl_batch", beta_kl_batch_ignored),
    ("D is on the wrong side", with_sizes(lambda D, K, B: (1 / D, K, B))),
    ("K is on the wrong side", with_sizes(lambda D, K, B: (D, 1 / K, B))),
    (
        "rec_batch counts the wrong way(.|\n)*kl_batch counts",
        with_sizes(lambda D, K, B: (D, K, 1 / B)),
    ),
    ("D and K are exchanged", with_sizes(lambda D, K, B: (K, D, B))),
    ("divides by D alone", with_sizes(lambda D, K, B: (B, K, B))),
    ("divides by K alone", with_sizes(lambda D, K, B: (D, D, B))),
    ("as they are given", beta_of_one_data_set),
    ("counts as True", beta_truthy),
    ("of a term are means", beta_elif),
    ("decides about pixels and batch", beta_of_mse_loss),
    ("pixels and batch are both", beta_overwritten),
    ("elif or an early return", beta_returned_early),
    ("for each sum", beta_sums_multiply),
    (
        "swapped",
        lambda *inputs: beta_usual(
            *({"sum": "mean", "mean": "sum"}[i] for i in inputs[:4]),
            *inputs[4:],
        ),
    ),
]
