"""Answers to free_bits, in forms that learners write."""

import torch
import torch.nn.functional as F


def free_loop(kl, lam):
    total = 0.0
    for k in range(kl.shape[1]):
        rate = kl[:, k].mean()
        total = total + (rate if rate > lam else lam + 0 * rate)
    return total


def free_maximum(kl, lam):
    rate = kl.sum(0) / kl.size(0)
    return torch.maximum(rate, torch.full_like(rate, lam)).sum()


RIGHT = [
    lambda kl, lam: kl.mean(0).clamp(min=lam).sum(),
    lambda kl, lam: (F.relu(kl.mean(0) - lam) + lam).sum(),
    free_loop,
    free_maximum,
]

WRONG = [
    ("after the sum", lambda kl, lam: kl.sum(1).mean().clamp(min=lam)),
    (
        "after the sum",
        lambda kl, lam: kl.mean(0).sum().clamp(min=lam * kl.size(1)),
    ),
    ("every image", lambda kl, lam: kl.clamp(min=lam).sum(-1).mean()),
    ("every image", lambda kl, lam: F.threshold(kl, lam, lam).sum()),
    ("minimum", lambda kl, lam: kl.mean(0).clamp(max=lam).sum()),
    ("subtract", lambda kl, lam: F.relu(kl.mean(0) - lam).sum()),
    ("or is missing", lambda kl, lam: kl.sum(1).mean()),
    ("average over", lambda kl, lam: kl.mean(0).clamp(min=lam).mean()),
    ("summed over the b", lambda kl, lam: kl.sum(0).clamp(min=lam).sum()),
    ("goes over the latents", lambda kl, lam: kl.mean(1).clamp(lam).sum()),
    ("each latent: sum", lambda kl, lam: kl.mean(0).clamp(min=lam)),
    ("each image", lambda kl, lam: kl.clamp(min=lam).sum(1)),
    (
        "gradient",
        lambda kl, lam: kl.detach().mean(0).clamp(min=lam).sum(),
    ),
    (
        "gradient",
        # the value of the maximum, with the gradient of the rate
        lambda kl, lam: (
            kl.mean(0).sum()
            + (kl.mean(0).clamp(min=lam) - kl.mean(0)).sum().detach()
        ),
    ),
]
