"""Answers to lesson 09's exercises, in forms that learners write."""

import math

import torch
import torch.nn.functional as F


def active_loop(mu):
    count = 0
    for column in mu.T:
        mean = sum(column.tolist()) / len(column)
        variance = sum((m - mean) ** 2 for m in column.tolist()) / len(mu)
        count += variance > 0.01
    return count


def active_by_cov(mu):
    return int((torch.cov(mu.T).diagonal() > 1e-2).sum().item())


def ramp(step, length):
    if step >= length:
        return 1
    return step / length


def ramp_tensor(step, length):
    return torch.tensor(step / length).clamp(0, 1)


def free_loop(kl, lam):
    total = 0.0
    for k in range(kl.shape[1]):
        rate = kl[:, k].mean()
        total = total + (rate if rate > lam else lam + 0 * rate)
    return total


def free_maximum(kl, lam):
    rate = kl.sum(0) / kl.size(0)
    return torch.maximum(rate, torch.full_like(rate, lam)).sum()


def by_largest(logw):
    top = logw.max(dim=0).values
    return top + torch.exp(logw - top).mean(0).log()


def streaming(logw):
    total = logw[0]
    for row in logw[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(logw.shape[0])


def in_parts(logw):
    parts = [part.logsumexp(0) for part in logw.split(4)]
    k = torch.tensor(len(logw), dtype=logw.dtype)
    return torch.stack(parts).logsumexp(0) - k.log()


RIGHT = {
    "active_units": [
        lambda mu: (mu.var(0) > 0.01).sum(),
        lambda mu: torch.sum(mu.var(dim=0, unbiased=False) > 0.01),
        lambda mu: (mu.std(0) > 0.1).sum(0, keepdim=True),
        active_loop,
        active_by_cov,
    ],
    "warm_up": [
        lambda step, length: min(1.0, step / length),
        ramp,
        ramp_tensor,
    ],
    "free_bits": [
        lambda kl, lam: kl.mean(0).clamp(min=lam).sum(),
        lambda kl, lam: (F.relu(kl.mean(0) - lam) + lam).sum(),
        free_loop,
        free_maximum,
    ],
    "log_likelihood": [
        lambda logw: logw.logsumexp(0) - math.log(logw.shape[0]),
        by_largest,
        streaming,
        in_parts,
    ],
}

WRONG = {
    "active_units": [
        ("over the latents", lambda mu: (mu.var(dim=-1) > 0.01).sum()),
        ("standard deviation", lambda mu: (mu.std(0) > 0.01).sum()),
        (
            "sampled codes",
            lambda mu: (
                (
                    mu
                    + torch.randn(
                        mu.shape, generator=torch.Generator().manual_seed(0)
                    )
                ).var(0)
                > 0.01
            ).sum(),
        ),
        ("constant mean", lambda mu: ((mu**2).mean(0) > 0.01).sum()),
        ("constant mean", lambda mu: (mu.mean(0) ** 2 > 0.01).sum()),
        ("collapsed", lambda mu: (mu.var(0) < 0.01).sum()),
        ("share", lambda mu: (mu.var(0) > 0.01).float().mean()),
        ("for each latent", lambda mu: mu.var(0) > 0.01),
        ("for each latent", lambda mu: mu.var(0)),
    ],
    "warm_up": [
        ("integer division", lambda step, length: min(1, step // length)),
        ("starts at 1", lambda step, length: max(0, 1 - step / length)),
        ("no ramp", lambda step, length: 1),
        ("turned over", lambda step, length: length / (step or 1)),
        ("a step ahead", lambda step, length: min((step + 1) / length, 1)),
        ("exceeds 1", lambda step, length: step / length),
        ("falls back", lambda step, length: step % length / length),
        ("ZeroDivisionError", lambda step, length: min(1, length / step)),
        (
            "beta at step 100: .*\\n.*expected 0.25, yours",
            lambda step, length: (step / length) ** 2,
        ),
    ],
    "free_bits": [
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
    ],
    "log_likelihood": [
        ("mean of the logs", lambda logw: logw.mean(dim=0)),
        ("log k is missing", lambda logw: torch.logsumexp(logw, 0)),
        (
            "wrong sign",
            lambda logw: logw.logsumexp(0) + math.log(logw.size(0)),
        ),
        (
            "another number",
            lambda logw: logw.logsumexp(0) - math.log(logw.size(1)),
        ),
        (
            "another number",
            lambda logw: logw.logsumexp(0) - math.log2(logw.size(0)),
        ),
        ("divide by k", lambda logw: logw.logsumexp(0) / logw.size(0)),
        ("best of k", lambda logw: logw.max(0).values),
        (
            "sign is turned",
            lambda logw: math.log(len(logw)) - logw.logsumexp(0),
        ),
        ("mean weight", lambda logw: logw.exp().mean(0)),
        (
            "Wrong axis",
            lambda logw: logw.logsumexp(1) - math.log(logw.size(1)),
        ),
        (
            "reduce the batch",
            lambda logw: (logw.logsumexp(0) - math.log(len(logw))).mean(),
        ),
        ("under- or overflow", lambda logw: logw.exp().mean(0).log()),
        (
            "under- or overflow",
            lambda logw: (logw.exp().mean(0) + 1e-10).log(),
        ),
        ("gradient", lambda logw: by_largest(logw).detach()),
    ],
}
