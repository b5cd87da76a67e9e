"""Tests of tools/build_notebooks.py, on small courses in new folders."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbconvert
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from PIL import Image

import build_notebooks as build
import files

LEARNER = "notebooks/01_demo.ipynb"
SOLVED = "notebooks/solutions/01_demo.ipynb"
FIGURE = "slides/figures/01_demo-a-line.png"
COMMAND = "run python tools/build_notebooks.py 01"

ALT = 'A line rises, by "1".'
LESSON = '''\
# %% [markdown]
# # A demonstration
#
# $$x^2$$

# %%
import os
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import display
from tqdm import tqdm

# %%
def double(x):
    """Return twice x."""
    # BEGIN SOLUTION
    twice = x + x

    return twice
    # END SOLUTION


def add(x, y):
    """Return the sum."""
    # ls
    # BEGIN SOLUTION
    return x + y
    # END SOLUTION


# %%
try:
    answer = double(2)
except NotImplementedError as error:
    answer = 0
    print(error)

# %% tags=["solution"]
print("only in the solved one")

# %% tags=["claims"]
assert answer == 4

# %% name="a-line" tags=["slide-figure"] alt="A line rises, by \\"1\\"."
print("before")
plt.plot([1, answer])
plt.show()

# %%
# ls
for i in tqdm(range(3)):
    print(i, flush=True)
display(ipywidgets.IntSlider())
print(os.environ["OMP_NUM_THREADS"], flush=True)
print(Path.cwd().name)

# %%
# ls
for i in tqdm(range(3)):
    print(i, flush=True)
display(ipywidgets.IntSlider())
print(os.environ["OMP_NUM_THREADS"], flush=True)
print(Path.cwd().name)
'''
LEARNER_FUNCTIONS = '''\
def double(x):
    """Return twice x."""
    raise NotImplementedError("your code here")


def add(x, y):
    """Return the sum."""
    # ls
    raise NotImplementedError("your code here")'''
SOLVED_FUNCTIONS = '''\
def double(x):
    """Return twice x."""
    twice = x + x

    return twice


def add(x, y):
    """Return the sum."""
    # ls
    return x + y'''


def write_lesson(root, text, name="01_demo"):
    """Write a lesson's source, and return the course's folder."""
    path = root / "notebooks" / "source" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


def run(root, *arguments):
    """Run the build; return its message, None where all is well."""
    return build.main(list(arguments), root)


def read(root, name):
    """Read a notebook of a course."""
    return nbformat.read(root / name, as_version=4)


def code_cells(notebook):
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def snapshot(root):
    """Return the content and time of change of each file in a folder."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a course with one lesson, built; not to be changed."""
    root = write_lesson(tmp_path_factory.mktemp("course"), LESSON)
    figures = root / "slides" / "figures"
    figures.mkdir(parents=True)
    for name in ("01_demo-stale.png", "02_other-kept.png", "drawn.png"):
        (figures / name).write_bytes(b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "3")
        patch.delenv("TQDM_DISABLE", raising=False)
        assert run(root) is None
        assert os.environ["OMP_NUM_THREADS"] == "3"
        assert "TQDM_DISABLE" not in os.environ
    return root


@pytest.fixture
def course(built, tmp_path):
    """Return a copy of the built course, to be changed."""
    return shutil.copytree(built, tmp_path / "course")


# What is built


def test_the_learner_gets_stubs_and_the_solved_notebook_the_solutions(built):
    learner = code_cells(read(built, LEARNER))
    solved = code_cells(read(built, SOLVED))
    assert learner[1].source == LEARNER_FUNCTIONS
    assert solved[1].source == SOLVED_FUNCTIONS
    assert solved.pop(3).source == 'print("only in the solved one")'
    assert solved.pop(3).source == "assert answer == 4"
    for number in (0, 2, 3, 4, 5):
        assert learner[number].source == solved[number].source
    assert len(learner) == len(solved) == 6


def test_both_notebooks_are_executed(built):
    learner = code_cells(read(built, LEARNER))
    solved = code_cells(read(built, SOLVED))
    assert [cell.execution_count for cell in learner] == [1, 2, 3, 4, 5, 6]
    assert [cell.execution_count for cell in solved] == [*range(1, 9)]
    assert learner[2].outputs[0].text == "your code here\n"
    assert solved[2].outputs == []
    # one stream: no progress bar, no slider; one thread; the own folder
    (learner_stream,) = learner[-1].outputs
    (solved_stream,) = solved[-1].outputs
    assert learner_stream.text == "0\n1\n2\n1\nnotebooks\n"
    assert solved_stream.text == "0\n1\n2\n1\nsolutions\n"


