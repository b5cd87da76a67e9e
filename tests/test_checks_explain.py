"""The exercise checkers: what is said of a mistake that has no name."""

import math
import re

import pytest
import torch

from course_lib import checks
from course_lib.checks.exercise import Exercise

ENTRIES = torch.tensor([[True, False, False], [False, False, True]])
weight = 3.0  # variables of the notebook
tiny = 1e-9
LOG_2PI = math.log(2 * math.pi)


def rows(generator):
    """Ordinary inputs (B, K) with every sign, of two sizes."""
    for B, K in [(4, 3), (3, 5)]:
        yield {"x": torch.randn(B, K, generator=generator), "a": 0.5 + B}


def edges(generator):
    yield from rows(generator)
    yield "where a row is zero", {"x": torch.zeros(2, 3), "a": 1.0}
    one = torch.randn(1, 3, generator=generator)
    yield "for one row alone", {"x": one, "a": 1.0}


def scaled_sum(x, a):
    return a * x.square().sum(1)


def exercise(**changes):
    fields = {
        "task": "scaled_sum(x, a) -> (B,): with x (B, K).",
        "cases": edges,
        "answer": scaled_sum,
        "mistakes": {},
    }
    return Exercise(**fields | changes)


def said(f, **changes):
    with pytest.raises(checks.Mistake) as caught:
        exercise(**changes)(f)
    return str(caught.value)


def of(change):
    return lambda x, a: change(scaled_sum(x, a))


def grown(r):
    """As if a fixed number stood where the root of the size belongs."""
    return r * len(r) ** 0.5 * 3


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("sign is turned: your result is minus", lambda r: -r),
        ("is twice the expected", lambda r: 2 * r),
        ("is half of the expected", lambda r: r / 2),
        ("bits", lambda r: r / math.log(2)),
        ("log10", lambda r: r / math.log(10)),
        ("is 3.7 times the expected", lambda r: 3.7 * r),
        ("Apart from its sign", lambda r: -2 * r),
        (r"divided by x.shape\[0\] \(4, then 3\)", lambda r: r / len(r)),
        (r"times x.shape\[0\]", lambda r: r * len(r)),
        (r"6 times.*, then 5.196 times.*root of x.shape\[0\]", grown),
        ("divided by the root of x.shape", lambda r: r / len(r) ** 0.5),
        ("too large by 1 in every entry", lambda r: r + 1),
        (r"too small by x.shape\[0\]", lambda r: r - len(r)),
        (r"too large by log x.shape\[0\]", lambda r: r + math.log(len(r))),
        ("divided by a \\(4.5, then 3.5\\)", lambda r: r / (len(r) + 0.5)),
        ("as if 7 stood in the place of x.shape", lambda r: r + len(r) - 7),
        ("too large by the same amount", lambda r: r + r[0].item()),
        ("reversed order", lambda r: r.flip(0)),
        ("in another order", lambda r: r.sort().values),
        ("is the exponential of", torch.exp),
        ("is the logarithm of", torch.log),
        ("is the square root of", torch.sqrt),
        ("is 1 minus what", lambda r: 1 - r),
        ("rounded down", torch.floor),
        ("rounded to a whole number", torch.round),
        ("another at each call", lambda r: r + torch.randn(())),
        ("is 2 for any input", lambda r: 0 * r + 2),
        ("one number, the mean of", torch.mean),
        ("one number, the sum of", torch.sum),
        ("one number: keep", torch.prod),
        ("first of the values asked for, alone", lambda r: r[0]),
        ("last of the values asked for, alone", lambda r: r[-1:]),
        ("size 1 too many", lambda r: r[:, None]),
        (r"shape \(4, 4\).*Broadcasting", lambda r: r[:, None] - r),
        ("list of length 4.*torch.stack", list),
        ("list of length 4.*torch.stack", torch.Tensor.tolist),
        ("tuple of length 2.*value number 2", lambda r: (7.0, r)),
        ("tuple of length 2; return one tensor", lambda r: (7.0, 8.0)),
        ("NumPy array", lambda r: r.numpy()),
        ("You return one str", str),
        ("complex", lambda r: r + 0j),
        (r"Python number \(float\), the sum", lambda r: r.sum().item()),
    ],
)
def test_a_relation_or_a_kind_is_said(words, change):
    message = said(of(change), cases=rows)
    assert re.search(words, message), message


