"""Write lessons that run alone: for Colab, or to hand out as one file.

    python tools/standalone.py notebooks/07_*.ipynb -o lesson.ipynb
    python tools/standalone.py --all DIR

Such a notebook carries course_lib in a cell of its own, before all others. It
needs no repository and no network, and it installs nothing. With --github, it
also shows the badges "Open in Colab" and "launch binder".
"""

import argparse
import hashlib
import inspect
import io
import json
import re
import sys
import zipfile
from base64 import b64encode
from glob import glob
from pathlib import Path

import files
from badges import make_badges

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "course_lib"
NOTEBOOKS = ROOT / "notebooks"
NOTE, CELL = "standalone-note", "standalone-package"  # the added cells' ids
NOTE_TEXT = """\
**This file runs alone.** The folded cell below carries the course's package
`course_lib` and unpacks it into a temporary folder. Nothing is installed. Run
it first, after a restart too. What it needs is there on Colab: Python 3.11 or
later, PyTorch, torchvision, scikit-learn, matplotlib, ipywidgets."""
TITLE = "# The package course_lib: run this cell first"  # shown where folded
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # Lab, Colab


def unpack(sha256, package):
    """Import course_lib from this notebook, whatever else is installed."""
    import atexit
    import hashlib
    import io
    import shutil
    import sys
    import tempfile
    import zipfile
    from base64 import b64decode

    if hashlib.sha256(package.encode()).hexdigest() != sha256:
        raise ImportError(
            "the package in this cell is damaged, so it was not unpacked: "
            "its SHA-256 is not the one stated. Get the notebook anew."
        )
    if "course_lib" not in sys.modules:
        folder = tempfile.mkdtemp(prefix=f"course_lib-{sha256[:16]}-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        zipfile.ZipFile(io.BytesIO(b64decode(package))).extractall(folder)
        sys.path.insert(0, folder)
    import course_lib

    origin = getattr(course_lib, "__file__", None) or "elsewhere"
    if sha256[:16] not in origin:
        raise ImportError(
            f"another course_lib is imported already, from {origin}. Restart "
            f"the kernel, and run this cell first."
        )
    print("course_lib comes from this notebook; nothing was installed.")


def pack(source):
    """Return a zip of course_lib in base64, always the same for one source.

    Files that are no code go only where the notebook's source names them,
    and a lesson's exercises only where it asks for them.
    """
    asked = set(re.findall(r"\bchecks\.(\w+)\(", source))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(PACKAGE.rglob("*.*")):
            if path.suffix != ".py" and path.stem not in source:
                continue
            if "__pycache__" in path.parts:
                continue
            lesson = path.parent
            if lesson.match("checks/lesson_*") and not any(
                file.stem in asked for file in lesson.glob("*.py")
            ):
                continue
            name = path.relative_to(PACKAGE.parent).as_posix()
            entry = zipfile.ZipInfo(name)  # dated 1980, whatever the file is
            entry.create_system = 3  # Unix, on Windows too
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return b64encode(packed.getvalue()).decode()


def standalone(notebook, badges=""):
    """Return a notebook (a dict, as stored) with course_lib inside."""
    own = NOTE, CELL
    cells = [cell for cell in notebook["cells"] if cell.get("id") not in own]
    package = pack("".join("".join(cell["source"]) for cell in cells))
    digest = hashlib.sha256(package.encode()).hexdigest()
    call = f"unpack({digest!r}, {package!r})"
    source = f"{TITLE}\n{inspect.getsource(unpack)}\n\n{call}"
    text = f"{badges}\n\n{NOTE_TEXT}" if badges else NOTE_TEXT
    note = {"cell_type": "markdown", "id": NOTE, "metadata": {}}
    code = {"cell_type": "code", "id": CELL, "metadata": FOLDED}
    code |= {"execution_count": None, "outputs": []}
    kinds = [cell["cell_type"] for cell in cells]
    place = kinds.index("code") if "code" in kinds else len(cells)
    cells[place:place] = [
        note | {"source": text.splitlines(keepends=True)},
        code | {"source": source.splitlines(keepends=True)},
    ]
    return notebook | {"cells": cells}


def jobs(notebooks, output, everything):
    """Yield (notebook, folder to write into, name there)."""
    if everything:
        for pattern in ("*.ipynb", "solutions/*.ipynb"):
            for path in sorted(NOTEBOOKS.glob(pattern)):
                yield path, everything, path.relative_to(NOTEBOOKS).as_posix()
        return
    paths = []
    for name in notebooks:  # a shell on Windows leaves patterns as they are
        paths += [name] if Path(name).exists() else sorted(glob(name))
    one_file = output.suffix == ".ipynb"
    if not paths or (one_file and len(paths) > 1):
        raise ValueError(
            f"expected {'one notebook' if one_file else 'notebooks'} for "
            f"{output}, found {len(paths)}: {' '.join(paths or notebooks)}"
        )
    for path in map(Path, paths):
        folder = output.parent if one_file else output
        yield path, folder, output.name if one_file else path.name


def write(path, folder, name, address):
    """Write the standalone edition of a notebook."""
    target = folder / name
    if target.exists() and target.samefile(path):
        raise ValueError(f"{target} is the notebook itself: choose another")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    badges = make_badges(address, name) if address else ""
    written = json.dumps(
        standalone(notebook, badges), indent=1, ensure_ascii=False
    )
    files.write(target, f"{written}\n".encode())
    print(f"{target}: {len(written) / 1000:,.0f} kB")


def main(arguments=None):
    """Run the command line; return the message of a failure, or None."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("notebooks", nargs="*", metavar="NOTEBOOK")
    add("-o", metavar="OUT", type=Path, help="the file (.ipynb) or folder")
    add("--all", metavar="DIR", type=Path, help="write every lesson there")
    add("--github", metavar="URL", help="of the folder that will hold them")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # names of any letters
    if bool(options.all) == bool(options.notebooks and options.o):
        parser.error("give NOTEBOOK and -o OUT, or else --all DIR")
    try:
        for job in jobs(options.notebooks, options.o, options.all):
            write(*job, options.github)
    except (OSError, ValueError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
