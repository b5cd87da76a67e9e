"""The exercise checkers: right answers pass, mistakes are named."""

import ast
import re
from pathlib import Path

import pytest

import answers
from answers import RIGHT, WRONG
from answers.common import other_values
from checking import (
    ANSWERED,
    NAMES,
    has_tensors,
    is_scalar,
    message,
    result_of,
    wrong_answers,
)
from course_lib import checks

CHECKS = Path(checks.__file__).parent
TENSORS_OUT = [
    n
    for n in NAMES
    if has_tensors(n)
    and not is_scalar(n)
    and not isinstance(result_of(n), tuple)
]


def expressions():
    """What the functions of all tables return, as code."""
    for path in CHECKS.glob("lesson_*/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Lambda):
                yield ast.unparse(node.body)
            elif isinstance(node, ast.Return) and node.value:
                yield ast.unparse(node.value)


EXPRESSIONS = {code for code in expressions() if len(code) > 8}


def shown_of_the_solution(said):
    """Expressions of the tables in a message, but for the learner's line."""
    said = re.sub(r"\n  line \d+:.*", "", said)
    return [code for code in EXPRESSIONS if code in said]


def lesson_and_name(paths):
    return sorted(f"{path.parent.name}/{path.stem}" for path in paths)


def test_every_exercise_has_its_answers():
    exercises = lesson_and_name(CHECKS.glob("lesson_*/[!_.]*.py"))
    assert lesson_and_name(answers.FILES) == exercises
    assert set(RIGHT) == set(WRONG) == set(NAMES)
    assert all(len(forms) >= 3 for forms in RIGHT.values())
    assert all(WRONG.values())


@pytest.mark.parametrize(
    ("name", "f"),
    [
        pytest.param(name, f, id=f"{name}-{i}")
        for name in ANSWERED
        for i, f in enumerate(RIGHT[name])
    ],
)
def test_right_answers_pass(name, f, capsys):
    getattr(checks, name)(f)
    assert capsys.readouterr().out == f"{name}: passed.\n"


@pytest.mark.parametrize(
    ("name", "pattern", "f"),
    [
        pytest.param(name, pattern, f, id=f"{name}-{i}")
        for name in ANSWERED
        for i, (pattern, f) in enumerate(wrong_answers(name))
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_mistakes_are_named(name, pattern, f, capsys):
    said = message(name, f)
    assert re.search(pattern, said), said
    assert len(said) < 900
    assert not shown_of_the_solution(said)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", TENSORS_OUT)
def test_a_python_number_is_no_tensor(name):
    f = RIGHT[name][0]
    said = message(name, lambda *args: f(*args).sum().item())
    named = said in getattr(checks, name).mistakes
    assert named or "Python number (float)" in said


@pytest.mark.parametrize("name", NAMES)
def test_few_values_are_shown(name):
    said = message(name, other_values(RIGHT[name][0]))
    sampled = getattr(checks, name).sampled  # may have a sentence of its own
    assert said.count("yours is ") == 1 or sampled


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_never_show_the_solution(name):
    """No expression that a function of the tables returns is in a sentence."""
    assert len(EXPRESSIONS) > len(NAMES)
    for sentence in getattr(checks, name).mistakes:
        assert not shown_of_the_solution(sentence)
