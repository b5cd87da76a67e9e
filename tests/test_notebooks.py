"""The rules that every notebook keeps, and tests that each rule has teeth.

A rule is a function that takes a notebook and yields what is wrong with it.
Running the notebooks is nbval's part: see conftest.py, tested at the end.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

ROOT = Path(__file__).parents[1]
LEARNERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLVED = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))

STUB = 'raise NotImplementedError("your code here")'
KNOWN_TAGS = {
    "claims",
    "slide-figure",
    "solution",
    "nbval-check-output",
    "nbval-ignore-output",
}
MATPLOTLIB = re.compile(r"<Figure|<Axes|<matplotlib|<BarCont|\bText\(")
CHECK = re.compile(r"# Check \(([\d.]+)\)\n")
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])/(home|root|tmp|work|mnt|var|Users|content)/|[A-Z]:\\\w"
)
PROGRESS = re.compile(r"\d%\||it/s\]|s/it\]")
WARNING = re.compile(r"Warning:|Traceback \(most recent call last\)")


@cache
def read(path):
    """Read a notebook once."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """Return the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    """Return the sources of the markdown cells."""
    cells = notebook.cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def outputs(notebook):
    """Yield each output with its texts, in one string."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield output, text_of(output)


def text_of(output):
    """Return all that an output shows as text."""
    data = output.get("data", {})
    texts = [text for kind, text in data.items() if kind.startswith("text/")]
    return "\n".join([output.get("text", ""), *texts])


def first_line(source):
    """Return what names a cell in a message."""
    return repr(source.strip().split("\n")[0])


# Code


def num_lines(source):
    """Return the number of lines that are not blank."""
    return sum(bool(line.strip()) for line in source.splitlines())


def cells_are_short(notebook):
    cells = code_cells(notebook)
    sizes = [num_lines(cell.source) for cell in cells]
    if sizes and median(sizes) > 6:
        yield f"the median code cell has {median(sizes)} lines, not up to 6"
    many = sum(size > 15 for size in sizes)
    if many > 0.1 * len(sizes):
        yield f"{many} of {len(sizes)} code cells have more than 15 lines"
    for cell, size in zip(cells, sizes, strict=True):
        if size > 25:
            yield f"{first_line(cell.source)}: {size} lines, more than 25"


def lines_are_narrow(notebook):
    for cell in code_cells(notebook):
        for line in cell.source.splitlines():
            if len(line) > 79:
                yield f"{len(line)} columns: {line}"


def set_up_is_short(notebook):
    set_up = code_cells(notebook)[0].source
    if num_lines(set_up) > 6:
        yield f"the set-up cell has {num_lines(set_up)} lines, more than 6"
    if not set_up.endswith("course_lib.start()"):
        yield "the set-up cell does not end in course_lib.start()"


def code_is_plain_python(notebook):
    """No magics, no shell commands: nbval can't see them fail."""
    for cell in code_cells(notebook):
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"{first_line(cell.source)}: {error}"
        if re.search(r"get_ipython|filterwarnings|simplefilter", cell.source):
            yield f"{first_line(cell.source)}: the course_lib's business"


def tags_are_known(notebook):
    """raises-exception passes under nbval when nothing raises."""
    for cell in notebook.cells:
        if unknown := set(cell.metadata.get("tags", [])) - KNOWN_TAGS:
            yield f"{first_line(cell.source)}: {unknown}"
        if re.search("NBVAL_(RAISES|SKIP)|PYTEST_VALIDATE", cell.source):
            yield f"{first_line(cell.source)}: a marker for nbval"


def assertions_can_fail(notebook):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if is_idle(node):
                yield f"{first_line(cell.source)}: {ast.unparse(node)}"


