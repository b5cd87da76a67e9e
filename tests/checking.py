"""What the tests of the exercise checkers share."""

import pytest
import torch

from answers import RIGHT, WRONG
from answers.common import COMMON
from course_lib import checks

NAMES = [
    name
    for name in checks.__all__
    if isinstance(getattr(checks, name), checks.Exercise)
]
ANSWERED = [n for n in NAMES if n in RIGHT]  # test_checks_answers: all are


def message(name, f) -> str:
    """What the checker says of the wrong answer f."""
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(f)
    return str(caught.value)


def has_tensors(name) -> bool:
    """Whether tensors are among the exercise's inputs."""
    cases = getattr(checks, name).inputs()
    values = [value for inputs in cases for value in inputs.values()]
    return any(isinstance(value, torch.Tensor) for value in values)


def result_of(name):
    """What a right answer returns in the exercise's first case."""
    exercise, results = getattr(checks, name), []

    def answer(*args):
        results.append(exercise.answer(*args))
        return results[-1]

    exercise.observe(answer, exercise.inputs()[0])
    return results[0]


def is_scalar(name) -> bool:
    """Whether the answer is one number."""
    result = result_of(name)
    return not isinstance(result, tuple) and torch.as_tensor(result).ndim == 0


def wrong_functions(name):
    """Rows (sentence, wrong function) of the checker's own table."""
    for sentence, wrong in getattr(checks, name).mistakes.items():
        for f in wrong if isinstance(wrong, list) else [wrong]:
            yield sentence, f


def wrong_answers(name):
    """Rows (pattern, wrong answer): its own, and those of any exercise."""
    common = COMMON if has_tensors(name) else []
    made = [(pattern, make(RIGHT[name][0])) for pattern, make in common]
    return [*WRONG[name], *made]
