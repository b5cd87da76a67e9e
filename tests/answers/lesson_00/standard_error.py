"""Answers to standard_error, in forms that learners write."""

import math
import statistics

import torch
from scipy import stats


def error_loop(samples):
    n = len(samples)
    mean = sum(samples.tolist()) / n
    squares = sum((s - mean) ** 2 for s in samples.tolist())
    return math.sqrt(squares / (n - 1) / n)


RIGHT = [
    lambda samples: samples.std() / math.sqrt(len(samples)),
    lambda samples: samples.std(unbiased=False) / len(samples) ** 0.5,
    lambda samples: (samples.var() / samples.numel()).sqrt(),
    lambda samples: stats.sem(samples.numpy()),
    lambda samples: samples.std().item() / math.sqrt(samples.shape[0]),
    lambda samples: samples.std(correction=0) / math.sqrt(len(samples) - 1),
    lambda samples: (
        ((samples**2).mean() - samples.mean() ** 2) / len(samples)
    ).sqrt(),
    lambda samples: torch.linalg.norm(samples - samples.mean()) / len(samples),
    lambda samples: (
        statistics.stdev(samples.tolist()) / math.sqrt(len(samples))
    ),
    error_loop,
]

n, samples = 100, torch.randn(2000, 100)  # as in the notebook


def of_the_notebook(values):
    return samples[0].std() / n**0.5


def without_the_last(values):
    n, mean, total = len(values), values.mean(), 0
    for i in range(n - 1):
        total = total + (values[i] - mean) ** 2
    return torch.sqrt(total / n / n)


WRONG = [
    ("standard deviation, the spread", lambda s: s.std()),
    ("standard deviation, the spread", lambda s: s.numpy().std().item()),
    ("divide by n;", lambda s: s.std() / len(s)),
    ("divide by n;", lambda s: s.std(unbiased=False).item() / len(s)),
    ("divide by n;", lambda s: s.std() / (len(s) - 1)),
    ("grows with the root", lambda s: s.std() * len(s) ** 0.5),
    ("grows with the root", lambda s: ((s - s.mean()) ** 2).sum().sqrt()),
    ("a variance, in", lambda s: s.var()),
    ("a variance, in", lambda s: s.var(correction=0) / len(s)),
    ("a variance, in", lambda s: ((s - s.mean()) ** 2).mean()),
    ("variance for the", lambda s: s.var() / math.sqrt(len(s))),
    ("root of the standard", lambda s: (s.std() / len(s)).sqrt()),
    ("root of the standard", lambda s: s.std().sqrt() / len(s) ** 0.5),
    ("subtract the mean", lambda s: ((s**2).mean() / len(s)).sqrt()),
    ("1 from n twice", lambda s: s.std() / math.sqrt(len(s) - 1)),
    ("Precedence", lambda s: s.std() / (len(s) ** 1 / 2)),
    ("Precedence", lambda s: s.std() / len(s) ** 1 / 2),
    (
        "absolute distances",
        lambda s: (s - s.mean()).abs().mean() / len(s) ** 0.5,
    ),
    ("divide the mean", lambda s: s.mean() / len(s) ** 0.5),
    ("the mean itself", lambda s: s.mean()),
    ("relative error", lambda s: s.std() / len(s) ** 0.5 / s.mean()),
    (
        "of the standard deviation, not",
        lambda s: s.std() / (2 * len(s)) ** 0.5,
    ),
    ("95 %", lambda s: 1.96 * s.std() / len(s) ** 0.5),
    ("twice", lambda s: 2 * s.std() / len(s) ** 0.5),
    ("sign is turned", lambda s: -s.std() / len(s) ** 0.5),
    ("rounded", lambda s: s.std() // len(s) ** 0.5),
    ("1 divided by", lambda s: len(s) ** 0.5 / s.std()),
    ("number 100", lambda s: s.std() / math.sqrt(100)),
    ("reads n from the notebook", lambda s: s.std() / math.sqrt(n)),
    (
        "samples from the notebook",
        lambda s: samples[0].std() / math.sqrt(len(s)),
    ),
    ("never uses its argument values", of_the_notebook),
    (
        "leave the first or the last",
        lambda s: s[1:].std(correction=0) / len(s) ** 0.5,
    ),
    (
        "leave the first or the last",
        lambda s: s[:-1].std(correction=0) / len(s) ** 0.5,
    ),
    ("sum of squares", lambda s: ((s - s.mean()) ** 2).sum()),
    ("size 1 too many", lambda s: s.std(0, keepdim=True) / len(s) ** 0.5),
    (r"shape \(60,\); asked is shape \(\)", lambda s: s / len(s) ** 0.5),
    ("Tensor, not int", lambda s: s.std() / torch.sqrt(len(s))),
    (
        "for two samples.*\n.*NaN",
        lambda s: s.std() / (s[2:].mean() / s[2:].mean() * len(s) ** 0.5),
    ),
    ("yours is", lambda s: (s.max() - s.min()) / len(s) ** 0.5),
]
