"""The comparison of a learner's result with what is expected."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.checks.compare import agree, differing, parts

NAN = torch.tensor([1.0, float("nan")])


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.data())
def test_one_changed_entry_is_seen(values, data):
    expected = torch.tensor(values, dtype=torch.float64)
    assert agree(expected.clone(), expected, 1e-4)
    assert agree(expected.float(), expected, 1e-4)
    assert not agree(expected[:, None], expected, 1e-4)
    changed = expected.clone()
    place = data.draw(st.integers(0, len(values) - 1))
    changed[place] += 1 + abs(changed[place])
    assert not agree(changed, expected, 1e-4)
    assert differing(changed, expected, 1e-4).nonzero().tolist() == [[place]]


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        (1.0, torch.ones(()), True),
        (torch.ones(1), torch.ones(()), False),
        (1.0, torch.ones(1), False),
        (NAN, NAN.clone(), True),
        (NAN, NAN.flip(0), False),
        (NAN, torch.ones(2), False),
        (torch.ones(2) + 0j, torch.ones(2), False),
        ([1.0, 2.0], (1.0, 2.0), True),
        ((1.0, 2.0), torch.tensor([1.0, 2]), False),
        ((1.0, 2.0, 3.0), (1.0, 2.0), False),
        (1.0, (1.0, 2.0), False),
        ({"a": 1.0}, {"a": torch.ones(())}, True),
        ({"a": 1.0}, {"a": 2.0}, False),
        (None, torch.ones(()), False),
        ("1", torch.ones(()), False),
        (ValueError("a"), ValueError("a"), True),
        (ValueError("a"), ValueError("b"), False),
        (ValueError("a"), TypeError("a"), False),
        (1.0, ValueError("a"), False),
        (ValueError("a"), 1.0, False),
    ],
)
def test_agree(given, expected, same):
    assert agree(given, expected, 1e-4) is same


def test_the_parts_of_an_outcome_have_names():
    pair = (1, 2)
    assert parts(pair, pair, ("mean", "sd")) == {"mean": 1, "sd": 2}
    assert parts([1, 2], pair) == {"value 1": 1, "value 2": 2}
    assert parts(3, pair, ("mean", "sd")) == {"": 3}
    assert parts((1, 2), 3.0) == {"": (1, 2)}
    assert parts({"a": 1}, {"a": 2}) == {"a": 1}
