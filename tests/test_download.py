"""The thread that downloads, seen from inside it."""

import socket
import sys
import threading

import pytest

from course_lib import download, mnist


def test_a_download_cannot_keep_python_from_ending(tmp_path, monkeypatch):
    """It is a daemon, and its sockets wait only so long."""
    seen = {}

    def fetch(url, folder, **options):
        seen["daemon"] = threading.current_thread().daemon
        seen["timeout"] = socket.getdefaulttimeout()
        seen["staging"] = folder.parent, folder.name.startswith("download-")
        raise OSError("no such server")

    monkeypatch.setattr(download, "download_and_extract_archive", fetch)
    raw = tmp_path / "MNIST" / "raw"
    with pytest.raises(RuntimeError, match="no such server"):
        download.download(raw, mnist.RAW_MD5)
    assert seen == {
        "daemon": True,
        "timeout": download.SOCKET_SECONDS,
        "staging": (raw, True),
    }
    assert list(raw.iterdir()) == []


def test_progress_bars_are_not_shown(tmp_path, monkeypatch, capsys):
    def fetch(url, folder, **options):
        print("a progress bar", file=sys.stderr)
        raise OSError("no such server")

    monkeypatch.setattr(download, "download_and_extract_archive", fetch)
    with pytest.raises(RuntimeError):
        download.download(tmp_path, mnist.RAW_MD5)
    assert capsys.readouterr() == ("", "")