def is_idle(node):
    """Say whether a node looks like a test, but tests nothing."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Compare)
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    if isinstance(test, ast.Compare):
        sides = [ast.unparse(side) for side in [test.left, *test.comparators]]
        return len(set(sides)) == 1
    return isinstance(test, ast.Constant | ast.Tuple)


def figures_end_in_show(notebook):
    for cell in code_cells(notebook):
        passive = (ast.FunctionDef, ast.ClassDef)
        body = ast.parse(cell.source).body
        active = [node for node in body if not isinstance(node, passive)]
        code = "\n".join(map(ast.unparse, active))
        if code.rfind("plt.") != code.rfind("plt.show()"):
            yield f"{first_line(cell.source)}: no plt.show() at its end"


def figures_have_alt_texts(notebook):
    """In 15 to 40 words: what a figure shows and what to notice in it."""
    for cell in code_cells(notebook):
        shown = any("image/png" in o.get("data", {}) for o in cell.outputs)
        words = len(cell.metadata.get("alt", "").split())
        if shown and not 15 <= words <= 40:
            yield f"{first_line(cell.source)}: an alt text of {words} words"


# Prose


def num_words(markdown):
    """Count words; a formula in the line is one, a displayed one is none."""
    text = re.sub(r"\$\$.*?\$\$", " ", markdown, flags=re.S)
    text = re.sub(r"\$[^$]+\$", " formula ", text)
    text = re.sub(r"<!--.*?-->|</?[a-z][^>]*>", " ", text, flags=re.S)
    return len(re.findall(r"\S*\w\S*", text))


def prose_is_short(notebook):
    for source in prose(notebook):
        if num_words(source) > 150:
            yield f"{first_line(source)}: {num_words(source)} words, over 150"


def formulas_stay_whole(notebook):
    """Markdown reads a line that begins with + as a list, in a formula too."""
    for source in prose(notebook):
        text = re.sub(r"\$\$.*?\$\$|`[^`]*`", " ", source, flags=re.S)
        for paragraph in text.split("\n\n"):
            for formula in paragraph.split("$")[1::2]:
                if re.search(r"\n\s*([-+*]|\d+[.)]) ", formula):
                    yield f"a line begins like a list's: ${formula}$"


def headings_are_in_order(notebook):
    text = "\n\n".join(prose(notebook))
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    headings = re.findall(r"^(#+) +(.+)$", text, flags=re.M)
    levels = [len(marks) for marks, _ in headings]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield "the first heading, and no other, is to be a title (#)"
    for (a, _), (b, title) in pairwise(headings):
        if len(b) > len(a) + 1:
            yield f"{title!r} skips a level"
    for word in ("Summary", "References"):
        if not any(word in title for _, title in headings):
            yield f"no heading says {word}"


def details_fold(notebook):
    for source in prose(notebook):
        tags = re.findall(r"</?(?:details|summary)>", source)
        fold = ["<details>", "<summary>", "</summary>", "</details>"]
        if tags != fold * (len(tags) // 4):
            yield f"{first_line(source)}: unbalanced {tags}"
        if re.search(r"</summary>(?!\n\n)", source):
            yield f"{first_line(source)}: no blank line after </summary>"


# Stored outputs


def equations_are_checked(notebook):
    """Each \\tag{1.2} has one later cell that begins with # Check (1.2)."""
    tagged, checked, early = [], [], []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            tagged += re.findall(r"\\tag\{([\d.]+)\}", cell.source)
        elif check := CHECK.match(cell.source):
            checked.append(check[1])
            early += {check[1]} - set(tagged)
    if checked != tagged:
        yield f"equations {tagged}, but checks {checked}"
    elif early:
        yield f"checks that stand before their equations: {early}"
    numbers = [tag.split(".")[-1] for tag in tagged]
    if numbers != [str(place) for place in range(1, len(tagged) + 1)]:
        yield f"equations are not numbered in order: {tagged}"


def checks_are_seen(notebook):
    """Each # Check (1.2) calls verify with "1.2", in lessons that have it."""
    cells = code_cells(notebook)
    imported = re.compile(r"import .*\bverify\b")
    converted = any(imported.search(cell.source) for cell in cells)
    for cell in cells:
        check, told = CHECK.match(cell.source), verified(cell.source)
        if told and (not check or set(told) != {check[1]}):
            yield f"{first_line(cell.source)}: verify says {told}"
        elif converted and check and not told:
            yield f"{first_line(cell.source)}: no call of verify"


