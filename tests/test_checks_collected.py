"""The exercise checkers: a file in a lesson's folder is an exercise of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import checks

CHECKS = Path(checks.__file__).parent
ROOT = Path(__file__).parents[1]
TABLE = '''
from course_lib.checks.exercise import Exercise

{name} = Exercise(
    """{name}(x) -> x.""",
    cases=lambda _: [{{"x": 1}}],
    answer=lambda x: x,
    mistakes={{}},
)
'''


@pytest.fixture
def import_checks(tmp_path):
    """Import a copy of the checkers in a process of its own.

    Nothing else of course_lib is there. ``files`` are added to the copy:
    {path: source}.
    """
    package = tmp_path / "course_lib"
    shutil.copytree(CHECKS, package / "checks")
    (package / "__init__.py").touch()

    def run(files, code):
        for path, source in files.items():
            (package / "checks" / path).parent.mkdir(exist_ok=True)
            (package / "checks" / path).write_text(source, "utf-8")
        code = f"from course_lib import checks\n{code}"
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
        )

    return run


def test_a_file_is_enough(import_checks, tmp_path):
    files = {
        "lesson_99/alike.py": TABLE.format(name="alike"),
        "lesson_99/_shared.py": "",
    }
    code = """
assert "alike" in checks.__all__
checks.alike(lambda x: x)
print(checks.__file__)"""
    said, where = import_checks(files, code).stdout.splitlines()
    assert said == "alike: passed."
    assert Path(where).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"lesson_99/sse.py": TABLE.format(name="sse")},
            "lesson_99/sse.py and lesson_00/sse.py are exercises of one name",
        ),
        (
            {"lesson_99/alike.py": "noise = 1"},
            "lesson_99/alike.py has no exercise of its name",
        ),
        (
            {
                "lesson_99/alike.py": TABLE.format(name="other").replace(
                    "other =", "alike ="
                )
            },
            "lesson_99/alike.py has no exercise of its name",
        ),
    ],
    ids=["twice", "none", "another name in its task"],
)
def test_a_file_that_is_no_exercise_is_refused(import_checks, files, said):
    ended = import_checks(files, "")
    assert f"\nImportError: {said}" in ended.stderr


def test_each_lesson_asks_for_its_exercises():
    sources = sorted((ROOT / "notebooks" / "source").glob("[0-9]*.py"))
    asked = {
        (path.name[:2], name)
        for path in sources
        for name in re.findall(r"\bchecks\.(\w+)\(", path.read_text("utf-8"))
    }
    files = CHECKS.glob("lesson_*/[!_.]*.py")
    assert {(file.parent.name[-2:], file.stem) for file in files} == asked
