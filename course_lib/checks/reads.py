"""What a learner's function reads: the notebook's variables, its inputs."""

import dis
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.checks.compare import agree
from course_lib.checks.trial import Trial


def say_code(exercise, f: Callable, trials: list[Trial]) -> list[str]:
    """Say what f reads beside its arguments, or has written into it."""
    code = getattr(f, "__code__", None)
    if code is None:
        return []
    unused = _unused(code)
    said = _globals(exercise, f, trials[0], bool(unused))
    if unused:
        names = " and ".join(unused)
        said.append(f"Your function never uses its argument {names}.")
    return [*said, *_fixed(code, trials)]


def _globals(exercise, f, trial: Trial, numbers: bool) -> list[str]:
    """Variables of the notebook that the result depends on.

    A number with a decimal point may be a constant of the formula: it counts
    only if ``numbers``, where an argument is not used.
    """
    kinds = (Tensor, np.ndarray, nn.Module, list, int)
    kinds += (float,) if numbers else ()
    read = []
    for name in dict.fromkeys(_names(f.__code__)):
        value = f.__globals__.get(name)
        if isinstance(value, kinds) and _matters(exercise, f, trial, name):
            read.append(name)
    if not read:
        return []
    return [
        f"Your function reads {' and '.join(read)} from the notebook, outside "
        "the function: take everything from its arguments."
    ]


def _matters(exercise, f, trial: Trial, name: str) -> bool:
    """Whether f gives something else for another value of a variable."""
    value = f.__globals__[name]
    other = _other(value)
    if other is None:
        return True
    f.__globals__[name] = other
    try:
        outcome = exercise.observe(f, trial.inputs)
    finally:
        f.__globals__[name] = value
    return not agree(outcome, trial.given, exercise.tolerance)


def _unused(code: CodeType) -> list[str]:
    arguments = code.co_varnames[: code.co_argcount]
    read = set(code.co_cellvars)  # by a function inside
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_FAST"):
            several = isinstance(step.argval, tuple)
            read.update(step.argval if several else (step.argval,))
    return [name for name in arguments if name not in read]


def _fixed(code: CodeType, trials: list[Trial]) -> list[str]:
    """Numbers in the code that are a size in some cases, not in others."""
    written = {
        constant
        for inside in _codes(code)
        for constant in inside.co_consts
        if type(constant) is int and constant > 2
    }
    sizes = [_sizes(trial) for trial in trials]
    fixed = written & set().union(*sizes) - set.intersection(*sizes)
    if not fixed:
        return []
    numbers = " and ".join(map(str, sorted(fixed)))
    return [
        f"Your code has the number {numbers} written into it: take sizes from "
        "the arguments (len, shape, numel)."
    ]


def _sizes(trial: Trial) -> set[int]:
    values = trial.inputs.values()
    tensors = [value for value in values if isinstance(value, Tensor)]
    sizes = {size for tensor in tensors for size in tensor.shape}
    sizes |= {one[0].numel() for one in tensors if one.ndim and len(one)}
    return sizes | {value for value in values if type(value) is int}


def _names(code: CodeType) -> Iterator[str]:
    """The global names in a function, and in functions inside it."""
    for inside in _codes(code):
        yield from inside.co_names


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def say_inputs(exercise, f: Callable, trials: list[Trial]) -> list[str]:
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


def _ignores(exercise, f, trial: Trial, name: str) -> bool:
    """Whether another value of an input changes the answer, but not f."""
    value = _other(trial.inputs[name])
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
    if len(value) != len(right) or len(right) < 2 or _other(value[:1]) is None:
        return ""
    changed = torch.cat([_other(value[:1]), value[1:]])
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


def _other(value: Any) -> Any:
    """Another value of an input, of its kind; None where none is known."""
    if isinstance(value, Tensor) and value.is_floating_point():
        return 0.9 * value if value.any() else None
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return 0.9 * value
    if type(value) is int:
        return value + 1
    return 0.9 * value if type(value) is float else None
