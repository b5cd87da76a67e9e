"""Checkpoints that are whole or not there, and load safely."""

import io
import os
import pickle
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn

DAMAGED = zipfile.BadZipFile, zlib.error, EOFError, ValueError
UNSAFE = pickle.UnpicklingError, RuntimeError, LookupError
PLAIN = int, float, bool, str, type(None), torch.Tensor, nn.Parameter


def save(contents, path):
    """Write a dict of tensors and numbers to a file, whole or not at all.

    It is written beside the file and then takes its name, in one step. So an
    interrupt, a full disk or a power cut leaves the old file as it was.
    Errors: ValueError, naming the entry, for what `load` could not read.
    """
    _check_loadable(contents, "contents")
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            torch.save(contents, file)
            file.flush()
            os.fsync(file.fileno())  # on the disk, before it gets its name
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path):
    """Return what `save` wrote; no code in the file is ever run.

    Errors: OSError where there is no such file or it can't be opened;
    ValueError where it is damaged or holds something else.
    """
    try:
        # PyTorch reads its zip files without a look at their check sums
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise zipfile.BadZipFile(f"wrong check sum of {damaged}")
        return torch.load(path, map_location="cpu", weights_only=True)
    except DAMAGED as error:
        start = Path(path).read_bytes()[:2]
        if start not in (b"PK", b""):  # the first letters of any zip file
            raise ValueError(
                f"{path} is damaged, or is no checkpoint: it does not begin "
                f"like one. Name a file that checkpoint.save wrote."
            ) from error
        raise ValueError(
            f"{path} is damaged ({error}). Delete it and make it again, or "
            f"name another file."
        ) from error
    except UNSAFE as error:
        unsafe = str(error).partition("GLOBAL ")[2].partition(" ")[0]
        raise ValueError(
            f"{path} is no checkpoint that load reads: it holds "
            f"{unsafe or 'other things than tensors and numbers'}. Write one "
            f"with checkpoint.save, which names what it refuses, or name "
            f"another file."
        ) from error


def _check_loadable(value, name):
    """Raise ValueError, naming the entry, for what `load` could not read."""
    if type(value) in (dict, OrderedDict):
        for key, entry in value.items():
            _check_loadable(key, f"the key {key!r} of {name}")
            _check_loadable(entry, f"{name}[{key!r}]")
    elif type(value) in (list, tuple, set):
        for i, entry in enumerate(value):
            _check_loadable(entry, f"{name}[{i}]")
    elif type(value) not in PLAIN and not _comes_back(value):
        kind = type(value)
        raise ValueError(
            f"{name} is a {kind.__module__}.{kind.__qualname__}, which load "
            f"would refuse: {_mend(value)}"
        )


def _comes_back(value):
    """Return whether a value can be saved and loaded safely."""
    file = io.BytesIO()
    try:
        torch.save(value, file)
        file.seek(0)
        torch.load(file, weights_only=True)
    except Exception:  # pickle and PyTorch raise many kinds
        return False
    return True


def _mend(value):
    """Return what makes a value one that `load` reads."""
    if isinstance(value, np.ndarray):
        return "use torch.from_numpy(...)"
    if isinstance(value, np.generic):
        return f"use {type(value.item()).__name__}(...)"
    if hasattr(value, "state_dict"):
        return "use its .state_dict()"
    return "use tensors, numbers, text, and dicts and lists of these"
