"""Lessons that run alone, where the project is not installed.

`python -S` reads no .pth file, so the project's own installation is hidden,
and the other packages are found through PYTHONPATH.
"""

import io
import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from base64 import b64decode
from pathlib import Path

import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import badges
import standalone

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SITE_PACKAGES = sysconfig.get_path("purelib")
HANG = 1800  # seconds: no cell takes that long on any machine
SAID = "course_lib comes from this notebook; nothing was installed.\n"


def bare(temporary, **variables):
    """Return an environment without the project, with a folder for files."""
    paths = {"PYTHONPATH": SITE_PACKAGES, "TMPDIR": str(temporary)}
    return os.environ | paths | variables


@pytest.fixture
def folders(tmp_path):
    """Return two empty folders: to work in, and for temporary files."""
    for name in ("work", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path / "work", tmp_path / "temporary"


def added(notebook):
    """Return the sources of the two added cells: the note, the package."""
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    sources = [cells[i]["source"] for i in (standalone.NOTE, standalone.CELL)]
    return ["".join(source) for source in sources]


# --- The lessons themselves -------------------------------------------------


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Return the folder that --all has written."""
    folder = tmp_path_factory.mktemp("standalone")
    assert standalone.main(["--all", str(folder)]) is None
    return folder


def test_all_lessons_are_written_and_nothing_is_lost(everything):
    for path in (ROOT / "notebooks").rglob("[0-9]*.ipynb"):
        name = path.relative_to(ROOT / "notebooks")
        if ".ipynb_checkpoints" in name.parts:
            continue
        original = json.loads(path.read_text(encoding="utf-8"))
        written = json.loads((everything / name).read_text(encoding="utf-8"))
        own = standalone.NOTE, standalone.CELL
        cells = [c for c in written["cells"] if c["id"] not in own]
        assert written | {"cells": cells} == original
        nbformat.validate(nbformat.from_dict(written))
        codes = [c for c in written["cells"] if c["cell_type"] == "code"]
        assert codes[0]["id"] == standalone.CELL  # it comes first
        note, source = added(written)
        assert "http" not in note + source[:2000]  # no address is needed
        assert all(len(line) < 80 for line in source.splitlines()[:-1])


def test_the_package_is_carried_with_the_lessons_own_exercises(everything):
    written = json.loads((everything / LESSONS[0].name).read_text("utf-8"))
    number = LESSONS[0].name[:2]
    package = re.search(r", '([^']+)'\)$", added(written)[1])[1]
    archive = zipfile.ZipFile(io.BytesIO(b64decode(package)))
    carried = {name: archive.read(name) for name in archive.namelist()}
    paths = [
        path
        for path in (ROOT / "course_lib").rglob("*.py")
        if path.parent.name.removeprefix("lesson_")
        in (number, path.parent.name)
    ]
    files = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in paths}
    assert carried == files
    assert len(package) < 150_000


def run_bare(notebook, folder, env):
    """Run a notebook in a kernel that does not find the project."""
    argv = [sys.executable, "-S", "-m", "ipykernel_launcher"]
    kernel = AsyncKernelManager()
    kernel._kernel_spec = KernelSpec(argv=[*argv, "-f", "{connection_file}"])
    limits = {"timeout": HANG, "startup_timeout": HANG}
    client = NotebookClient(notebook, km=kernel, **limits)
    with client.setup_kernel(cwd=str(folder), env=env, cleanup_kc=True):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            yield "".join(o.get("text", "") for o in cell.get("outputs", []))


EVERY_MODULE = """\
import importlib, pkgutil
for module in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
    importlib.import_module(module.name)
print({m.__file__ for n, m in sys.modules.items() if "course_lib" in n})
"""


def test_a_lesson_runs_alone(everything, folders):
    work, temporary = folders
    notebook = nbformat.read(everything / LESSONS[0].name, as_version=4)
    again = new_code_cell(added(notebook)[1])
    modules = new_code_cell(f"import sys\n{EVERY_MODULE}")
    notebook.cells += [again, modules]
    said = list(run_bare(notebook, work, bare(temporary)))
    assert said.count(SAID) == 2  # it may run twice
    origins = re.findall(r"'([^']+)'", said[-1])
    prefix = f"{temporary}/course_lib-"
    assert len(origins) > 20
    assert all(origin.startswith(prefix) for origin in origins)
    assert list(work.iterdir()) == []
    assert list(temporary.glob("course_lib*")) == []  # removed at the end


# --- In all circumstances, with a small package -----------------------------


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Set a small package in place of course_lib; return its folder."""
    package = tmp_path / "source" / "course_lib"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("name = 'carried'\n")
    (package / "part.py").write_text("")
    (package / "weights.pt").write_bytes(bytes(range(256)))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "weights.py").write_text("")
    monkeypatch.setattr(standalone, "PACKAGE", package)
    return package


