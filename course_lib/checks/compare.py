"""Compare what a learner's function gives with what is expected of it."""

import traceback
from numbers import Number
from pathlib import Path
from textwrap import shorten

import numpy as np
import torch
from torch import Tensor

HERE = str(Path(__file__).parent)


def difference(given, expected, tolerance: float) -> str:
    """Say how ``given`` differs from ``expected``; "" if it does not.

    ``expected`` is a tensor or a number, a tuple of them, a dictionary
    ``{what it is: value}`` (``given`` then has the same keys), or an
    exception. Trailing dimensions of size 1 and the dtype do not matter.
    A tensor on the *meta* device stands for any values of its shape; NaN
    stands for NaN anywhere. ``tolerance`` is absolute and relative.
    """
    if isinstance(given, Exception):
        same = type(given) is type(expected) and str(given) == str(expected)
        return "" if same else _say_error(given)
    if isinstance(expected, Exception):
        return "Your function raises no error."
    if isinstance(expected, dict):
        for what, value in expected.items():
            if reason := difference(given[what], value, tolerance):
                return f"{what}: {reason}"
        return ""
    if isinstance(expected, tuple):
        if not isinstance(given, tuple) or len(given) != len(expected):
            return f"{_say_kind(given)}; return {len(expected)} values."
        pairs = zip(given, expected, strict=True)
        reasons = (difference(*pair, tolerance) for pair in pairs)
        return next(filter(None, reasons), "")
    return _tensor_difference(given, torch.as_tensor(expected), tolerance)


def _tensor_difference(given, expected: Tensor, tolerance: float) -> str:
    shape = tuple(expected.shape)
    is_number = isinstance(given, Number) and shape == ()
    if not is_number and not isinstance(given, Tensor):
        return f"{_say_kind(given)}; return one tensor of shape {shape}."
    given = torch.as_tensor(given).detach().cpu()
    if given.is_complex():
        return f"Your result is {given.dtype}; it has to be real."
    ones = (1,) * (given.ndim - expected.ndim)
    if tuple(given.shape) != shape + ones:
        mine = tuple(given.shape)
        return f"Your result has shape {mine}; expected is {shape}."
    if expected.is_meta:
        return ""
    given, expected = given.double().reshape(shape), expected.detach().double()
    nans = given.isnan() | expected.isnan()
    if given.isnan().any() != expected.isnan().any():
        return (
            "Your result contains NaN: look for 0/0, inf - inf, or a log, "
            "root or arccosine outside its domain."
        )
    agree = torch.isclose(given, expected, rtol=tolerance, atol=tolerance)
    wrong = (~(agree | nans)).nonzero()
    few = wrong[: min(3, max(1, expected.numel() // 2))]
    return _say_values(given, expected, few) if len(few) else ""


def _say_kind(given) -> str:
    """Say what was returned, where it is not what it has to be."""
    if isinstance(given, np.ndarray | np.generic):
        return "You return a NumPy array: stay with torch's functions"
    if isinstance(given, tuple | list):
        kind = type(given).__name__
        return f"You return a {kind} of length {len(given)}"
    if isinstance(given, Number):
        return f"You return a Python number ({type(given).__name__})"
    return f"You return one {type(given).__name__}"


def _say_values(given: Tensor, expected: Tensor, places: Tensor) -> str:
    """Show both values at ``places`` (n, ndim), a few entries of many."""
    lines = ["The values are not the expected ones."]
    for place in map(tuple, places.tolist()):
        where = f"at {list(place)}: " if place else ""
        right, mine = expected[place].item(), given[place].item()
        lines.append(f"  {where}expected {right:.4g}, yours {mine:.4g}")
    return "\n".join(lines)


def _say_error(error: Exception) -> str:
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


def say_inputs(inputs: dict, values: bool = False) -> str:
    """Name the inputs with their shapes and, if asked, their first values."""

    def say(name, value) -> str:
        if not isinstance(value, Tensor):
            return f"{name} = {value}"
        said = f"{name} {tuple(value.shape)}"
        if value.dtype != torch.float32:
            said += f" {value.dtype}".replace("torch.", "")
        first = ", ".join(f"{v:.3g}" for v in value.flatten()[:3].tolist())
        more = ", ..." if value.numel() > 3 else ""
        return f"{said} = {first}{more}" if values else said

    return "; ".join(say(name, value) for name, value in inputs.items())
