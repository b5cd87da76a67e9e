"""Answers to coin_elbo, written blind."""

import math

import torch


def f1(q_bent, heads):
    c = math.comb(10, heads)
    a = 0.7 * c * 0.5**10
    b = 0.3 * c * 0.9**heads * 0.1 ** (10 - heads)
    e = (1 - q_bent) * torch.log(a / (1 - q_bent))
    e = e + q_bent * torch.log(b / q_bent)
    return e, math.log(a + b) - e


def w1(q_bent, heads):
    e, gap = f1(q_bent, heads)
    return gap, e


def w2(q_bent, heads):
    return f1(q_bent, 10 - heads)


def w3(q_bent, heads):
    c = math.comb(10, heads)
    a = 0.5 * c * 0.5**10
    b = 0.5 * c * 0.9**heads * 0.1 ** (10 - heads)
    e = (1 - q_bent) * torch.log(a / (1 - q_bent))
    e = e + q_bent * torch.log(b / q_bent)
    return e, math.log(a + b) - e


def w4(q_bent, heads):
    e, gap = f1(q_bent, heads)
    return e - gap, gap


RIGHT = [f1]

WRONG = [
    ("returns them in the other order", "swapped|order", w1),
    ("takes heads for tails", "tails", w2),
    ("both coins are equally likely to be drawn", "0.7|drawn|prior", w3),
    ("subtracts the gap from the ELBO", "gap", w4),
]
