"""From a lesson's source to its two notebooks, not yet executed.

A source is solved, in jupytext's percent format. Cells' headers may hold
name="…", alt="…" (what a figure shows) and tags=[…]:

    solution       a cell that only the solved notebook has
    claims         the same; it asserts what the prose states
    slide-figure   its first figure goes to slides/figures/, under its name
"""

import ast
import base64
import hashlib
import re
import warnings
from collections import Counter
from contextlib import contextmanager

import jupytext
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient.exceptions import CellControlSignal

from files import BuildError

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
PICTURE = re.compile(r"(!\[[^]]*\])\(([^():]+\.png)\)")  # no address


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


def make_notebooks(root, path):
    """Return the learner's (path, notebook) and the solved one's."""
    cells = read_source(path)
    kept = [c for c in cells if not {"solution", "claims"} & set(tags(c))]
    learner = root / "notebooks" / f"{path.stem}.ipynb"
    solved = root / "notebooks" / "solutions" / f"{path.stem}.ipynb"
    return (
        (learner, make_notebook(path, learner, kept, learner_source)),
        (solved, make_notebook(path, solved, cells, solved_source)),
    )


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


def tags(cell):
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def check_header(cell):
    """Refuse what jupytext passes over, such as tags=solution."""
    known = {"tags", "name", "alt", "lines_to_next_cell"}
    if unknown := set(cell.metadata) - known:
        raise ValueError(f"the cell's header holds {sorted(unknown)}")
    if not cell.source.strip():
        raise ValueError("the cell is empty")
    name = cell.metadata.get("name", "")
    if "slide-figure" in tags(cell) and not re.fullmatch("[a-z0-9-]+", name):
        raise ValueError('a slide-figure cell needs name="lower-case-name"')


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


def make_notebook(origin, path, cells, transform):
    """Return a notebook without outputs, its code cells compiled.

    origin: the source, beside which pictures in the prose are looked for
    """
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
            if cell.cell_type == "code":
                check_syntax(cell)
            else:
                attach_pictures(cell, origin.parent)
        if alt := cell.metadata.get("alt"):  # there nbconvert reads it,
            cell.metadata["mystnb"] = {"image": {"alt": alt}}  # here MyST-NB
    return notebook


def check_syntax(cell):
    """Refuse a code cell that is no Python, or that Python warns of."""
    plain = TransformerManager().transform_cell(cell.source)  # no magics
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(plain, "<cell>", "exec")


def attach_pictures(cell, folder):
    """Put the pictures that a text shows into its cell.

    So they show wherever the notebook lies: JupyterLab serves no file from
    outside its folder, and Colab has no other file at all.
    """
    for _, name in PICTURE.findall(cell.source):
        if not (folder / name).is_file():
            raise ValueError(f"it shows {name}, which does not exist")
        encoded = base64.b64encode((folder / name).read_bytes()).decode()
        attachments = cell.setdefault("attachments", {})
        attachments[name.rpartition("/")[2]] = {"image/png": encoded}
    cell.source = PICTURE.sub(
        lambda found: f"{found[1]}(attachment:{found[2].rpartition('/')[2]})",
        cell.source,
    )
