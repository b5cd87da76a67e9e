"""MNIST's four files: downloaded whole or not at all, checked, and read."""

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

import numpy as np
import torch
from torchvision.datasets import MNIST
from torchvision.datasets.utils import download_and_extract_archive

RAW_MD5 = {  # uncompressed
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
SOCKET_SECONDS = 4  # the longest wait for a server; then the next mirror
IDLE_SECONDS = 9  # the longest time without a byte: two mirrors' waits
TOTAL_SECONDS = 600  # the longest download
ONE_DAY = 24 * 60 * 60
# What a failed download raises; a mistake in this file would raise others.
UNREACHABLE = (OSError, RuntimeError, http.client.HTTPException)
_one_at_a_time = threading.Lock()


def tensors(folder):
    """Return MNIST's training images and labels, test images and labels.

    Images: float32 in [0, 1], (N, 1, 28, 28); labels: int64, (N,). The files
    lie in folder/MNIST/raw, as torchvision has it; those that do not are
    downloaded. Errors: RuntimeError naming a file that is there and damaged;
    OSError if a file is not there and cannot be had.
    """
    raw = folder / "MNIST" / "raw"
    missing = _missing(raw)
    files = {file: _read(raw / file) for file in RAW_MD5.keys() - missing}
    if missing:
        try:
            _download(raw)
        except UNREACHABLE as error:
            if _missing(raw):  # else another kernel has put the files there
                raise OSError(
                    f"MNIST could not be downloaded into {folder} ({error})"
                ) from error
        files |= {file: _read(raw / file) for file in missing}
    result = []
    for file in RAW_MD5:  # in idx format: a header, then one byte a value
        if "images" in file:
            pixels = np.frombuffer(files[file], np.uint8, offset=16)
            result.append(pixels.reshape(-1, 1, 28, 28) / np.float32(255))
        else:
            labels = np.frombuffer(files[file], np.uint8, offset=8)
            result.append(labels.astype(np.int64))
    return [torch.from_numpy(array) for array in result]


def _missing(raw):
    return [file for file in RAW_MD5 if not os.path.exists(raw / file)]


def _read(path):
    """Return the bytes of a file of MNIST, or say that it is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RuntimeError(f"{path} cannot be read: {error}") from error
    if _md5(data) != RAW_MD5[path.name]:
        raise RuntimeError(
            f"{path} is damaged: its {len(data):,} bytes are not MNIST's "
            f"(the MD5 must be {RAW_MD5[path.name]}). Delete this file and "
            f"load again: that downloads it anew."
        )
    return data


def _md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _download(raw):
    """Put the missing files into raw, or raise one of UNREACHABLE.

    torchvision may wait for ever and leave half a file. So it works in a
    thread, which can be left behind, and in a staging folder; files that
    are whole are then moved into raw, each in one step.
    """
    with _one_at_a_time:
        missing = _missing(raw)
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
            for file in set(missing) & set(_missing(raw)):  # not yet there
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
                if _md5((staging / file).read_bytes()) != RAW_MD5[file]:
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