@pytest.mark.parametrize(
    ("words", "f"),
    [
        ("sum over dimension 1 is still", lambda x, a: a * x.square()),
        ("mean over dimension 1 is still", lambda x, a: x.shape[1] * a * x**2),
        ("wrong dimension reduced", lambda x, a: a * x.square().sum(0)),
        ("reads weight from the notebook", lambda x, a: weight * x.sum(1)),
        ("reads ENTRIES from", lambda x, a: a * x.sum(1) + len(ENTRIES) / 3),
        ("never uses its argument a", lambda x, a: x.square().sum(1).exp()),
        (
            "same for another value of a",
            lambda x, a: x.square().sum(1).exp() + 0 * a,
        ),
        (
            "other rows change when only row 0 of x does",
            lambda x, a: a * x.square().sum(1) / x.norm(),
        ),
        (
            "number 12 written into it",
            lambda x, a: a * x.square().view(-1, 12).sum(1),
        ),
        ("has shape (4, 1)", lambda x, a: a * (x**2).sum(1, keepdim=True)),
        ("cannot be called as scaled_sum(x, a)", lambda x: x),
    ],
)
def test_what_a_function_does_is_said(words, f):
    sizes = [] if "written" not in words else [(1, 12), (2, 12), (2, 6)]

    def cases(generator):
        for size in sizes:
            yield {"x": torch.randn(size, generator=generator), "a": 2.0}
        yield from rows(generator)

    assert words in said(f, cases=cases)


def test_a_transposed_result():
    def matrices(generator):
        for _ in range(2):
            yield {"x": torch.randn(3, 3, generator=generator), "a": 2.0}

    def scaled(x, a):
        return a * x

    changes = {"cases": matrices, "answer": scaled}
    assert "is transposed" in said(lambda x, a: a * x.mT, **changes)

    def oblong(generator):
        yield {"x": torch.randn(3, 4, generator=generator), "a": 2.0}

    changes = {"cases": oblong, "answer": scaled}
    assert "is transposed" in said(lambda x, a: a * x.mT, **changes)
    assert "give them that shape" in said(
        lambda x, a: a * x.reshape(4, 3), **changes
    )


def test_a_constant_of_the_notebook_is_no_mistake():
    def cubes(x, a):
        return a * (x**3).sum(1) + tiny * LOG_2PI + LOG_2PI

    assert "from the notebook" not in said(cubes, cases=rows)


def test_an_input_as_a_factor():
    def cases(generator):
        for n in (3, 5):
            x, y = torch.randn(2, n, generator=generator)
            yield {"x": x, "y": y}

    changes = {"task": "f(x, y) -> (n,).", "answer": lambda x, y: x.exp() * y}
    for words, f in [
        ("divided by y, entry by entry", lambda x, y: x.exp()),
        ("times the square of y, entry", lambda x, y: x.exp() * y**3),
        ("too large by half of x", lambda x, y: x.exp() * y + x / 2),
        ("You return x as it was given", lambda x, y: x),
    ]:
        assert words in said(f, cases=cases, **changes)


def test_a_clipped_result():
    changes = {"task": "f(x, a) -> (B, K).", "cases": rows}
    for words, f in [
        ("clipped to [0, 1]", lambda x, a: (a * x).clamp(0, 1)),
        ("but 0 where that is negative", lambda x, a: (a * x).relu()),
    ]:
        assert words in said(f, answer=lambda x, a: a * x, **changes)


def test_squeeze_of_a_batch_of_one():
    message = said(lambda x, a: scaled_sum(x, a).squeeze())
    assert message.startswith("Right in the ordinary cases, but not for one")
    assert "squeeze() without a dimension" in message


def test_the_label_says_where_it_is_wrong():
    message = said(lambda x, a: scaled_sum(x, a) * (x / x)[:, 0])
    assert "but not where a row is zero." in message
    assert "contains NaN" in message
    assert "Expected at [0] is 0, yours is nan." in message
    assert "x[0] = [0, 0, 0]; a = 1" in message


def test_an_error_for_other_inputs():
    def f(x, a):
        if x.shape[1] == 5:
            raise ValueError("five")
        return a * x.square().sum(1) + x[:, 0]

    message = said(f, cases=rows)
    assert "Expected at" in message
    assert "For other inputs it raises ValueError: five\n  line" in message


def test_float64():
    message = said(lambda x, a: scaled_sum(x, a) @ torch.eye(len(x)))
    assert message.startswith("Right in float32, but not in float64")


def test_what_differs_between_right_and_wrong_cases():
    message = said(lambda x, a: scaled_sum(x, a) + (len(x) > 3), cases=rows)
    assert message.startswith(
        "Right for x of shape (3, 5) and a = 3.5, but not for x of shape "
        "(4, 3) and a = 4.5."
    )


