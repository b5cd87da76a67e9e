"""What to say of a wrong result that no sentence of the table fits."""

import re
from collections.abc import Callable
from typing import Any

from torch import Tensor

from course_lib.checks import influence, kinds, places, reads, relations, scope
from course_lib.checks.compare import differing, parts
from course_lib.checks.mistake import Mistake
from course_lib.checks.trial import Trial


def explain(exercise, f: Callable, trials: list[Trial]) -> str:
    """Say where, which output, and how the result is wrong."""
    failed = [trial for trial in trials if trial.failed]
    failed.sort(key=lambda trial: bool(trial.label))
    first = failed[0]
    said = [scope.say(trials, exercise.sampled)]
    if isinstance(first.given, Exception):
        error = kinds.say_error(first.given)
        return _joined([*said, error, *reads.say(exercise, f, trials)])
    given = parts(first.given, first.expected, exercise.outputs)
    expected = parts(first.expected, first.expected, exercise.outputs)
    if isinstance(first.given, dict) and isinstance(first.expected, dict):
        # The experiment may have ended early.
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
    related = ""
    if not exercise.sampled:
        related = _relation(exercise, trials, what)
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


def _symbols(exercise, what) -> str:
    """The shape in the exercise's own letters, as in (B, K)."""
    arrow = re.search(r"->([^.:\n]*)", exercise.task)
    shapes = re.findall(r"\([^()]*\)", arrow.group(1)) if arrow else []
    if what in exercise.outputs and len(shapes) == len(exercise.outputs):
        return shapes[list(exercise.outputs).index(what)]
    return shapes[0] if len(shapes) == 1 and not what else ""
