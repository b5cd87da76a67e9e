"""Answers to effective_beta, in forms that learners write."""

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


RIGHT = [beta_usual, beta_by_table, beta_by_tensors]


def beta_of(*inputs, D=1, K=1, B=1):
    """beta_usual with sizes raised to powers."""
    *reductions, weight, d, k, b = inputs
    return beta_usual(*reductions, weight, d**D, k**K, b**B)


def beta_inverted(*inputs):
    *reductions, weight, D, K, B = inputs
    return weight / beta_usual(*reductions, 1.0, D, K, B)


def beta_kl_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, rb, kl, "sum", *rest)


def beta_rec_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, "sum", kl, kb, *rest)


WRONG = [
    ("Inverted", beta_inverted),
    ("Inverted", lambda *inputs: 1 / beta_usual(*inputs)),
    ("weight is forgotten", lambda *i: beta_usual(*i[:4], 1.0, *i[5:])),
    ("1/2", lambda *inputs: beta_usual(*inputs) / 2),
    ("1/2", lambda *inputs: 2 * beta_usual(*inputs)),
    ("D is forgotten", lambda *inputs: beta_of(*inputs, D=0)),
    ("K is forgotten", lambda *inputs: beta_of(*inputs, K=0)),
    ("B is forgotten", lambda *inputs: beta_of(*inputs, B=0)),
    ("B is forgotten", beta_kl_batch_ignored),
    ("B is forgotten", beta_rec_batch_ignored),
    ("Inverted: a mean", lambda *inputs: beta_of(*inputs, D=-1)),
    ("Inverted: a mean", lambda *inputs: beta_of(*inputs, K=-1)),
]
