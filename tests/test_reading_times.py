"""Lessons' times: what heads and README say, and what a reader needs."""

import re
from pathlib import Path

import nbformat
import pytest

import reading_time

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LONG = {"08": 130, "09": 100}  # minutes of cores over 90, true but too long
TIME = re.compile(
    r"\*\*Time:\*\* (\d+) minutes for the core, (\d+) for the exercises"
    r"(?:, (\d+) for what is headed \*Further\*)?\. It runs in "
)

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def stated(notebook):
    """Return the minutes that a lesson's head states, by part."""
    head = " ".join(notebook.cells[0].source.split())
    minutes = TIME.search(head)
    assert minutes, head
    return {
        part: int(number or 0)
        for part, number in zip(
            reading_time.PARTS, minutes.groups(), strict=True
        )
    }


@each_lesson
def test_a_head_says_what_a_learner_can_do_needs_and_gives(path):
    head = read(path).cells[0].source
    parts = ["After this lesson you can", "**Builds on:**"]
    parts += ["**You should know:**", "**Time:**"]
    if path.stem.startswith("00"):
        parts.remove("**Builds on:**")
    places = [head.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)


@each_lesson
def test_stated_times_are_a_readers(path):
    """Within the formula's own error, twice its mean of 11 minutes."""
    minutes = stated(read(path))
    estimate = reading_time.estimate(read(path))
    for part in "core", "further":
        assert abs(minutes[part] - estimate[part]) <= 22, part
        assert bool(minutes[part]) == bool(estimate[part]), part
    assert minutes["core"] <= LONG.get(path.stem[:2], 90)
    exercises = [c for c in read(path).cells if reading_time.is_exercise(c)]
    assert minutes["exercises"] >= 5 * len(exercises)


def test_the_readme_says_the_same():
    rows = re.findall(
        r"^\| \[\d+\. .*?\]\(notebooks/(.*?)\) \| .* \| (\d+) \| (\d+) \|$",
        (ROOT / "README.md").read_text("utf-8"),
        re.M,
    )
    assert [name for name, *_ in rows] == [path.name for path in LESSONS]
    for path, (_, core, exercises) in zip(LESSONS, rows, strict=True):
        minutes = stated(read(path))
        assert minutes["core"] == int(core)
        assert minutes["exercises"] == int(exercises)


def cells(*texts):
    """Return a notebook: code where a text begins with >, else prose."""
    make = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    return nbformat.v4.new_notebook(
        cells=[
            make[0](text[1:]) if text.startswith(">") else make[1](text)
            for text in texts
        ]
    )


def test_words_equations_and_code_take_their_time():
    notebook = cells(
        "# 1. A\n\n" + "word " * 147 + "\n\n$$a b\nc$$", ">x\n#\n"
    )
    assert reading_time.estimate(notebook) == {
        "core": pytest.approx(150 / 75 + 4 + 1 / 11),
        "exercises": 0,
        "further": 0,
    }


def test_headings_put_cells_in_their_parts():
    stub = '>def f():\n    raise NotImplementedError("your code here")'
    notebook = cells(
        "# A", "## Exercises", "### Exercise 1: b", stub, "## Further: c",
        "### d", ">x", "## Summary", "### Exercise 2: e", stub, ">x",
        "## References", ">x",
    )  # fmt: skip
    parts = [part for part, _ in reading_time.in_parts(notebook)]
    assert (
        parts
        == ["core", *["exercises"] * 3, *["further"] * 3, "core"]
        + ["exercises"] * 3
    )
    assert reading_time.estimate(notebook)["exercises"] == 16
