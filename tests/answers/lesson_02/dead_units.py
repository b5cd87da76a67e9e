"""Answers to dead_units, in forms that learners write."""

import torch.nn.functional as F


def dead_loop(h):
    return sum(int((column == 0).all()) for column in h.T)


RIGHT = [
    lambda h: (h == 0).all(0).sum(),
    lambda h: (h.abs().sum(0) == 0).sum(),
    lambda h: h.shape[1] - (h != 0).any(dim=0).sum().item(),
    lambda h: (h.abs().amax(0) == 0).sum(0, keepdim=True),
    dead_loop,
]

WRONG = [
    ("images for which", lambda h: (h == 0).all(dim=1).sum()),
    ("count the zeros", lambda h: (h == 0).sum()),
    ("count the zeros", lambda h: h.numel() - h.count_nonzero()),
    ("mean", lambda h: (h.sum(0) == 0).sum()),
    ("mean", lambda h: (h.mean(dim=0).abs() < 1e-3).sum()),
    ("threshold", lambda h: (h.abs().amax(0) < 0.01).sum()),
    ("negative", lambda h: (h.amax(0) <= 0).sum()),
    ("negative", lambda h: (F.relu(h).sum(0) == 0).sum()),
    ("some image", lambda h: (h == 0).any(0).sum()),
    ("living", lambda h: h.any(0).sum()),
    ("share", lambda h: (h == 0).all(0).float().mean()),
    ("for each unit", lambda h: (h == 0).all(0)),
]
