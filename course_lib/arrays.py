"""A learner's own arrays as one tensor in [0, 1]."""

import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset

from course_lib.pictures import plain

KINDS = {
    "ND": "vectors",
    "NTD": "sequences",
    "NHW": "images",
    "NCHW": "images",
    "NHWC": "images",
}


def from_arrays(images, *, axes=None):
    """Return images, vectors or sequences as one tensor in [0, 1].

    The result is float32: images (N, C, H, W), vectors (N, D), sequences
    (N, T, D). One line is printed that says what was done.

    images: a NumPy array or a tensor; a list of equally sized ones or of
        Pillow's pictures; or a Dataset, whose items are such an image or a
        pair (image, label). Bytes are divided by 255; floats must lie in
        [0, 1]; True is 1. A Dataset's labels:
        ``torch.tensor([label for _, label in dataset])``
    axes: what the dimensions are, "ND", "NHW", "NCHW", "NHWC" or "NTD". If
        None, two are "ND", three "NHW" (grey images), and of four the
        channels are those that are 1 or 3. Sequences need ``axes="NTD"``.

    Errors: ValueError, with the line that mends it, for anything else.
    """
    array = _gather(images)
    if not array.size:
        raise ValueError(f"there are no images: their shape is {array.shape}")
    axes = _check_axes(array, axes)
    scaled, done = _scale(array)
    if axes == "NHW":
        scaled, done = scaled[:, None], f"{done}, channel dimension added"
    if axes == "NHWC":
        scaled, done = np.moveaxis(scaled, -1, 1), f"{done}, channels first"
    tensor = torch.from_numpy(np.ascontiguousarray(scaled))
    low, high = torch.aminmax(tensor)
    print(
        f"{len(tensor):,} {KINDS[axes]}, {done}: {tuple(tensor.shape)}, from "
        f"{low:.2f} to {high:.2f}."
    )
    return tensor


def _gather(images):
    """Return all images as one NumPy array."""
    if isinstance(images, (str, os.PathLike)):
        raise ValueError(
            f"expected arrays; for a folder of pictures: "
            f"data.from_folder({str(images)!r})"
        )
    if isinstance(images, DataLoader):
        raise ValueError(
            "a DataLoader gives batches, in any order; take its images: "
            "data.from_arrays(loader.dataset)"
        )
    if isinstance(images, Dataset):
        if isinstance(images, IterableDataset):
            items = list(images)
        else:
            items = [images[index] for index in range(len(images))]
        pairs = tuple, list
        images = [one[0] if isinstance(one, pairs) else one for one in items]
    if not isinstance(images, (list, tuple)):
        return _as_array(images)
    parts = [_as_array(one) for one in images]
    for index, part in enumerate(parts):
        for what in "shape", "dtype":
            first, other = getattr(parts[0], what), getattr(part, what)
            if first != other:
                raise ValueError(
                    f"all images must have one {what}; images[0] has {first}, "
                    f"images[{index}] {other}. Resize or convert them first; "
                    f"pictures: data.from_folder(path, size=(28, 28))"
                )
    return np.stack(parts) if parts else np.empty(0)


def _as_array(one):
    if isinstance(one, Image.Image):
        one = plain(one, "a picture")[0]
    if isinstance(one, torch.Tensor):
        one = one.detach().cpu()
        return (one.float() if one.is_floating_point() else one).numpy()
    if np.ma.is_masked(one):
        raise ValueError(
            "images have masked pixels: say what they are, by images.filled(0)"
        )
    try:
        return np.asarray(one)
    except ValueError as error:  # lists of several lengths
        raise ValueError(
            f"images must be one array of numbers, or a list of equally "
            f"sized ones ({error})"
        ) from error


def _check_axes(array, axes):
    """Return what the dimensions are, or say why that is not clear."""
    shape, channels = array.shape, (1, 3)
    if axes is not None:
        if axes not in KINDS or len(axes) != array.ndim:
            raise ValueError(
                f"axes must be one of {', '.join(map(repr, KINDS))}, a letter "
                f"for each dimension of {shape}; got {axes!r}"
            )
        return axes
    if array.ndim == 2:
        return "ND"
    if array.ndim == 3 and shape[2] not in channels:
        return "NHW"
    if array.ndim == 3:
        raise ValueError(
            f"is {shape} one image? images[None] makes a batch of it. "
            f'Otherwise say axes="NHW" (grey images) or axes="NTD"'
        )
    if array.ndim == 4:
        first, last = shape[1] in channels, shape[3] in channels
        if first != last:
            return "NCHW" if first else "NHWC"
        alpha = "; images[..., :3] leaves out a fourth, alpha"
        raise ValueError(
            f"which dimension of {shape} holds the channels? Say "
            f'axes="NCHW" or axes="NHWC"{alpha if shape[3] == 4 else ""}'
        )
    raise ValueError(
        f"expected images (N, H, W), (N, C, H, W) or (N, H, W, C), vectors "
        f"(N, D) or sequences (N, T, D); got {shape}. A single one: "
        f"images[None]"
    )


def _scale(array):
    """Return new float32 numbers in [0, 1], and how they were made."""
    if array.dtype == bool:
        return array.astype(np.float32), "False made 0 and True 1"
    if array.dtype == np.uint8:
        if array.max() == 1:
            raise ValueError(
                "images are bytes, but all 0 or 1. If 1 is the largest "
                "value, make them bool: array.astype(bool) or tensor.bool(). "
                "Else divide them by 255"
            )
        return array / np.float32(255), "bytes divided by 255"
    if array.dtype.kind != "f":
        raise ValueError(
            f"images must be bytes (uint8), floats in [0, 1] or bool; got "
            f"{array.dtype}. Divide each image by the largest value that a "
            f"pixel can have, as in image / 255 or image / 65535"
        )
    scaled = array.astype(np.float32)
    wrong = ~np.isfinite(scaled).reshape(len(scaled), -1).all(1)
    if wrong.any():
        raise ValueError(
            f"{wrong.sum()} of {len(wrong)} images have NaN or infinite "
            f"numbers, first images[{wrong.argmax()}]: mend them or leave "
            f"them out"
        )
    low, high = scaled.min(), scaled.max()
    if low < 0 or high > 1:
        raise ValueError(
            f"floats must lie in [0, 1]; these reach from {low:.3g} to "
            f"{high:.3g}. {_mended(low, high)}"
        )
    return scaled, "floats as they were"


def _mended(low, high):
    """Return the line that brings numbers from low to high into [0, 1]."""
    if low > -0.01 and high < 1.01:
        return "Is it rounding? images.clip(0, 1)"
    if low >= 0 and high <= 255:
        largest = 255 if high > 16 else f"{high:g}"
        return (
            f"If {largest} is the largest value, divide each image by it: "
            f"image / {largest}"
        )
    return (
        "The smallest becomes 0, the largest 1: (images - images.min()) / "
        "(images.max() - images.min()). Standardised data can stay as they "
        "are: they go with losses.squared_error and a linear output, "
        "model(x)"
    )