def verified(source):
    """Return what each call of verify gives as the equation's number."""
    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    return [
        ast.unparse(call.args[0]).strip("'") if call.args else None
        for call in calls
        if ast.unparse(call.func).startswith("verify.")
    ]


def cells_ran_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts {counts}"


def outputs_are_clean(notebook):
    for output, text in outputs(notebook):
        if output.output_type == "error" or output.get("name") == "stderr":
            yield f"an error or a warning: {output}"
        if "widget-view" in str(output.get("data", {}).keys()):
            yield "a widget, which only a running kernel can show"
        for pattern in (WARNING, PROGRESS, r" at 0x[0-9a-f]+"):
            if re.search(pattern, text):
                yield f"{pattern}: {text}"
    if "widgets" in notebook.metadata:
        yield "the state of widgets"


def widgets_have_a_figure(notebook):
    """Without a kernel there are no sliders: a stored figure stands near."""
    cells = code_cells(notebook)
    for place, cell in enumerate(cells):
        near = cells[max(0, place - 3) : place + 4]
        kinds = [output.get("data", {}) for c in near for output in c.outputs]
        if "explorer(" in cell.source and "image/png" not in str(kinds):
            yield f"{first_line(cell.source)}: no figure near its sliders"


def no_machine_paths(notebook):
    texts = [cell.source for cell in notebook.cells]
    texts += [text for _, text in outputs(notebook)]
    for text in texts:
        if found := MACHINE_PATH.search(text):
            yield f"{found[0]} in {text}"


def no_matplotlib_objects(notebook):
    for output, text in outputs(notebook):
        shown = "image/png" in output.get("data", {})
        if shown and output.output_type == "display_data":
            continue  # its text is "<Figure size ...>"
        if MATPLOTLIB.search(text):
            yield f"end the cell in plt.show(): {text}"


def no_raw_dictionaries(notebook):
    for _, text in outputs(notebook):
        if re.search(r"^\{", text, flags=re.M):
            yield f"a raw dictionary: {text}"


def no_solution_markers(notebook):
    for cell in notebook.cells:
        if re.search(r"(BEGIN|END).SOLUTION", cell.source):
            yield f"{first_line(cell.source)}: a marker of a solution"


# Exercises


def exercises_have_checks(learner):
    """Each check follows in the same cell, or in one of the next two."""
    sources = [cell.source for cell in code_cells(learner)]
    places = [i for i, source in enumerate(sources) if STUB in source]
    if len(places) < 3:
        yield f"{len(places)} exercises, fewer than three"
    for place, following in pairwise([*places, len(sources)]):
        rest = sources[place].split(STUB)[-1]
        after = sources[place + 1 : min(place + 3, following)]
        if not re.search(r"\bchecks\.\w+\(", "\n".join([rest, *after])):
            yield f"{first_line(sources[place])}: no check after it"


def code_is_explained(learner):
    """Two cells of code may follow each other; the next needs a sentence."""
    in_a_row = 0
    for cell in learner.cells:
        in_a_row = 0 if cell.cell_type == "markdown" else in_a_row + 1
        if in_a_row == 3:
            yield f"{first_line(cell.source)}: the third cell in a row"


def says_of_answers(notebook, right, wrong):
    """Yield the checks that do not say what is right, but what is wrong."""
    for cell in code_cells(notebook):
        said = "\n".join(text_of(output) for output in cell.outputs)
        for name in re.findall(r"\bchecks\.(\w+)\(", cell.source):
            if f"{name}: {right}" not in said.splitlines():
                yield f"{name}: the output is not {right!r}, but {said!r}"
        if f": {wrong}" in said:
            yield f"{first_line(cell.source)}: {said!r}"


def nothing_is_attempted(learner):
    yield from says_of_answers(learner, "not attempted yet.", "passed.")


def everything_is_passed(solved):
    yield from says_of_answers(solved, "passed.", "not attempted yet.")


