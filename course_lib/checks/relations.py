"""Relations between a wrong result and the right one that explain it.

Each is a fact of every ordinary case: the result is minus the right one, its
logarithm, the right one in another order, and so on.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.checks import amounts
from course_lib.checks.compare import agree

Pairs = list[tuple[Tensor, Tensor]]
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "the exponential of what is asked for": torch.exp,
    "the logarithm of what is asked for": torch.log,
    "minus the logarithm of what is asked for": lambda e: -e.log(),
    "the square of what is asked for": torch.square,
    "the square root of what is asked for": torch.sqrt,
    "1 divided by what is asked for": torch.reciprocal,
    "1 minus what is asked for": lambda e: 1 - e,
    "the absolute value of what is asked for": torch.abs,
    "the sigmoid of what is asked for": torch.sigmoid,
    "the logit of what is asked for": torch.logit,
    "the cosine of what is asked for": torch.cos,
    "what is asked for, but 0 where that is negative": torch.relu,
    "what is asked for, clipped to [0, 1]": lambda e: e.clamp(0, 1),
    "what is asked for, clipped to [-1, 1]": lambda e: e.clamp(-1, 1),
    "rounded to a whole number: look for //, int() or integers": torch.round,
    "rounded down: look for //, int() or integers": torch.floor,
    "rounded up": torch.ceil,
}


def say(pairs: list, inputs: list[dict], tolerance: float) -> str:
    """Say how the given values are related to the expected ones, or "".

    pairs: (given, expected) of every ordinary case; inputs: of the same.
    """
    both = [(_double(given), _double(expected)) for given, expected in pairs]
    if not all(g.shape == e.shape and g.isfinite().all() for g, e in both):
        return ""
    values = torch.cat([e.flatten() for _, e in both])
    # A relation says something of three different numbers or more.
    if not values.isfinite().all() or len(values.unique()) < 3:
        return ""
    return (
        _constant(both, inputs, tolerance)
        or amounts.say_factor(both, inputs, tolerance)
        or amounts.say_offset(both, inputs, tolerance)
        or _order(both, tolerance)
        or _function(both, tolerance)
    )


def _double(value: Any) -> Tensor:
    try:
        return torch.as_tensor(value).detach().cpu().double()
    except (TypeError, ValueError, RuntimeError):
        return torch.tensor(torch.nan)


def _all(both: Pairs, change: Callable, tolerance: float) -> bool:
    return all(agree(g, change(e), tolerance) for g, e in both)


def _constant(both: Pairs, inputs: list[dict], tolerance: float) -> str:
    values = torch.cat([g.flatten() for g, _ in both])
    if agree(values, values[0].expand_as(values), tolerance):
        return f"Your result is {values[0].item():.4g} for any input."
    for name in inputs[0]:
        pairs = [(g, i[name]) for (g, _), i in zip(both, inputs, strict=True)]
        tensors = all(isinstance(value, Tensor) for _, value in pairs)
        if tensors and _all(pairs, lambda value: value, tolerance):
            return f"You return {name} as it was given."
    return ""


def _order(both: Pairs, tolerance: float) -> str:
    dimensions = min(e.ndim for _, e in both)
    if dimensions == 0:
        return ""
    square = all(e.ndim == 2 and e.shape == e.mT.shape for _, e in both)
    if square and _all(both, lambda e: e.mT, tolerance):
        return "Your result is transposed."
    for dim in range(-1, -1 - dimensions, -1):
        if _all(both, lambda e, d=dim: e.flip(d), tolerance):
            along = f" along dimension {dim}" if dimensions > 1 else ""
            return f"The values are right, but in reversed order{along}."
    pairs = [[v.flatten().sort().values for v in pair] for pair in both]
    if _all(pairs, lambda e: e, tolerance):
        return "The values are right, but in another order."
    return ""


def _function(both: Pairs, tolerance: float) -> str:
    for words, function in FUNCTIONS.items():
        if _all(both, function, tolerance):
            return f"Your result is {words}."
    return ""
