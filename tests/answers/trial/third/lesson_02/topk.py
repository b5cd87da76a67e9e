"""Answers to topk, written blind."""

import torch
from torch.nn import functional


def f1(codes, k):
    places = codes.abs().topk(k, dim=1).indices
    kept = functional.one_hot(places, codes.shape[1]).sum(1).bool()
    return torch.where(kept, codes, torch.zeros_like(codes))


def w1(z, k):
    values, places = torch.relu(z).topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, places, values)


def w2(z, k):
    values, places = z.abs().topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, places, values)


def w3(z, k):
    size = z.abs()
    limit = size.topk(k, dim=1).values[:, -1:]
    return torch.where(size >= limit, z, 0)


def w4(z, k):
    kept = torch.zeros_like(z)
    for i in range(len(z)):
        places = z[i].abs().topk(k).indices
        kept[i, places] = z[i, places]
        return kept


RIGHT = [
    f1,
]

WRONG = [
    (
        "copies the lesson's ReLU: largest positive entries only",
        "You choose by value, so that",
        w1,
    ),
    (
        "returns the absolute values, without their signs",
        "The signs are lost: choose by",
        w2,
    ),
    (
        "compares with the k-th value: keeps too many at ties",
        "More than k entries stay where",
        w3,
    ),
    ("returns inside the loop, after the first row", "Only row", w4),
]