def leaks(source, learner):
    """Yield the lines of solutions that a learner's notebook shows."""
    secret, public = split_source(source)
    text = "\n".join(cell.source for cell in learner.cells)
    shown = {line.strip("# ") for line in text.splitlines()}
    for line in sorted(secret - public):
        if len(line) > 12 and line in shown:
            yield line


def split_source(source):
    """Return the lines (secret, public) of a source in py:percent."""
    secret, public = set(), set()
    in_cell = in_region = False
    for line in source.splitlines():
        if line.startswith("# %%"):
            in_cell = '"solution"' in line
        in_region = in_region or "# BEGIN SOLUTION" in line
        (secret if in_cell or in_region else public).add(line.strip("# "))
        in_region = in_region and "# END SOLUTION" not in line
    return secret, public


RULES = [
    cells_are_short,
    lines_are_narrow,
    set_up_is_short,
    code_is_plain_python,
    tags_are_known,
    assertions_can_fail,
    figures_end_in_show,
    figures_have_alt_texts,
    prose_is_short,
    formulas_stay_whole,
    headings_are_in_order,
    details_fold,
    equations_are_checked,
    checks_are_seen,
    cells_ran_in_order,
    outputs_are_clean,
    widgets_have_a_figure,
    no_machine_paths,
    no_matplotlib_objects,
    no_raw_dictionaries,
    no_solution_markers,
]
LEARNERS_RULES = [
    exercises_have_checks,
    nothing_is_attempted,
    code_is_explained,
]
DENSE = ("08", "09")  # lessons that don't yet keep the rule code_is_explained


def notebook_name(path):
    """Return a test's name for a notebook."""
    return path.relative_to(ROOT / "notebooks").as_posix()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("path", LEARNERS + SOLVED, ids=notebook_name)
def test_every_notebook(path, rule):
    assert list(rule(read(path))) == []


@pytest.mark.parametrize("rule", LEARNERS_RULES)
@pytest.mark.parametrize("path", LEARNERS, ids=notebook_name)
def test_every_learners_notebook(path, rule):
    if rule is code_is_explained and path.name.startswith(DENSE):
        pytest.skip("not yet")
    assert list(rule(read(path))) == []


@pytest.mark.parametrize("path", SOLVED, ids=notebook_name)
def test_every_solved_notebook(path):
    assert list(everything_is_passed(read(path))) == []


@pytest.mark.parametrize("path", LEARNERS + SOLVED, ids=notebook_name)
def test_a_notebook_is_small(path):
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("path", SOURCES, ids=notebook_name)
def test_no_solution_leaks(path):
    learner = read(ROOT / "notebooks" / f"{path.stem}.ipynb")
    assert list(leaks(path.read_text(encoding="utf-8"), learner)) == []


def test_the_set_up_is_the_same_everywhere():
    set_ups = {code_cells(read(p))[0].source for p in LEARNERS + SOLVED}
    assert len(set_ups) <= 1


def test_each_lesson_has_its_three_files():
    stems = [{path.stem for path in p} for p in (SOURCES, LEARNERS, SOLVED)]
    assert stems[0] == stems[1] == stems[2]
    for stem in stems[0]:
        assert re.fullmatch(r"\d\d(_[a-z0-9]+)+", stem)
    numbers = [stem[:2] for stem in stems[0]]
    assert len(numbers) == len(set(numbers))


# Can the rules fail? Each is broken on purpose.


def code(source, *texts, tags=(), alt="", **kinds):
    """Return an executed code cell that prints texts, or shows kinds."""
    shown = [new_output("stream", name="stdout", text=t) for t in texts]
    for kind, data in kinds.items():
        shown.append(new_output(kind, data=data))
    metadata = {"tags": list(tags), "alt": alt}
    return new_code_cell(source, outputs=shown, metadata=metadata)


