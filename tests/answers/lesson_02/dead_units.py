"""Answers to dead_units, in forms that learners write."""

import torch.nn.functional as F


def first_unit(h):
    count = 0
    for unit in h.T:
        if unit.eq(0).all():
            count += 1
        return count


def dead_loop(h):
    return sum(int((column == 0).all()) for column in h.T)


RIGHT = [
    lambda h: (h == 0).all(0).sum(),
    lambda h: (h.abs().sum(0) == 0).sum(),
    lambda h: h.shape[1] - (h != 0).any(dim=0).sum().item(),
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
    ("sum over dimension 0 is still", lambda h: (h == 0).all(0)),
    ("size 1 too many", lambda h: (h == 0).all(0).sum(0, keepdim=True)),
    ("never change", lambda h: (h.var(0) == 0).sum()),
    ("never change", lambda h: (h.std(dim=0) < 1e-12).sum()),
    ("largest or the smallest", lambda h: (h.max(0).values == 0).sum()),
    ("rounded to 0", lambda h: (h.norm(dim=0) ** 2 == 0).sum()),
    ("one unit only", first_unit),
    ("all images", lambda h: len((h == 0).all(1))),
    ("whether all units", lambda h: (h == 0).all(0).all()),
]
