"""Estimate how long a reader needs for a lesson.

    python tools/reading_time.py          every lesson
    python tools/reading_time.py 01 07    lessons 01 and 07

Prints minutes for the core, for the exercises, and for what is headed
*Further*. The formula is a least-squares fit to a reader's minutes with ten
lessons, which ranged from 40 to 160; it missed them by 11 minutes on average.
"""

import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
WORDS, CODE_LINES = 75, 11  # a minute
EQUATION, EXERCISE = 4, 8  # minutes each
PARTS = "core", "exercises", "further"


def estimate(notebook):
    """Return minutes by part: {"core": 85.0, "exercises": 32, ...}."""
    minutes = dict.fromkeys(PARTS, 0)
    for part, cell in in_parts(notebook):
        minutes[part] += reading(cell)
    exercises = [cell for cell in notebook.cells if is_exercise(cell)]
    minutes["exercises"] = EXERCISE * len(exercises)
    return minutes


def in_parts(notebook):
    """Yield each cell with the part that its headings put it in."""
    headings = []  # the chain of levels and names above the cell
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^(#+) (.+)", cell.source, re.M)
            for marks, name in found:
                level = len(marks)
                headings = [h for h in headings if h[0] < level]
                headings.append((level, name))
        names = [name for _, name in headings]
        if any("further" in name.lower() for name in names):
            yield "further", cell
        elif any(name.startswith("Exercise") for name in names):
            yield "exercises", cell
        elif "References" not in names:
            yield "core", cell


def reading(cell):
    """Return the minutes that a cell takes."""
    if cell.cell_type == "code":
        lines = [line.strip() for line in cell.source.splitlines()]
        code = [line for line in lines if line and not line.startswith("#")]
        return len(code) / CODE_LINES
    formulas = r"\$\$.*?\$\$"
    equations = re.findall(formulas, cell.source, re.S)
    words = re.sub(formulas, " ", cell.source, flags=re.S).split()
    return EQUATION * len(equations) + len(words) / WORDS


def is_exercise(cell):
    """Say whether a learner fills in this cell."""
    return cell.cell_type == "code" and "NotImplementedError" in cell.source


def main(prefixes):
    """Print the estimates of the lessons whose names start so."""
    print("lesson | core | exercises | further")
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        if path.name.startswith(tuple(prefixes)):
            minutes = estimate(nbformat.read(path, as_version=4))
            cells = " | ".join(f"{minutes[part]:.0f}" for part in PARTS)
            print(f"{path.stem} | {cells}")


if __name__ == "__main__":
    main(sys.argv[1:] or [""])