LESSON = {"cells": [{"cell_type": "code", "id": "a", "source": ["import os"]}]}


def make(source="import os", **options):
    """Return the standalone edition of a notebook of one cell."""
    cell = LESSON["cells"][0] | {"source": source.splitlines(keepends=True)}
    return standalone.standalone({"cells": [cell]}, **options)


@pytest.fixture
def python(folders):
    """Return a function that runs sources as a kernel without the project."""
    work, temporary = folders

    def run(*sources, options=(), **variables):
        ended = subprocess.run(
            [sys.executable, "-S", *options, "-"],
            input="\n\n".join(sources),
            capture_output=True,
            text=True,
            cwd=work,
            env=bare(temporary, **variables),
        )
        return ended.stdout, ended.stderr

    return run


SHOW = "import course_lib, course_lib.part\nprint(course_lib.name)"


def test_the_project_is_hidden_from_these_tests(python):
    assert "No module named 'course_lib'" in python("import course_lib")[1]


def test_it_runs_twice(small, python):
    cell = added(make())[1]
    count = "print(sum('course_lib' in entry for entry in sys.path))"
    out, err = python(cell, cell, SHOW, f"import sys\n{count}", cell)
    assert (out, err) == (f"{SAID}{SAID}carried\n1\n{SAID}", "")


def test_it_puts_no_name_but_its_own_into_the_notebook(small, python):
    cell = added(make())[1]
    out, _ = python("before = set(globals())", cell, "print(*globals())")
    assert set(out.split("\n")[1].split()[-2:]) == {"before", "unpack"}


@pytest.mark.parametrize("kind", ["package", "namespace"])
@pytest.mark.parametrize("where", ["here", "installed"])
def test_another_course_lib_is_passed_over(
    kind, where, small, python, folders, tmp_path
):
    folder = folders[0] if where == "here" else tmp_path / "installed"
    (folder / "course_lib").mkdir(parents=True)
    if kind == "package":
        (folder / "course_lib" / "__init__.py").write_text("name = 'other'")
    path = {"PYTHONPATH": f"{folder}{os.pathsep}{SITE_PACKAGES}"}
    cell = added(make())[1]
    assert python(cell, SHOW, **path) == (f"{SAID}carried\n", "")
    out, err = python("import course_lib", cell, SHOW, **path)
    assert out == ""
    assert "ImportError: another course_lib is imported already" in err
    assert "Restart the kernel" in err
    if kind == "package":
        assert str(Path("course_lib", "__init__.py")) in err


def test_the_edition_of_another_day_is_another_course_lib(small, python):
    old = added(make())[1]
    (small / "__init__.py").write_text("name = 'newer'\n")
    out, err = python(old, added(make())[1], SHOW)
    assert out == SAID and "Restart the kernel" in err


def damages(cell):
    """Yield a cell with its package, or its SHA-256, tampered with."""
    begin, end = cell.index(", '") + 3, len(cell) - 2
    for place in range(begin, end, (end - begin) // 5):
        other = "A" if cell[place] != "A" else "B"
        yield cell[:place] + other + cell[place + 1 :]
    yield cell[: end - 4] + cell[end:]  # cut off
    yield cell[:begin] + " " + cell[begin:]
    yield re.sub(r"unpack\('.", "unpack('g", cell)


def test_a_tampered_package_is_refused(small, python, folders):
    broken = list(damages(added(make())[1]))
    assert len(broken) > 7
    for cell in broken:
        out, err = python(cell)
        assert out == ""
        assert "ImportError: the package in this cell is damaged" in err
        assert list(folders[1].iterdir()) == []  # nothing was unpacked


def test_without_a_folder_for_temporary_files(small, python, folders):
    cell, temporary = added(make())[1], folders[1]
    assert python(cell, TMPDIR="/nowhere") == (SAID, "")  # another will do
    nowhere = "import tempfile\ntempfile._candidate_tempdir_list = lambda: []"
    out, err = python(nowhere, cell)
    assert out == "" and "No usable temporary directory found" in err
    temporary.chmod(0o555)
    if not os.access(temporary, os.W_OK):  # root may write anywhere
        assert python(cell) == (SAID, "")
    temporary.chmod(0o755)


def test_files_of_data_go_only_where_they_are_named(small, python):
    read = "course_lib.__file__.replace('__init__.py', 'weights.pt')"
    named = f"import course_lib\nprint(len(open({read}, 'rb').read()))"
    out, err = python(added(make(named))[1], named)
    assert (out, err) == (f"{SAID}256\n", "")
    out, err = python(added(make())[1], named)
    assert out == SAID and "weights.pt" in err
    assert "__pycache__" not in archive_names(named)


def archive_names(source):
    """Return the names of what a notebook with this source carries."""
    packed = io.BytesIO(b64decode(standalone.pack(source)))
    return " ".join(zipfile.ZipFile(packed).namelist())


def test_the_output_is_always_the_same(small, tmp_path):
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps(LESSON))
    written = []
    for target in ("one", "two"):
        assert (
            standalone.main([str(notebook), "-o", str(tmp_path / target)])
            is None
        )
        written.append((tmp_path / target / "a.ipynb").read_bytes())
        for path in small.rglob("*.*"):  # another clone, later
            os.utime(path, (1e9, 1e9))
            path.chmod(0o755)
    assert written[0] == written[1]
    again = standalone.standalone(json.loads(written[0]))
    assert again == json.loads(written[0])  # the edition of an edition


