"""Checks of equations: they print one line, and they can fail."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from course_lib import verify


@pytest.fixture
def said(capsys):
    """Return a function that gives what was printed since the last call."""
    return lambda: capsys.readouterr().out


def kl(mu, logvar, a=0.5, sign=-1, power=2):
    """Return the closed-form KL in lesson 06, or a wrong form of it."""
    return (a * (mu**power + logvar.exp() - 1 + sign * logvar)).sum()


def both_sides(**wrong):
    generator = torch.Generator().manual_seed(0)
    mu, logvar = torch.randn(2, 5, generator=generator).double()
    prior = Normal(torch.zeros(5).double(), 1)
    oracle = kl_divergence(Normal(mu, (0.5 * logvar).exp()), prior).sum()
    return kl(mu, logvar, **wrong), oracle


def test_equal_sides_print_one_line(said):
    verify.equal("6.3", *both_sides())
    assert re.fullmatch(
        r"\(6\.3\) both sides (agree to \de-1\d|are the same number)\n", said()
    )


@pytest.mark.parametrize("wrong", [{"a": 0.51}, {"sign": 1}, {"power": 3}])
def test_a_wrong_factor_sign_or_exponent_fails(wrong, said):
    with pytest.raises(AssertionError, match=r"^\(6\.3\) the sides differ: "):
        verify.equal("6.3", *both_sides(**wrong))
    assert said() == ""


def test_the_digits_that_agree_are_told(said):
    verify.equal("1.1", 1.0, 1 + 3e-10)
    assert said() == "(1.1) both sides agree to 3e-10\n"
    verify.equal("1.1", 2e6, 2e6 * (1 + 4e-9))  # relative above 1
    assert said() == "(1.1) both sides agree to 4e-09\n"
    verify.equal("1.1", 1e-12, 0.0)  # absolute below
    assert said() == "(1.1) both sides agree to 1e-12\n"
    verify.equal("1.1", 3, 3)
    assert said() == "(1.1) both sides are the same number\n"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1.0, 1 + 2e-8),
        (1 + 2e-8, 1.0),
        (1e6, 1e6 * (1 + 2e-8)),
        (2e-8, 0.0),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (math.nan, 0.0),
        (0.0, math.nan),
    ],
)
def test_sides_that_differ_or_are_not_finite_fail(left, right):
    with pytest.raises(AssertionError, match="the sides differ: left"):
        verify.equal("1.1", left, right)


@given(st.integers(0, 11), st.sampled_from([-1.0, 1.0, math.nan]))
def test_the_one_entry_that_differs_is_named(place, change):
    right = torch.arange(12.0).double().reshape(3, 4)
    left = right.clone()
    left.view(-1)[place] += change
    where = re.escape(f"differ at [{place // 4}, {place % 4}]: left ")
    numbers = f"{left.view(-1)[place]:.10g}, right {place}$"
    with pytest.raises(AssertionError, match=where + re.escape(numbers[:-1])):
        verify.equal("2.4", left, right)


def test_float32_is_refused_in_the_first_and_the_second_place():
    for sides in ([torch.ones(2), torch.ones(2).double()],) * 2:
        with pytest.raises(ValueError, match=r"float64, from x\.double\(\)"):
            verify.equal("1.1", *sides)
        sides.reverse()


def test_sides_of_other_shapes_are_refused():
    ones = torch.ones(3).double()
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(3, 1\)"):
        verify.equal("1.1", ones, ones[:, None])
    with pytest.raises(ValueError, match="no entries"):
        verify.equal("1.1", ones[:0], ones[:0])


def test_what_counts_as_a_number(said):
    leaf = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    for one in (leaf, np.float64(0.5), 0.5, torch.tensor(1) / 2 * 1.0):
        if isinstance(one, torch.Tensor):
            one = one.double()
        verify.equal("1.1", one, 0.5)
    verify.equal("1.1", np.ones(3), [1, 1, 1])
    assert said().count("\n") == 5


def test_an_inequality_says_by_how_much(said):
    verify.at_most("5.8", 0, torch.tensor([0.25, 1.5]).double())
    assert (
        said()
        == "(5.8) left ≤ right: the right side is larger by 0.25 to 1.5\n"
    )
    verify.at_most("5.8", torch.tensor([1.0, 2 + 1e-9]).double(), 2.0)
    assert said().endswith("larger by 0 to 1\n")  # rounding is allowed
    verify.at_most("5.8", 1e6 * (1 + 5e-9), 1e6)
    assert said().endswith("larger by 0\n")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1 + 2e-8, 1.0),
        (1e6 * (1 + 2e-8), 1e6),
        (math.nan, 0.0),
        (0.0, math.nan),
        (math.inf, math.inf),
        (-math.inf, 0.0),
        (0.0, math.inf),
    ],
)
def test_a_left_side_that_is_above_or_not_finite_fails(left, right, said):
    with pytest.raises(
        AssertionError, match=r"^\(5\.8\) .* at most the right"
    ):
        verify.at_most("5.8", left, right)
    assert said() == ""


@given(st.integers(0, 11), st.sampled_from([1e-6, 1.0, math.nan]))
def test_the_one_entry_that_is_above_is_named(place, change):
    right = torch.arange(12.0).double().reshape(3, 4)
    left = right - 1
    verify.at_most("5.8", left, right)
    left.view(-1)[place] += 1 + change
    where = re.escape(f"right at [{place // 4}, {place % 4}]: left ")
    with pytest.raises(AssertionError, match=where):
        verify.at_most("5.8", left, right)


def test_a_bound_that_must_be_reached(said):
    left = torch.tensor([0.5, 1 + 1e-9]).double()
    verify.at_most("5.10", left, 1.0, reached=True)
    assert said().endswith("larger by 0 to 0.5\n")
    with pytest.raises(AssertionError, match=r"nowhere: .* by 0\.1 or more"):
        verify.at_most("5.10", left, 1.1, reached=True)
    with pytest.raises(AssertionError, match="not at most the right"):
        verify.at_most("5.10", left, 0.75, reached=True)


def test_sides_of_an_inequality_that_do_not_fit_are_refused():
    ones = torch.ones(3).double()
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(3, 1\)"):
        verify.at_most("5.8", ones, ones[:, None])
    with pytest.raises(ValueError, match="no entries"):
        verify.at_most("5.8", 0, ones[:0])
    with pytest.raises(ValueError, match=r"float64, from x\.double\(\)"):
        verify.at_most("5.8", 0, torch.ones(2))


def draws(n=10_000, shape=()):
    generator = torch.Generator().manual_seed(0)
    return 3 + 2 * torch.randn(n, *shape, generator=generator)


def test_samples_print_their_distance_in_standard_errors(said):
    samples = draws()
    error = samples.double().std() / 100
    distance = (samples.double().mean() - 3) / error
    verify.sampled("9.7", samples, 3.0)
    sign = "+" if distance > 0 else "−"
    start = f"(9.7) {sign}{abs(distance):.1f} standard errors from the formula"
    line = said()
    numbers = f"mean {samples.double().mean():.6g}, expected 3"
    assert line == f"{start} ({numbers}, standard error {error:.2g})\n"


def shifted(errors, n=400):
    """Return draws whose mean is so many standard errors above 0."""
    x = torch.linspace(-1, 1, n).double()
    return x + errors * x.std() / n**0.5


@pytest.mark.parametrize("errors", [3.9, -3.9])
def test_four_standard_errors_are_allowed(errors, said):
    verify.sampled("9.7", shifted(errors), 0.0)
    assert f"{abs(errors)} standard errors" in said()


@pytest.mark.parametrize("errors", [4.1, -4.1, 100, math.nan])
def test_more_than_four_fail(errors, said):
    kind = ValueError if math.isnan(errors) else AssertionError
    with pytest.raises(kind, match=r"^\(9\.7\)") as raised:
        verify.sampled("9.7", shifted(errors), 0.0)
    if kind is AssertionError:
        assert f"{errors:+.1f} standard errors" in str(raised.value)
    assert said() == ""


def test_the_furthest_of_several_is_told(said):
    samples = torch.stack([shifted(1), shifted(-2), shifted(0.5)], 1)
    verify.sampled("9.7", samples, torch.zeros(3))
    assert said().startswith(
        "(9.7) −2.0 standard errors from the formula, the furthest of 3 (mean"
    )
    with pytest.raises(AssertionError, match=r"\+5\.0 standard .* at \[1\]:"):
        verify.sampled(
            "9.7",
            torch.stack([shifted(1), shifted(5), shifted(0)], 1),
            torch.zeros(3),
        )


@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0])
def test_a_wrong_factor_of_a_second_moment_fails(factor):
    squares = draws(1000).square()
    verify.sampled("1.1", squares, 13.0)  # 3^2 + 2^2
    with pytest.raises(AssertionError):
        verify.sampled("1.1", squares, factor * 13.0)


@pytest.mark.parametrize(
    ("samples", "expected", "reason"),
    [
        (torch.tensor(1.0), 1.0, "two draws or more"),
        (torch.ones(1), 1.0, "two draws or more"),
        (torch.ones(5), 1.0, "draws are all alike"),
        (torch.tensor([1.0, math.inf, 2.0]), 1.0, "not finite"),
        (draws(9, (2,)), 3.0, r"\(2,\), what is expected \(\)"),
        (draws(9), torch.ones(1), r"\(\), what is expected \(1,\)"),
        (torch.ones(5, 0), torch.ones(0), "what is expected"),
    ],
)
def test_samples_without_an_error_are_refused(samples, expected, reason):
    with pytest.raises(ValueError, match=reason):
        verify.sampled("1.1", samples, expected)


def test_an_expectation_that_is_not_finite_fails():
    for expected in (math.nan, math.inf):
        with pytest.raises(AssertionError):
            verify.sampled("1.1", draws(9), expected)


def test_two_draws_are_enough(said):
    verify.sampled("1.1", torch.tensor([0.0, 2.0]), 1.0)
    assert "0.0 standard errors" in said()
