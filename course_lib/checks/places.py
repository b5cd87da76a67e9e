"""Say at which entries a result is wrong, and by how much."""

from typing import Any

import torch
from torch import Tensor

FEW = 6


def say(
    given: Any, expected: Any, wrong: Tensor, inputs: dict, how: bool
) -> list[str]:
    """Where the result is wrong, in which way, and with which inputs.

    wrong: which entries of ``given`` differ, a tensor of its shape; how:
        whether to say which entries they are, and by how much they are off.
    """
    mine = torch.as_tensor(given).detach().cpu().double()
    right = torch.as_tensor(expected).detach().double()
    nan = mine.isnan() & ~right.isnan()
    worst = _worst(mine, right, wrong, nan)
    said = [_say_nan(nan)]
    if how:
        said += [_say_share(wrong, inputs), _say_size(mine, right, wrong)]
    at = f" at {list(worst)}" if worst else ""
    said.append(
        f"Expected{at} is {right[worst].item():.4g}, yours is "
        f"{mine[worst].item():.4g}."
    )
    near = _near(inputs, tuple(right.shape), worst)
    return [*filter(None, said), f"Inputs{' there' if at else ''}: {near}"]


def _worst(mine, right, wrong, nan) -> tuple[int, ...]:
    """The entry that shows the mistake best: NaN, or the largest error."""
    error = (mine - right).abs().nan_to_num(0, posinf=torch.inf)
    score = torch.where(nan, torch.inf, torch.where(wrong, error, -1.0))
    return tuple(
        int(i) for i in torch.unravel_index(score.argmax(), score.shape)
    )


def _say_nan(nan: Tensor) -> str:
    if not nan.any():
        return ""
    return (
        "Your result contains NaN: look for 0/0, inf - inf, or a log, root "
        "or arccosine outside its domain."
    )


def _say_share(wrong: Tensor, inputs: dict) -> str:
    """Which entries are wrong, where others are right."""
    if wrong.ndim == 0 or wrong.all():
        return ""
    for name, value in inputs.items():
        alike = isinstance(value, Tensor) and value.shape == wrong.shape
        if alike and (said := _say_condition(name, value, wrong)):
            return said
    if wrong.ndim > 1 and len(wrong) > 2:
        right = (~wrong.flatten(1).any(1)).nonzero().flatten().tolist()
        if len(right) == 1:
            return f"Only row {right[0]} of {len(wrong)} is right."
    for dim in range(wrong.ndim):
        others = [d for d in range(wrong.ndim) if d != dim]
        lines = wrong.any(others) if others else wrong
        places = lines.nonzero().flatten().tolist()
        if len(places) == 1 and (not others or len(lines) > 1):
            place = f"{places[0]} of {len(lines)}"
            if wrong.ndim > 2:
                return f"Only index {place} of dimension {dim} is wrong."
            word = "entry" if not others else "column" if dim else "row"
            return f"Only {word} {place} is wrong."
    return f"{int(wrong.sum())} of {wrong.numel()} entries are wrong."


def _say_condition(name: str, value: Tensor, wrong: Tensor) -> str:
    """A condition on an input that tells wrong entries from right ones."""
    conditions = {
        f"{name} is 0": value == 0,
        f"{name} is not 0": value != 0,
        f"{name} is negative": value < 0,
        f"{name} is positive": value > 0,
    }
    for words, where in conditions.items():
        if where.equal(wrong):
            return f"Wrong only where {words}."
    size = value.abs()
    inside, outside = size[wrong], size[~wrong]
    if min(len(inside), len(outside)) < 2:  # by chance
        return ""
    if inside.min() > outside.max():
        return f"Wrong only where {name} is large, {inside.min():.3g} or more."
    if inside.max() < outside.min():
        return f"Wrong only where {name} is small, {inside.max():.3g} or less."
    return ""


def _say_size(mine: Tensor, right: Tensor, wrong: Tensor) -> str:
    """By which factor or amount the wrong entries are off."""
    a, b = mine[wrong], right[wrong]
    if not (a.isfinite().all() and b.isfinite().all()) or len(a) < 2:
        return ""
    ratio, offset = a / b, a - b
    if bool((b.abs() > 1e-6).all()) and bool((ratio > 0).all()):
        low, high = ratio.min().item(), ratio.max().item()
        if high / low < 1.5:
            size = "large" if low > 1 else "small" if high < 1 else ""
            near = _range(low, high)
            if size and near != "1":
                return f"Too {size}: {near} times the expected value."
    if bool((a * b < 0).all()):
        return "The sign is wrong in all of these."
    if bool((offset > 0).all()) or bool((offset < 0).all()):
        word = "large" if offset[0] > 0 else "small"
        low, high = offset.abs().min().item(), offset.abs().max().item()
        near = (
            f"{low:.3g}" if high / low < 1.002 else f"{low:.3g} to {high:.3g}"
        )
        return f"Too {word} by {near}."
    return ""


def _range(low: float, high: float) -> str:
    first, last = f"{low:.3g}", f"{high:.3g}"
    return first if first == last else f"{first} to {last}"


def _near(inputs: dict, shape: tuple[int, ...], place: tuple[int, ...]) -> str:
    """The inputs that an entry of the result is made of."""
    return "; ".join(
        _say_input(name, value, shape, place) for name, value in inputs.items()
    )


def _say_input(name, value, shape, place) -> str:
    if not isinstance(value, Tensor):
        return f"{name} = {value}"
    at = ""
    if value.ndim and shape:
        if value.shape == shape:
            value, at = value[place], str(list(place))
        elif len(value) == shape[0]:
            value, at = value[place[0]], f"[{place[0]}]"
        elif value.ndim <= len(shape) and all(
            n in (1, m)
            for n, m in zip(value.shape, shape[-value.ndim :], strict=True)
        ):
            value = value.broadcast_to(shape)[place]
    if value.ndim == 0:
        return f"{name}{at} = {value.item():.4g}"
    if value.numel() <= FEW:
        return f"{name}{at} = {_numbers(value)}"
    return f"{name}{at} of shape {tuple(value.shape)}"


def _numbers(value: Tensor) -> str:
    if value.ndim > 1:
        return f"[{', '.join(map(_numbers, value))}]"
    return f"[{', '.join(f'{v:.3g}' for v in value.tolist())}]"
