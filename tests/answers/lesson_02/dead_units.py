"""Answers to dead_units, in forms that learners write."""

import torch.nn.functional as F


def first_unit(z):
    count = 0
    for unit in z.T:
        if unit.eq(0).all():
            count += 1
        return count


def dead_loop(z):
    return sum(int((column == 0).all()) for column in z.T)


RIGHT = [
    lambda z: (z == 0).all(0).sum(),
    lambda z: (z.abs().sum(0) == 0).sum(),
    lambda z: z.shape[1] - (z != 0).any(dim=0).sum().item(),
    dead_loop,
]

WRONG = [
    ("images for which", lambda z: (z == 0).all(dim=1).sum()),
    ("count the zeros", lambda z: (z == 0).sum()),
    ("count the zeros", lambda z: z.numel() - z.count_nonzero()),
    ("mean", lambda z: (z.sum(0) == 0).sum()),
    ("mean", lambda z: (z.mean(dim=0).abs() < 1e-3).sum()),
    ("threshold", lambda z: (z.abs().amax(0) < 0.01).sum()),
    ("negative", lambda z: (z.amax(0) <= 0).sum()),
    ("negative", lambda z: (F.relu(z).sum(0) == 0).sum()),
    ("some image", lambda z: (z == 0).any(0).sum()),
    ("living", lambda z: z.any(0).sum()),
    ("share", lambda z: (z == 0).all(0).float().mean()),
    ("sum over dimension 0 is still", lambda z: (z == 0).all(0)),
    ("size 1 too many", lambda z: (z == 0).all(0).sum(0, keepdim=True)),
    ("never change", lambda z: (z.var(0) == 0).sum()),
    ("never change", lambda z: (z.std(dim=0) < 1e-12).sum()),
    ("largest or the smallest", lambda z: (z.max(0).values == 0).sum()),
    ("rounded to 0", lambda z: (z.norm(dim=0) ** 2 == 0).sum()),
    ("one unit only", first_unit),
    ("all images", lambda z: len((z == 0).all(1))),
    ("whether all units", lambda z: (z == 0).all(0).all()),
]
