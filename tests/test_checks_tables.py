"""The exercise checkers: their tables are sound."""

import contextlib
import re
from dataclasses import replace

import pytest
import torch

from answers import RIGHT
from answers.common import other_values
from checking import NAMES, message, wrong_functions
from course_lib import checks
from course_lib.checks.compare import difference


def returns_meta(f, inputs) -> bool:
    with contextlib.suppress(Exception):
        return f(*inputs.values()).is_meta
    return False


@pytest.mark.parametrize("name", NAMES)
def test_own_tables_are_distinct(name):
    """A wrong function of a checker's table is named by its own sentence."""
    exercise = getattr(checks, name)
    first = exercise.inputs()[0]
    for sentence, f in wrong_functions(name):
        if not returns_meta(f, first):
            assert message(name, f) == sentence


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_lie_far_apart(name):
    """Where a mistake shows first, all others and the answer differ clearly.

    Clearly: by ten tolerances; where statistics are compared, and a tolerance
    is five standard errors, by five.
    """
    exercise = getattr(checks, name)
    far = (5 if exercise.sampled else 10) * exercise.tolerance
    rows = [("right", exercise.answer), *wrong_functions(name)]
    unseen = set(range(1, len(rows)))
    for inputs in exercise.inputs():
        outcomes = [exercise._observe(f, inputs) for _, f in rows]
        is_meta = [getattr(outcome, "is_meta", False) for outcome in outcomes]
        for i in sorted(unseen):
            if is_meta[i]:
                unseen.remove(i)
            elif difference(outcomes[i], outcomes[0], exercise.tolerance):
                unseen.remove(i)
                for j, (sentence, _) in enumerate(rows):
                    if sentence != rows[i][0] and not is_meta[j]:
                        assert difference(outcomes[i], outcomes[j], far)
    assert not unseen


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_the_same_at_each_call(name):
    one, two = getattr(checks, name).inputs(), getattr(checks, name).inputs()
    torch.manual_seed(1)
    assert len(one) == len(two) >= 3
    for a, b in zip(one, two, strict=True):
        assert all(bool(torch.as_tensor(a[k] == b[k]).all()) for k in a)


def work(exercise, f):
    """Calls of functions in a check of f, and elements handed to them."""
    calls = elements = 0

    def counted(g):
        def call(*args):
            nonlocal calls, elements
            calls += 1
            tensors = [a for a in args if isinstance(a, torch.Tensor)]
            elements += sum(tensor.numel() for tensor in tensors)
            return g(*args)

        return call

    mistakes = {}
    for sentence, g in wrong_functions(exercise.name):
        mistakes.setdefault(sentence, []).append(counted(g))
    answer = counted(exercise.answer)
    with contextlib.suppress(checks.Mistake):
        replace(exercise, answer=answer, mistakes=mistakes)(counted(f))
    return calls, elements


@pytest.mark.parametrize("name", NAMES)
def test_a_check_does_little_work(name):
    """A check should feel immediate on a slow machine.

    A function has some ten operations: microseconds a call, nanoseconds an
    element. With these bounds, calls and elements cost tenths of a second
    each. Only statistics need thousands of rows.
    """
    exercise, right = getattr(checks, name), RIGHT[name][0]
    for f in (right, other_values(right)):
        calls, elements = work(exercise, f)
        assert 2 <= calls <= 250  # f and the answer, once at least
        assert elements <= (5_000_000 if exercise.sampled else 200_000)


@pytest.mark.parametrize("name", NAMES)
def test_documentation(name):
    exercise = getattr(checks, name)
    assert exercise.__name__ == exercise.name == name
    assert exercise.__doc__.startswith(f"{name}(")
    assert re.search(r"\([A-Za-z]+, ?[\w., ]*\)|shape", exercise.__doc__)
