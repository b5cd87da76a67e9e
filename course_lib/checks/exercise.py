"""An exercise, described by a table, and the check of answers to it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Generator, Tensor

from course_lib.checks import explain, gradients
from course_lib.checks.compare import agree
from course_lib.checks.mistake import Mistake
from course_lib.checks.observe import is_hole, observe
from course_lib.checks.trial import FLOAT64, Inputs, Trial

SEED = 20_023  # of torch's random numbers, for f that draws on its own
Case = Inputs | tuple[str, Inputs]


def _one_call(f: Callable, **inputs) -> Any:
    return f(*inputs.values())


@dataclass(eq=False, repr=False)
class Exercise:
    """An exercise; calling it with a learner's function checks the function.

    task: the function's signature, which begins with its name, then shapes
        and units; becomes the docstring.
    cases: from a seeded generator, the inputs ``{name: value}`` of several
        calls. A case in which more than sizes differs from the ordinary is a
        pair ``(label, inputs)``; the label completes *wrong ...*, as in
        "where a column is zero". The first case is tried again in float64.
    answer: a right answer.
    mistakes: ``{sentence: wrong function, or a list of them}``: what to say
        to a learner whose function does the same as a wrong function in
        every ordinary case or, where only an edge is wrong, in every case.
        Where two sentences fit, neither is said.
    gradient: names of the inputs in which the result is differentiable.
    experiment: ``experiment(f, **inputs)`` gives what is compared: by default
        the result of one call; for a function with effects, a dictionary
        ``{what it is: value}``.
    outputs: what each of several results is, as in ("mean", "covariance").
    tolerance: absolute and relative.
    sampled: only statistics of the result are compared.
    no_gradient: why a right answer may come without a gradient, where
        neither ``gradient`` nor slopes in ``experiment`` ask for one; for
        the tests.
    """

    task: str
    cases: Callable[[Generator], Iterable[Case]]
    answer: Callable
    mistakes: Mapping[str, Callable | list[Callable]]
    gradient: Sequence[str] = ()
    experiment: Callable = _one_call
    outputs: Sequence[str] = ()
    tolerance: float = 1e-4
    sampled: bool = False
    no_gradient: str = ""
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.__name__ = self.task.partition("(")[0]
        self.__doc__ = self.task

    def __call__(self, f: Callable, strict: bool | None = None) -> None:
        """Print *not attempted yet* or *passed*, or raise a ``Mistake``.

        strict: whether *not attempted yet* raises too, as a grader wants; by
            default if the environment has ``COURSE_CHECKS=strict``.
        """
        refuse_other_than_function(f, self.name)
        if is_hole(f):
            say_not_attempted(self.name, strict)
            return
        trials = [self.trial(f, *case) for case in self.labelled()]
        # An effect or a wrong value at an edge is said after all others.
        for some in ([t for t in trials if not t.label], trials):
            for trial in some:
                if isinstance(trial.given, Mistake):
                    raise trial.given
            if failed := [trial for trial in some if trial.failed]:
                errors = [t.given for t in failed]
                raised = (e for e in errors if isinstance(e, Exception))
                raise self._mistake(f, trials) from next(raised, None)
        if self.gradient:
            gradients.check(self, f, trials)
        print(f"{self.name}: passed.")

    def labelled(self) -> Iterator[tuple[str, Inputs]]:
        """Each case's label, "" for an ordinary one, and its inputs."""
        cases = [self._draw(0)]
        if not self.sampled:  # a coincidence in two draws is unlikely
            cases.append(self._draw(1))
        yield from cases[0]
        for (label, inputs), (_, other) in zip(
            cases[-1], cases[0], strict=True
        ):
            if not _equal(inputs, other):
                yield label, inputs
        first = cases[0][0][1]
        double = {name: _double(value) for name, value in first.items()}
        if any(double[name] is not first[name] for name in first):
            yield FLOAT64, double

    def _draw(self, seed: int) -> list[tuple[str, Inputs]]:
        cases = self.cases(Generator().manual_seed(seed))
        return [c if isinstance(c, tuple) else ("", c) for c in cases]

    def inputs(self) -> list[Inputs]:
        """The inputs of every case; the same at each call."""
        return [inputs for _, inputs in self.labelled()]

    def trial(self, f: Callable, label: str, inputs: Inputs) -> Trial:
        """What a learner's function gives in a case, beside the expected."""
        given = self.observe(f, inputs)
        expected = self.observe(self.answer, inputs)
        if isinstance(expected, Exception):
            raise expected  # the table is broken, not the learner's function
        same = agree(given, expected, self.tolerance)
        return Trial(label, inputs, given, expected, not same)

    def observe(self, f: Callable, inputs: Inputs, seed: int = SEED) -> Any:
        """The outcome of the experiment with f; an exception is one too."""
        signature = " ".join(self.task.partition(")")[0].split()) + ")"
        return observe(f, self.experiment, inputs, signature, seed)

    def _mistake(self, f: Callable, trials: list[Trial]) -> Mistake:
        """Name the mistake if it has a name, else describe what differs."""
        ordinary = [trial for trial in trials if not trial.label]
        if not any(trial.failed for trial in ordinary):
            ordinary = trials  # an edge alone is wrong
        # An edge can hide a mistake that all ordinary cases show. It decides
        # only where two sentences fit without it.
        said = self._sentences(ordinary)
        if len(said) > 1:
            whole = [t for t in trials if not isinstance(t.given, Mistake)]
            said = [s for s in self._sentences(whole) if s in said]
        if len(said) == 1:
            return Mistake(said[0])
        return Mistake(explain.explain(self, f, trials))

    def _sentences(self, trials: list[Trial]) -> list[str]:
        """The mistakes that give the learner's result in every trial."""

        def same(wrong: Callable) -> bool:
            outcomes = (self.observe(wrong, trial.inputs) for trial in trials)
            pairs = zip((t.given for t in trials), outcomes, strict=True)
            return all(agree(*pair, self.tolerance) for pair in pairs)

        return [
            sentence
            for sentence, wrong in self.mistakes.items()
            if any(map(same, wrong if isinstance(wrong, list) else [wrong]))
        ]


def refuse_other_than_function(f: Any, name: str) -> None:
    """Raise a ``Mistake`` if a result was handed over, not the function."""
    if not callable(f):
        call = f"checks.{name}({name})"
        raise Mistake(f"Hand over the function itself: {call}.")


def say_not_attempted(name: str, strict: bool | None) -> None:
    """Print that an exercise is untouched; raise it if strict."""
    said = f"{name}: not attempted yet."
    if strict is None:
        strict = os.environ.get("COURSE_CHECKS") == "strict"
    if strict:
        raise Mistake(said)
    print(said)


def _equal(a: Inputs, b: Inputs) -> bool:
    """Whether two cases have the same inputs."""

    def same(u: Any, v: Any) -> bool:
        return u.equal(v) if isinstance(u, Tensor) else bool(u == v)

    return all(same(a[name], b[name]) for name in a)


def _double(value: Any) -> Any:
    floating = isinstance(value, Tensor) and value.is_floating_point()
    return value.double() if floating else value