def test_metadata_holds_names_and_tags_and_nothing_that_changes(built):
    for name in (LEARNER, SOLVED):
        notebook = read(built, name)
        nbformat.validate(notebook)
        assert notebook.metadata == {
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
            "executed": build.fingerprint(notebook),
        }
        tagged = [cell.metadata for cell in notebook.cells if cell.metadata]
        figure = {"name": "a-line", "tags": ["slide-figure"], "alt": ALT}
        assert figure | {"mystnb": {"image": {"alt": ALT}}} in tagged
        assert len(tagged) == (1 if name == LEARNER else 3)
        text = (built / name).read_text(encoding="utf-8")
        assert text.endswith("}\n")
        assert "widget" not in text.replace("ipywidgets", "")


@pytest.mark.parametrize("again", [[], ["--execute"]])
def test_a_rebuild_leaves_every_byte_and_every_file_alone(course, again):
    before = snapshot(course)
    assert run(course, "01", *again) is None
    assert snapshot(course) == before


def test_slide_figures_are_the_solved_ones_and_sharp(course):
    def image(name):
        (cell,) = [c for c in read(course, name).cells if "name" in c.metadata]
        assert cell.outputs[0].text == "before\n"
        size = cell.outputs[1].metadata["image/png"]
        return base64.b64decode(cell.outputs[1].data["image/png"]), size

    png, size = image(SOLVED)
    assert (course / FIGURE).read_bytes() == png != image(LEARNER)[0]
    assert int.from_bytes(png[16:20]) == 2 * size["width"]  # PNG's header
    with Image.open(course / FIGURE) as figure:  # its smallest text, pixels
        assert (
            figure.info["Smallest text"] == f"{10 * 2 * 100 / 72:.1f}"
        )  # 10 points
    names = sorted(path.name for path in (course / FIGURE).parent.iterdir())
    assert names == ["01_demo-a-line.png", "02_other-kept.png", "drawn.png"]


def test_ids_come_from_the_cells_and_stay(tmp_path):
    def ids(text):
        assert run(write_lesson(tmp_path, text), "--no-execute") is None
        return [cell.id for cell in read(tmp_path, LEARNER).cells]

    cells = ["# %%\nx = 1\n", "# %% [markdown]\n# x = 1\n", "# %%\nx = 1\n"]
    first = ids("\n".join(cells))
    assert len(set(first)) == 3
    assert ids("\n".join(cells)) == first
    assert ids("\n".join(["# %%\nnew = 2\n", *cells]))[1:] == first
    changed = ids("\n".join([cells[0], "# %% [markdown]\n# y\n", cells[2]]))
    assert [a == b for a, b in zip(changed, first, strict=True)] == [1, 0, 1]


def test_no_execute_writes_notebooks_without_outputs(course):
    figure = (course / FIGURE).stat().st_mtime_ns
    assert run(course, "--no-execute") is None
    for name in (LEARNER, SOLVED):
        for cell in code_cells(read(course, name)):
            assert cell.outputs == []
            assert cell.execution_count is None
    assert (course / FIGURE).stat().st_mtime_ns == figure
    assert run(course, "--check") == f"{LEARNER} is not executed: {COMMAND}"


def test_magics_compile_and_commented_commands_stay(tmp_path):
    text = "# %%\n%time x = 1\n!ls\n\n# %%\n# ls\n# %time\ny = 2\n"
    assert run(write_lesson(tmp_path, text), "--no-execute") is None
    sources = [cell.source for cell in read(tmp_path, LEARNER).cells]
    assert sources == ["%time x = 1\n!ls", "# ls\n# %time\ny = 2"]


def test_only_the_named_lessons_are_built(tmp_path):
    write_lesson(tmp_path, "# %%\nx = 1\n")
    write_lesson(tmp_path, "# %%\nx = 2\n", "02_other")
    assert run(tmp_path, "--no-execute", "02") is None
    names = [path.name for path in (tmp_path / "notebooks").glob("*.ipynb")]
    assert names == ["02_other.ipynb"]
    message = run(tmp_path, "--no-execute", "01", "07")
    assert message == "no lesson '07'; there are: 01_demo, 02_other"
    assert not (tmp_path / LEARNER).exists()


# Outputs are kept where no code has changed


