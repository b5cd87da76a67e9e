"""Answers to free_bits, in forms that learners write."""

import torch
import torch.nn.functional as F


def free_loop(kl, lam):
    total = 0.0
    for k in range(kl.shape[1]):
        rate = kl[:, k].mean()
        total = total + (rate if rate > lam else lam + 0 * rate)
    return total


def free_python_max(kl, lam):
    total = 0
    for column in kl.T:
        total += max(sum(column) / len(column), lam)
    return total


def free_maximum(kl, lam):
    rate = kl.sum(0) / kl.size(0)
    return torch.maximum(rate, torch.full_like(rate, lam)).sum()


def free_usual(kl, lam):
    return kl.mean(0).clamp(min=lam).sum()


RIGHT = [
    free_usual,
    lambda kl, lam: (F.relu(kl.mean(0) - lam) + lam).sum(),
    lambda kl, lam: torch.where(kl.mean(0) > lam, kl.mean(0), lam).sum(),
    lambda kl, lam: F.threshold(kl.mean(0), lam, lam).sum(),
    free_loop,
    free_python_max,
    free_maximum,
]


def free_first_only(kl, lam):
    total = 0
    for k in range(kl.shape[1]):
        total = total + kl[:, k].mean().clamp(min=lam)
        return total


def free_last_only(kl, lam):
    for k in range(kl.shape[1]):
        total = kl[:, k].mean().clamp(min=lam)
    return total


def masked(keep):
    return lambda kl, lam: kl.mean(0)[keep(kl.mean(0), lam)].sum()


WRONG = [
    ("no effect", lambda kl, lam: kl.sum(1).mean()),
    ("no effect", lambda kl, lam: kl.sum(1).mean().clamp(min=lam)),
    (
        "after the sum",
        lambda kl, lam: kl.mean(0).sum().clamp(min=lam * kl.size(1)),
    ),
    ("after the sum", lambda kl, lam: kl.sum(1).clamp(min=lam).mean()),
    ("every image", lambda kl, lam: kl.clamp(min=lam).sum(-1).mean()),
    ("every image", lambda kl, lam: F.threshold(kl, lam, lam).sum()),
    ("minimum", lambda kl, lam: kl.mean(0).clamp(max=lam).sum()),
    ("gradient is the same", lambda kl, lam: F.relu(kl.mean(0) - lam).sum()),
    ("You subtract .* larger", lambda kl, lam: (kl.mean(0) - lam).sum()),
    ("You add", lambda kl, lam: (kl.mean(0) + lam).sum()),
    ("latents below", masked(lambda rate, lam: rate > lam)),
    (
        "latents above",
        lambda kl, lam: torch.where(kl.mean(0) < lam, lam, 0.0).sum(),
    ),
    ("divide it by", lambda kl, lam: free_usual(kl, lam / kl.size(1))),
    ("a multiple", lambda kl, lam: free_usual(kl, lam * kl.size(1))),
    ("of all latents", lambda kl, lam: lam * kl.size(1)),
    ("average over", lambda kl, lam: kl.mean(0).clamp(min=lam).mean()),
    ("One mean over", lambda kl, lam: kl.mean().clamp(min=lam)),
    ("summed over the b", lambda kl, lam: kl.sum(0).clamp(min=lam).sum()),
    (
        "the mean comes first",
        lambda kl, lam: kl.sum(0).clamp(min=lam).sum() / len(kl),
    ),
    (
        "times kl.shape",
        lambda kl, lam: kl.sum(0).clamp(min=lam * len(kl)).sum(),
    ),
    ("goes over the latents", lambda kl, lam: kl.mean(1).clamp(lam).sum()),
    ("not its largest", lambda kl, lam: kl.amax(0).clamp(min=lam).sum()),
    ("inside the loop", free_first_only),
    ("does the loop add up", free_last_only),
    ("largest rate alone", lambda kl, lam: kl.mean(0).max().clamp(min=lam)),
    ("never uses .* lam", lambda kl, lam: kl.mean(0).clamp(min=0.2).sum()),
    (
        "sum over dimension 0 is still",
        lambda kl, lam: kl.mean(0).clamp(min=lam),
    ),
    (r"shape \(5,\)", lambda kl, lam: kl.clamp(min=lam).sum(1)),
    (
        "not for one image alone",
        lambda kl, lam: kl.squeeze().mean(0).clamp(min=lam).sum(),
    ),
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
