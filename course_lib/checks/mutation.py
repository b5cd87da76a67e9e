"""Exercises whose answer is a test, run on right and on broken functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest import mock

import torch

from course_lib.checks.exercise import (
    refuse_other_than_function,
    say_not_attempted,
)
from course_lib.checks.kinds import say_error
from course_lib.checks.mistake import Mistake
from course_lib.checks.observe import is_hole


@dataclass(eq=False, repr=False)
class TestExercise:
    """An exercise in which the learner writes ``test_x(f)``, with asserts.

    task: the test's signature, which begins with its name, then what ``f``
        takes and gives; becomes the docstring.
    right: ``{what it is: function}`` that the test must let pass.
    mutants: ``{what is wrong with it: function}`` that it must catch.
    hints: ``{what is wrong: what to look at}`` for mutants, as in "two
        calls" or "the gradient"; never the assertion itself.
    own: where the course's own versions of the function stand, as in
        "course_lib.losses.gaussian_kl". A test that compares with one of
        them is refused.
    seeds: of torch's random numbers; each test runs under all of them.
    """

    __test__ = False  # what pytest asks

    task: str
    right: Mapping[str, Callable]
    mutants: Mapping[str, Callable]
    hints: Mapping[str, str] = field(default_factory=dict)
    own: Sequence[str] = ()
    seeds: Sequence[int] = (0, 1, 2)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.__name__ = self.task.partition("(")[0]
        self.__doc__ = self.task

    def __call__(self, test: Callable, strict: bool | None = None) -> None:
        """Print *not attempted yet* or *passed*, or raise a ``Mistake``."""
        refuse_other_than_function(test, self.name)
        if is_hole(test):
            say_not_attempted(self.name, strict)
            return
        for what, f in self.right.items():
            for seed in self.seeds:
                self._accept(test, f, what, seed)
        survivors, lucky, errors = self._hunt(test)
        number = len(self.mutants)
        if survivors or lucky:
            raise Mistake("\n".join(self._missed(survivors, lucky)))
        aside = f" ({errors} of them by an error, not an assert)" * (
            errors > 0
        )
        print(
            f"{self.name}: passed. {len(self.right)} right versions accepted, "
            f"{number} broken ones caught{aside}."
        )

    def _accept(self, test, f, what: str, seed: int) -> None:
        """Raise a ``Mistake`` unless the test lets a right function pass."""
        error, calls = self._run(test, f, seed)
        if isinstance(error, Mistake):
            raise error
        if error is not None:
            said = say_error(error).removeprefix("Your function raises ")
            raise Mistake(
                f"Your test rejects a right version ({what}; seed {seed}), "
                f"with {said}\nIs a tolerance too strict, are there too few "
                "samples, or is something asked that need not hold?"
            ) from error
        if not calls:
            raise Mistake(
                "Your test never calls the function that it is given, so it "
                "cannot fail."
            )

    def _hunt(self, test) -> tuple[list[str], list[str], int]:
        """Mutants never caught, those sometimes, and how many by an error."""
        survivors, lucky, errors = [], [], 0
        for what, f in self.mutants.items():
            caught = [self._run(test, f, self.seeds[0])[0]]
            if caught[0] is None:
                survivors.append(what)
                continue
            caught += [self._run(test, f, seed)[0] for seed in self.seeds[1:]]
            if None in caught:
                lucky.append(what)
            errors += not isinstance(caught[0], AssertionError)
        return survivors, lucky, errors

    def _missed(self, survivors, lucky) -> Iterator[str]:
        if survivors:
            number = f"{len(survivors)} of {len(self.mutants)}"
            yield f"Your test lets {number} broken versions pass:"
            yield from map(self._with_hint, survivors)
        if lucky:
            yield "Caught under some random seeds only:"
            yield from map(self._with_hint, lucky)

    def _with_hint(self, what: str) -> str:
        hint = self.hints.get(what)
        return f"  - {what}" + (f" (look at {hint})" if hint else "")

    def _run(self, test, f, seed: int) -> tuple[Exception | None, int]:
        """What the test raises of f under a seed, and how often it calls f."""
        calls, inside = 0, False

        def implementation(*args, **kwargs) -> Any:
            nonlocal calls, inside
            calls, inside = calls + 1, True
            try:
                return f(*args, **kwargs)
            finally:
                inside = False

        with torch.random.fork_rng(devices=[]), ExitStack() as stack:
            torch.manual_seed(seed)
            for target in self.own:
                _forbid(target, test, lambda: inside, stack)
            try:
                result = test(implementation)
            except Exception as error:
                return error, calls
        if result is not None:
            return _returned(result), calls
        return None, calls


def _returned(result: Any) -> Mistake:
    return Mistake(
        f"Your test returns {result!r:.40}: nobody looks at what a test "
        "returns. Use assert, which raises where the condition is false."
    )


def _forbid(target: str, test, allowed: Callable, stack: ExitStack) -> None:
    """Make a function of the course raise when the test itself calls it."""
    module, name = target.rsplit(".", 1)
    own = getattr(import_module(module), name)

    def refuse(*args, **kwargs) -> Any:
        if allowed():  # a version under test is built on it
            return own(*args, **kwargs)
        raise Mistake(
            f"Leave the course's {name} out of your test: a comparison with "
            "a version that is known to be right is no test of what must hold."
        )

    stack.enter_context(mock.patch(target, refuse))
    scope = getattr(test, "__globals__", {})
    names = [key for key, value in scope.items() if value is own]
    replaced = dict.fromkeys(names, refuse)
    stack.enter_context(mock.patch.dict(scope, replaced))
