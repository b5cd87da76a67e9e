"""Small logits and others, for answers about both functions of them."""

import torch


def guarded(near, far, limit):
    """near(a) up to the limit, far(a) beyond, with a harmless 1 between."""

    def f(logits):
        small = logits.abs() <= limit
        safe = torch.where(small, torch.ones_like(logits), logits)
        return torch.where(small, near(logits), far(safe))

    return f


def half(logits):
    return torch.full_like(logits, 0.5)


normaliser_usual = guarded(half, lambda a: torch.tanh(a / 2) / a, 1e-3)
