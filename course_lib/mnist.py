"""MNIST's four files: downloaded where missing, checked, and read."""

import os

import numpy as np
import torch

from course_lib.download import UNREACHABLE, checksum, download

RAW_MD5 = {  # uncompressed
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


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
            download(raw, RAW_MD5)
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
    if checksum(data) != RAW_MD5[path.name]:
        raise RuntimeError(
            f"{path} is damaged: its {len(data):,} bytes are not MNIST's "
            f"(the MD5 must be {RAW_MD5[path.name]}). Delete this file and "
            f"load again: that downloads it anew."
        )
    return data