def lesson(*extra, checked="not attempted yet."):
    """Return a good lesson with some more cells."""
    said = {name: f"{name}: {checked}\n" for name in "fgh"}
    exercises = [
        code(f"def f(x):\n    {STUB}\n\n\nchecks.f(f)", said["f"]),
        code(f"def g(x):\n    {STUB}"),
        code("checks.g(g)", said["g"]),
        code(f"def h(x):\n    {STUB}"),
        code("x"),
        code("checks.h(h)", said["h"]),
    ]
    for place in (5, 3, 1):
        exercises.insert(place, new_markdown_cell("Why."))
    cells = [
        new_markdown_cell("# 1. A lesson"),
        code("import course_lib\n\ncourse_lib.start()"),
        *exercises,
        new_markdown_cell("Why."),
        *extra,
        new_markdown_cell("## Summary\n\n## References"),
    ]
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate(code_cells(notebook), 1):
        cell.execution_count = count
    return notebook


def solved_lesson(*extra):
    """Return a good solved lesson with some more cells."""
    return lesson(*extra, checked="passed.")


TABLE = (
    "## Notation\n\n"
    "These symbols mean the same in the text, in the code, on the slides.\n\n"
    "| symbol | meaning | in code | shape |\n| --- | --- | --- | --- |\n"
) + "| $q_\\phi(z\\mid x) = a + b$ | the posterior | `mu` | (B, K) |\n" * 12
PNG = {"image/png": "AAAA", "text/plain": "<Figure size 640x480 with 1 Axes>"}
SHOW = "plt.plot([1])\nplt.show()"
FIGURE = code(SHOW, display_data=PNG, alt="word " * 15)
SLIDERS = code("widgets.explorer(draw, ranges)")
FOLD = "<details><summary>Why?</summary>\n\nSo.\n\n</details>"
EQUATION = [
    new_markdown_cell("$$a\\tag{1.1}$$"),
    code(
        "# Check (1.1)\nfrom course_lib import verify\n"
        'verify.equal("1.1", x, y)\nverify.sampled(\n    "1.1", z, 1\n)'
    ),
]
GOOD = [
    *EQUATION,
    new_markdown_cell(TABLE),
    new_markdown_cell(f"{FOLD}\n\n{FOLD}"),
    new_markdown_cell("$$a + b$$\n\n" * 151 + "$$\na\nb\n$$"),
    new_markdown_cell("$a + b$ " * 150),
    new_markdown_cell("<b title='a title'>word</b> " * 150),
    code("x\n\n" * 15),
    new_markdown_cell("```\n# a comment\n```"),
    new_markdown_cell("See https://example.org/home/page.html or a/tmp/b."),
    FIGURE,
    SLIDERS,
    new_markdown_cell("Why."),
    code("fig, ax = plt.subplots()\nplt.show()\nprint(x)", "Error: {1}\n"),
    code("def draw():\n    plt.plot([1])"),
    new_markdown_cell("Why."),
    code(
        "assert x < 1 < 2, 'why'\nassert f(x) == x\nx = (\n    5\n    % 3\n)"
    ),
    code("x", execute_result={"text/plain": "0.5"}),
    new_markdown_cell("Why."),
    code("x", "0.5 % | 3 it/s\n", tags=["slide-figure"]),
    code("# NBVAL_CHECK_OUTPUT\nprint(1)", "1\n", tags=["solution"]),
]


def executed(count):
    """Return a lesson whose last code cell has this execution count."""
    notebook = lesson(code("x"))
    code_cells(notebook)[-1].execution_count = count
    return notebook


def checked(source):
    """Return a lesson that imports verify, with this check of (1.1)."""
    start = code("from course_lib import data, verify")
    return lesson(start, EQUATION[0], code(f"# Check (1.1)\n{source}"))


def with_widgets():
    """Return a lesson that stores the state of widgets."""
    return new_notebook(cells=lesson().cells, metadata={"widgets": {}})


def told(text):
    """Return a lesson in which a cell prints a text."""
    return lesson(code("x", text))


def shown(text, kind="execute_result"):
    """Return a lesson in which a cell has a value."""
    return lesson(code("x", **{kind: {"text/plain": text}}))


def text(markdown):
    """Return a lesson with one more cell of prose."""
    return lesson(new_markdown_cell(markdown))


def only(*cells):
    """Return a notebook of just these cells."""
    return new_notebook(cells=list(cells))


