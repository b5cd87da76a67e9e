"""The normaliser, for answers about the mean too."""

import torch


def normaliser_usual(logits):
    small = logits.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(logits), logits)
    return torch.where(small, 0.5, torch.tanh(safe / 2) / safe)
