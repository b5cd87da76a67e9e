"""What a learner's code reads beside its arguments, or has written in."""

import dis
from collections.abc import Callable, Iterator
from types import CodeType

import numpy as np
from torch import Tensor, nn

from course_lib.checks.compare import agree
from course_lib.checks.influence import another
from course_lib.checks.trial import Trial

USUAL_SIZES = {
    16,
    20,
    28,
    32,
    64,
    100,
    128,
    256,
    400,
    512,
    784,
    1000,
    5000,
    10_000,
    60_000,
}


def say(exercise, f: Callable, trials: list[Trial]) -> list[str]:
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

    A number with a decimal point may be a constant of the formula, such as
    LOG_2PI or eps: then it counts only if ``numbers``, where an argument is
    not used.
    """
    kinds = (Tensor, np.ndarray, nn.Module, list, int)
    read = []
    for name in dict.fromkeys(_names(f.__code__)):
        value = f.__globals__.get(name)
        constant = name.isupper() or "pi" in name or "eps" in name
        number = isinstance(value, float) and (numbers or not constant)
        variable = isinstance(value, kinds) or number
        if variable and _matters(exercise, f, trial, name):
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
    other = another(value)
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
    """A number in the code that is a size in the right cases, and only there.

    Or the size of the notebook's data, which is none of any case.
    """
    written = {number for inside in _codes(code) for number in _ints(inside)}
    sizes = [(_sizes(trial), trial.failed) for trial in trials]
    said = []
    for number in sorted(written):
        there = [failed for inside, failed in sizes if number in inside]
        rest = [failed for inside, failed in sizes if number not in inside]
        if there and rest and not any(there) and all(rest):
            said.append(
                f"Your code has the number {number} written into it: take "
                "sizes from the arguments (len, shape, numel)."
            )
        elif number in USUAL_SIZES and not there:
            said.append(
                f"Your code has the number {number} written into it: does it "
                "belong to the notebook's data, and not to the arguments?"
            )
    return said


def _ints(code: CodeType) -> Iterator[int]:
    """The whole numbers from 3 on in a function's code."""
    for step in dis.get_instructions(code):
        values = (
            step.argval if isinstance(step.argval, tuple) else (step.argval,)
        )
        if "LOAD" in step.opname or "RETURN" in step.opname:
            yield from (v for v in values if type(v) is int and v > 2)


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