@pytest.fixture
def executed(monkeypatch):
    """Return the list of the notebooks that the build executes."""
    names, execute = [], build.execute

    def spy(notebook, path):
        names.append(path.parent.name)
        execute(notebook, path)

    monkeypatch.setattr(build, "execute", spy)
    return names


def outputs(root, name):
    """Return the outputs of each code cell of a notebook."""
    return [cell.outputs for cell in code_cells(read(root, name))]


def test_a_change_of_prose_keeps_the_outputs(course, executed, capsys):
    before = [outputs(course, name) for name in (LEARNER, SOLVED)]
    changed = LESSON.replace("# A demonstration", "# Another title")
    changed = changed.replace('by \\"1\\"', "more text").replace(
        "# %%\ntry", "# %% [markdown]\n# New words.\n\n# %%\ntry"
    )
    assert run(write_lesson(course, changed)) is None
    assert executed == []
    assert capsys.readouterr().out.count("outputs kept") == 2
    assert [outputs(course, name) for name in (LEARNER, SOLVED)] == before
    for name in (LEARNER, SOLVED):
        notebook = read(course, name)
        assert notebook.cells[0].source.startswith("# Another title")
        assert notebook.cells[3].source == "New words."
        alts = {cell.metadata.get("alt") for cell in notebook.cells}
        assert alts == {None, "A line rises, more text."}
    assert run(course, "--check") is None


CODE_CHANGES = {  # change -> whose code it is
    "a line": ("[1, answer]", "[2, answer]", ["notebooks", "solutions"]),
    "the order": ("print(i, flush=True)\n", "", ["notebooks", "solutions"]),
    "a solution": ("twice = x + x", "twice = 2 * x", ["solutions"]),
    "a claim": ("answer == 4", "answer > 3", ["solutions"]),
}


@pytest.mark.parametrize("change", CODE_CHANGES)
def test_changed_code_is_executed_where_it_stands(course, executed, change):
    old, new, where = CODE_CHANGES[change]
    assert run(write_lesson(course, LESSON.replace(old, new, 1))) is None
    assert executed == where
    assert run(course, "--check") is None


def test_unchanged_code_is_executed_where_it_is_asked_for(course, executed):
    assert run(course, "--execute") is None
    assert executed == ["notebooks", "solutions"]


def test_outputs_of_other_code_are_refused_and_not_kept(course, executed):
    """Somebody changes source and notebook alike, and executes nothing."""
    other = "plt.plot([2, answer])"
    write_lesson(course, LESSON.replace("plt.plot([1, answer])", other))

    def change(notebook):
        cell = notebook["cells"][-3]
        cell["source"] = "".join(cell["source"]).replace("[1,", "[2,")
        key = f"code\n{cell['source']}\n1"
        cell["id"] = hashlib.sha256(key.encode()).hexdigest()[:16]

    for name in (LEARNER, SOLVED):
        edit(course / name, change)
        assert other in "".join(c.source for c in read(course, name).cells)
    message = f"{LEARNER} holds the outputs of other code: {COMMAND}"
    assert run(course, "--check") == message
    assert run(course) is None
    assert executed == ["notebooks", "solutions"]
    assert run(course, "--check") is None


def test_outputs_that_no_execution_vouches_for_are_not_kept(course, executed):
    edit(course / SOLVED, lambda n: n["metadata"].pop("executed"))
    message = f"{SOLVED} holds the outputs of other code: {COMMAND}"
    assert run(course, "--check") == message
    assert run(course) is None
    assert executed == ["solutions"]


# Alt texts and pictures


def test_a_figure_without_an_alt_text_is_named(course):
    start = LESSON.index(" alt=")
    without = LESSON[:start] + LESSON[LESSON.index('\nprint("before') :]
    before = snapshot(write_lesson(course, without))
    message = run(course)
    assert message.startswith(
        'notebooks/01_demo.ipynb, cell 5 (print("before")): a figure without'
    )
    assert snapshot(course) == before
    for name in (LEARNER, SOLVED):
        edit(course / name, without_alt)
    assert run(course, "--check") == f"{message}: {COMMAND}"


def without_alt(notebook):
    """Drop the alt texts of a notebook."""
    for cell in notebook["cells"]:
        for key in ("alt", "mystnb"):
            cell["metadata"].pop(key, None)


def test_nbconvert_shows_the_alt_text(built):
    exporter = nbconvert.HTMLExporter(template_name="classic")
    page, _ = exporter.from_filename(built / SOLVED)
    (image,) = re.findall(r"<img[^>]*>", page)
    assert f"alt='{ALT}'" in image


