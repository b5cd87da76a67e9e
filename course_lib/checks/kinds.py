"""Say of a result that it is of another kind or shape than asked."""

import traceback
from numbers import Number
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.checks import other_shape
from course_lib.checks.compare import agree, is_dense

HERE = str(Path(__file__).parent)


def say_number(given: Any, expected: dict) -> str:
    """Where several values are asked for, and others were returned."""
    asked = f"return {len(expected)} values: {', '.join(map(str, expected))}."
    if isinstance(given, tuple | list):
        return f"You return {len(given)} values; {asked}"
    return f"You return one {type(given).__name__}; {asked}"


def say_kind(pairs: list[tuple[Any, Any]], symbols: str) -> str:
    """Where one tensor or number is asked for, and something else came.

    pairs: (given, expected) of the cases in which this is so.
    """
    given, expected = pairs[0][0], torch.as_tensor(pairs[0][1]).detach()
    shape = _say_shape(expected, symbols)
    if isinstance(given, np.ndarray | np.generic):
        return (
            "You return a NumPy array: stay with torch's functions, and "
            f"return {_say_asked(expected, shape)}."
        )
    if isinstance(given, tuple | list):
        return _say_several(given, expected, shape)
    if isinstance(given, Number) and expected.ndim:
        kind = type(given).__name__
        number = other_shape.say_one_number(pairs)
        return (
            f"You return a Python number ({kind}){number}; asked is {shape}."
        )
    if not isinstance(given, Tensor):
        kind = type(given).__name__
        asked = _say_asked(expected, shape)
        return f"You return one {kind}; return {asked}."
    if not is_dense(given):
        where = f"{given.layout}, on device {given.device}"
        return f"Your result is a tensor of {where}: return an ordinary one."
    if given.is_complex():
        return f"Your result is {given.dtype}; it has to be real."
    mine = tuple(given.shape)
    return f"Your result has shape {mine}; asked is {shape}" + other_shape.say(
        pairs
    )


def _say_shape(expected: Tensor, symbols: str) -> str:
    shape = tuple(expected.shape)
    if not shape:
        return "shape (), one number"
    return f"shape {symbols + ' = ' if symbols else ''}{shape}"


def _say_asked(expected: Tensor, shape: str) -> str:
    return f"one tensor of {shape}" if expected.ndim else "one number"


def _say_several(given, expected: Tensor, shape: str) -> str:
    kind = type(given).__name__
    if hasattr(given, "values"):  # of max, min, sort, topk
        kind = f"pair of values and places (of torch.{kind})"
    what = "one tensor" if expected.ndim else "one number"
    asked = f"You return a {kind} of length {len(given)}; return {what}"
    try:
        whole = torch.stack([torch.as_tensor(g) for g in given])
    except (RuntimeError, TypeError, ValueError):
        whole = None
    if whole is not None and agree(whole, expected, other_shape.CLOSE):
        return f"{asked} of {shape}: torch.stack joins tensors."
    for i, one in enumerate(given):
        if isinstance(one, Tensor | Number) and agree(
            one, expected, other_shape.CLOSE
        ):
            return f"{asked}, your value number {i + 1} alone."
    return f"{asked} of {shape}."


def say_error(error: Exception) -> str:
    """Name the error and show the learner's line that raised it."""
    text = shorten(str(error), 200) or "(no message)"
    said = f"Your function raises {type(error).__name__}: {text}"
    frames = traceback.extract_tb(error.__traceback__)
    outside = [f for f in frames if not f.filename.startswith(HERE)]
    # The first frame outside is the learner's function; what it calls may
    # be the learner's too, if it stands in the same file or cell.
    own = [f for f in outside if f.filename == outside[0].filename]
    if own and own[-1].line:
        said += f"\n  line {own[-1].lineno}: {shorten(own[-1].line, 100)}"
    return said
