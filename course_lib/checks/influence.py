"""Which inputs a learner's result depends on, and which it should."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.compare import agree
from course_lib.checks.trial import Trial


def say(exercise, f: Callable, trials: list[Trial]) -> list[str]:
    """Say which inputs have no influence, or one where they must not."""
    trials = [t for t in trials if not isinstance(t.given, Exception)][:3]
    if exercise.sampled or not trials:
        return []
    names = list(trials[0].inputs)
    unread = [
        name
        for name in names
        if all(_ignores(exercise, f, trial, name) for trial in trials)
    ]
    if unread:
        said = " or ".join(unread)
        return [f"Your result is the same for another value of {said}."]
    mixed = (_mixes(exercise, f, trials[0], name) for name in names)
    return [said for said in mixed if said][:1]


def draws(exercise, f: Callable, trial: Trial) -> bool:
    """Whether f gives something else under other random numbers."""
    again = exercise.observe(f, trial.inputs, seed=20_029)
    return not agree(again, trial.given, exercise.tolerance)


def _ignores(exercise, f, trial: Trial, name: str) -> bool:
    """Whether another value of an input changes the answer, but not f."""
    value = another(trial.inputs[name])
    if value is None:
        return False
    inputs = trial.inputs | {name: value}
    expected = exercise.observe(exercise.answer, inputs)
    if isinstance(expected, Exception):
        return False
    if agree(expected, trial.expected, exercise.tolerance):
        return False
    return agree(exercise.observe(f, inputs), trial.given, 0)


def _mixes(exercise, f, trial: Trial, name: str) -> str:
    """Say that a row of an input changes other rows of the result."""
    value, right, mine = trial.inputs[name], trial.expected, trial.given
    tensors = all(isinstance(t, Tensor) and t.ndim for t in (value, right))
    if (
        not tensors
        or not isinstance(mine, Tensor)
        or mine.shape != right.shape
    ):
        return ""
    if (
        len(value) != len(right)
        or len(right) < 2
        or another(value[:1]) is None
    ):
        return ""
    changed = torch.cat([another(value[:1]), value[1:]])
    inputs = trial.inputs | {name: changed}
    after, mine_after = (
        exercise.observe(g, inputs) for g in (exercise.answer, f)
    )
    for outcome in (after, mine_after):
        if not isinstance(outcome, Tensor) or outcome.shape != right.shape:
            return ""
    alone = agree(after[1:], right[1:], 0)
    if not alone or agree(mine_after[1:], mine[1:], 0):
        return ""
    return (
        f"Your result's other rows change when only row 0 of {name} does: "
        "each row has to stand for itself. Is a sum, mean, norm or maximum "
        "taken over the wrong dimension, or over all of them?"
    )


def another(value: Any) -> Any:
    """Another value of an input, of its kind; None where none is known."""
    if isinstance(value, Tensor) and value.is_floating_point():
        # Each entry by another factor: a scale alone may not matter.
        seed = torch.Generator().manual_seed(0)
        factors = 0.6 + 0.8 * torch.rand(value.shape, generator=seed)
        return factors.to(value) * value if value.any() else None
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return 0.9 * value
    if type(value) is int:
        return value + 1
    return 0.9 * value if type(value) is float else None
