"""The exercise checkers: what a function does beside returning is seen."""

import pytest
import torch
from torch import nn

from course_lib import checks
from course_lib.checks.exercise import Exercise
from course_lib.checks.observe import is_hole


def inputs_of(args):
    """The tensor or the list among the arguments."""
    return next(a for a in args if isinstance(a, torch.Tensor | list))


def exercise(task="double(x) -> (B,).", x=None, experiment=None):
    value = torch.tensor([1.0, -2.0, 0.5]) if x is None else x
    if experiment is None:

        def experiment(f, x):
            return f(x)

    return Exercise(
        task,
        cases=lambda _: [{"x": value}],
        answer=lambda *args: 2 * torch.as_tensor(inputs_of(args)),
        experiment=experiment,
        mistakes={},
    )


def said(f, **kwargs):
    with pytest.raises(checks.Mistake) as caught:
        exercise(**kwargs)(f)
    return str(caught.value)


def test_an_input_changed_in_place(capsys):
    assert "change the input x in place" in said(lambda x: x.mul_(2))

    def entry(x):
        y = x.view(3)
        y[0] = 7
        return 2 * x

    assert "change the input x in place" in said(entry)


def test_a_gradient_left_in_an_input(capsys):
    def left(x):
        x.requires_grad_()
        x.square().sum().backward()
        return x.grad

    def taken(x):
        x.requires_grad_()
        return torch.autograd.grad(x.square().sum(), x)[0]

    assert "keeps the gradient" in said(left)
    exercise()(taken)
    assert "passed" in capsys.readouterr().out


def test_an_input_of_nan_is_not_changed_by_looking(capsys):
    exercise(x=torch.tensor([1.0, float("nan"), 2]))(lambda x: 2 * x)
    assert "passed" in capsys.readouterr().out


@pytest.mark.parametrize("change", [list.reverse, list.pop, list.sort])
def test_a_list_changed(change):
    def f(x):
        result = 2 * torch.tensor(x)
        change(x)
        return result

    assert "change the list x" in said(f, x=[3.0, -2.0, 0.5])


def test_each_call_gets_its_own_list(capsys):
    """The expected result is not computed on a list that f emptied."""
    values = [3.0, -2.0, 0.5]
    said(lambda x: x.clear() or torch.zeros(3), x=values)
    assert values == [3.0, -2.0, 0.5]


def test_the_seed_of_torch():
    def seeded(x):
        torch.manual_seed(0)
        return 2 * x

    before = torch.get_rng_state()
    assert "torch.manual_seed inside" in said(seeded)
    assert torch.equal(torch.get_rng_state(), before)


def test_settings_of_torch():
    def switched(x):
        torch.set_grad_enabled(False)
        return 2 * x

    def retyped(x):
        torch.set_default_dtype(torch.float64)
        return 2 * x

    assert "set_grad_enabled" in said(switched)
    assert torch.is_grad_enabled()
    assert "set_default_dtype" in said(retyped)
    assert torch.get_default_dtype() is torch.float32


def test_a_mode_that_stays():
    def in_a_model(f, x):
        return f(nn.Dropout(), x)

    def left(model, x):
        model.eval()
        return 2 * x

    def restored(model, x):
        model.eval()
        model.train()
        return 2 * x

    task = "double(model, x) -> (B,)."
    assert "leave model in another mode" in said(
        left, task=task, experiment=in_a_model
    )
    exercise(task, experiment=in_a_model)(restored)


def test_a_generator_seeded_again():
    def with_generator(f, x):
        return f(x, torch.Generator().manual_seed(7))

    def seeded(x, generator):
        generator.manual_seed(0)
        return 2 * x

    message = said(
        seeded, task="double(x, g) -> (B,).", experiment=with_generator
    )
    assert "give the g a seed of your own" in message


def test_another_signature():
    assert "cannot be called as double(x)" in said(lambda: 0)
    assert "cannot be called as double(x)" in said(lambda x, y: 0)
    exercise()(lambda x, factor=2: factor * x)


def hole(x):
    """A docstring."""
    raise NotImplementedError("your code here")


def bare(x):
    raise NotImplementedError


def attempted(x):
    y = 2 * x
    raise NotImplementedError("your code here")
    return y


def empty(x):
    """A docstring."""


def torch_lacks_it(x):
    raise NotImplementedError("not implemented for 'Bool'")


def test_only_the_untouched_hole_is_not_attempted(capsys):
    for f in (hole, bare):
        assert is_hole(f)
        exercise()(f)
        assert capsys.readouterr().out == "double: not attempted yet.\n"
    for f in (attempted, empty, torch_lacks_it, lambda x: x):
        assert not is_hole(f)
    assert "delete that line" in said(attempted)
    assert "returns nothing (None)" in said(empty)
    assert "NotImplementedError: not implemented" in said(torch_lacks_it)


def test_a_result_that_is_printed():
    assert "print the result" in said(lambda x: print(2 * x))


def test_none_in_some_cases():
    def sometimes(x):
        if x.dtype == torch.float32:
            return 2 * x

    assert "returns nothing (None) here" in said(sometimes)


def test_strict_raises_for_the_hole(monkeypatch, capsys):
    with pytest.raises(checks.Mistake, match=r"^double: not attempted yet.$"):
        exercise()(hole, strict=True)
    monkeypatch.setenv("COURSE_CHECKS", "strict")
    with pytest.raises(checks.Mistake, match="not attempted"):
        exercise()(hole)
    exercise()(hole, strict=False)
    exercise()(lambda x: 2 * x)
    assert capsys.readouterr().out.splitlines() == [
        "double: not attempted yet.",
        "double: passed.",
    ]
