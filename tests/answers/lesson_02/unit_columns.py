"""Answers to unit_columns, in forms that learners write."""

import torch
import torch.nn.functional as F


def columns_loop(W):
    columns = [w / w.norm() if w.any() else w for w in W.unbind(1)]
    return torch.stack(columns, 1)


RIGHT = [
    lambda W: F.normalize(W, dim=0),
    lambda W: W / W.norm(dim=0, keepdim=True).clamp_min(1e-8),
    lambda W: W / ((W**2).sum(0) + 1e-20).sqrt(),
    columns_loop,
]

WRONG = [
    ("rows", lambda W: F.normalize(W, dim=1)),
    ("squared length", lambda W: W / (W**2).sum(0, keepdim=True)),
    ("whole matrix", lambda W: W / torch.linalg.norm(W)),
    ("NaN", lambda W: W / W.square().sum(0).sqrt()),
    ("absolute values", lambda W: F.normalize(W, p=1, dim=0)),
    ("largest entry", lambda W: W / W.abs().max(0).values),
    ("in place", lambda W: W.div_(W.norm(dim=0).clamp(min=1e-8))),
    ("gradient", lambda W: F.normalize(W.detach(), dim=0)),
]
