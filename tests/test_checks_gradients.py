"""The exercise checkers: a result without its gradient is named."""

import re

import pytest
import torch

from answers import RIGHT
from answers.common import spoil
from checking import NAMES, has_tensors, is_scalar, message
from course_lib import checks

GRADIENT = [n for n in NAMES if getattr(checks, n).gradient]
REASON = [n for n in NAMES if getattr(checks, n).no_gradient]
TENSORS = [n for n in NAMES if has_tensors(n)]


@pytest.mark.parametrize("name", [n for n in TENSORS if n not in REASON])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(torch.no_grad(), id="no_grad"),
        pytest.param(spoil(torch.Tensor.detach), id="detach"),
        pytest.param(spoil(lambda r: torch.tensor(r.tolist())), id="list"),
    ],
)
def test_a_detached_result_is_named_or_there_is_a_reason(name, make):
    """By the gradient, or else by slopes in the experiment."""
    said = message(name, make(RIGHT[name][0]))
    assert re.search("no gradient reaches|gradient .* is lost", said), said


@pytest.mark.parametrize("name", REASON)
def test_where_there_is_a_reason_a_detached_result_passes(name, capsys):
    assert name in TENSORS and name not in GRADIENT
    getattr(checks, name)(spoil(torch.Tensor.detach)(RIGHT[name][0]))
    assert capsys.readouterr().out == f"{name}: passed.\n"


@pytest.mark.parametrize("name", GRADIENT)
def test_a_result_partly_detached_is_named(name):
    half = spoil(lambda r: 0.5 * r + 0.5 * r.detach())
    through_numpy = spoil(lambda r: torch.from_numpy(r.numpy()))
    for make in (half, through_numpy):
        assert "is lost on the way" in message(name, make(RIGHT[name][0]))


@pytest.mark.parametrize("name", [n for n in GRADIENT if is_scalar(n)])
def test_a_scalar_without_its_gradient_is_named(name):
    for number in (torch.Tensor.item, lambda r: torch.tensor(r.item())):
        said = message(name, spoil(number)(RIGHT[name][0]))
        assert "is lost on the way" in said


@pytest.mark.parametrize(
    ("name", "to"),
    [(n, to) for n in GRADIENT for to in getattr(checks, n).gradient],
)
def test_a_gradient_must_reach_each_input(name, to):
    place = list(getattr(checks, name).inputs()[0]).index(to)

    def detached(*args):
        args = [a.detach() if i == place else a for i, a in enumerate(args)]
        return RIGHT[name][0](*args)

    assert "is lost on the way" in message(name, detached)
