"""An exercise, described by a table, and the check of answers to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.compare import difference, say_inputs

Inputs = dict[str, Any]
NOTHING = "(It returns None. If you did attempt it: is the return missing?)"


class Mistake(AssertionError):
    """What is wrong in an answer; a notebook shows this sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def _one_call(f: Callable, **inputs) -> Any:
    return f(*inputs.values())


@dataclass(eq=False, repr=False)
class Exercise:
    """An exercise; calling it with a learner's function checks the function.

    task: the function's signature, which begins with its name, then shapes
        and units; becomes the docstring.
    cases: from a seeded generator, the inputs ``{name: value}`` of several
        calls; the first case is tried once more in float64.
    answer: a right answer.
    mistakes: ``{sentence: wrong function, or a list of them}``: what to say
        if a learner's function, in the first case where it is wrong, does the
        same as a wrong function (see ``course_lib.checks.compare``). The
        first that fits is said.
    gradient: names of the inputs in which the result is differentiable.
    experiment: ``experiment(f, **inputs)`` gives what is compared: by default
        the result of one call; for a function with effects, a dictionary
        ``{what it is: value}``.
    tolerance: absolute and relative.
    sampled: only statistics of the result are compared.
    no_gradient: why a right answer may come without a gradient, where
        neither ``gradient`` nor slopes in ``experiment`` ask for one.

    The last two are for the tests.
    """

    task: str
    cases: Callable[[Generator], Iterable[Inputs]]
    answer: Callable
    mistakes: Mapping[str, Callable | list[Callable]]
    gradient: Sequence[str] = ()
    experiment: Callable = _one_call
    tolerance: float = 1e-4
    sampled: bool = False
    no_gradient: str = ""
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.__name__ = self.task.partition("(")[0]
        self.__doc__ = self.task

    def __call__(self, f: Callable) -> None:
        """Print *not attempted yet* or *passed*, or raise a ``Mistake``."""
        if not callable(f):
            call = f"checks.{self.name}({self.name})"
            raise Mistake(f"Hand over the function itself: {call}.")
        passed: list[Inputs] = []
        for inputs in self.inputs():
            given = self._observe(f, inputs)
            if isinstance(given, NotImplementedError):
                print(f"{self.name}: not attempted yet.")
                if given.args == (NOTHING,):
                    print(NOTHING)
                return
            if isinstance(given, Mistake):
                raise given
            expected = self._observe(self.answer, inputs)
            if reason := difference(given, expected, self.tolerance):
                cause = given if isinstance(given, Exception) else None
                raise self._mistake(given, inputs, passed, reason) from cause
            passed.append(inputs)
        if self.gradient:
            self._check_gradient(f, passed[0])
        print(f"{self.name}: passed.")

    def inputs(self) -> list[Inputs]:
        """The inputs of every case; the same at each call."""
        cases = list(self.cases(Generator().manual_seed(0)))
        return [*cases, {k: _double(v) for k, v in cases[0].items()}]

    def _observe(self, f: Callable, inputs: Inputs) -> Any:
        """Run ``f`` on copies of the inputs; an exception is a result too."""
        copies = {name: _copy(value) for name, value in inputs.items()}
        try:
            outcome = self.experiment(_attempt(f), **copies)
        except Exception as error:
            return error
        for name, value in inputs.items():
            if isinstance(value, Tensor) and not value.equal(copies[name]):
                return Mistake(
                    f"You change the input {name} in place, and the caller's "
                    "tensor with it: make a new tensor (x = x + 1 in place "
                    "of x += 1, add in place of add_)."
                )
        return outcome

    def _mistake(self, given, inputs, passed, reason) -> Mistake:
        """Name the mistake in ``given`` if it has a name, else show it."""
        for sentence, wrong in self.mistakes.items():
            for function in wrong if isinstance(wrong, list) else [wrong]:
                theirs = self._observe(function, inputs)
                if not difference(given, theirs, self.tolerance):
                    return Mistake(sentence)
        aside, now = "", say_inputs(inputs)
        if passed and now != (first := say_inputs(passed[0])):
            aside = (
                f"Your function is right for {first}, but not for {now}: "
                "is a size or a dtype fixed in it?\n"
            )
        values = say_inputs(inputs, values=True)
        return Mistake(f"{aside}{reason}\nInputs: {values}")

    def _check_gradient(self, f: Callable, inputs: Inputs) -> None:
        def gradients(function: Callable) -> tuple[Tensor, ...]:
            live = {name: _copy(value) for name, value in inputs.items()}
            leaves = [live[name].requires_grad_() for name in self.gradient]
            result = self.experiment(function, **live)
            parts = result if isinstance(result, tuple) else (result,)
            # + 1: the squares alone of unit vectors have a constant sum
            total = sum((part + 1).square().sum() for part in parts)
            return torch.autograd.grad(total, leaves)

        mistake = Mistake(
            "The values are right, but the gradient with respect to "
            f"{' and '.join(self.gradient)} is lost on the way: build the "
            "result from the inputs with torch's functions (no detach, item, "
            "numpy, no_grad, torch.tensor(...))."
        )
        try:
            given = gradients(f)
        except Exception as error:
            raise mistake from error
        if difference(given, gradients(self.answer), self.tolerance):
            raise mistake


def _attempt(f: Callable) -> Callable:
    """The function ``f``, for which returning nothing is no attempt."""

    def attempt(*inputs):
        if (result := f(*inputs)) is None:
            raise NotImplementedError(NOTHING)
        return result

    return attempt


def _copy(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def _double(value: Any) -> Any:
    floating = isinstance(value, Tensor) and value.is_floating_point()
    return value.double() if floating else value
