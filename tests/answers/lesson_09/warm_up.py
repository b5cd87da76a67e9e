"""Answers to warm_up, in forms that learners write."""

import torch


def ramp(step, length):
    if step >= length:
        return 1
    return step / length


def ramp_tensor(step, length):
    return torch.tensor(step / length).clamp(0, 1)


RIGHT = [
    lambda step, length: min(1.0, step / length),
    ramp,
    ramp_tensor,
]

WRONG = [
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
]
