"""The exercises whose answer is a test."""

import importlib
from pathlib import Path

import pytest
import torch

from course_lib import checks, losses
from course_lib.checks.mutation import TestExercise
from course_lib.losses import gaussian_kl
from mutants import kl

FILES = sorted((Path(__file__).parent / "mutants").glob("[!_]*.py"))
MODULES = {p.stem: importlib.import_module(f"mutants.{p.stem}") for p in FILES}


def said(exercise, test):
    with pytest.raises(checks.Mistake) as caught:
        exercise(test)
    return str(caught.value)


@pytest.mark.parametrize("name", MODULES)
def test_a_good_test_catches_all(name, capsys):
    module = MODULES[name]
    module.EXERCISE(module.GOOD)
    right, mutants = module.EXERCISE.right, module.EXERCISE.mutants
    assert capsys.readouterr().out.startswith(
        f"test_{name}: passed. {len(right)} right versions accepted, "
        f"{len(mutants)} broken ones caught"
    )


@pytest.mark.parametrize(
    ("name", "test", "survivors"),
    [
        pytest.param(name, test, survivors, id=f"{name}-{test.__name__}")
        for name, module in MODULES.items()
        for test, survivors in module.WEAK
    ],
)
def test_what_survives_a_weak_test_is_listed(name, test, survivors):
    exercise = MODULES[name].EXERCISE
    message = said(exercise, test)
    number = f"{survivors} of {len(exercise.mutants)}"
    assert message.startswith(f"Your test lets {number} broken versions pass:")
    assert len(message.splitlines()) >= survivors + 1


@pytest.mark.parametrize("name", MODULES)
def test_documentation(name):
    exercise = MODULES[name].EXERCISE
    assert exercise.__name__ == exercise.name == f"test_{name}"
    assert exercise.__doc__.startswith(f"test_{name}(")
    assert set(exercise.hints) <= set(exercise.mutants)


def test_a_hint_says_where_to_look():
    message = said(kl.EXERCISE, kl.monte_carlo)
    assert "  - log(exp(logvar) + 1e-10) (look at a very small" in message


def test_a_test_that_rejects_a_right_version():
    def too_strict(kl):
        z = torch.randn(10)
        assert abs(z.mean()) < 1e-3, "the mean"

    message = said(kl.EXERCISE, too_strict)
    assert message.startswith(
        "Your test rejects a right version (the closed form; seed 0), with "
        "AssertionError: the mean"
    )
    assert "assert abs(z.mean()) < 1e-3" in message


def test_the_seed_that_rejects_is_named():
    def unlucky(f):
        f(torch.zeros(1, 1), torch.zeros(1, 1))
        torch.manual_seed(torch.initial_seed())
        assert torch.initial_seed() != 2

    assert "(the closed form; seed 2)" in said(kl.EXERCISE, unlucky)


def test_a_test_that_never_calls():
    def idle(kl):
        assert True

    assert "never calls the function" in said(kl.EXERCISE, idle)


def test_a_test_that_returns():
    def compares(kl):
        zero = torch.zeros(1, 1)
        return bool(kl(zero, zero) == 0)

    assert "Your test returns True" in said(kl.EXERCISE, compares)


def own_of_the_module(kl):
    mu, logvar = torch.randn(2, 5, 3)
    assert (kl(mu, logvar) - losses.gaussian_kl(mu, logvar)).abs().max() < 1e-4


def own_by_its_name(kl):
    mu, logvar = torch.randn(2, 5, 3)
    assert (kl(mu, logvar) - gaussian_kl(mu, logvar)).abs().max() < 1e-4


@pytest.mark.parametrize("test", [own_of_the_module, own_by_its_name])
def test_a_comparison_with_the_courses_own(test):
    before = losses.gaussian_kl, gaussian_kl
    assert "Leave the course's gaussian_kl out" in said(kl.EXERCISE, test)
    assert (losses.gaussian_kl, gaussian_kl) == before


def test_a_version_may_be_built_on_the_courses_own(capsys):
    exercise = TestExercise(
        "test_kl(kl): asserts.",
        right={"the course's": lambda m, v: losses.gaussian_kl(m, v)},
        mutants={"twice": lambda m, v: 2 * losses.gaussian_kl(m, v)},
        own=["course_lib.losses.gaussian_kl"],
    )
    one, zero = torch.ones(1, 1), torch.zeros(1, 1)

    def test(kl):
        assert abs(kl(one, zero) - 0.5) < 1e-6

    exercise(test)
    assert capsys.readouterr().out == (
        "test_kl: passed. 1 right versions accepted, 1 broken ones caught.\n"
    )


def test_caught_under_some_seeds_only():
    exercise = TestExercise(
        "test_zero(f): asserts.",
        right={"zero": lambda: 0.0},
        mutants={"noise": lambda: torch.randn(()).item()},
    )

    def one_sided(f):  # the seeds give 1.5, 0.7 and 0.4
        assert f() < 1

    lucky = "Caught under some random seeds only:\n  - noise"
    assert said(exercise, one_sided) == lucky


def test_errors_are_counted(capsys):
    exercise = TestExercise(
        "test_one(f): asserts.",
        right={"one": lambda: 1},
        mutants={"text": lambda: "1", "two": lambda: 2},
    )

    def test(f):
        assert f() + 0 == 1

    exercise(test)
    assert "2 broken ones caught (1 of them by an error" in (
        capsys.readouterr().out
    )


def hole(kl):
    raise NotImplementedError("your code here")


def test_not_attempted(capsys):
    kl.EXERCISE(hole)
    assert capsys.readouterr().out == "test_kl: not attempted yet.\n"
    with pytest.raises(checks.Mistake, match="not attempted"):
        kl.EXERCISE(hole, strict=True)
    assert "checks.test_kl(test_kl)" in said(kl.EXERCISE, 3)


def test_random_numbers_go_on_as_before():
    before = torch.get_rng_state()
    kl.EXERCISE(kl.GOOD)
    assert torch.equal(torch.get_rng_state(), before)
