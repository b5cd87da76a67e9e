"""What may have given a result another shape than the one asked for."""

from collections.abc import Callable
from numbers import Number
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.compare import agree

CLOSE = 1e-3
KEEPDIM = (
    ". A dimension of size 1 too many (keepdim=True, None or unsqueeze): in a "
    "later sum or difference it broadcasts, without an error. Remove it."
)
SQUEEZE = (
    ": squeeze() without a dimension also drops one that has size 1 by "
    "chance, such as a batch of one image."
)
BROADCASTING = (
    ". Broadcasting: two tensors of different shapes met on the way, such as "
    "(B, 1) and (B,), and each row was combined with all."
)


def say(pairs: list[tuple[Any, Any]]) -> str:
    """Complete "asked is shape ..."; begins with a punctuation mark.

    pairs: (given, expected) of the cases in which the shapes differ. What is
    said of the values holds in all of them.
    """
    both = _alike(pairs)
    given, expected = both[0]
    same = given.squeeze().shape == expected.squeeze().shape
    if same and given.ndim != expected.ndim:
        return KEEPDIM if given.ndim > expected.ndim else SQUEEZE
    if said := _say_one_row(both):
        return said
    if given.ndim == 0:
        number = say_one_number(pairs)
        return f". You return one number{number}: keep the values apart."
    if given.ndim == expected.ndim == 2 and _all(both, lambda e: e.mT):
        return ". It is transposed."
    if given.numel() == expected.numel():
        right = _all(both, lambda e: e.reshape(-1), lambda g: g.reshape(-1))
        return ". The values are right; give them that shape." * right or "."
    if said := _say_reduction(both):
        return said
    if given.ndim == 2 and given.shape == 2 * tuple(expected.shape):
        return BROADCASTING
    if given.ndim == expected.ndim == 1:
        return ": is the wrong dimension reduced?"
    return "."


def say_one_number(pairs: list[tuple[Any, Any]]) -> str:
    """Of which values a result that is one number is the mean or the sum."""
    both = _alike(pairs)
    for name in ("mean", "sum"):
        if _all(both, lambda e, name=name: getattr(e, name)()):
            return f", the {name} of the values asked for"
    return ""


def _alike(pairs: list[tuple[Any, Any]]) -> list[tuple[Tensor, Tensor]]:
    """The pairs that have as many dimensions as the first, as tensors."""
    both = [
        tuple(torch.as_tensor(v).detach().cpu().double() for v in pair)
        for pair in pairs
        if isinstance(pair[0], Tensor | Number)
    ]
    return [(g, e) for g, e in both if g.ndim == both[0][0].ndim]


def _all(
    both: list[tuple[Tensor, Tensor]],
    change: Callable[[Tensor], Tensor],
    given: Callable[[Tensor], Tensor] = lambda g: g,
) -> bool:
    return all(agree(given(g), change(e), CLOSE) for g, e in both)


def _say_one_row(both: list[tuple[Tensor, Tensor]]) -> str:
    """Where the result is that of the first or the last row alone."""
    if both[0][1].ndim == 0:
        return ""
    for word, row in (("first", 0), ("last", -1)):
        if _all(both, lambda e, r=row: e[r]) or _all(
            both, lambda e, r=row: e[r][None]
        ):
            return (
                f". It is the {word} of the values asked for, alone: does a "
                "loop return too early, or is one value picked?"
            )
    return ""


def _say_reduction(both: list[tuple[Tensor, Tensor]]) -> str:
    """Which dimension was not reduced, or should not have been."""
    given, expected = both[0]
    for how in ("sum", "mean"):
        for dim in range(given.ndim):
            if _all(
                both, lambda e: e, lambda g, d=dim, h=how: getattr(g, h)(d)
            ):
                return (
                    f". The {how} over dimension {dim} is still to be taken."
                )
        for dim in range(expected.ndim):
            if _all(both, lambda e, d=dim, h=how: getattr(e, h)(d)):
                return (
                    f". You take the {how} over dimension {dim} of what is "
                    "asked for: keep that dimension."
                )
    return ""