def stderr(text):
    """Return a cell that prints to stderr."""
    output = new_output("stream", name="stderr", text=text)
    return new_code_cell("x", outputs=[output])


def error():
    """Return a cell that stores a traceback."""
    output = new_output("error", ename="E", evalue="e", traceback=["t"])
    return new_code_cell("x", outputs=[output])


WIDGET = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "a"}
START = "course_lib.start()"
NOT_YET = "{}: not attempted yet.\n"
BROKEN = [
    (cells_are_short, lesson(code("x\n" * 26), *[code("x") for _ in GOOD])),
    (cells_are_short, lesson(code("x\n" * 16))),
    (cells_are_short, lesson(*[code("x\n" * 7) for _ in GOOD])),
    (lines_are_narrow, lesson(code("x" * 80))),
    (set_up_is_short, only(code("x\n" * 6 + START))),
    (set_up_is_short, only(code("import torch"), code(START))),
    (code_is_plain_python, lesson(code("%matplotlib inline"))),
    (code_is_plain_python, lesson(code("!false"))),
    (code_is_plain_python, lesson(code("x = !ls"))),
    (code_is_plain_python, lesson(code("%%bash\nfalse"))),
    (code_is_plain_python, lesson(code("torch.nn?"))),
    (code_is_plain_python, lesson(code("get_ipython().system('false')"))),
    (code_is_plain_python, lesson(code("warnings.simplefilter('ignore')"))),
    (tags_are_known, lesson(code("x", tags=["raises-exception"]))),
    (tags_are_known, lesson(code("x", tags=["nbval-raises-exception"]))),
    (tags_are_known, lesson(code("x", tags=["slide-figure", "nbval-skip"]))),
    (tags_are_known, lesson(code("# NBVAL_RAISES_EXCEPTION\nx"))),
    (tags_are_known, lesson(code("# NBVAL_SKIP\nx"))),
    (assertions_can_fail, lesson(code("assert True"))),
    (assertions_can_fail, lesson(code("if x:\n    assert (x < 1, 'a')"))),
    (assertions_can_fail, lesson(code("assert x == x"))),
    (assertions_can_fail, lesson(code("x == 1"))),
    (figures_end_in_show, lesson(code("plt.plot([1])"))),
    (figures_end_in_show, lesson(code("plt.show()\nplt.plot([1])"))),
    (figures_end_in_show, lesson(code("with a:\n    plt.plot([1])"))),
    *[
        (
            figures_have_alt_texts,
            lesson(code(SHOW, display_data=PNG, alt="word " * count)),
        )
        for count in (0, 14, 41)
    ],
    (prose_is_short, text("word " * 151)),
    (prose_is_short, text("$a + b$ " * 151)),
    (prose_is_short, text("| a | b |\n" * 76)),
    (formulas_stay_whole, text("so $a\n- b$")),
    (formulas_stay_whole, text("so $$a\n- b$$ and $a$, and\n$a\n1. b$")),
    (headings_are_in_order, only(new_markdown_cell("# A\n## Summary"))),
    (headings_are_in_order, only(new_markdown_cell("# A\n## References"))),
    (headings_are_in_order, text("# Another title")),
    (headings_are_in_order, text("## a\n\n#### b")),
    (
        headings_are_in_order,
        only(new_markdown_cell("## Summary\n# A\n## References")),
    ),
    (details_fold, text("<details><summary>a</summary>\n\n")),
    (details_fold, text("a\n\n</details>")),
    (details_fold, text("<details>a</details>")),
    (details_fold, text("<details><summary>a</summary>\nb\n</details>")),
    (equations_are_checked, text("$$a$$ \\tag{1.1}")),
    (equations_are_checked, lesson(code("# Check (1.1)\nx"))),
    (equations_are_checked, lesson(*EQUATION[::-1])),
    (equations_are_checked, lesson(*EQUATION, code(EQUATION[1].source))),
    (
        equations_are_checked,
        lesson(new_markdown_cell("\\tag{1.2}"), code("# Check (1.2)\nx")),
    ),
    (checks_are_seen, lesson(code('verify.equal("1.1", x, x)'))),
    (checks_are_seen, checked('verify.sampled("1.2", x, 1)')),
    (checks_are_seen, checked('verify.equal("1.1", x, x)\nverify.equal()')),
    (checks_are_seen, checked("assert x < 1")),
    (cells_ran_in_order, executed(None)),
    (cells_ran_in_order, executed(7)),
    (outputs_are_clean, lesson(stderr("a"))),
    (outputs_are_clean, lesson(error())),
    (outputs_are_clean, lesson(code("x", display_data=WIDGET))),
    (outputs_are_clean, with_widgets()),
    (outputs_are_clean, told("a.py:1: UserWarning: b")),
    (outputs_are_clean, told("Traceback (most recent call last):")),
    (outputs_are_clean, told("100%|####| 3/3 [00:01<00:00]")),
    (outputs_are_clean, told("3/3 [00:01<00:00, 3.2it/s]")),
    (outputs_are_clean, shown("<function f at 0x7f8e4a>")),
    (widgets_have_a_figure, lesson(SLIDERS)),
    (widgets_have_a_figure, lesson(SLIDERS, *map(code, "xyz"), FIGURE)),
    (no_machine_paths, told("saved in " + "/home" + "/me/x")),
    (no_machine_paths, shown("'" + "/tmp" + "/x'")),
    (no_machine_paths, told("C:\\Users\\me")),
    (no_machine_paths, lesson(code("open('" + "/root" + "/x')"))),
    (no_matplotlib_objects, shown("[<matplotlib.lines.Line2D at 0x7f>]")),
    (no_matplotlib_objects, shown("Text(0.5, 1.0, 'a')")),
    (no_matplotlib_objects, lesson(code("x", execute_result=PNG))),
    (no_matplotlib_objects, told("<Figure size 640x480 with 1 Axes>")),
    (no_matplotlib_objects, shown("<Axes: >", "display_data")),
    (no_raw_dictionaries, shown("{'loss': 1.0}")),
    (no_raw_dictionaries, told("first\n{'loss': 1.0}\n")),
    (no_solution_markers, lesson(code("# BEGIN SOLUTION"))),
    (no_solution_markers, text("END SOLUTION")),
    (exercises_have_checks, lesson(code(f"def f():\n    {STUB}"))),
    (
        exercises_have_checks,
        lesson(
            code(f"checks.f(f)\ndef f():\n    {STUB}"),
            code(f"def f():\n    {STUB}\nchecks.f(f)"),
        ),
    ),
    (
        exercises_have_checks,
        lesson(
            code(f"def f():\n    {STUB}"),
            code("x"),
            code("y"),
            code("checks.f(f)"),
        ),
    ),
    (exercises_have_checks, only(*lesson().cells[:7])),
    (nothing_is_attempted, lesson(code("checks.k(k)"))),
    (nothing_is_attempted, lesson(code("checks.k(k)", NOT_YET.format("a")))),
    (nothing_is_attempted, lesson(code("checks.k(k)", NOT_YET.format("kk")))),
    (nothing_is_attempted, told("k: passed.\n")),
    (code_is_explained, lesson(*map(code, "wxyz"))),
    (everything_is_passed, solved_lesson(code("checks.k(k)"))),
    (everything_is_passed, solved_lesson(code("x", NOT_YET.format("k")))),
]


