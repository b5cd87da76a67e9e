"""The comparison of a learner's result with what is expected."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.checks.compare import difference


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.data())
def test_difference_sees_one_changed_entry(values, data):
    expected = torch.tensor(values, dtype=torch.float64)
    assert difference(expected.clone(), expected, 1e-4) == ""
    assert difference(expected[:, None], expected, 1e-4) == ""
    assert difference(expected.float(), expected, 1e-4) == ""
    changed = expected.clone()
    place = data.draw(st.integers(0, len(values) - 1))
    changed[place] += 1 + abs(changed[place])
    assert f"at [{place}]" in difference(changed, expected, 1e-4)


def test_difference_counts_values():
    pair = (torch.zeros(2), torch.ones(2))
    assert difference(pair, pair, 1e-4) == ""
    assert "return 2 values" in difference(pair[0], pair, 1e-4)
    assert "return 2 values" in difference((*pair, *pair), pair, 1e-4)
    assert "expected 1, yours 0" in difference((pair[0],) * 2, pair, 1e-4)


def test_difference_of_names_shapes_and_nan():
    nan = torch.tensor([1.0, float("nan")])
    assert difference({"a": 1.0}, {"a": torch.ones(())}, 1e-4) == ""
    assert difference({"Loss": 2.0}, {"Loss": 1.0}, 1e-4).startswith("Loss: ")
    assert difference(nan, nan.flip(0), 1e-4) == ""
    assert "NaN" in difference(nan, torch.ones(2), 1e-4)
    assert difference(nan, torch.empty(2, device="meta"), 1e-4) == ""
    assert difference(nan, torch.empty(3, device="meta"), 1e-4)
    assert difference(ValueError("a"), ValueError("a"), 1e-4) == ""
    assert difference(ValueError("a"), TypeError("a"), 1e-4)
    assert difference(1.0, ValueError("a"), 1e-4)
