"""One checker for each exercise of the course.

A lesson calls ``checks.sse(sse)`` after the learner has written ``sse``: it
prints *not attempted yet* or *passed*, or raises a ``Mistake`` that names what
went wrong. An exercise is one table, an ``Exercise`` (or a ``TestExercise``,
where the learner writes a test), in a file named as the function:
``lesson_00/sse.py``. With ``COURSE_CHECKS=strict`` in the environment, or
``strict=True``, *not attempted yet* raises too. What several exercises of a
lesson share stands beside them, in files whose names start with an underscore.
"""

from importlib import import_module
from pathlib import Path

from course_lib.checks.exercise import Exercise
from course_lib.checks.mistake import Mistake
from course_lib.checks.mutation import TestExercise


def _collect() -> dict[str, Exercise | TestExercise]:
    """Each exercise under its name, from the lessons' folders."""
    found, files = {}, {}
    for path in sorted(Path(__file__).parent.glob("lesson_*/[!_.]*.py")):
        name, file = path.stem, f"{path.parent.name}/{path.name}"
        if name in files:
            raise ImportError(
                f"{file} and {files[name]} are exercises of one name: rename "
                "one of the functions, and its file."
            )
        module = import_module(f"{__name__}.{path.parent.name}.{name}")
        exercise = getattr(module, name, None)
        if (
            not isinstance(exercise, Exercise | TestExercise)
            or exercise.name != name
        ):
            raise ImportError(
                f"{file} has no exercise of its name. Write {name} = "
                f"Exercise('{name}(...) -> ...', ...) in it or, if it holds "
                f"what several exercises share, call it _{path.name}."
            )
        found[name], files[name] = exercise, file
    return found


_exercises = _collect()
globals().update(_exercises)
__all__ = ["Exercise", "Mistake", "TestExercise", *sorted(_exercises)]
