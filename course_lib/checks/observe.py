"""Run a learner's function, and see what it does beside returning."""

import dis
import inspect
from collections.abc import Callable
from copy import deepcopy
from types import CodeType
from typing import Any

import torch
from torch import Generator, Tensor, nn

from course_lib.checks.mistake import Mistake


def _hole():
    raise NotImplementedError("your code here")


def _bare_hole():
    raise NotImplementedError


def _steps(code: CodeType) -> list[str]:
    return [step.opname for step in dis.get_instructions(code)]


def is_hole(f: Callable) -> bool:
    """Whether nothing has been written in place of the line that raises."""
    code = getattr(f, "__code__", None)
    if code is None or code.co_names != ("NotImplementedError",):
        return False
    if _steps(code) == _steps(_bare_hole.__code__):
        return True
    same = _steps(code) == _steps(_hole.__code__)
    return same and "your code here" in code.co_consts


def observe(
    f: Callable, experiment: Callable, inputs: dict, signature: str, seed: int
) -> Any:
    """The outcome of ``experiment(f, **inputs)``; an exception is one too.

    The inputs are copied, so that ``f`` cannot spoil another call's, and
    torch's random numbers begin at ``seed``. An effect that no answer may
    have is a ``Mistake`` in place of the outcome.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            return experiment(_watched(f, signature), **deepcopy(inputs))
        except Exception as error:
            return error


def _watched(f: Callable, signature: str) -> Callable:
    """f, which raises a ``Mistake`` where it leaves something behind."""

    def call(*args):
        _refuse_another_signature(f, args, signature)
        before = [_state(arg) for arg in args]
        seed, grad = torch.initial_seed(), torch.is_grad_enabled()
        dtype = torch.get_default_dtype()
        try:
            result = f(*args)
        except NotImplementedError as error:
            if error.args != ("your code here",):
                raise
            raise Mistake(
                "Your code comes to the line raise NotImplementedError("
                '"your code here"): delete that line.'
            ) from None
        finally:
            reseeded = torch.initial_seed() != seed
            switched = torch.is_grad_enabled() != grad
            retyped = torch.get_default_dtype() != dtype
            torch.set_grad_enabled(grad)
            torch.set_default_dtype(dtype)
        if reseeded:
            raise Mistake(
                "You call torch.manual_seed inside the function: every call "
                "then draws the same numbers, and so does what the caller "
                "draws afterwards. Leave the seed to the caller."
            )
        if switched or retyped:
            raise Mistake(
                "You change a setting of torch for all that follows: "
                + ("set_grad_enabled" if switched else "set_default_dtype")
                + ". Leave it to the caller, or use a with block."
            )
        for arg, state in zip(args, before, strict=True):
            _refuse_change(arg, state, args, signature)
        return _returned(f, result)

    return call


def _refuse_another_signature(f, args, signature) -> None:
    try:
        inspect.signature(f).bind(*args)
    except TypeError as error:
        raise Mistake(
            f"Your function cannot be called as {signature}: {error}. Keep "
            "the names and the number of the exercise's arguments."
        ) from None
    except ValueError:  # a function of C, without a signature
        return


def _state(arg: Any) -> Any:
    """What must be the same after the call."""
    if isinstance(arg, nn.Module):
        return [module.training for module in arg.modules()]
    if isinstance(arg, Generator):
        return arg.initial_seed()
    if isinstance(arg, Tensor):
        return arg.detach().clone().requires_grad_(arg.requires_grad)
    return deepcopy(arg) if isinstance(arg, list | dict) else None


def _refuse_change(arg, state, args, signature) -> None:
    place = next(i for i, other in enumerate(args) if other is arg)
    names = signature.partition("(")[2].rstrip(")").split(",")
    name = names[place].partition("=")[0].strip()
    after = _state(arg)
    if isinstance(arg, Tensor):
        if arg.is_leaf and arg.grad is not None and not state.requires_grad:
            raise Mistake(
                f"You call backward() with the input {name} as a leaf: the "
                "caller's tensor keeps the gradient, and the next call adds "
                f"to it. Work on {name}.detach().clone()."
            )
        if after.shape == state.shape and bool(
            torch.isclose(after, state, 0, 0, equal_nan=True).all()
        ):
            return
        raise Mistake(
            f"You change the input {name} in place, and the caller's tensor "
            "with it: make a new tensor (x = x + 1 in place of x += 1, add in "
            "place of add_; clone() first where you assign to entries)."
        )
    if after == state:
        return
    if isinstance(arg, nn.Module):
        raise Mistake(
            f"You leave {name} in another mode than you found it: train() "
            "and eval() stay set after the call."
        )
    if isinstance(arg, Generator):
        raise Mistake(
            f"You give the {name} a seed of your own: its state has to "
            "decide the result, so draw from it as it is."
        )
    raise Mistake(
        f"You change the {type(arg).__name__} {name}, which is the caller's: "
        "work on a copy (pop, reverse, sort, append and an assignment to an "
        "entry all change it)."
    )


def _returned(f: Callable, result: Any) -> Any:
    if result is not None:
        return result
    names = getattr(getattr(f, "__code__", None), "co_names", ())
    if "print" in names:
        raise Mistake(
            "You print the result; return it, so that others can use it."
        )
    raise Mistake(
        "Your function returns nothing (None) here: is the return missing, or "
        "does it stand where the code does not come to?"
    )
