"""Answers to the exercises, in forms that learners write.

``lesson_NN/<exercise>.py`` holds two lists. RIGHT: functions that have to
pass. WRONG: pairs of a pattern, which the message has to match, and a
function. They are collected here by their files' names; ``_<idea>.py`` is what
several files of a lesson share.
"""

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("lesson_*/[!_.]*.py"))
_modules = {
    path.stem: import_module(f"answers.{path.parent.name}.{path.stem}")
    for path in FILES
}
RIGHT = {name: module.RIGHT for name, module in _modules.items()}
WRONG = {name: module.WRONG for name, module in _modules.items()}
