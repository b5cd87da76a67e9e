"""Binder and Codespaces, as far as they go without their servers."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jupyterlab.commands import get_app_dir
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_binder_reads_environment_yml():
    pytest.importorskip("repo2docker")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    ended = subprocess.run(
        [*command, str(ROOT)], capture_output=True, text=True, timeout=600
    )  # by then it hangs
    assert ended.returncode == 0, ended.stderr
    dockerfile = ended.stdout + ended.stderr
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"' in (
        dockerfile
    )
    python = re.search(
        r"python=(3\.\d+)",
        (ROOT / "environment.yml").read_text(encoding="utf-8"),
    )
    assert f"environment.py-{python[1]}" in unescape(dockerfile)
    # the files must be there before pip reads requirements.txt and "-e ."
    assert dockerfile.index("COPY --chown=0:0 src/") < dockerfile.index(
        "env update"
    )


def unescape(text):
    """Undo repo2docker's escapes of characters in names of files."""
    return re.sub(r"-([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)


def read(name):
    """Return the text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


FIRST = ".venv/bin/jupyter lab notebooks/00_start_here.ipynb"


def test_codespaces_installs_what_the_readme_says():
    container = json.loads(read(".devcontainer/devcontainer.json"))
    assert f"{container['postCreateCommand']} && {FIRST}\n" in README


def test_the_lines_of_the_readme_name_files_that_are_there():
    lines = re.findall(r"^(?:python3 -m venv|py -m venv) .*$", README, re.M)
    assert len(lines) == 4  # to start and to test, on Windows too
    for line in lines:
        (requirements,) = re.findall(r"-r (\S+?);?(?: |$)", line)
        assert (ROOT / requirements).is_file()
        for lesson in re.findall(r"notebooks\S+", line):
            assert (ROOT / lesson.replace("\\", "/")).is_file()
    assert not re.search("isolation|setuptools", README)


def pins(name):
    """Return {package: version} of a file of requirements."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)$", read(name), re.M))


def test_what_learners_install_is_less_than_what_tests_need():
    learner, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert "-r requirements.txt" in read("requirements-dev.txt").splitlines()
    assert "-e ." in read("requirements.txt").splitlines()
    assert not learner.keys() & dev.keys()
    assert {"pytest", "nbval", "playwright", "ruff", "jupytext"} <= set(dev)
    project = tomllib.loads(read("pyproject.toml"))["project"]
    for dependency in map(Requirement, project["dependencies"]):
        assert learner[dependency.name] in dependency.specifier


def test_all_places_name_the_same_versions_of_python():
    """The README, the package, the environments, and what CI tries."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    lowest, highest = re.search(
        r"Python 3\.(\d+) to 3\.(\d+)", README
    ).groups()
    assert project["requires-python"] == f">=3.{lowest}"
    tried = re.findall(r'"3\.(\d+)"', read(".github/workflows/ci.yml"))
    numbers = [str(n) for n in range(int(lowest), int(highest) + 1)]
    assert tried == numbers
    container = json.loads(read(".devcontainer/devcontainer.json"))
    conda = re.search(r"python=3\.(\d+)", read("environment.yml"))[1]
    assert {conda, container["image"].split(".")[-1]} <= set(numbers)


def test_jupyterlab_knows_the_settings_that_the_course_brings():
    """It passes over a name that it doesn't know, without a word."""
    path = ROOT / "tools" / "jupyterlab" / "default_setting_overrides.json"
    schemas = Path(get_app_dir()) / "schemas"
    for plugin, settings in json.loads(path.read_text("utf-8")).items():
        package, name = plugin.split(":")
        schema = json.loads((schemas / package / f"{name}.json").read_text())
        for key, value in settings.items():
            kind = schema["properties"][key]["type"]
            assert kind == {bool: "boolean", str: "string"}[type(value)]