@pytest.mark.parametrize("rule", [*RULES, *LEARNERS_RULES])
def test_a_good_lesson_keeps_every_rule(rule):
    assert list(rule(lesson(*GOOD))) == []


def test_a_good_solved_lesson_keeps_its_rule():
    assert list(everything_is_passed(solved_lesson(*GOOD))) == []


@pytest.mark.parametrize("case", range(len(BROKEN)))
def test_a_broken_lesson_breaks_its_rule(case):
    rule, notebook = BROKEN[case]
    assert len(list(rule(notebook))) == 1


def test_each_rule_has_been_broken():
    rules = {*RULES, *LEARNERS_RULES, everything_is_passed}
    assert {rule for rule, _ in BROKEN} == rules


def test_a_leak_is_found():
    source = """\
# %%
def f(x):
    # BEGIN SOLUTION
    # the trick is to add
    result = x + x
    print("everybody sees this")
    # END SOLUTION


print("everybody sees this")

# %% tags=["solution"]
print("only in the solved one")
"""
    public = new_code_cell('print("everybody sees this")')
    assert list(leaks(source, only(public))) == []
    for line in (
        "result = x + x",
        "# the trick is to add",
        '    print("only in the solved one")',
    ):
        leaking = only(public, new_code_cell(f"x = 1\n{line}"))
        assert list(leaks(source, leaking)) == [line.strip("# ")]


