"""In which cases a result is wrong, where it is right in others."""

from typing import Any

from torch import Tensor

from course_lib.checks.trial import FLOAT64, Trial


def say(trials: list[Trial], sampled: bool) -> str:
    """Say it, or "" where no case is right."""
    failed = [trial for trial in trials if trial.failed]
    passed = [trial for trial in trials if not trial.failed]
    labels = list(dict.fromkeys(trial.label for trial in failed))
    if not passed:
        return ""
    if labels == [FLOAT64]:
        return (
            "Right in float32, but not in float64: is a dtype fixed in your "
            "function, as in torch.zeros(...) without dtype, or float()?"
        )
    if "" not in labels:
        return f"Right in the ordinary cases, but not {', nor '.join(labels)}."
    passed = [trial for trial in passed if not trial.label]
    failed = [trial for trial in failed if not trial.label]
    # By chance a statistic is near enough in some cases.
    return _between(passed, failed) if passed and not sampled else ""


def _between(passed: list[Trial], failed: list[Trial]) -> str:
    """What tells the ordinary cases that are right from the wrong ones.

    One value of an input in all that are right, and another in all others;
    with more values, an input may part the cases by chance.
    """
    said = []
    for name in failed[0].inputs:
        right, wrong = (
            {_size(trial.inputs[name]) for trial in trials}
            for trials in (passed, failed)
        )
        if len(right) == len(wrong) == 1 and right != wrong:
            said.append((name, right.pop(), wrong.pop()))
    if not said:
        return "Right for some inputs, wrong for others."
    right, wrong = (
        " and ".join(f"{name} {sizes[i]}" for name, *sizes in said[:2])
        for i in (0, 1)
    )
    return f"Right for {right}, but not for {wrong}."


def _size(value: Any) -> str:
    if isinstance(value, Tensor) and value.ndim:
        return f"of shape {tuple(value.shape)}"
    number = isinstance(value, Tensor | float)
    return f"= {float(value):.4g}" if number else f"= {value}"
