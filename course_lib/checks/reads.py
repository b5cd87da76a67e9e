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


def say_code(f: Callable, trials: list[Trial]) -> list[str]:
    """Say what f's code, without a call, reads or has written into it."""
    code = getattr(f, "__code__", None)
    if code is None:
        return []
    return [*_globals(f, code), *_unused(code), *_fixed(code, trials)]


def _globals(f: Callable, code: CodeType) -> list[str]:
    values = {
        name: f.__globals__[name]
        for name in dict.fromkeys(_names(code))
        if name in f.__globals__
    }
    kinds = (Tensor, np.ndarray, nn.Module, int, float, list)
    read = [name for name, v in values.items() if isinstance(v, kinds)]
    if not read:
        return []
    return [
        f"Your function reads {' and '.join(read)} from the notebook, outside "
        "the function: take everything from its arguments."
    ]


def _unused(code: CodeType) -> list[str]:
    arguments = code.co_varnames[: code.co_argcount]
    read = set(code.co_cellvars)  # by a function inside
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_FAST"):
            named = isinstance(step.argval, tuple)
            read.update(step.argval if named else (step.argval,))
    unused = [name for name in arguments if name not in read]
    if not unused:
        return []
    names = " and ".join(unused)
    return [f"Your function never uses its argument {names}."]


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


def say_unread(exercise, f: Callable, trials: list[Trial]) -> list[str]:
    """Say which inputs have no influence, or one where they must not."""
    if exercise.sampled:
        return []
    trials = [t for t in trials if not isinstance(t.given, Exception)][:3]
    unread = [
        name
        for name in (trials[0].inputs if trials else ())
        if all(_ignores(exercise, f, trial, name) for trial in trials)
    ]
    if unread:
        names = " or ".join(unread)
        return [f"Your result is the same for another value of {names}."]
    for name in trials[0].inputs if trials else ():
        if said := _mixes(exercise, f, trials[0], name):
            return [said]
    return []


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
    if not all(isinstance(t, Tensor) for t in (value, right, mine)):
        return ""
    if not (value.ndim and right.ndim and mine.shape == right.shape):
        return ""
    if len(value) != len(right) or len(right) < 2 or _other(value) is None:
        return ""
    changed = torch.cat([_other(value[:1]), value[1:]])
    inputs = trial.inputs | {name: changed}
    after = [exercise.observe(g, inputs) for g in (exercise.answer, f)]
    if any(not isinstance(t, Tensor) or t.shape != right.shape for t in after):
        return ""
    if not agree(after[0][1:], right[1:], 0) or agree(
        after[1][1:], mine[1:], 0
    ):
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
    if type(value) is int:
        return value + 1
    return 0.9 * value if type(value) is float else None