# What conftest.py adds to nbval


PLANTED = {  # cell -> does it pass?
    "assert True": True,
    "%nosuchmagic": False,
    "%%nosuchmagic\nx": False,
    "%matplotlib nosuchbackend": False,
    "1 / 0": False,
    "# NBVAL_CHECK_OUTPUT\nprint('not stored, not executed')": False,
    "# NBVAL_CHECK_OUTPUT\nprint('not stored')": False,
    "# NBVAL_CHECK_OUTPUT\nnothing = 'is printed'": False,
    "# NBVAL_CHECK_OUTPUT\nprint('other')": False,
    "# NBVAL_CHECK_OUTPUT\nprint('same')": True,
    "import os": True,
    "assert os.environ['OMP_NUM_THREADS'] == '1'": True,
    "assert os.environ['COURSE_DATASET'] == 'mnist'": True,
    "assert os.environ['TQDM_DISABLE'] == '1'": True,
}


def run_nbval(folder):
    """Run a folder's notebooks; return {notebook::cell: passed?}, output."""
    shutil.copy(ROOT / "conftest.py", folder)
    command = "-m pytest -rA --color=no --nbval-lax --nbval-current-env"
    ended = subprocess.run(
        [sys.executable, *command.split(), "-p", "no:xdist", folder],
        capture_output=True,
        text=True,
        cwd=folder,
        env=without("OMP_NUM_THREADS", "TQDM_DISABLE")
        | {"COURSE_DATASET": "mnist"},
    )
    results = re.findall(
        r"^(PASSED|FAILED) (\S+::Cell \d+)", ended.stdout, flags=re.M
    )
    return {place: word == "PASSED" for word, place in results}, ended.stdout


def test_cells_that_nbval_would_pass_fail(tmp_path):
    cells = [new_code_cell(source) for source in PLANTED]
    for count, cell in enumerate(cells, 1):
        if "not executed" not in cell.source:
            cell.execution_count = count
        if "other" in cell.source or "same" in cell.source:
            cell.outputs = [new_output("stream", name="stdout", text="same\n")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    passed, said = run_nbval(tmp_path)
    places = [f"a.ipynb::Cell {number}" for number in range(len(PLANTED))]
    assert passed == dict(zip(places, PLANTED.values(), strict=True)), said


def test_solved_cells_run_twice(tmp_path):
    cells = ["x = [1]", "y = len(x)", "assert x.pop() == y", "assert not x"]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    (tmp_path / "solutions").mkdir()
    for name in ("a.ipynb", "solutions/b.ipynb"):
        nbformat.write(notebook, tmp_path / name)
    passed, said = run_nbval(tmp_path)
    failed = [place for place in passed if not passed[place]]
    assert len(passed) == 8 and failed == ["solutions/b.ipynb::Cell 2"], said
    assert "Cell 2: when it was run again: " in said


def without(*names):
    """Return the environment less some variables."""
    items = os.environ.items()
    return {name: value for name, value in items if name not in names}


@pytest.mark.parametrize(
    ("ci", "outcome"),
    [("true", pytest.fail.Exception), ("", pytest.skip.Exception)],
)
def test_a_missing_tool_skips_a_test_and_fails_it_on_ci(
    require, monkeypatch, ci, outcome
):
    monkeypatch.setenv("CI", ci)
    assert require(sys.executable) == sys.executable
    with pytest.raises(BaseException, match="no-such-tool") as raised:
        require("no-such-tool")
    assert raised.type is outcome  # else pytest would skip this test
