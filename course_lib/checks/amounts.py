"""By which factor, or by which amount, a result is off in every case.

The factor or the amount is a number, or goes with an input or its size. What
may be the cause is said as a question.
"""

import math

import torch
from torch import Tensor

from course_lib.checks.compare import agree
from course_lib.checks.quantities import quantities_of

FACTORS = {
    2.0: "twice the expected one in every entry: is a factor 1/2 missing, or "
    "is something counted twice?",
    0.5: "half of the expected one in every entry: is there a factor 1/2 too "
    "many, or is a 2 missing?",
    1 / math.log(2): "1.443 times the expected one, that is 1 / log 2: do "
    "you count in bits (log2)? The unit is the nat.",
    math.log(2): "0.693 times the expected one, that is log 2: does a "
    "logarithm have base 2 in one place and e in the other?",
    1 / math.log(10): "0.434 times the expected one, that is 1 / log 10: do "
    "you take log10? Take the natural logarithm.",
    math.log(10): "2.303 times the expected one, that is log 10: do you take "
    "the natural logarithm? The base is 10 here.",
}
POWERS = {
    1: "times",
    -1: "divided by",
    0.5: "times the root of",
    -0.5: "divided by the root of",
    2: "times the square of",
    -2: "divided by the square of",
}
HINTS = {
    1: ": is a sum taken where a mean belongs?",
    -1: ": is a mean taken where a sum belongs?",
}
SHARES = {"": 1.0, "half of ": 0.5, "twice ": 2.0}


def say_factor(both, inputs: list[dict], tolerance: float) -> str:
    """Say by what the expected results are multiplied, or ""."""
    given, right = (torch.cat([p[i].flatten() for p in both]) for i in (0, 1))
    c = (given @ right / (right @ right)).item()
    if agree(given, c * right, tolerance) and abs(c) > tolerance:
        return _say_number(c)
    for name, values in quantities_of(inputs).items():
        for power, word in POWERS.items():
            if _fits(both, values, lambda e, v, p=power: e * v**p, tolerance):
                said = f"Your result is the expected one {word} {name}"
                if isinstance(values[0], Tensor):
                    return f"{said}, entry by entry."
                hint = HINTS.get(power, ".") if type(values[0]) is int else "."
                return f"{said} ({_listed(values)}){hint}"
    return _say_growth(both, inputs, tolerance)


def _say_growth(both, inputs: list[dict], tolerance: float) -> str:
    """Where the factor goes with a size, but is not the size itself."""
    factors = [((g * e).sum() / (e * e).sum()).item() for g, e in both]
    if not _fits(both, factors, torch.mul, tolerance) or 0 in factors:
        return ""
    for name, sizes in quantities_of(inputs).items():
        if type(sizes[0]) is not int:
            continue
        for power, word in POWERS.items():
            pairs = zip(factors, sizes, strict=True)
            rests = torch.tensor([f / n**power for f, n in pairs])
            if agree(rests / rests[0], torch.ones_like(rests), tolerance):
                return (
                    f"Your result is {factors[0]:.4g} times the expected one, "
                    f"then {factors[-1]:.4g} times: a number {word} {name}. "
                    "Is another number than this size in your code, or none?"
                )
    return ""


def _say_number(c: float) -> str:
    if abs(c + 1) < 1e-3:
        return "The sign is turned: your result is minus the expected one."
    turned = "Apart from its sign, which is turned, your" if c < 0 else "Your"
    for factor, said in FACTORS.items():
        if abs(abs(c) / factor - 1) < 1e-3:
            return f"{turned} result is {said}"
    return (
        f"{turned} result is {abs(c):.4g} times the expected one everywhere."
    )


def say_offset(both, inputs: list[dict], tolerance: float) -> str:
    """Say what is added to the expected results, or ""."""
    offsets = torch.stack([(g - e).mean() for g, e in both])
    number = offsets[0].item()
    size = "large" if number > 0 else "small"
    if _fits(both, [number] * len(both), torch.add, tolerance):
        return (
            f"Your result is too {size} by {abs(number):.4g} in every entry: "
            "a constant is missing, or of the wrong sign, or one too many."
        )
    quantities = quantities_of(inputs)
    for name, values in list(quantities.items()):
        if type(values[0]) is int:
            quantities[f"log {name}"] = [math.log(value) for value in values]
    for name, values in quantities.items():
        for share, c in SHARES.items():
            for s, word in ((c, "large"), (-c, "small")):
                if _fits(both, values, lambda e, v, s=s: e + s * v, tolerance):
                    return (
                        f"Your result is too {word} by {share}{name}: is that "
                        "missing, or one too many?"
                    )
    if said := _say_fixed_size(both, inputs, offsets, tolerance):
        return said
    alike = _fits(both, list(offsets), torch.add, tolerance)
    alike = alike and bool((offsets.abs() > 10 * tolerance).all())
    if alike and all(e.numel() > 1 for _, e in both):
        return (
            f"In one call all entries are too {size} by the same amount, here "
            f"{abs(number):.4g}: a term that is the same for all of them is "
            "missing, or one too many."
        )
    return ""


def _say_fixed_size(both, inputs, offsets, tolerance: float) -> str:
    """Where a number stands in the place of a size, in a sum."""
    if not _fits(both, list(offsets), torch.add, tolerance):
        return ""
    for name, sizes in quantities_of(inputs).items():
        if type(sizes[0]) is not int:
            continue
        for share in (1, -1, 0.5, -0.5):
            rest = torch.tensor(sizes) - offsets / share
            number = round(rest[0].item())
            if number > 0 and agree(rest, torch.full_like(rest, number), 1e-3):
                return (
                    f"Your result is off as if {number} stood in the place "
                    f"of {name} ({_listed(sizes)})."
                )
    return ""


def _fits(both, values, change, tolerance: float) -> bool:
    """Whether ``change(expected, value)`` is what was given in every case."""
    for (given, expected), value in zip(both, values, strict=True):
        try:
            changed = change(expected, value)
        except RuntimeError:  # shapes that do not broadcast
            return False
        if not agree(given, changed, tolerance):
            return False
    return True


def _listed(values: list) -> str:
    return ", then ".join(f"{v:.4g}" for v in dict.fromkeys(values))