def test_pictures_in_the_prose_travel_with_the_notebook(tmp_path):
    text = "# %% [markdown]\n# ![A dot](../../a/dot.png) ![b](https://c/d.png)"
    root = write_lesson(tmp_path, f"{text}\n")
    message = run(root, "--no-execute")
    assert message.endswith("it shows ../../a/dot.png, which does not exist")
    (root / "a").mkdir()
    (root / "a" / "dot.png").write_bytes(b"dot")
    assert run(root, "--no-execute") is None
    (cell,) = read(root, LEARNER).cells
    assert cell.source == "![A dot](attachment:dot.png) ![b](https://c/d.png)"
    encoded = base64.b64encode(b"dot").decode()
    assert cell.attachments == {"dot.png": {"image/png": encoded}}
    nbformat.validate(read(root, LEARNER))


# What is refused

REGIONS = {
    "at module level": (
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION",
        "outside a function's body",
    ),
    "indented at module level": (
        "if True:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION",
        "outside a function's body",
    ),
    "in a class's body": (
        "class A:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION",
        "outside a function's body",
    ),
    "two in a function": (
        "def f():\n"
        "    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n"
        "    # BEGIN SOLUTION\n    return x\n    # END SOLUTION",
        "two solution regions in one function",
    ),
    "not ended": ("def f():\n    # BEGIN SOLUTION\n    return 1", "unpaired"),
    "not begun": ("def f():\n    return 1\n    # END SOLUTION", "unpaired"),
    "nested": (
        "def f():\n    # BEGIN SOLUTION\n    x = 1\n"
        "    # BEGIN SOLUTION\n    return x\n    # END SOLUTION",
        "unpaired",
    ),
    "over two functions": (
        "def f():\n    # BEGIN SOLUTION\n    return 1\n"
        "def g():\n    return 2\n    # END SOLUTION",
        "ill-indented",
    ),
    "lower case": (
        "def f():\n    # begin solution\n    return 1\n    # end solution",
        "misspelt",
    ),
    "no space": (
        "def f():\n    #BEGIN SOLUTION\n    return 1\n    #END SOLUTION",
        "misspelt",
    ),
    "an underscore": (
        "def f():\n    # BEGIN_SOLUTION\n    return 1\n    # END_SOLUTION",
        "misspelt",
    ),
    "a word more": (
        "def f():\n    # BEGIN SOLUTION a\n    return 1\n    # END SOLUTION",
        "misspelt",
    ),
    "after code": (
        "def f():\n    x = 1  # BEGIN SOLUTION\n    return x\n"
        "    # END SOLUTION",
        "misspelt",
    ),
    "half a statement": (
        "def f():\n    # BEGIN SOLUTION\n    try:\n        return 1\n"
        "    # END SOLUTION\n    finally:\n        pass",
        "invalid syntax",
    ),
}


@pytest.mark.parametrize("case", REGIONS)
def test_a_broken_region_is_named_and_nothing_written(tmp_path, case):
    source, reason = REGIONS[case]
    text = f"# %% [markdown]\n# Hello\n\n# %%\n{source}\n"
    message = run(write_lesson(tmp_path, text))
    first_line = source.split("\n")[0]
    assert message.startswith(f"source/01_demo.py, cell 2 ({first_line}): ")
    assert reason in message
    assert len(snapshot(tmp_path)) == 1


FINE = {
    "a method": (
        "class A:\n    def f(self):\n"
        "        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION\n",
        "class A:\n    def f(self):\n"
        '        raise NotImplementedError("your code here")',
    ),
    "code after it": (
        "def f():\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n"
        "    return x",
        'def f():\n    raise NotImplementedError("your code here")\n'
        "    return x",
    ),
    "a function in a function": (
        "def f():\n    def g():\n"
        "        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION\n"
        "    # BEGIN SOLUTION\n    return g\n    # END SOLUTION",
        "def f():\n    def g():\n"
        '        raise NotImplementedError("your code here")\n'
        '    raise NotImplementedError("your code here")',
    ),
}


