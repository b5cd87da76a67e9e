"""Checkpoints that are whole or not there, and load safely."""

import os
import pickle
import zipfile
import zlib
from pathlib import Path

import torch

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
)


def save(contents, path):
    """Write a dict of tensors and numbers to a file, whole or not at all.

    It is written beside the file and then takes its name, in one step. So an
    interrupt, a full disk or a power cut leaves the old file as it was.
    """
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
                raise RuntimeError(f"the check sum of {damaged} is wrong")
        contents = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"{path} is damaged, or is no checkpoint ({reason}). Delete it "
            f"and make it again, or name another file."
        ) from error
    return contents
