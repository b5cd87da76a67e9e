"""What to say of a wrong result that no sentence of the table fits."""

import re
from collections.abc import Callable
from typing import Any

from torch import Tensor

from course_lib.checks import influence, kinds, places, reads, relations
from course_lib.checks.compare import differing, parts
from course_lib.checks.trial import FLOAT64, Trial


def explain(exercise, f: Callable, trials: list[Trial]) -> str:
    """Say where, which output, and how the result is wrong."""
    failed = [trial for trial in trials if trial.failed]
    first = failed[0]
    said = [_scope(trials)]
    if isinstance(first.given, Exception):
        error = kinds.say_error(first.given)
        return _joined([*said, error, *reads.say(exercise, f, trials)])
    given = parts(first.given, first.expected, exercise.outputs)
    expected = parts(first.expected, first.expected, exercise.outputs)
    if isinstance(first.given, dict):  # the experiment may have ended early
        expected = {what: expected[what] for what in given}
    if given.keys() != expected.keys():
        return _joined([*said, kinds.say_number(first.given, expected)])
    wrong = {
        what: entries
        for what, right in expected.items()
        if (entries := differing(given[what], right, exercise.tolerance))
        is not False
    }
    what, entries = next(iter(wrong.items()))
    said.append(_which(what, wrong, expected, first))
    mine, right = given[what], expected[what]
    if not isinstance(entries, Tensor):
        kind = kinds.say_kind(mine, right, _symbols(exercise, what))
        return _joined([*said, kind, *reads.say(exercise, f, trials)])
    if not exercise.sampled:
        said += _how(exercise, f, trials, what)
    said += places.say(mine, right, entries, first.inputs)
    return _joined(said)


def _joined(said: list[str]) -> str:
    return "\n".join(filter(None, said))


def _how(exercise, f, trials, what) -> list[str]:
    """How the result is related to the expected one, or to the inputs."""
    ordinary = [trial for trial in trials if not trial.label]
    if any(trial.failed for trial in ordinary):
        outcomes = [
            [
                parts(o, t.expected, exercise.outputs)
                for o in (t.given, t.expected)
            ]
            for t in ordinary
        ]
        if all(what in o for pair in outcomes for o in pair):
            pairs = [(g[what], e[what]) for g, e in outcomes]
            inputs = [trial.inputs for trial in ordinary]
            if said := relations.say(pairs, inputs, exercise.tolerance):
                return [said]
    return [
        *reads.say(exercise, f, trials),
        *influence.say(exercise, f, ordinary),
    ]


def _which(what: Any, wrong: dict, expected: dict, trial: Trial) -> str:
    """Which of several outputs is meant, and which are right."""
    if len(expected) == 1:
        return ""
    if isinstance(trial.expected, dict):
        return f"{what}:"
    right = [name for name in expected if name not in wrong]
    aside = f"The {' and the '.join(right)} is right. " if right else ""
    if len(right) > 1:
        aside = aside.replace(" is right", " are right")
    return f"{aside}The {what} is not:" if right else f"The {what} is wrong:"


def _scope(trials: list[Trial]) -> str:
    """In which cases the result is wrong, if it is right in others."""
    failed = [trial for trial in trials if trial.failed]
    passed = [trial for trial in trials if not trial.failed]
    labels = list(dict.fromkeys(trial.label for trial in failed))
    if not passed:
        return ""
    if labels == [FLOAT64]:
        return (
            "Right in float32, but not in float64: is a dtype fixed in your "
            "function, as in torch.zeros(...) without dtype, or float()?"
        )
    if "" not in labels:
        return f"Right in the ordinary cases, but not {_and(labels)}."
    passed = [trial for trial in passed if not trial.label]
    if not passed:
        return ""
    first = failed[labels.index("")] if labels[0] else failed[0]
    return _between(passed, first, [t for t in failed if not t.label])


def _between(passed: list[Trial], first: Trial, failed: list[Trial]) -> str:
    """What differs between ordinary cases, some right and some wrong."""
    sizes = {_sizes(trial) for trial in failed}
    if sizes & {_sizes(trial) for trial in passed}:
        return "Right for some inputs, wrong for others of the same size."
    near = min(passed, key=lambda t: len(_different(t, first)))
    names = _different(near, first)
    said = "Right for {}, but not for {}".format(
        *("; ".join(_size(t, name) for name in names) for t in (near, first))
    )
    return f"{said}."


def _size(trial: Trial, name: str) -> str:
    value = trial.inputs[name]
    if isinstance(value, Tensor) and value.ndim:
        return f"{name} of shape {tuple(value.shape)}"
    return f"{name} = {value}"


def _sizes(trial: Trial) -> str:
    return "; ".join(_size(trial, name) for name in trial.inputs)


def _different(a: Trial, b: Trial) -> list[str]:
    return [name for name in a.inputs if _size(a, name) != _size(b, name)]


def _and(labels: list[str]) -> str:
    return ", nor ".join(labels)


def _symbols(exercise, what) -> str:
    """The shape in the exercise's own letters, as in (B, K)."""
    arrow = re.search(r"->([^.:\n]*)", exercise.task)
    shapes = re.findall(r"\([^()]*\)", arrow.group(1)) if arrow else []
    if what in exercise.outputs and len(shapes) == len(exercise.outputs):
        return shapes[list(exercise.outputs).index(what)]
    return shapes[0] if len(shapes) == 1 and not what else ""
