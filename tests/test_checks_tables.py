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
from course_lib.checks.compare import agree


@pytest.mark.parametrize("name", NAMES)
def test_own_tables_are_distinct(name):
    """The first wrong function of each sentence is named by it.

    That the others are follows from how far apart outcomes lie.
    """
    first = {}
    for sentence, f in wrong_functions(name):
        first.setdefault(sentence, f)
    for sentence, f in first.items():
        assert message(name, f) == sentence


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_lie_far_apart(name):
    """Each mistake differs clearly from the answer, and from all others.

    It does so in one of the cases that decide: in an ordinary one or, if the
    mistake shows only at an edge, in any. Clearly: by ten tolerances; where
    statistics are compared, and a tolerance is five standard errors, by one.
    """
    exercise = getattr(checks, name)
    far = (1 if exercise.sampled else 10) * exercise.tolerance
    cases = list(exercise.labelled())
    rows = [("right", exercise.answer), *wrong_functions(name)]
    outcomes = [
        [exercise.observe(f, inputs) for _, inputs in cases] for _, f in rows
    ]

    def apart(i, j, places, tolerance=far):
        pairs = [(outcomes[i][p], outcomes[j][p]) for p in places]
        return not all(agree(*pair, tolerance) for pair in pairs)

    everywhere = range(len(cases))
    ordinary = [p for p in everywhere if not cases[p][0]]
    for i in range(1, len(rows)):
        places = ordinary
        if not apart(i, 0, ordinary, exercise.tolerance):
            places = everywhere
        assert apart(i, 0, places), rows[i]
        for j in range(1, len(rows)):
            if rows[i][0] != rows[j][0]:
                assert apart(i, j, everywhere), (rows[i], rows[j])


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
        assert 2 <= calls <= 1500  # f and the answer, once at least
        assert elements <= (5_000_000 if exercise.sampled else 300_000)


@pytest.mark.parametrize("name", NAMES)
def test_documentation(name):
    exercise = getattr(checks, name)
    assert exercise.__name__ == exercise.name == name
    assert exercise.__doc__.startswith(f"{name}(")
    assert re.search(r"\([A-Za-z]+, ?[\w., ]*\)|shape", exercise.__doc__)