@pytest.mark.parametrize("case", FINE)
def test_a_region_in_a_function_is_fine(tmp_path, case):
    source, expected = FINE[case]
    root = write_lesson(tmp_path, f"# %%\n{source}\n")
    assert run(root, "--no-execute") is None
    assert read(root, LEARNER).cells[0].source == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("# %% tags=solution\nx = 1", "cell 1 (x = 1): the cell's header"),
        ("# %% solution\nx = 1", "cell 1 (x = 1): the cell's header"),
        ('# %% tags="solution"\nx = 1', "'solution' is not of type 'array'"),
        ("# %%\n\n# %%\nx = 1", "cell 1 (): the cell is empty"),
        (
            '# %% tags=["slide-figure"]\nx = 1',
            "cell 1 (x = 1): a slide-figure cell needs name=",
        ),
        (
            '# %% name="A/b" tags=["slide-figure"]\nx = 1',
            "a slide-figure cell needs name=",
        ),
        ("# %%\nx = (", "01_demo.ipynb, cell 1 (x = (): '(' was never closed"),
        ("# %%\nx = '\\s'", "01_demo.ipynb, cell 1 (x = '\\s'): "),
    ],
)
def test_a_broken_cell_is_named_and_nothing_written(tmp_path, cell, reason):
    message = run(write_lesson(tmp_path, f"{cell}\n"))
    assert reason in message
    assert len(snapshot(tmp_path)) == 1


FAILS = {
    "raises": ("1 / 0", "ZeroDivisionError"),
    "warns": ("import warnings\nwarnings.warn('old')", "UserWarning: old"),
    "dies": ("import os\nos._exit(1)", "Kernel died"),
    "hangs": ("while True:\n    pass", "timed out"),
}


@pytest.mark.parametrize("case", FAILS)
def test_a_failing_cell_is_named_and_nothing_written(
    course, monkeypatch, case
):
    if case == "hangs":
        monkeypatch.setattr(build, "CELL_TIMEOUT", 2)
    source, reason = FAILS[case]
    # a text, since on a slow machine a cell of code might take two seconds
    text = f"# %% [markdown]\n# A\n\n# %%\n{source}\n"
    before = snapshot(write_lesson(course, text))
    message = run(course)
    first_line = source.split("\n")[0]
    where = f"notebooks/01_demo.ipynb, cell 2 ({first_line}): "
    assert message.startswith(where)
    assert reason in message
    assert "\x1b" not in message
    assert snapshot(course) == before


def test_a_failure_of_the_solved_notebook_leaves_the_learners_alone(course):
    text = '# %% tags=["solution"]\n1 / 0\n'
    before = snapshot(write_lesson(course, text))
    assert run(course).startswith("solutions/01_demo.ipynb, cell 1 (1 / 0): ")
    assert snapshot(course) == before


def outputs_cleaned(*outputs):
    """Return what the build stores of a cell's outputs."""
    cell = new_code_cell("x", outputs=list(outputs))
    build.clean_outputs(cell)
    return cell.outputs


def test_clean_outputs():
    out = new_output("stream", name="stdout", text="a\n")
    more = new_output("stream", name="stdout", text="b\n")
    both = new_output("stream", name="stdout", text="a\nb\n")
    shown = new_output("display_data", {"text/plain": "c"})
    widget = new_output("display_data", {build.WIDGET_VIEW: {}})
    error = new_output("stream", name="stderr", text="Warning: d")
    raised = new_output("error", ename="E", evalue="e", traceback=[])
    copies = [nbformat.from_dict(out) for _ in range(2)]
    assert outputs_cleaned(copies[0], shown, more) == [out, shown, more]
    assert outputs_cleaned(copies[1], widget, more) == [both]
    with pytest.raises(ValueError, match="Warning: d"):
        outputs_cleaned(shown, error)
    with pytest.raises(ValueError, match="in the output: e"):
        outputs_cleaned(raised)


def executed_figure_cell(name, *outputs):
    """Return an executed cell tagged as a slide figure."""
    metadata = {"tags": ["slide-figure"], "name": name}
    return new_code_cell(name, metadata=metadata, outputs=list(outputs))


@pytest.mark.parametrize(
    ("names", "reason"),
    [(["a"], "shows no figure"), (["b", "b"], "a second figure 01_demo-b")],
)
def test_slide_figures_that_cannot_be(names, reason):
    image = new_output("display_data", {"image/png": "AAAA"})
    text = new_output("display_data", {"text/plain": "no image"})
    shown = {"a": text, "b": image}
    cells = [executed_figure_cell(name, shown[name]) for name in names]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = rf"01_demo.ipynb, cell {len(names)} \({names[-1]}\): "
    with pytest.raises(build.BuildError, match=where + f".*{reason}"):
        build.slide_figures(Path("01_demo.ipynb"), notebook)


