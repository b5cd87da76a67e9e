"""What the decks say, against the lessons: code, formulas, numbers, names."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
SLIDES = ROOT / "slides"
SOURCES = ROOT / "notebooks" / "source"
DECKS = sorted(SLIDES.glob("[0-9][0-9]_*.md"))

each_deck = pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)


def read_slides(deck):
    """Return front matter, and of each slide: class, visible text, notes."""
    _, front, body = deck.read_text("utf-8").split("---\n", 2)
    slides = []
    for text in re.split(r"^---\n", body, flags=re.M):
        comments = re.findall(r"<!--\s*(.*?)\s*-->", text, re.S)
        kinds = [c[8:] for c in comments if c.startswith("_class: ")]
        notes = [c for c in comments if not re.match(r"_?\w+: ", c)]
        visible = re.sub(r"<!--.*?-->", "", text, flags=re.S).strip()
        slides.append((" ".join(kinds), visible, "\n".join(notes)))
    return dict(re.findall(r"^(\w+): (.*)$", front, re.M)), slides


def lesson_text(deck):
    """Return the source of a deck's lesson."""
    return (SOURCES / f"{deck.stem}.py").read_text("utf-8")


def lesson_prose(deck):
    """Return the lesson's Markdown, without the source's comment signs."""
    return re.sub(r"^# ?", "", lesson_text(deck), flags=re.M)


def test_every_lesson_has_a_deck():
    lessons = {path.stem for path in SOURCES.glob("[0-9][0-9]_*.py")}
    assert lessons == {path.stem for path in DECKS} != set()


@each_deck
def test_a_deck_has_its_lessons_name_and_a_sensible_length(deck):
    front, slides = read_slides(deck)
    title = re.search(r"^# (\d+\. .*)", lesson_prose(deck), re.M)[1]
    assert front["title"] == front["footer"] == title
    assert 10 <= len(slides) <= 18
    kinds = [kind for kind, *_ in slides]
    assert kinds[0] == "title"
    assert set(kinds) <= {"", "title", "question", "answer", "live"}
    for kind in "question", "live":
        assert kind in kinds
    for kind, after in zip(kinds, [*kinds[1:], ""], strict=True):
        assert (kind == "question") == (after == "answer")


def minutes_of(slides):
    """Return of each slide: its minutes, and whether it can be skipped."""
    said = [re.match(r"(\d+) min", notes) for *_, notes in slides]
    skipped = ["Skip if late." in notes for *_, notes in slides]
    return [(int(m[1]), late) for m, late in zip(said, skipped, strict=True)]


@each_deck
def test_every_slide_has_notes_and_the_minutes_add_up(deck):
    _, slides = read_slides(deck)
    total = 0
    for _, visible, notes in slides:
        said = re.match(r"(\d+) min, (\d+) in all\.\s", notes)
        assert said, f"notes don't begin with the minutes: {visible}"
        assert len(notes.split()) >= 20, f"hardly any notes: {visible}"
        assert not re.search(r"\*\S|[`$]", notes), "notes are plain text"
        total += int(said[1])
        assert total == int(said[2]), f"{total} minutes after: {visible}"
    assert 30 <= total <= 45, f"{total} minutes"


