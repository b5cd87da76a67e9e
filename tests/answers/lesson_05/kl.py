"""Answers to kl, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence


def kl_loop(q, p):
    total = q.new_zeros(())
    for a, b in zip(q, p, strict=True):
        if a > 0:
            total = total + a * (a.log() - b.log())
    return total


def kl_masked(q, p):
    seen = q > 0
    return (q[seen] * (q[seen] / p[seen]).log()).sum()


RIGHT = [
    lambda q, p: kl_divergence(Categorical(q), Categorical(p)),
    lambda q, p: F.kl_div(p.clamp(min=1e-12).log(), q, reduction="sum"),
    kl_loop,
    kl_masked,
]


def kl_floats(q, p):
    pairs = zip(q.tolist(), p.tolist(), strict=True)
    return sum(a * math.log(a / b) for a, b in pairs if a > 0)


WRONG = [
    ("other way round", lambda q, p: F.kl_div(q.log(), p, reduction="sum")),
    ("sign", lambda q, p: (q * (p / q).log()).sum()),
    ("nat", lambda q, p: (q * torch.log2(q / p)).sum()),
    ("not weighted", lambda q, p: (q.log() - p.log()).sum()),
    ("mean", lambda q, p: (q * (q / p).log()).mean()),
    ("cross-entropy", lambda q, p: -(q * p.log()).sum()),
    ("sum over dimension 0", lambda q, p: q * (q / p).log()),
    ("xlogy", lambda q, p: torch.sum(q * torch.log(q / p))),
    ("both 0", lambda q, p: F.kl_div(p.log(), q, reduction="sum")),
    ("mean", lambda q, p: F.kl_div(p.log(), q)),
    ("logarithm of p", lambda q, p: F.kl_div(p, q, reduction="sum")),
    ("both directions", lambda q, p: (kl_loop(q, p) + kl_loop(p, q)) / 2),
    ("gradient", kl_floats),
    ("gradient", lambda q, p: kl_masked(q, p).detach()),
    ("wants the logarithm", lambda q, p: F.kl_div(q, p, reduction="sum")),
    ("no softmax", lambda q, p: kl_masked(q.softmax(0), p.softmax(0))),
    ("minus the cross", lambda q, p: (q * p.log()).sum()),
    ("two entropies", lambda q, p: (q * q.log() - p * p.log()).sum()),
    ("are divided", lambda q, p: (q * (q.log() / p.log())).sum()),
    ("after the sum", lambda q, p: (q * q / p).sum().log()),
    ("too late", lambda q, p: (q * (q / p).log()).sum().nan_to_num()),
    ("last one", lambda q, p: kl_masked(q[:-1], p[:-1])),
]