def test_a_write_happens_in_one_step(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    files.write(path, b"old")
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    assert path.stat().st_mode == ordinary.stat().st_mode

    def replace(source, target):
        assert Path(source).read_bytes() == b"new"
        assert Path(source).parent == tmp_path  # a rename, not a copy
        assert target.read_bytes() == b"old"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.glob("*.ipynb")) == [path]


# --check


def edit(path, change):
    """Change a notebook's JSON."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_check_accepts_what_was_built_and_compares_no_outputs(course):
    def change(notebook):
        notebook["cells"][2]["outputs"] = []
        notebook["cells"][3]["outputs"] = []

    assert run(course, "--check") is None
    edit(course / LEARNER, change)
    before = snapshot(course)
    assert run(course, "--check") is None
    assert snapshot(course) == before


CHANGES = {
    "id": lambda cells: cells[0].update(id="another"),
    "type": lambda cells: cells[0].update(cell_type="raw"),
    "source": lambda cells: cells[0].update(source="# Another title"),
    "tags": lambda cells: cells[-1]["metadata"].update(tags=["a"]),
    "name": lambda cells: cells[4]["metadata"].update(name="b"),
    "order": lambda cells: cells.reverse(),
    "number": lambda cells: cells.pop(),
}


@pytest.mark.parametrize("name", [LEARNER, SOLVED])
@pytest.mark.parametrize("change", CHANGES)
def test_check_finds_a_changed_cell(course, change, name):
    edit(course / name, lambda notebook: CHANGES[change](notebook["cells"]))
    message = run(course, "--check")
    assert message == f"{name} does not match its source: {COMMAND}"


def test_check_finds_a_changed_source(course):
    write_lesson(course, LESSON.replace("[1, answer]", "[2, answer]"))
    message = run(course, "--check")
    assert message == f"{LEARNER} does not match its source: {COMMAND}"


@pytest.mark.parametrize("name", [LEARNER, SOLVED])
def test_check_finds_a_missing_or_broken_notebook(course, name):
    message = f"{name} is missing, or no notebook: {COMMAND}"
    (course / name).write_text("<<<<<<< HEAD", encoding="utf-8")
    assert run(course, "--check") == message
    (course / name).unlink()
    assert run(course, "--check") == message


@pytest.mark.parametrize("count", [None, 7])
def test_check_finds_an_unexecuted_cell(course, count):
    def change(notebook):
        notebook["cells"][2]["execution_count"] = count

    edit(course / SOLVED, change)
    assert run(course, "--check") == f"{SOLVED} is not executed: {COMMAND}"


@pytest.mark.parametrize("change", ["missing", "different", "extra"])
def test_check_finds_figures_that_are_not_the_notebooks(course, change):
    figure = course / FIGURE
    if change == "missing":
        figure.unlink()
    elif change == "different":
        figure.write_bytes(b"another")
    else:
        figure.with_name("01_demo-extra.png").write_bytes(b"")
    message = f"slides/figures/01_demo-*.png are not those of {SOLVED}"
    assert run(course, "--check") == f"{message}: {COMMAND}"


def test_check_finds_notebooks_without_a_source(course):
    for name in (LEARNER, SOLVED):
        copy = (course / name).with_name("02_gone.ipynb")
        shutil.copy(course / name, copy)
    saved = course / "notebooks" / ".ipynb_checkpoints" / "x.ipynb"
    saved.parent.mkdir()
    shutil.copy(course / LEARNER, saved)
    assert run(course, "--check").split("\n") == [
        "notebooks/02_gone.ipynb has no source",
        "notebooks/solutions/02_gone.ipynb has no source",
    ]
    assert run(course, "--check", "01") is None


def test_check_finds_every_lesson_that_is_out_of_date(course):
    write_lesson(course, "# %%\nx = 1\n", "02_other")
    (course / LEARNER).unlink()
    lines = run(course, "--check").split("\n")
    assert [line.split(": ")[1] for line in lines] == [
        "run python tools/build_notebooks.py 01",
        "run python tools/build_notebooks.py 02",
    ]
    assert run(course, "--check", "02") == lines[1]


def test_the_command_line_exits_with_1_where_something_is_wrong(course):
    tools = shutil.copytree(Path(build.__file__).parent, course / "tools")
    script = tools / "build_notebooks.py"
    command = [sys.executable, script, "--check"]
    good = subprocess.run(command, capture_output=True, text=True)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    (course / LEARNER).unlink()
    bad = subprocess.run(command, capture_output=True, text=True)
    assert bad.returncode == 1
    assert COMMAND in bad.stderr
    assert "Traceback" not in bad.stderr
