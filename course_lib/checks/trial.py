"""One case of an exercise: what was given, beside what was expected."""

from dataclasses import dataclass
from typing import Any

Inputs = dict[str, Any]
FLOAT64 = "in float64"


@dataclass(eq=False)
class Trial:
    """The outcome of a learner's function in one case.

    label: what is special about the case, "" in an ordinary one.
    given, expected: a tensor or a number, a tuple of them, a dictionary
        ``{what it is: value}``, or an exception.
    failed: whether they differ.
    """

    label: str
    inputs: Inputs
    given: Any
    expected: Any
    failed: bool
