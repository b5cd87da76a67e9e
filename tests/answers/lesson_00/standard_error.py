"""Answers to standard_error, in forms that learners write."""

import math

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
    lambda samples: samples.std(0, keepdim=True) / len(samples) ** 0.5,
    error_loop,
]

WRONG = [
    ("standard deviation", lambda s: s.std()),
    ("standard deviation", lambda s: s.numpy().std().item()),
    ("divide by n;", lambda s: s.std() / len(s)),
    ("divide by n;", lambda s: s.std(unbiased=False).item() / len(s)),
    ("variance", lambda s: s.var()),
    ("variance", lambda s: s.var(correction=0) / len(s)),
    ("variance", lambda s: ((s - s.mean()) ** 2).mean()),
    ("variance", lambda s: s.var() / math.sqrt(len(s))),
    ("subtract the mean", lambda s: ((s**2).mean() / len(s)).sqrt()),
]