# --- The command line -------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "branch", "path"),
    [
        ("https://github.com/me/it", "main", "a%20b.ipynb"),
        ("https://github.com/me/it.git", "main", "a%20b.ipynb"),
        ("https://github.com/me/it/", "main", "a%20b.ipynb"),
        ("https://github.com/me/it/tree/2026", "2026", "a%20b.ipynb"),
        ("https://github.com/me/it/tree/v1/x/y/", "v1", "x/y/a%20b.ipynb"),
    ],
)
def test_badges(small, address, branch, path):
    made = badges.make_badges(address, "a b.ipynb")
    note = added(make(badges=made))[0]
    links = re.findall(r"\[!\[([^]]+)\]\(https://\S+\.svg\)\]\((\S+)\)", note)
    colab = "https://colab.research.google.com/github/me/it/blob"
    binder = "https://mybinder.org/v2/gh/me/it"
    assert links == [
        ("Open in Colab", f"{colab}/{branch}/{path}"),
        ("launch binder", f"{binder}/{branch}?urlpath=lab/tree/{path}"),
    ]
    assert added(make())[0] == note.split("\n\n", 1)[1]


def test_each_badge_opens_its_own_file(small, tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps(LESSON))
    target = tmp_path / "b" / "c.ipynb"
    address = "https://github.com/me/it/tree/main/colab"
    arguments = [str(tmp_path / "*.ipynb"), "-o", str(target)]
    assert standalone.main([*arguments, "--github", address]) is None
    note = added(json.loads(target.read_text("utf-8")))[0]
    assert note.count("/colab/c.ipynb)") == 2


def test_mistakes_on_the_command_line(small, tmp_path, capsys):
    for name in "ab":
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(LESSON))
    a, both = str(tmp_path / "a.ipynb"), str(tmp_path / "*.ipynb")
    main = standalone.main
    assert "found 0: nothing.ipynb" in main(["nothing.ipynb", "-o", "x"])
    assert "expected one notebook" in main([both, "-o", "x.ipynb"])
    assert "is the notebook itself" in main([a, "-o", a])
    assert "is the notebook itself" in main([a, "-o", str(tmp_path)])
    elsewhere = [a, "-o", "x", "--github", "https://example.org/me/it"]
    assert "expected an address such as" in main(elsewhere)
    for arguments in ([], [a], ["-o", "x"], [a, "-o", "x", "--all", "y"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "NOTEBOOK and -o OUT, or else --all" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [["tools/standalone.py"], ["-S", "tools/standalone.py"]],
    ids=["installed", "nothing installed"],
)
def test_it_is_a_command(command, tmp_path):
    command = [sys.executable, *command, str(LESSONS[0]), "-o", str(tmp_path)]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(command, check=True, cwd=ROOT, env=env)
    assert [path.name for path in tmp_path.iterdir()] == [LESSONS[0].name]


def test_a_name_that_exists_is_itself(small, tmp_path):
    name = "07 copy [2].ipynb"
    for each in (name, "07 copy 2.ipynb"):
        (tmp_path / each).write_text(json.dumps(LESSON))
    arguments = [str(tmp_path / name), "-o", str(tmp_path / "out")]
    assert standalone.main(arguments) is None
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


def test_a_name_that_the_console_cannot_print(tmp_path):
    (tmp_path / "été ☃.ipynb").write_text(json.dumps(LESSON))
    command = [
        sys.executable,
        "tools/standalone.py",
        str(tmp_path / "*.ipynb"),
    ]
    ended = subprocess.run(
        [*command, "-o", str(tmp_path / "out")],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\u2603.ipynb: " in ended.stdout
    assert (tmp_path / "out" / "été ☃.ipynb").exists()
