"""Binder and Codespaces, as far as they go without their servers."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
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


def test_codespaces_installs_what_the_readme_says():
    path = ROOT / ".devcontainer" / "devcontainer.json"
    container = json.loads(path.read_text(encoding="utf-8"))
    command = container["postCreateCommand"]
    assert f"{command} && .venv/bin/jupyter lab notebooks\n" in README
    version = container["image"].removeprefix("python:")
    assert version in re.findall(r"3\.\d+", README)


def test_all_ways_in_name_the_same_setuptools():
    """Without build isolation, pip builds course_lib with what is there."""
    places = ["README.md", "INSTRUCTORS.md", ".devcontainer/devcontainer.json"]
    pins = []
    for place in places:
        text = (ROOT / place).read_text(encoding="utf-8")
        found = re.findall(r"pip install setuptools==([\d.]+)", text)
        assert len(found) == text.count("--no-build-isolation") > 0, place
        pins += found
    assert len(set(pins)) == 1, pins
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (required,) = map(Requirement, pyproject["build-system"]["requires"])
    assert required.name == "setuptools" and pins[0] in required.specifier
