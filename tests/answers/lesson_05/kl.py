"""Answers to kl, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence


def kl_loop(p, q):
    total = p.new_zeros(())
    for a, b in zip(p, q, strict=True):
        if a > 0:
            total = total + a * (a.log() - b.log())
    return total


def kl_masked(p, q):
    seen = p > 0
    return (p[seen] * (p[seen] / q[seen]).log()).sum()


RIGHT = [
    lambda p, q: kl_divergence(Categorical(p), Categorical(q)),
    lambda p, q: F.kl_div(q.clamp(min=1e-12).log(), p, reduction="sum"),
    kl_loop,
    kl_masked,
]


def kl_floats(p, q):
    pairs = zip(p.tolist(), q.tolist(), strict=True)
    return sum(a * math.log(a / b) for a, b in pairs if a > 0)


WRONG = [
    ("other way round", lambda p, q: F.kl_div(p.log(), q, reduction="sum")),
    ("sign", lambda p, q: (p * (q / p).log()).sum()),
    ("nat", lambda p, q: (p * torch.log2(p / q)).sum()),
    ("not weighted", lambda p, q: (p.log() - q.log()).sum()),
    ("mean", lambda p, q: (p * (p / q).log()).mean()),
    ("cross-entropy", lambda p, q: -(p * q.log()).sum()),
    ("sum over dimension 0", lambda p, q: p * (p / q).log()),
    ("xlogy", lambda p, q: torch.sum(p * torch.log(p / q))),
    ("both 0", lambda p, q: F.kl_div(q.log(), p, reduction="sum")),
    ("mean", lambda p, q: F.kl_div(q.log(), p)),
    ("logarithm of q", lambda p, q: F.kl_div(q, p, reduction="sum")),
    ("both directions", lambda p, q: (kl_loop(p, q) + kl_loop(q, p)) / 2),
    ("gradient", kl_floats),
    ("gradient", lambda p, q: kl_masked(p, q).detach()),
    ("wants the logarithm", lambda p, q: F.kl_div(p, q, reduction="sum")),
    ("no softmax", lambda p, q: kl_masked(p.softmax(0), q.softmax(0))),
    ("minus the cross", lambda p, q: (p * q.log()).sum()),
    ("two entropies", lambda p, q: (p * p.log() - q * q.log()).sum()),
    ("are divided", lambda p, q: (p * (p.log() / q.log())).sum()),
    ("after the sum", lambda p, q: (p * p / q).sum().log()),
    ("too late", lambda p, q: (p * (p / q).log()).sum().nan_to_num()),
    ("last one", lambda p, q: kl_masked(p[:-1], q[:-1])),
]
