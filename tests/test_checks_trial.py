"""The exercise checkers on answers by people who had not seen the tables."""

import re

import pytest

from answers import trial
from checking import NAMES, message
from course_lib import checks


def test_every_exercise_was_tried():
    assert set(trial.RIGHT) == set(trial.WRONG) == set(NAMES)
    assert all(len(forms) >= 5 for forms in trial.RIGHT.values())
    assert all(len(wrong) >= 12 for wrong in trial.WRONG.values())


@pytest.mark.parametrize(
    ("name", "f"),
    [
        pytest.param(name, f, id=f"{name}-{i}")
        for name, forms in trial.RIGHT.items()
        for i, f in enumerate(forms)
    ],
)
def test_right_answers_pass(name, f, capsys):
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
