"""Answers to kl, written blind."""

import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right ones


def with_xlogy(q, p):
    return (torch.special.xlogy(q, q) - torch.special.xlogy(q, p)).sum()


def loop(a, b):
    total = a.new_zeros(())
    for i in range(len(a)):
        if a[i] > 0:
            total = total + a[i] * (torch.log(a[i]) - torch.log(b[i]))
    return total


def masked_dot(q, p):
    there = q > 0
    q, p = q[there], p[there]
    return q @ (q.log() - p.log())


def library(q, p):
    # where q is 0 the value of p does not matter
    log_p = torch.where(q > 0, p, torch.ones_like(p)).log()
    return F.kl_div(input=log_p, target=q, reduction="sum")


def cross_entropy_minus_entropy(q, p):
    Q, P = q.double(), p.double()
    safe = P.masked_fill(Q == 0, 1.0)
    cross = -torch.einsum("m,m->", Q, safe.log())
    return (cross - torch.special.entr(Q).sum()).to(q.dtype)


# ---------------------------------------------------------------- wrong ones


def turned_round(q, p):
    ratio = p / q
    return torch.special.xlogy(p, ratio).sum()


def no_zeros(q, p):
    return (q * (q / p).log()).sum()


def keras_epsilon(q, p):
    # tf.keras.losses.kl_divergence
    q = torch.clamp(q, 1e-7, 1)
    p = torch.clamp(p, 1e-7, 1)
    return torch.sum(q * torch.log(q / p), dim=-1)


def bits(q, p):
    there = q > 0
    return (q[there] * torch.log2(q[there] / p[there])).sum()


def default_reduction(q, p):
    p = torch.where(q > 0, p, 1.0)
    return F.kl_div(p.log(), q)


def input_without_log(q, p):
    return F.kl_div(p, q, reduction="sum")


def cross_entropy(q, p):
    return -torch.special.xlogy(q, p).sum()


def wrong_sign(q, p):
    there = q > 0
    log_ratio = p[there].log() - q[there].log()
    return (q[there] * log_ratio).sum()


def coin_only(q, p):
    a, b = q[0], p[0]
    heads = torch.special.xlogy(a, a) - torch.special.xlogy(a, b)
    tails = torch.special.xlogy(1 - a, 1 - a) - torch.special.xlogy(
        1 - a, 1 - b
    )
    return heads + tails


def as_logits(q, p):
    log_q = F.log_softmax(q, dim=-1)
    log_p = F.log_softmax(p, dim=-1)
    return F.kl_div(log_p, log_q, log_target=True, reduction="sum")


def renormalised(q, p):
    mask = q > 0
    q = q[mask]
    p = p[mask]
    p = p / p.sum()
    return (q * (q / p).log()).sum()


def overwrites_zeros(q, p):
    zero = q == 0
    q[zero] = 1.0  # 1 log(1 / 1) = 0
    p[zero] = 1.0
    return torch.sum(q * torch.log(q / p))


RIGHT = [
    with_xlogy,
    loop,
    masked_dot,
    library,
    cross_entropy_minus_entropy,
]

WRONG = [
    (
        "the wrong way round: KL(p || q)",
        "This is the KL the other",
        turned_round,
    ),
    ("NaN where q is 0", "NaN where q is", no_zeros),
    ("in bits instead of nats", "The unit is the nat: take", bits),
    (
        "F.kl_div's default: the mean over values",
        "You take the mean over the",
        default_reduction,
    ),
    (
        "gives F.kl_div p instead of its logarithm",
        "The logarithm of p is missing:",
        input_without_log,
    ),
    (
        "the cross-entropy: forgets log q",
        "This is the cross-entropy: the entropy",
        cross_entropy,
    ),
    ("wrong sign: log(p / q)", "The sign is turned: the log", wrong_sign),
    (
        "the formula for two values, whatever M",
        "You treat it as a coin,",
        coin_only,
    ),
    (
        "takes the probabilities for logits: softmax first",
        "q and p are probabilities already:",
        as_logits,
    ),
    (
        "normalises p again on the values where q is positive",
        "Right in the ordinary cases, but",
        renormalised,
    ),
    (
        "overwrites zeros in q and p in place",
        "You change the input q in",
        overwrites_zeros,
    ),
]

ACCEPTED = [
    (
        "clips both at 1e-7, as Keras does: wrong where p is smaller",
        keras_epsilon,
    ),
]