def test_an_unlucky_draw_is_not_taken_for_a_size():
    """Right in one draw, wrong in another of the same size."""
    message = said(
        lambda x, a: scaled_sum(x, a) + 5 * (x[0, 0] > 1.5), cases=rows
    )
    assert "Right for some inputs, wrong for others." in message
    assert "written into" not in message


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("Wrong only where x is negative", lambda x: torch.where(x < 0, 5, x)),
        (
            "Wrong only where x is large, 0.8 or more",
            lambda x: x.clamp(-0.75, 0.75),
        ),
        ("Only column 2 of 3 is wrong", lambda x: x * torch.tensor([1, 1, 3])),
        ("Only row 1 of 2 is wrong", lambda x: x * torch.tensor([[1], [3]])),
        ("The sign is wrong in all of these", lambda x: -x.sign() * x**2),
        ("Too large: 1.8 to 2.2 times", lambda x: x * (2 + 0.2 * x.sign())),
        ("2 of 6 entries are wrong", lambda x: torch.where(ENTRIES, 9, x)),
        ("Too large by 2 to 3", lambda x: x + 2 + (x > 0)),
    ],
)
def test_which_entries_are_wrong_and_how(words, wrong):
    x = torch.tensor([[0.5, -0.8, 0.7], [0.25, 2.3, -0.2]])

    message = said(
        wrong,
        task="same(x) -> (B, K).",
        cases=lambda _: [{"x": x}],
        answer=lambda x: x,
    )
    assert words in message, message


def test_one_row_that_is_right():
    def first_row(x, a):
        return torch.cat([a * x[:1], 0 * x[1:]])

    changes = {"task": "f(x, a) -> (B, K).", "cases": rows}
    message = said(first_row, answer=lambda x, a: a * x, **changes)
    assert "Only row 0 of 4 is right." in message


def test_which_output_is_wrong():
    pair = {
        "task": "both(x, a) -> (B,), (B, K): sums and entries.",
        "answer": lambda x, a: (x.sum(1), a * x),
        "outputs": ("sum", "scaled x"),
    }
    message = said(lambda x, a: (x.sum(1), 2 * a * x), cases=rows, **pair)
    assert message.startswith("The sum is right. The scaled x is not:\nYour")
    assert "is twice" in message
    both = said(lambda x, a: (3 * x.sum(1), 2 * a * x), cases=rows, **pair)
    assert both.startswith("The sum is wrong:")
    shape = said(lambda x, a: (x.sum(1), x.sum(1)), cases=rows, **pair)
    assert "asked is shape (B, K) = (4, 3)" in shape
    three = said(lambda x, a: (x, x, x), cases=rows, **pair)
    assert three == "You return 3 values; return 2 values: sum, scaled x."
    one = said(lambda x, a: x, cases=rows, **pair)
    assert "You return one Tensor; return 2 values" in one


def test_effects_have_names():
    def effects(f, x, a):
        return {"First": f(x, a), "Second": f(x, 2 * a)}

    message = said(
        lambda x, a: scaled_sum(x, min(a, 5)), experiment=effects, cases=rows
    )
    assert message.startswith("Second:\n")


def test_a_mistake_is_named_only_if_every_case_shows_it():
    mistakes = {"You take the first row's.": lambda x, a: a * (x**2).sum(1)[0]}
    mistakes["Mean."] = lambda x, a: a * x.square().mean(1)
    assert said(mistakes["Mean."], mistakes=mistakes) == "Mean."

    def mean_of_three(x, a):
        return a * x.square().sum(1) / 3  # K is 3 in the first case only

    assert "Mean." not in said(mean_of_three, mistakes=mistakes)


def test_an_edge_does_not_hide_a_mistake():
    def mean(x, a):
        return a * x.square().mean(1) * (x / x)[:, 0]

    mistakes = {"Mean.": lambda x, a: a * x.square().mean(1)}
    assert said(mean, mistakes=mistakes) == "Mean."


def test_where_two_sentences_fit_neither_is_said():
    def half(x, a):
        return scaled_sum(x, a) / 2

    twins = {"One.": half, "Two.": half}
    message = said(half, mistakes=twins, cases=rows)
    assert "One." not in message and "Two." not in message
    assert "half of the expected" in message

    def at_zero(x, a):
        return half(x, a) + 1.0 * (x == 0).all(1)

    twins["Two."] = at_zero  # an edge decides
    assert said(half, mistakes=twins) == "One."
    assert said(at_zero, mistakes=twins) == "Two."
