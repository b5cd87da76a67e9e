"""Say of a result that it is of another kind or shape than asked."""

import traceback
from numbers import Number
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.compare import agree

HERE = str(Path(__file__).parent)
CLOSE = 1e-3


def say_number(given: Any, expected: dict) -> str:
    """Where several values are asked for, and others were returned."""
    asked = f"return {len(expected)} values: {', '.join(map(str, expected))}."
    if isinstance(given, tuple | list):
        return f"You return {len(given)} values; {asked}"
    return f"You return one {type(given).__name__}; {asked}"


def say_kind(given: Any, expected: Any, symbols: str) -> str:
    """Where one tensor or number is asked for, and something else came."""
    expected = torch.as_tensor(expected).detach()
    shape = _say_shape(expected, symbols)
    if isinstance(given, np.ndarray | np.generic):
        return (
            "You return a NumPy array: stay with torch's functions, and "
            f"return one tensor of {shape}."
        )
    if isinstance(given, tuple | list):
        return _say_several(given, expected, shape)
    if isinstance(given, Number) and expected.ndim:
        kind = type(given).__name__
        given = torch.as_tensor(given)
        number = _say_one_number(given, expected)
        return (
            f"You return a Python number ({kind}){number}; asked is {shape}."
        )
    if not isinstance(given, Tensor):
        kind = type(given).__name__
        return f"You return one {kind}; return one tensor of {shape}."
    given = given.detach().cpu()
    if given.is_complex():
        return f"Your result is {given.dtype}; it has to be real."
    mine = tuple(given.shape)
    return (
        f"Your result has shape {mine}; asked is {shape}"
        + _say_other_shape(given.double(), expected.double())
    )


def _say_shape(expected: Tensor, symbols: str) -> str:
    shape = tuple(expected.shape)
    if not shape:
        return "shape (), one number"
    return f"shape {symbols + ' = ' if symbols else ''}{shape}"


def _say_several(given, expected: Tensor, shape: str) -> str:
    kind = type(given).__name__
    asked = f"You return a {kind} of length {len(given)}; return one tensor"
    try:
        whole = torch.stack([torch.as_tensor(g) for g in given])
    except (RuntimeError, TypeError, ValueError):
        whole = None
    if whole is not None and agree(whole, expected, CLOSE):
        return f"{asked} of {shape}: torch.stack joins tensors."
    for i, one in enumerate(given):
        if isinstance(one, Tensor | Number) and agree(one, expected, CLOSE):
            return f"{asked}, your value number {i + 1} alone."
    return f"{asked} of {shape}."


def _say_one_number(given: Tensor, expected: Tensor) -> str:
    for name in ("mean", "sum"):
        if agree(given, getattr(expected.double(), name)(), CLOSE):
            return f", the {name} of the values asked for"
    return ""


def _say_other_shape(given: Tensor, expected: Tensor) -> str:
    """What may have made another shape; begins with punctuation."""
    alike = given.squeeze().shape == expected.squeeze().shape
    if alike and given.ndim > expected.ndim:
        return (
            ". A dimension of size 1 too many (keepdim=True, None or "
            "unsqueeze): in a later sum or difference it broadcasts, without "
            "an error. Remove it."
        )
    if alike and given.ndim < expected.ndim:
        return (
            ": squeeze() without a dimension also drops one that has size 1 "
            "by chance, such as a batch of one image."
        )
    if given.ndim == 0:
        number = _say_one_number(given, expected)
        return f". You return one number{number}: keep the values apart."
    if given.numel() == expected.numel():
        return _say_reshaped(given, expected)
    for how in ("sum", "mean"):
        for dim in range(given.ndim):
            if agree(getattr(given, how)(dim), expected, CLOSE):
                return (
                    f". The {how} over dimension {dim} is still to be taken."
                )
        for dim in range(expected.ndim):
            if agree(given, getattr(expected, how)(dim), CLOSE):
                return (
                    f". You take the {how} over dimension {dim} of what is "
                    "asked for: keep that dimension."
                )
    if given.ndim == 2 and given.shape == 2 * tuple(expected.shape):
        return (
            ". Broadcasting: two tensors of different shapes met on the way, "
            "such as (B, 1) and (B,), and each row was combined with all."
        )
    if given.ndim == expected.ndim == 1:
        return ": is the wrong dimension reduced?"
    return "."


def _say_reshaped(given: Tensor, expected: Tensor) -> str:
    if given.ndim == expected.ndim == 2 and agree(given.mT, expected, CLOSE):
        return ". It is transposed."
    if agree(given.reshape(expected.shape), expected, CLOSE):
        return ". The values are right; give them that shape."
    return "."


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
