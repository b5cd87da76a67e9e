"""Build the notebooks and the slides' figures from the lessons' sources.

    python notebooks/build.py                  build every lesson
    python notebooks/build.py 01 05            build the lessons 01 and 05
    python notebooks/build.py --check          do the notebooks match?
    python notebooks/build.py --no-execute 01  a quick look, without outputs

A lesson is written once, solved, in notebooks/source/. From it come the
learner's notebook (notebooks/), where each solution is replaced by an error
to write over, the solved one (notebooks/solutions/), and the figures of the
cells tagged "slide-figure" (slides/figures/).
"""

import argparse
import ast
import base64
import hashlib
import io
import os
import re
import sys
import time
import warnings
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import jupytext
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SOURCE_FORMAT = {
    "extension": ".py",
    "format_name": "percent",
    "comment_magics": False,  # True would uncomment lines such as "# ls"
}
NOTEBOOK_METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "language_info": {"name": "python"},
}
REGION = re.compile(  # no line of a region stands left of its markers
    r"^( *)# BEGIN SOLUTION\n(?:\1.*\n|\n)*?\1# END SOLUTION$", re.M
)
MARKER = re.compile(r"^.*#\s*(?:BEGIN|END)[\s_-]*SOLUTION.*\n?", re.M | re.I)
STUB = 'raise NotImplementedError("your code here")'
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 300  # seconds


class BuildError(Exception):
    """What is wrong with a lesson, and where."""


@contextmanager
def naming(path, number, cell):
    """Make an error inside the block name the file and the cell."""
    try:
        yield
    except (SyntaxError, ValueError, RuntimeError, CellControlSignal) as error:
        first_line = cell.source.strip().split("\n")[0]
        where = f"{path.parent.name}/{path.name}, cell {number} ({first_line})"
        reason = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # no colours
        raise BuildError(f"{where}: {reason}") from error


# From a source to two notebooks


def find_sources(root, prefixes):
    """Return the sources whose names start with one of the prefixes."""
    sources = sorted((root / "notebooks" / "source").glob("*.py"))
    for prefix in prefixes:
        if not any(path.stem.startswith(prefix) for path in sources):
            names = ", ".join(path.stem for path in sources)
            raise BuildError(f"no lesson {prefix!r}; there are: {names}")
    return [p for p in sources if p.stem.startswith(tuple(prefixes or [""]))]


def read_source(path):
    """Return the cells of a source that keeps the rules."""
    try:
        cells = jupytext.read(path, fmt=SOURCE_FORMAT).cells
    except Exception as error:  # jupytext lets errors of many kinds through
        raise BuildError(f"source/{path.name}: {error}") from error
    for number, cell in enumerate(cells, 1):
        with naming(path, number, cell):
            check_header(cell)
            check_regions(cell)
    return cells


def check_header(cell):
    """Refuse what jupytext passes over, such as tags=solution."""
    unknown = set(cell.metadata) - {"tags", "name", "lines_to_next_cell"}
    if unknown:
        raise ValueError(f"the cell's header holds {sorted(unknown)}")
    if not cell.source.strip():
        raise ValueError("the cell is empty")
    name = cell.metadata.get("name", "")
    if has_tag(cell, "slide-figure") and not re.fullmatch("[a-z0-9-]+", name):
        raise ValueError('a slide-figure cell needs name="lower-case-name"')


def has_tag(cell, tag):
    """Say whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def check_regions(cell):
    """Refuse solution regions that are not one to a function's body."""
    regions = REGION.findall(cell.source)
    if len(MARKER.findall(cell.source)) != 2 * len(regions):
        raise ValueError("solution markers misspelt, unpaired or ill-indented")
    owners = region_owners(learner_source(cell)) if regions else []
    if None in owners:
        raise ValueError("a solution region outside a function's body")
    if len(owners) != len(set(owners)):
        raise ValueError("two solution regions in one function")


def region_owners(source):
    """Return for each stub the first line of its function, or None."""
    nodes = ast.walk(ast.parse(source))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    spans = [(node.lineno, node.end_lineno) for node in functions]
    lines = enumerate(source.splitlines(), 1)
    stubs = [number for number, line in lines if line.strip() == STUB]
    return [
        max(
            (first for first, last in spans if first <= stub <= last),
            default=None,
        )
        for stub in stubs
    ]


def learner_source(cell):
    """Return a cell's source with a stub for each solution."""
    return REGION.sub(rf"\1{STUB}", cell.source)


def solved_source(cell):
    """Return a cell's source without the markers of solutions."""
    return MARKER.sub("", cell.source).rstrip("\n")


def make_notebooks(root, path):
    """Return the learner's (path, notebook) and the solved one's."""
    cells = read_source(path)
    kept = [cell for cell in cells if not has_tag(cell, "solution")]
    learner = root / "notebooks" / f"{path.stem}.ipynb"
    solved = root / "notebooks" / "solutions" / f"{path.stem}.ipynb"
    return (
        (learner, make_notebook(learner, kept, learner_source)),
        (solved, make_notebook(solved, cells, solved_source)),
    )


def make_notebook(path, cells, transform):
    """Return a notebook without outputs, its code cells compiled."""
    notebook = nbformat.v4.new_notebook(metadata=NOTEBOOK_METADATA)
    seen = Counter()
    for number, cell in enumerate(cells, 1):
        cell = nbformat.from_dict(cell)  # a copy
        cell.source = transform(cell)
        key = f"{cell.cell_type}\n{cell.source}"
        seen[key] += 1
        digest = hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()
        cell.id = digest[:16]
        cell.metadata.pop("lines_to_next_cell", None)
        notebook.cells.append(cell)
        with naming(path, number, cell):
            check_syntax(cell)
    return notebook


