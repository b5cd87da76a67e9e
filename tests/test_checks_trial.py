"""The exercise checkers on answers by people who had not seen the tables."""

import re

import pytest

from answers import trial
from checking import NAMES, message
from course_lib import checks


def test_every_exercise_was_tried():
    assert set(trial.RIGHT) == set(trial.WRONG) == set(NAMES)
    assert all(len(forms) >= 5 for forms in trial.RIGHT.values())
    tried = [[*trial.WRONG[name], *trial.ACCEPTED[name]] for name in NAMES]
    assert all(len(answers) >= 12 for answers in tried)


@pytest.mark.parametrize(
    ("name", "f"),
    [
        pytest.param(name, f, id=f"{name}-{i}")
        for name, forms in trial.RIGHT.items()
        for i, f in enumerate(forms)
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_right_answers_pass(name, f, capsys):
    getattr(checks, name)(f)
    assert capsys.readouterr().out == f"{name}: passed.\n"


@pytest.mark.parametrize(
    ("name", "f"),
    [
        pytest.param(name, f, id=f"{name}-{i}: {did}")
        for name, rows in trial.ACCEPTED.items()
        for i, (did, f) in enumerate(rows)
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_the_docstring_allows_passes(name, f, capsys):
    getattr(checks, name)(f)
    assert capsys.readouterr().out == f"{name}: passed.\n"


@pytest.mark.parametrize(
    ("name", "pattern", "f"),
    [
        pytest.param(name, pattern, f, id=f"{name}-{i}: {did}")
        for name, rows in trial.WRONG.items()
        for i, (did, pattern, f) in enumerate(rows)
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_mistakes_are_named(name, pattern, f):
    assert re.search(pattern, message(name, f))
