"""The gradient of a learner's result, where the values are right."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.checks.compare import agree, parts
from course_lib.checks.mistake import Mistake
from course_lib.checks.trial import Trial

HOW = (
    "build the result from the inputs with torch's functions (no detach, "
    "item, numpy, no_grad, torch.tensor(...), and no float() or int())."
)


def check(exercise, f: Callable, trials: list[Trial]) -> None:
    """Raise a ``Mistake`` where f's gradient is not the answer's.

    At an edge, where right answers may differ in it, the gradient has only
    to be finite.
    """
    names = exercise.gradient
    for trial in trials:
        try:
            expected = _gradients(exercise, exercise.answer, trial, names)
        except RuntimeError:  # what the experiment gives here has none
            continue
        try:
            given = _gradients(exercise, f, trial, names)
        except Exception as error:
            raise _lost(" and ".join(names)) from error
        for name, mine, right in zip(names, given, expected, strict=True):
            _compare(exercise, trial, name, mine, right)


def _lost(names: str, part: str = "") -> Mistake:
    return Mistake(
        f"The values are right, but {part}the gradient with respect to "
        f"{names} is lost on the way: {HOW}"
    )


def _compare(exercise, trial: Trial, name: str, mine, right) -> None:
    if right is None:
        return
    if mine is None:
        raise _lost(name)
    where = f" {trial.label}" if trial.label else ""
    if mine.isfinite().all() < right.isfinite().all():
        raise Mistake(
            f"The values are right{where}, but the gradient with respect to "
            f"{name} is NaN or infinite there: the derivative of a step on "
            "the way is (of a root, a quotient or a log at 0, of an "
            "arccosine at 1), also in the branch that torch.where or a mask "
            "throws away. Give that step a harmless input first."
        )
    if where or agree(mine, right, exercise.tolerance):
        return
    if bool(((right == 0) & (mine.abs() > exercise.tolerance)).any()):
        raise Mistake(
            f"The values are right, but entries of {name} that have no part "
            "in the result get a gradient too: build the result from the "
            "others alone."
        )
    raise _lost(name, "part of ")


def _gradients(
    exercise, f: Callable, trial: Trial, names: Sequence[str]
) -> tuple[Tensor | None, ...]:
    live = {
        name: value.clone() if isinstance(value, Tensor) else value
        for name, value in trial.inputs.items()
    }
    leaves = [live[name].requires_grad_() for name in names]
    with torch.random.fork_rng(devices=[]):
        outcome = exercise.experiment(f, **live)
    result = parts(outcome, trial.expected)
    # + 1: the squares alone of unit vectors have a constant sum
    total = sum((part + 1).square().sum() for part in result.values())
    return torch.autograd.grad(total, leaves, allow_unused=True)
