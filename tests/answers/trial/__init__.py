"""Answers by people who knew the lessons and had not seen the tables.

``first`` and ``second`` are two groups: students of statistics, and engineers
who come from other libraries. Each wrote, for each exercise, five right
answers and twelve wrong ones. ``<group>/lesson_NN/<exercise>.py`` holds RIGHT
and WRONG: what the learner did, what the message has to say (a pattern), and
the function.
"""

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/lesson_*/*.py"))
RIGHT, WRONG = {}, {}
for _path in FILES:
    _parts = _path.relative_to(HERE).with_suffix("").parts
    _module = import_module(".".join((__name__, *_parts)))
    RIGHT.setdefault(_path.stem, []).extend(_module.RIGHT)
    WRONG.setdefault(_path.stem, []).extend(_module.WRONG)
