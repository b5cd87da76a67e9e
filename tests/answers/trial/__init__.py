"""Answers by people who knew the lessons and had not seen the tables.

``first``: by engineers who come from other libraries, five right answers and
twelve wrong ones for each exercise. ``second``: by people who grade, two
right ones and six wrong ones. ``third``: in a hurry, one right and four
wrong. After each group the tables were mended by what it had found, before
the next one was tried. ``<group>/lesson_NN/<exercise>.py`` holds RIGHT; WRONG:
what the learner did, what the message has to say (a pattern), and the
function; and ACCEPTED: what its author called wrong, and the checker accepts,
as the docstring allows it.
"""

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/lesson_*/*.py"))
RIGHT, WRONG, ACCEPTED = {}, {}, {}
for _path in FILES:
    _parts = _path.relative_to(HERE).with_suffix("").parts
    _module = import_module(".".join((__name__, *_parts)))
    RIGHT.setdefault(_path.stem, []).extend(_module.RIGHT)
    WRONG.setdefault(_path.stem, []).extend(_module.WRONG)
    _accepted = getattr(_module, "ACCEPTED", [])
    ACCEPTED.setdefault(_path.stem, []).extend(_accepted)