def test_the_timetable_of_half_a_day_adds_up():
    """Each of its rows takes what the slides that it names take."""
    page = (SLIDES / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| deck (\d)(.*) \|$", page, re.M)
    assert len(rows) >= 4
    for stated, number, which in rows:
        minutes = minutes_of(read_slides(DECKS[int(number)])[1])
        if "skip if late" in which:
            minutes = [m for m in minutes if not m[1]]
        elif ranges := re.findall(r"(\d+)(?: to (\d+))?", which):
            ends = [(int(first), int(last or first)) for first, last in ranges]
            minutes = [
                minutes[i - 1] for a, b in ends for i in range(a, b + 1)
            ]
        assert sum(m for m, _ in minutes) == int(stated), f"deck {number}"


@each_deck
def test_a_deck_ends_with_further_reading(deck):
    _, slides = read_slides(deck)
    assert any("Further reading" in visible for _, visible, _ in slides[-3:])


def stands(code, text):
    """Say whether lines stand in a text, indented by any common amount."""
    first, *others = [re.escape(line) for line in code.splitlines()]
    others = [rf"\n\1{line}" if line else r"\n" for line in others]
    return re.search(rf"^( *){first}{''.join(others)}$", text, re.M)


def test_code_is_found_only_where_it_stands():
    text = "def f(x):\n    y = x\n\n    return y\n"
    assert stands("y = x\n\nreturn y", text)
    assert stands("def f(x):\n    y = x", text)
    for other in "y = x\nreturn y", "y = x\n\n  return y", "return", "y  = x":
        assert not stands(other, text)


@each_deck
def test_code_on_slides_stands_in_the_lesson_or_in_the_library(deck):
    library = [p.read_text("utf-8") for p in ROOT.glob("course_lib/**/*.py")]
    for code in re.findall(
        r"```python\n(.*?)```", deck.read_text("utf-8"), re.S
    ):
        lines = code.splitlines()
        assert len(lines) <= 10
        assert max(map(len, lines)) <= 75
        assert any(stands(code, t) for t in [lesson_text(deck), *library]), (
            code
        )


def plain(formula):
    r"""Return a formula without spaces, alignment and \class{new}{...}."""
    while match := re.search(r"\\class\{\w+\}\{", formula):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(formula[end], 0)
            end += 1
        inside = formula[match.end() : end - 1]
        formula = formula[: match.start()] + inside + formula[end:]
    formula = re.sub(r"\\(begin|end)\{(aligned|gathered)\}|\{\}", "", formula)
    formula = re.sub(r"\\(q?quad|[,;: !\\]|big+[lr]?|Big+[lr]?)", "", formula)
    return re.sub(r"[\s&]|[.,;]*$", "", formula)


def test_highlighting_and_spacing_change_no_formula():
    assert plain(r"a &= \class{new}{b_{\class{new}{c}}} \, .") == "a=b_{c}"
    assert plain("a + b") != plain("a - b")


def tagged(text):
    """Return the formulas that carry a tag: {tag: formula}."""
    found = re.findall(r"\$\$(.*?)\$\$", text, re.S)
    tags = [re.findall(r"\\tag\{(.*?)\}", formula) for formula in found]
    return {
        tags[0]: plain(re.sub(r"\\tag\{.*?\}", "", formula))
        for formula, tags in zip(found, tags, strict=True)
        if tags
    }


@each_deck
def test_tags_are_the_lessons_and_so_are_their_formulas(deck):
    text = "\n".join(visible for _, visible, _ in read_slides(deck)[1])
    formulas, of_lesson = tagged(text), tagged(lesson_prose(deck))
    assert formulas
    for tag, formula in formulas.items():
        assert formula in of_lesson[tag], tag


@each_deck
def test_numbers_are_those_of_the_stored_lesson(deck):
    notebook = ROOT / "notebooks" / "solutions" / f"{deck.stem}.ipynb"
    known = [lesson_prose(deck)]
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            known.append(output.get("text", ""))
    number = r"(?<![\w.])\d+(?:\.\d+(?: ?%)?| ?%)"
    numbers = set(re.findall(number, "\n".join(known).replace(",", "")))
    numbers = {n.replace(" ", "") for n in numbers}
    numbers |= {n.rstrip("%") for n in numbers}
    _, slides = read_slides(deck)
    for _, visible, notes in slides:
        text = re.sub(
            r"```.*?```|\\tag\{.*?\}|\]\(.*?\)", "", visible, flags=re.S
        )
        text = re.sub(
            r"\(\d\d?\.\d+\)|equation \d\d?\.\d+", "", f"{text}\n{notes}"
        )
        for found in re.findall(number, text):
            assert found.replace(" ", "") in numbers, f"{found} in: {text}"


@each_deck
def test_figures_are_this_lessons_and_have_a_description(deck):
    images = re.findall(r"!\[(.*?)\]\((.*?)\)", deck.read_text("utf-8"))
    assert images
    for description, path in images:
        assert len(description) > 30, path
        assert path.startswith(f"figures/{deck.stem}-")
        assert (SLIDES / path).is_file()


@each_deck
def test_what_is_run_live_is_a_section_of_the_notebook(deck):
    _, slides = read_slides(deck)
    named = [
        place
        for kind, visible, _ in slides
        if kind == "live"
        for place in re.findall(r"section (\d+: )?\*\*(.*?)\*\*", visible)
    ]
    assert named
    for number, name in named:  # lesson 00 numbers no section
        heading = f"## {number.replace(':', '.')}{name}\n"
        assert heading in lesson_prose(deck)
    text = "\n".join(visible for _, visible, _ in slides)
    (line,) = re.findall(r"^Then exercises? .*$", text, re.M)
    numbers = re.findall(r"\d", line.split(":")[0])
    for number, name in zip(
        numbers, re.findall(r"\*(.*?)\*", line), strict=True
    ):
        assert re.search(
            rf"^### Exercise {number}.*: {name}$", lesson_prose(deck), re.M
        )
