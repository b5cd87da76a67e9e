"""Answers to kl, written blind."""

import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right ones


def with_xlogy(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum()


def loop(a, b):
    total = a.new_zeros(())
    for i in range(len(a)):
        if a[i] > 0:
            total = total + a[i] * (torch.log(a[i]) - torch.log(b[i]))
    return total


def masked_dot(p, q):
    there = p > 0
    p, q = p[there], q[there]
    return p @ (p.log() - q.log())


def library(p, q):
    # where p is 0 the value of q does not matter
    log_q = torch.where(p > 0, q, torch.ones_like(q)).log()
    return F.kl_div(input=log_q, target=p, reduction="sum")


def cross_entropy_minus_entropy(p, q):
    P, Q = p.double(), q.double()
    safe = Q.masked_fill(P == 0, 1.0)
    cross = -torch.einsum("m,m->", P, safe.log())
    return (cross - torch.special.entr(P).sum()).to(p.dtype)


# ---------------------------------------------------------------- wrong ones


def turned_round(p, q):
    ratio = q / p
    return torch.special.xlogy(q, ratio).sum()


def no_zeros(p, q):
    return (p * (p / q).log()).sum()


def keras_epsilon(p, q):
    # tf.keras.losses.kl_divergence
    p = torch.clamp(p, 1e-7, 1)
    q = torch.clamp(q, 1e-7, 1)
    return torch.sum(p * torch.log(p / q), dim=-1)


def bits(p, q):
    there = p > 0
    return (p[there] * torch.log2(p[there] / q[there])).sum()


def default_reduction(p, q):
    q = torch.where(p > 0, q, 1.0)
    return F.kl_div(q.log(), p)


def input_without_log(p, q):
    return F.kl_div(q, p, reduction="sum")


def cross_entropy(p, q):
    return -torch.special.xlogy(p, q).sum()


def wrong_sign(p, q):
    there = p > 0
    log_ratio = q[there].log() - p[there].log()
    return (p[there] * log_ratio).sum()


def coin_only(p, q):
    a, b = p[0], q[0]
    heads = torch.special.xlogy(a, a) - torch.special.xlogy(a, b)
    tails = torch.special.xlogy(1 - a, 1 - a) - torch.special.xlogy(
        1 - a, 1 - b
    )
    return heads + tails


def as_logits(p, q):
    log_p = F.log_softmax(p, dim=-1)
    log_q = F.log_softmax(q, dim=-1)
    return F.kl_div(log_q, log_p, log_target=True, reduction="sum")


def renormalised(p, q):
    mask = p > 0
    p = p[mask]
    q = q[mask]
    q = q / q.sum()
    return (p * (p / q).log()).sum()


def overwrites_zeros(p, q):
    zero = p == 0
    p[zero] = 1.0  # 1 log(1 / 1) = 0
    q[zero] = 1.0
    return torch.sum(p * torch.log(p / q))


RIGHT = [
    with_xlogy,
    loop,
    masked_dot,
    library,
    cross_entropy_minus_entropy,
]

WRONG = [
    (
        "the wrong way round: KL(q || p)",
        "This is the KL the other",
        turned_round,
    ),
    ("NaN where p is 0", "NaN where p is", no_zeros),
    ("in bits instead of nats", "The unit is the nat: take", bits),
    (
        "F.kl_div's default: the mean over values",
        "You take the mean over the",
        default_reduction,
    ),
    (
        "gives F.kl_div q instead of its logarithm",
        "The logarithm of q is missing:",
        input_without_log,
    ),
    (
        "the cross-entropy: forgets log p",
        "This is the cross-entropy: the entropy",
        cross_entropy,
    ),
    ("wrong sign: log(q / p)", "The sign is turned: the log", wrong_sign),
    (
        "the formula for two values, whatever M",
        "You treat it as a coin,",
        coin_only,
    ),
    (
        "takes the probabilities for logits: softmax first",
        "p and q are probabilities already:",
        as_logits,
    ),
    (
        "normalises q again on the values where p is positive",
        "Right in the ordinary cases, but",
        renormalised,
    ),
    (
        "overwrites zeros in p and q in place",
        "You change the input p in",
        overwrites_zeros,
    ),
]

ACCEPTED = [
    (
        "clips both at 1e-7, as Keras does: wrong where q is smaller",
        keras_epsilon,
    ),
]
