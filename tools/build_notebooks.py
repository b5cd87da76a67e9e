"""Build the notebooks and the slides' figures from the lessons' sources.

    python tools/build_notebooks.py                  build every lesson
    python tools/build_notebooks.py 01 05            build lessons 01 and 05
    python tools/build_notebooks.py --check          do the notebooks match?
    python tools/build_notebooks.py --execute 01     run unchanged code again
    python tools/build_notebooks.py --no-execute 01  a quick look, no outputs

A lesson is written once, solved, in notebooks/source/. From it come the
learner's notebook (notebooks/), where each solution is replaced by an error
to write over, the solved one (notebooks/solutions/), and the figures of the
cells tagged "slide-figure" (slides/figures/).

A notebook whose code is as it was when it was last executed keeps its
outputs: a change of prose needs no MNIST and takes seconds. Where course_lib
has changed what a lesson shows, --execute runs the lesson all the same.
"""

import base64
import hashlib
import io
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from files import BuildError, find, options, write
from lesson_source import make_notebooks, naming, tags

ROOT = Path(__file__).resolve().parents[1]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
TEXT_SIZES = Path(__file__).with_name("text_sizes.py")  # run in the kernel
CELL_TIMEOUT = 1800  # seconds, against cells that never end


def find_sources(root, prefixes):
    """Return the sources of the lessons whose names start so."""
    return find(root / "notebooks" / "source", ".py", prefixes)


def code_cells(notebook):
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# Executing


def execute(notebook, path):
    """Run a notebook in a kernel of its own, in the folder of its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        extra_arguments=[
            "--InlineBackend.figure_format=retina",
            f"--IPKernelApp.exec_files={TEXT_SIZES}",
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
    notebook.metadata.executed = fingerprint(notebook)


def fingerprint(notebook):
    """Return a digest of the code, by which outputs are known as its own."""
    code = "\n# %%\n".join(cell.source for cell in code_cells(notebook))
    return hashlib.sha256(code.encode()).hexdigest()[:16]


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
    """Return a PNG (base64) in 64 colours: a third of the size."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    text = PngInfo()
    if "Smallest text" in image.info:  # text_sizes.py noted it
        text.add_text("Smallest text", image.info["Smallest text"])
    figure = image.convert("RGB")
    small = io.BytesIO()
    palette = figure.quantize(
        64,
        method=Image.Quantize.MAXCOVERAGE,  # keeps the few coloured pixels
        kmeans=1,
        dither=Image.Dither.NONE,
    )
    palette.save(small, format="png", optimize=True, pnginfo=text)
    return base64.b64encode(small.getvalue()).decode()


def keep_outputs(notebook, stored):
    """Take over the outputs of a stored notebook with the same code."""
    cells = zip(code_cells(notebook), code_cells(stored), strict=True)
    for cell, old in cells:
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    notebook.metadata.executed = stored.metadata.executed


# Figures


def slide_figures(path, notebook):
    """Return {name: PNG} of the slide figures of an executed notebook."""
    figures = {}
    for number, cell in enumerate(notebook.cells, 1):
        if "slide-figure" in tags(cell):
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


def check_alt_texts(path, notebook):
    """Refuse a figure of which a blind reader learns nothing."""
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            shown = "image/png" in output.get("data", {})
            if shown and not cell.metadata.get("alt"):
                with naming(path, number, cell):
                    raise ValueError(
                        'a figure without alt="what it shows and what to '
                        'notice" in the header of its cell'
                    )


# Building


def build(root, path, run, again=False):
    """Write the notebooks and figures of a lesson: all of them, or none.

    run: whether changed code is executed; again: whether unchanged code is
    """
    notebooks = make_notebooks(root, path)
    for target, notebook in notebooks if run else []:
        name = target.relative_to(root).as_posix()
        if not again and not find_problem_of_code(target, notebook):
            keep_outputs(notebook, read(target))
            print(f"{name}: code unchanged, outputs kept")
        else:
            start = time.perf_counter()
            execute(notebook, target)
            print(f"{name}: {time.perf_counter() - start:.1f} s")
        check_alt_texts(target, notebook)
    figures = slide_figures(*notebooks[1]) if run else {}
    for target, notebook in notebooks:
        write(target, f"{nbformat.writes(notebook)}\n".encode())
    folder = root / "slides" / "figures"
    for name, png in figures.items():
        write(folder / name, png)
    if run:
        for name in stored_figures(root, path.stem).keys() - figures.keys():
            (folder / name).unlink()


# Checking


def check(root, prefixes):
    """Yield one line for each lesson that is not as its source says."""
    for path in find_sources(root, prefixes):
        if problem := find_problem(root, path):
            number = path.stem[:2]
            yield f"{problem}: run python tools/build_notebooks.py {number}"
    stems = {path.stem for path in find_sources(root, [])}
    for pattern in ("*.ipynb", "solutions/*.ipynb"):
        for path in sorted((root / "notebooks").glob(pattern)):
            if path.stem not in stems and not prefixes:
                yield f"{path.relative_to(root).as_posix()} has no source"


def find_problem(root, path):
    """Say what does not match a lesson's source, or return None."""
    for target, expected in make_notebooks(root, path):
        name = target.relative_to(root).as_posix()
        if problem := find_problem_of_code(target, expected):
            return f"{name} {problem}"
        stored = read(target)
        if without_outputs(stored) != expected:
            return f"{name} does not match its source"
        try:
            check_alt_texts(target, stored)
        except BuildError as error:
            return str(error)
    if slide_figures(target, stored) != stored_figures(root, path.stem):
        return f"slides/figures/{path.stem}-*.png are not those of {name}"
    return None


def find_problem_of_code(path, expected):
    """Say why a stored notebook's outputs aren't those of the code."""
    stored = read(path)
    if stored is None:
        return "is missing, or no notebook"
    cells = code_cells(stored)
    if [c.source for c in cells] != [c.source for c in code_cells(expected)]:
        return "does not match its source"
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        return "is not executed"
    if stored.metadata.get("executed") != fingerprint(expected):
        return "holds the outputs of other code"
    return None


def read(path):
    """Return a stored notebook, or None where there is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        return None


def without_outputs(notebook):
    """Return a copy of a notebook as it was before it was executed."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata.pop("executed", None)
    for cell in code_cells(notebook):
        cell.outputs = []
        cell.execution_count = None
    return notebook


def main(arguments=None, root=ROOT):
    """Run the command line; return the message of a failure, or None."""
    flags = ("--check", "--execute", "--no-execute")
    chosen = options(__doc__, arguments, *flags)
    try:
        if chosen.check:
            return "\n".join(check(root, chosen.lessons)) or None
        for path in find_sources(root, chosen.lessons):
            build(root, path, not chosen.no_execute, chosen.execute)
    except BuildError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