def check_syntax(cell):
    """Refuse a code cell that is no Python, or that Python warns of."""
    if cell.cell_type == "code":
        plain = TransformerManager().transform_cell(cell.source)  # no magics
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(plain, "<cell>", "exec")


# Executing and writing


def execute(notebook, path):
    """Run a notebook in a kernel of its own, in the folder of its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        extra_arguments=[
            "--InlineBackend.figure_format=retina",
            "--log-level=ERROR",
        ],
    )
    env = {"COURSE_DATASET": "mnist"}  # readers see MNIST: no fallback
    env |= os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    with client.setup_kernel(cwd=str(path.parent), env=env):
        for number, cell in enumerate(notebook.cells, 1):
            with naming(path, number, cell):
                client.execute_cell(cell, number - 1)
                clean_outputs(cell)


def clean_outputs(cell):
    """Drop widgets, join prints, shrink figures, refuse warnings, errors."""
    outputs = []
    for output in cell.get("outputs", []):
        if output.output_type == "error" or output.get("name") == "stderr":
            text = output.get("text") or output.get("evalue")
            raise ValueError(f"an error or a warning in the output: {text}")
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = shrink(output.data["image/png"])
        types = [one.output_type for one in [*outputs[-1:], output]]
        if types == ["stream", "stream"]:
            outputs[-1].text += output.text
        elif WIDGET_VIEW not in output.get("data", {}):
            outputs.append(output)
    if cell.cell_type == "code":
        cell.outputs = outputs


def shrink(encoded):
    """Return a PNG (base64) in 128 colours: a third of the size."""
    figure = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    small = io.BytesIO()
    palette = figure.quantize(128, dither=Image.Dither.NONE)
    palette.save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def slide_figures(path, notebook):
    """Return {name: PNG} of the slide figures of an executed notebook."""
    figures = {}
    for number, cell in enumerate(notebook.cells, 1):
        if has_tag(cell, "slide-figure"):
            with naming(path, number, cell):
                name = f"{path.stem}-{cell.metadata.name}.png"
                if name in figures:
                    raise ValueError(f"a second figure {name}")
                figures[name] = first_image(cell)
    return figures


def first_image(cell):
    """Return the first PNG that an executed cell shows."""
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            return base64.b64decode(output.data["image/png"])
    raise ValueError("a slide-figure cell that shows no figure")


def stored_figures(root, stem):
    """Return {name: PNG} of the figures that the slides have of a lesson."""
    paths = (root / "slides" / "figures").glob(f"{stem}-*.png")
    return {path.name: path.read_bytes() for path in paths}


def build(root, path, run):
    """Write the notebooks and figures of a lesson: all of them, or none."""
    notebooks = make_notebooks(root, path)
    for target, notebook in notebooks if run else []:
        start = time.perf_counter()
        execute(notebook, target)
        seconds = time.perf_counter() - start
        print(f"{target.relative_to(root).as_posix()}: {seconds:.1f} s")
    figures = slide_figures(*notebooks[1]) if run else {}
    for target, notebook in notebooks:
        write(target, f"{nbformat.writes(notebook)}\n".encode())
    folder = root / "slides" / "figures"
    for name, png in figures.items():
        write(folder / name, png)
    if run:
        for name in stored_figures(root, path.stem).keys() - figures.keys():
            (folder / name).unlink()


def write(path, content):
    """Write a file in one step, or leave it alone if nothing changed."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


# Checking


def check(root, prefixes):
    """Yield one line for each lesson that is not as its source says."""
    for path in find_sources(root, prefixes):
        if problem := find_problem(root, path):
            number = path.stem[:2]
            yield f"{problem}: run python notebooks/build.py {number}"
    stems = {path.stem for path in find_sources(root, [])}
    for pattern in ("*.ipynb", "solutions/*.ipynb"):
        for path in sorted((root / "notebooks").glob(pattern)):
            if path.stem not in stems and not prefixes:
                yield f"{path.relative_to(root).as_posix()} has no source"


def find_problem(root, path):
    """Say what does not match a lesson's source, or return None."""
    for target, expected in make_notebooks(root, path):
        name = target.relative_to(root).as_posix()
        try:
            stored = nbformat.read(target, as_version=4)
        except (OSError, ValueError):
            return f"{name} is missing, or no notebook"
        if without_outputs(stored) != expected:
            return f"{name} does not match its source"
        cells = [cell for cell in stored.cells if cell.cell_type == "code"]
        counts = [cell.execution_count for cell in cells]
        if counts != list(range(1, len(cells) + 1)):
            return f"{name} is not executed"
    if slide_figures(target, stored) != stored_figures(root, path.stem):
        return f"slides/figures/{path.stem}-*.png are not those of {name}"
    return None


def without_outputs(notebook):
    """Return a copy of a notebook without outputs and execution counts."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return notebook


def main(arguments=None, root=ROOT):
    """Run the command line; return the message of a failure, or None."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lessons", nargs="*", metavar="NN")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--no-execute", action="store_true")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return "\n".join(check(root, options.lessons)) or None
        for path in find_sources(root, options.lessons):
            build(root, path, run=not options.no_execute)
    except BuildError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
