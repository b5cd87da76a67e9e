"""Relations between a wrong result and the right one that explain it.

Each is a fact of every ordinary case: the result is minus the right one, half
of it, the right one divided by the number of rows, and so on. What may be the
cause is said as a question.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.compare import agree

FACTORS = {
    2.0: "twice the expected one in every entry: is a factor 1/2 missing, or "
    "is something counted twice?",
    0.5: "half of the expected one in every entry: is there a factor 1/2 too "
    "many, or is one of two parts missing?",
    1 / math.log(2): "1.443 times the expected one, 1 / log 2: do you count "
    "in bits (log2)? The unit is the nat, with the natural logarithm.",
    math.log(2): "0.693 times the expected one, log 2: is the base of a "
    "logarithm 2 in one place and e in the other?",
    1 / math.log(10): "0.434 times the expected one, 1 / log 10: do you take "
    "log10? Take the natural logarithm.",
    math.log(10): "2.303 times the expected one, log 10: the logarithm here "
    "has base 10.",
}
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "the exponential of": torch.exp,
    "the logarithm of": torch.log,
    "minus the logarithm of": lambda e: -e.log(),
    "the square of": torch.square,
    "the square root of": torch.sqrt,
    "1 divided by": torch.reciprocal,
    "1 minus": lambda e: 1 - e,
    "1 plus": lambda e: 1 + e,
    "the absolute value of": torch.abs,
    "the sigmoid of": torch.sigmoid,
    "the logit of": torch.logit,
    "the cosine of": torch.cos,
}
POWERS = {1: "times", -1: "divided by", 0.5: "times the root of"}
POWERS |= {-0.5: "divided by the root of", 2: "times the square of"}


def say(pairs: list, inputs: list[dict], tolerance: float) -> str:
    """Say how the given values are related to the expected ones, or "".

    pairs: (given, expected) of every ordinary case; inputs: of the same.
    """
    try:
        both = [tuple(torch.as_tensor(v).double() for v in p) for p in pairs]
    except (TypeError, ValueError, RuntimeError):
        return ""
    both = [(g.detach().cpu(), e.detach()) for g, e in both]
    usual = all(g.shape == e.shape and g.isfinite().all() for g, e in both)
    values = torch.cat([e.flatten() for _, e in both])
    # A relation says something of three different numbers or more.
    if not usual or len(values.unique()) < 3 or not values.isfinite().all():
        return ""
    rest = (both, inputs, tolerance)
    found = (f(*rest) for f in (_constant, _factor, _offset, _order, _other))
    return next(filter(None, found), "")


def _all(both, change: Callable[[Tensor], Tensor], tolerance: float) -> bool:
    return all(agree(g, change(e), tolerance) for g, e in both)


def _constant(both, inputs, tolerance) -> str:
    values = torch.cat([g.flatten() for g, _ in both])
    if agree(values, values[0].expand_as(values), tolerance):
        return f"Your result is {values[0].item():.4g} for any input."
    for name in inputs[0]:
        taken = [each[name] for each in inputs]
        if all(isinstance(t, Tensor) for t in taken) and all(
            agree(g, t, tolerance)
            for (g, _), t in zip(both, taken, strict=True)
        ):
            return f"You return {name} as it was given."
    return ""


def _factor(both, inputs, tolerance) -> str:
    given, right = (torch.cat([p[i].flatten() for p in both]) for i in (0, 1))
    c = (given @ right / (right @ right)).item()
    if agree(given, c * right, tolerance) and abs(c) > tolerance:
        return _say_factor(c)
    for sign, sized in _by_size(inputs):
        scaled = [
            (g, sign(e, s)) for (g, e), s in zip(both, sized[1], strict=True)
        ]
        if all(agree(g, e, tolerance) for g, e in scaled):
            return sized[0]
    return ""


def _say_factor(c: float) -> str:
    if abs(c + 1) < 1e-3:
        return "The sign is turned: your result is minus the expected one."
    turned = "Apart from its sign, which is turned, your" if c < 0 else "Your"
    for factor, said in FACTORS.items():
        if abs(abs(c) / factor - 1) < 1e-3:
            return f"{turned} result is {said}"
    return (
        f"{turned} result is {abs(c):.4g} times the expected one everywhere."
    )


def _by_size(inputs: list[dict]) -> Iterator[tuple[Callable, tuple]]:
    """Ways in which a result may go with a size, and what to say of them."""
    for name, sizes in _sizes(inputs).items():
        listed = ", then ".join(map(str, dict.fromkeys(sizes)))
        for power, word in POWERS.items():
            hint = "a mean" if power < 0 else "a sum"
            other = "a sum" if power < 0 else "a mean"
            said = (
                f"Your result is the expected one {word} {name} (here "
                f"{listed}): is {hint} taken where {other} belongs?"
            )
            if abs(power) != 1:
                said = f"{said.partition('):')[0]})."
            yield lambda e, s, p=power: e * s**p, (said, sizes)


def _sizes(inputs: list[dict]) -> dict[str, list[int]]:
    """The sizes among the inputs that differ between cases."""
    found: dict[str, list[Any]] = {}
    for case in inputs:
        for name, value in case.items():
            if isinstance(value, Tensor):
                for i, n in enumerate(value.shape):
                    found.setdefault(f"{name}.shape[{i}]", []).append(n)
                if value.ndim > 1:
                    found.setdefault(f"{name}.numel()", []).append(
                        value.numel()
                    )
                if value.ndim > 2:
                    one = f"{name}[0].numel()"
                    found.setdefault(one, []).append(value[0].numel())
            elif type(value) is int and value > 0:
                found.setdefault(name, []).append(value)
    full = {k: v for k, v in found.items() if len(v) == len(inputs)}
    return {k: v for k, v in full.items() if len(set(v)) > 1}


def _offset(both, inputs, tolerance) -> str:
    offsets = [(g - e).mean() for g, e in both]
    if not all(
        agree(g, e + o, tolerance)
        for (g, e), o in zip(both, offsets, strict=True)
    ):
        return ""
    same = agree(torch.stack(offsets), offsets[0].expand(len(both)), tolerance)
    first = offsets[0].item()
    size = "large" if first > 0 else "small"
    if same:
        return (
            f"Your result is too {size} by {abs(first):.4g} in every entry: a "
            "constant is missing, or of the wrong sign, or one too many."
        )
    for name, sizes in _sizes(inputs).items():
        for word, f in (
            ("", float),
            ("log of ", math.log),
            ("half of ", lambda s: s / 2),
        ):
            for sign in (1, -1):
                right = torch.tensor([sign * f(s) for s in sizes])
                if agree(torch.stack(offsets), right, tolerance):
                    return (
                        f"Your result is too {size} by {word}{name}, here "
                        f"{abs(first):.4g}: is that missing, or one too many?"
                    )
    if all(e.numel() == 1 for _, e in both):
        return ""
    return (
        f"In one call all entries are too {size} by the same amount, here "
        f"{abs(first):.4g}: a term that is the same for all of them is "
        "missing, or one too many."
    )


def _order(both, inputs, tolerance) -> str:
    if any(e.ndim == 0 for _, e in both):
        return ""
    if all(e.ndim == 2 and e.shape[0] == e.shape[1] for _, e in both) and _all(
        both, lambda e: e.mT, tolerance
    ):
        return "Your result is transposed."
    for dim in range(-1, -1 - min(e.ndim for _, e in both), -1):
        if _all(both, lambda e, d=dim: e.flip(d), tolerance):
            axis = f" along dimension {dim}" if both[0][1].ndim > 1 else ""
            return f"The values are right, but in reversed order{axis}."
    if _all(
        [
            (g.flatten().sort().values, e.flatten().sort().values)
            for g, e in both
        ],
        lambda e: e,
        tolerance,
    ):
        return "The values are right, but in another order."
    return ""


def _other(both, inputs, tolerance) -> str:
    for words, function in FUNCTIONS.items():
        if _all(both, function, tolerance):
            return f"Your result is {words} what is asked for."
    for function in (torch.round, torch.floor, torch.ceil):
        if _all(both, function, tolerance):
            return (
                "Your result is rounded to a whole number: look for //, int() "
                "or a tensor of integers."
            )
    return ""
