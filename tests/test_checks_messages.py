"""The exercise checkers: what they say, and what they leave untouched."""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from IPython.core.interactiveshell import InteractiveShell

from answers import RIGHT
from answers.common import fails, in_place, other_values
from checking import NAMES, has_tensors, message
from course_lib import checks


@pytest.mark.parametrize("name", NAMES)
def test_not_attempted(name, capsys):
    def raises(*args):
        raise NotImplementedError("your code here")

    getattr(checks, name)(raises)
    said = capsys.readouterr().out
    assert said == f"{name}: not attempted yet.\n"
    assert "returns nothing (None)" in message(name, lambda *args: None)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_in_place_of_the_function(name):
    assert f"checks.{name}({name})" in message(name, torch.ones(3))


@pytest.mark.parametrize("name", NAMES)
def test_wrong_number_of_arguments(name):
    assert f"cannot be called as {name}(" in message(name, lambda: 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_cause_is_kept(name):
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(fails(RIGHT[name][0]))
    assert isinstance(caught.value.__cause__, KeyError)
    if not has_tensors(name):
        return
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(in_place(RIGHT[name][0]))
    assert caught.value.__cause__ is None


def test_the_line_shown_is_the_learners_not_the_librarys():
    def fails_in_torch(x, x_hat):
        return F.mse_loss(x_hat, "x")

    assert ': return F.mse_loss(x_hat, "x")\n' in message(
        "sse", fails_in_torch
    )


@pytest.mark.parametrize("name", NAMES)
def test_global_random_state_is_untouched(name):
    exercise = getattr(checks, name)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()
    exercise(RIGHT[name][0])
    message(name, other_values(RIGHT[name][0]))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert str(np.random.get_state()) == str(before[2])


def test_a_notebook_shows_the_message_alone(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from course_lib import checks\n")
    shell.run_cell("def sse(x, x_hat):\n    return (x - x_hat).mean()\n")
    capsys.readouterr()
    result = shell.run_cell("checks.sse(sse)")
    assert isinstance(result.error_in_exec, checks.Mistake)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip() == str(result.error_in_exec)


def test_a_notebook_shows_the_learners_line(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from course_lib import checks\n")
    cell = "def helper(x):\n    return x.squared()\n\n"
    shell.run_cell(cell + "def sse(x, x_hat):\n    return helper(x - x_hat)\n")
    capsys.readouterr()
    shell.run_cell("checks.sse(sse)")
    shown = capsys.readouterr()
    assert "AttributeError" in shown.out + shown.err
    assert "line 2: return x.squared()" in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err


def test_mistake_is_an_assertion_error():
    assert issubclass(checks.Mistake, AssertionError)
