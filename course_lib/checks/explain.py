"""What to say of a wrong result that no sentence of the table fits."""

import re
from collections.abc import Callable
from typing import Any

from torch import Tensor

from course_lib.checks import influence, kinds, places, reads, relations
from course_lib.checks.compare import differing, parts
from course_lib.checks.mistake import Mistake
from course_lib.checks.trial import FLOAT64, Trial


def explain(exercise, f: Callable, trials: list[Trial]) -> str:
    """Say where, which output, and how the result is wrong."""
    failed = [trial for trial in trials if trial.failed]
    failed.sort(key=lambda trial: bool(trial.label))
    first = failed[0]
    said = [_scope(trials, exercise.sampled)]
    if isinstance(first.given, Exception):
        error = kinds.say_error(first.given)
        return _joined([*said, error, *reads.say(exercise, f, trials)])
    given = parts(first.given, first.expected, exercise.outputs)
    expected = parts(first.expected, first.expected, exercise.outputs)
    early = isinstance(first.given, dict) and isinstance(first.expected, dict)
    if early:  # the experiment ended there
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
        alike = [t for t in failed if bool(t.label) == bool(first.label)]
        pairs = _pairs(exercise, alike, what)
        kind = kinds.say_kind(pairs, _symbols(exercise, what))
        return _joined([*said, kind, *reads.say(exercise, f, trials)])
    related = "" if exercise.sampled else _relation(exercise, trials, what)
    if not exercise.sampled:
        said += _causes(exercise, f, trials, related)
    said += places.say(mine, right, entries, first.inputs, not related)
    errors = [t.given for t in failed if isinstance(t.given, Exception)]
    if errors and not isinstance(errors[0], Mistake):
        error = kinds.say_error(errors[0])
        said.append(error.replace("Your function", "For other inputs it"))
    return _joined(said)


def _joined(said: list[str]) -> str:
    return "\n".join(filter(None, said))


def _relation(exercise, trials: list[Trial], what: Any) -> str:
    """How the result is related to the expected one in all ordinary cases."""
    ordinary = [trial for trial in trials if not trial.label]
    pairs = _pairs(exercise, ordinary, what)
    if len(pairs) < len(ordinary) or not any(t.failed for t in ordinary):
        return ""
    inputs = [trial.inputs for trial in ordinary]
    return relations.say(pairs, inputs, exercise.tolerance)


def _causes(exercise, f, trials: list[Trial], related: str) -> list[str]:
    """What f reads and what it is made of, the relation or the inputs."""
    if influence.draws(exercise, f, trials[0]):
        return ["Your result is another at each call: it draws at random."]
    read = reads.say(exercise, f, trials)
    ordinary = [trial for trial in trials if not trial.label]
    return [
        *read,
        *([related] if related else influence.say(exercise, f, ordinary)),
    ]


def _pairs(exercise, trials: list[Trial], what) -> list[tuple[Any, Any]]:
    """One output, given and expected, of the trials that have it."""
    outcomes = [
        [parts(o, t.expected, exercise.outputs) for o in (t.given, t.expected)]
        for t in trials
    ]
    return [(g[what], e[what]) for g, e in outcomes if what in g and what in e]


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


def _scope(trials: list[Trial], sampled: bool) -> str:
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
    failed = [trial for trial in failed if not trial.label]
    # By chance a statistic is near enough in some cases.
    return _between(passed, failed) if passed and not sampled else ""


def _between(passed: list[Trial], failed: list[Trial]) -> str:
    """Which inputs tell the ordinary cases that are right from the others."""
    said: dict[tuple[str, str], str] = {}
    for name in failed[0].inputs:
        right, wrong = (
            dict.fromkeys(_size(t.inputs[name]) for t in trials)
            for trials in (passed, failed)
        )
        # With more values, one may part the cases by chance.
        if len(right) == len(wrong) == 1 and not right.keys() & wrong.keys():
            said.setdefault((" or ".join(right), " or ".join(wrong)), name)
    if not said:
        return "Right for some inputs, wrong for others."
    rows = list(said.items())[:2]
    right, wrong = (
        " and ".join(f"{name} {row[i]}" for row, name in rows) for i in (0, 1)
    )
    return f"Right for {right}, but not for {wrong}."


def _size(value: Any) -> str:
    if isinstance(value, Tensor) and value.ndim:
        return f"of shape {tuple(value.shape)}"
    number = isinstance(value, Tensor | float)
    return f"= {float(value):.4g}" if number else f"= {value}"


def _and(labels: list[str]) -> str:
    return ", nor ".join(labels)


def _symbols(exercise, what) -> str:
    """The shape in the exercise's own letters, as in (B, K)."""
    arrow = re.search(r"->([^.:\n]*)", exercise.task)
    shapes = re.findall(r"\([^()]*\)", arrow.group(1)) if arrow else []
    if what in exercise.outputs and len(shapes) == len(exercise.outputs):
        return shapes[list(exercise.outputs).index(what)]
    return shapes[0] if len(shapes) == 1 and not what else ""
