"""Whether what a learner's function gives is what is expected of it."""

from collections.abc import Sequence
from numbers import Number
from typing import Any

import torch
from torch import Tensor


def agree(given: Any, expected: Any, tolerance: float) -> bool:
    """Whether ``given`` is as ``expected``, within the tolerance.

    ``expected`` is a tensor or a number, a tuple of them, a dictionary
    ``{what it is: value}`` (``given`` then has the same keys), or an
    exception. The dtype does not matter, nor does a list for a tuple; NaN
    stands for NaN. ``tolerance`` is absolute and relative.
    """
    if isinstance(given, Exception) or isinstance(expected, Exception):
        return type(given) is type(expected) and str(given) == str(expected)
    if isinstance(expected, dict | tuple):
        a, b = parts(given, expected), parts(expected, expected)
        return a.keys() == b.keys() and all(
            agree(a[what], b[what], tolerance) for what in b
        )
    return differing(given, expected, tolerance) is False


def differing(given: Any, expected: Any, tolerance: float) -> bool | Tensor:
    """Which entries differ, or True if they cannot be compared; else False."""
    if not isinstance(given, Number | Tensor):
        return given is not expected
    if isinstance(given, Number) and torch.as_tensor(expected).ndim:
        return True
    a, b = torch.as_tensor(given).detach(), torch.as_tensor(expected)
    if a.shape != b.shape or a.is_complex() or not is_dense(a):
        return True
    a, b = a.cpu().double(), b.detach().double()
    wrong = ~torch.isclose(a, b, tolerance, tolerance, equal_nan=True)
    return wrong if bool(wrong.any()) else False


def is_dense(tensor: Tensor) -> bool:
    """Whether a tensor has values, all of them stored."""
    return tensor.layout is torch.strided and not tensor.is_meta


def parts(outcome: Any, like: Any, names: Sequence[str] = ()) -> dict:
    """Name what an outcome consists of, as ``like``; a value alone is "".

    A result that is not of ``like``'s kind is one value, with the name "".
    """
    if isinstance(outcome, dict) and isinstance(like, dict):
        return outcome
    if isinstance(outcome, tuple | list) and isinstance(like, tuple):
        numbered = [f"value {i + 1}" for i in range(len(outcome))]
        named = names if len(names) == len(outcome) else numbered
        return dict(zip(named, outcome, strict=True))
    return {"": outcome}
