"""MNIST's files from the network: whole or not at all, and in bounded time."""

import contextlib
import hashlib
import http.client
import io
import os
import shutil
import socket
import tempfile
import threading
import time
from pathlib import Path

from torchvision.datasets import MNIST
from torchvision.datasets.utils import download_and_extract_archive

SOCKET_SECONDS = 4  # the longest wait for a server; then the next mirror
IDLE_SECONDS = 9  # the longest time without a byte: two mirrors' waits
TOTAL_SECONDS = 600  # the longest download
ONE_DAY = 24 * 60 * 60
# What a failed download raises; a mistake in this file would raise others.
# (ValueError: an address that is none, as of a proxy.)
UNREACHABLE = (OSError, RuntimeError, ValueError, http.client.HTTPException)
_one_at_a_time = threading.Lock()


def checksum(data):
    """Return the MD5 of bytes, in hexadecimal digits."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def download(raw, files):
    """Put the missing files into raw, or raise one of UNREACHABLE.

    files: those of MNIST, name -> MD5 of the unpacked file

    torchvision may wait for ever and leave half a file. So it works in a
    thread, which can be left behind, and in a staging folder; files that
    are whole are then moved into raw, each in one step.
    """
    with _one_at_a_time:
        missing = {
            file: md5
            for file, md5 in files.items()
            if not os.path.exists(raw / file)
        }
        raw.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(raw)
        staging = Path(tempfile.mkdtemp(prefix="download-", dir=raw))
        left_behind, errors = threading.Event(), []

        def work():
            try:
                _fetch(missing, staging, left_behind)
            except BaseException as error:  # raised below
                errors.append(error)
            finally:
                if left_behind.is_set():
                    shutil.rmtree(staging, ignore_errors=True)

        timeout = socket.getdefaulttimeout()
        try:
            socket.setdefaulttimeout(SOCKET_SECONDS)  # torchvision sets none
            with contextlib.redirect_stderr(io.StringIO()):  # progress bars
                thread = threading.Thread(
                    target=work, name="mnist-download", daemon=True
                )
                thread.start()
                _wait(thread, staging, raw)
            if errors:
                raise errors[0]
            for file in missing:
                if not os.path.exists(raw / file):  # no other kernel did
                    os.replace(staging / file, raw / file)
        finally:
            left_behind.set()
            socket.setdefaulttimeout(timeout)
            shutil.rmtree(staging, ignore_errors=True)


def _fetch(missing, staging, left_behind):
    """Download the missing files into staging, unpack and check them."""
    mirrors = list(MNIST.mirrors)
    for archive, md5 in MNIST.resources:
        file, errors = archive.removesuffix(".gz"), []
        while file in missing and not left_behind.is_set():
            try:
                download_and_extract_archive(
                    mirrors[0] + archive, staging, filename=archive, md5=md5
                )
                if checksum((staging / file).read_bytes()) != missing[file]:
                    raise RuntimeError(f"{archive} does not hold MNIST")
                break
            except UNREACHABLE as error:
                errors.append(" ".join(str(error).split()))
                if len(errors) == len(mirrors):
                    reasons = "; ".join(dict.fromkeys(errors))
                    raise RuntimeError(reasons) from error
                mirrors.append(mirrors.pop(0))  # for the other files too


def _wait(thread, staging, raw):
    """Wait for the thread for as long as the staging folder grows."""
    size, begin = 0, time.monotonic()
    changed = begin
    while thread.is_alive():
        thread.join(0.1)
        now, before = time.monotonic(), size
        size = sum(file.stat().st_size for file in staging.iterdir())
        if size != before:
            changed = now
            if before == 0:
                print(f"Downloading MNIST (12 MB) into {raw} ...")
        if now - changed > IDLE_SECONDS or now - begin > TOTAL_SECONDS:
            raise TimeoutError(
                f"given up after {now - begin:.0f} s, the last "
                f"{now - changed:.0f} s of which brought nothing"
            )


def _remove_leftovers(raw):
    """Remove what a killed kernel has left; no download takes a day."""
    for folder in raw.glob("download-*"):
        with contextlib.suppress(OSError):  # it may be gone by now
            if time.time() - folder.stat().st_mtime > ONE_DAY:
                shutil.rmtree(folder)
