"""Where MNIST is kept on odd machines, and proxies that cannot be used.

One Python runs all settings in turn: with no home folder from its first
import on, and with mirrors and proxies of this machine that answer nothing.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CHILD = """
import contextlib, io, json, os, pwd, sys, urllib.request

def nobody(*args):
    raise KeyError("no entry in passwd")

pwd.getpwuid = pwd.getpwnam = nobody
import course_lib
from torchvision.datasets import MNIST
from course_lib import data, download

MNIST.mirrors = ["https://127.0.0.1:9/", "http://127.0.0.1:9/"]
download.SOCKET_SECONDS, download.IDLE_SECONDS = 5, 60
answers = []
for setting in json.load(sys.stdin):
    for name in ("HOME", "COURSE_DATA", "https_proxy", "http_proxy",
                 "no_proxy"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    os.environ.update(setting)
    urllib.request.install_opener(None)  # the old one keeps its proxies
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        loaded = data.load().name
    try:
        data.load("mnist")
        error = ""
    except OSError as raised:
        error = str(raised)
    answers.append([loaded, out.getvalue(), error])
sys.stdout.write(json.dumps(answers))
"""


def run(settings):
    """Return what `data.load` gives, prints and raises in each setting."""
    gone = ("HOME", "COURSE_DATA", "COURSE_DATASET", "XDG_CACHE_HOME")
    env = {k: v for k, v in os.environ.items() if k not in gone}
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=env | {"PYTHONPATH": str(ROOT)},
        input=json.dumps(settings),
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="no passwd on Windows")
def test_no_home_folder(tmp_path):
    """The digits and one sentence; COURSE_DATA needs no home."""
    (tmp_path / "file").write_text("")
    settings = [
        ({}, "your cache lies in a home folder, and there is none"),
        ({"HOME": ""}, "there is none|could not be downloaded into"),
        ({"HOME": str(tmp_path / "file")}, "could not be downloaded into"),
        ({"COURSE_DATA": "~/mine"}, "for ~/mine lies in a home folder"),
        ({"COURSE_DATA": str(tmp_path)}, f"downloaded into {tmp_path}"),
    ]
    answers = run([setting for setting, _ in settings])
    for (setting, reason), answer in zip(settings, answers, strict=True):
        name, line, error = answer
        assert name == "digits", setting
        assert line.count("\n") == 1 and "using scikit-learn's digits" in line
        for text in (line, error):
            assert any(part in text for part in reason.split("|")), answer
        assert "data.load('digits') needs neither" in error
    assert (tmp_path / "MNIST" / "raw").is_dir()


BROKEN_PROXIES = [
    "http://.b:80",
    "http://a..b:80",
    f"http://{70 * 'a'}:80",
    "http:/b",
    "",
    " ",
    "127.0.0.1:9",
    "http://127.0.0.1:9 ",
    " http://127.0.0.1:9",
    "http://127.0 0.1:9",
    "http://127.0.0.1:abc",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:-1",
    "http://127.0.0.1:",
    "http://",
    "://",
    "//",
    "socks5://127.0.0.1:9",
    "ftp://127.0.0.1:9",
    "http://user:p@ss@127.0.0.1:9",
    "http://[::1",
    "http://[127.0.0.1]:9",
]


@pytest.mark.skipif(sys.platform == "win32", reason="no passwd on Windows")
def test_proxies_that_cannot_be_used(tmp_path):
    settings = [
        {"https_proxy": proxy, "http_proxy": proxy} for proxy in BROKEN_PROXIES
    ]
    exempt = ("*", "[", ",,", "127.0.0.1:x", " ", ".b", "*.b,127.0.0.1")
    good = {"https_proxy": "http://127.0.0.1:9"}
    settings += [good | {"no_proxy": value} for value in exempt]
    settings += [{"https_proxy": "http://.b:80", "no_proxy": "127.0.0.1"}]
    data = {"COURSE_DATA": str(tmp_path)}
    answers = run([setting | data for setting in settings])
    for setting, (name, line, error) in zip(settings, answers, strict=True):
        assert name == "digits", setting
        assert line.count("\n") == 1 and len(line) < 600, line
        assert "using scikit-learn's digits" in line
        assert "MNIST could not be downloaded" in error
    left = (tmp_path / "MNIST" / "raw").iterdir()
    assert list(left) == []  # no half a file, no staging folder
