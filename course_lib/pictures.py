"""A folder of pictures as one tensor in [0, 1]."""

import os
from numbers import Integral
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torchvision.datasets.folder import IMG_EXTENSIONS

GREY, COLOUR = ("1", "L", "LA", "La"), ("RGB", "P", "CMYK", "YCbCr")
ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


def from_folder(path, *, size=None, grey=False):
    """Return the pictures in a folder as float32 in [0, 1], (N, C, H, W).

    Pictures in folders below it count too. They come in the order of their
    folders and names, so that ``torchvision.datasets.ImageFolder(path)``
    has their labels, in ``targets``, if all lie in folders of their class.
    They are turned upright, and transparent ones are laid on white. One line
    is printed that says what was done and which files were passed over.

    size: (H, W), or one number for both; pictures are scaled, and what sticks
        out is cut off evenly. If None, all must have one size.
    grey: True makes colours grey, 0.299 R + 0.587 G + 0.114 B. C is 1 then,
        and where all pictures are grey; else 3.

    Errors: FileNotFoundError if there is no such folder; ValueError if it
    holds no pictures, one that is damaged or has more than 8 bits a channel,
    or, without size, several sizes.
    """
    folder, box = Path(path).expanduser(), _box(size)
    files, others = _listed(folder)
    pictures, transparent = [], 0
    for file in files:
        picture, on_white = _read(file)
        transparent += on_white
        if box:
            picture = ImageOps.fit(picture, box, Image.Resampling.BILINEAR)
        pictures.append(picture)
        _check_same_size(files, pictures, path)
    if grey or all(picture.mode == "L" for picture in pictures):
        mode, done = "L", "grey"
    else:
        mode, done = "RGB", "in colour"
    pixels = np.stack([np.asarray(one.convert(mode)) for one in pictures])
    pixels = pixels[:, None] if mode == "L" else np.moveaxis(pixels, -1, 1)
    images = torch.from_numpy(np.ascontiguousarray(pixels) / np.float32(255))
    done += ", scaled and cropped" if box else ""
    done += f", {transparent} transparent laid on white" if transparent else ""
    print(
        f"{len(images):,} pictures of {folder}, {done}, bytes divided by 255: "
        f"{tuple(images.shape)}.{_named(others)}"
    )
    return images


def plain(picture, name):
    """Return a picture in mode L or RGB, upright; and if it was laid on white.

    name: what errors call it
    """
    if picture.mode not in GREY + COLOUR + ALPHA:
        raise ValueError(
            f"{name} has pixels of mode {picture.mode}, not bytes. If 65535 "
            f"is white: data.from_arrays([np.asarray(picture) / 65535])"
        )
    picture = ImageOps.exif_transpose(picture)
    mode, on_white = "L" if picture.mode in GREY else "RGB", False
    if picture.mode in ALPHA or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        on_white = picture.getextrema()[3][0] < 255  # the smallest alpha
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert(mode), on_white


def _read(file):
    """Return a file's picture, whole, and whether it was laid on white."""
    try:
        with Image.open(file) as picture:
            picture.verify()  # the check sums, where it has some
        with Image.open(file) as picture:
            picture.load()
            frames = getattr(picture, "n_frames", 1)
    except Exception as error:  # each of Pillow's readers raises others
        raise ValueError(
            f"{file} cannot be read as a picture ({error}): replace it, or "
            f"take it out of the folder"
        ) from error
    if frames > 1 and picture.format != "MPO":  # a photo with its preview
        raise ValueError(
            f"{file} holds {frames} pictures; expected one a file: take it "
            f"out of the folder, or save them as files of their own"
        )
    return plain(picture, file)


def _listed(folder):
    """Return a folder's pictures in ImageFolder's order, and other names."""
    if folder.is_file():
        raise FileNotFoundError(
            f"there is no folder {folder}, but a file: name its folder, "
            f"{folder.parent}"
        )
    if not folder.is_dir():
        raise FileNotFoundError(
            f"there is no folder {folder}, seen from {Path.cwd()}"
        )
    pictures, others = [], []

    def fail(error):
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        for name in folders + names:
            path = Path(place, name)
            hidden, link = name.startswith("."), path.is_symlink()
            if name in folders:
                if hidden or link:
                    others.append(name)
                    folders.remove(name)
            elif hidden or not name.lower().endswith(IMG_EXTENSIONS):
                others.append(name)
            else:
                pictures.append(path)
    if not pictures:
        raise ValueError(
            f"{folder} holds no pictures, files that end in "
            f"{', '.join(IMG_EXTENSIONS)}.{_named(others)}"
        )

    def order(path):
        below = path.relative_to(folder)
        return below.parts[:-1][:1], str(below.parent), path.name

    return sorted(pictures, key=order), sorted(others)


def _named(others):
    """Return a sentence that names the files that were passed over."""
    if not others:
        return ""
    names = ", ".join(others[:3]) + (", ..." if others[3:] else "")
    return f" Passed over {len(others)} that are no pictures ({names})."


def _box(size):
    """Return (width, height), as Pillow has it, of a size."""
    if size is None:
        return None
    pair = (size, size) if isinstance(size, Integral) else size
    try:
        height, width = pair
        whole = all(
            isinstance(side, Integral) and side is not True and side > 0
            for side in pair
        )
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise ValueError(
            f"size must be (height, width) in whole pixels, such as "
            f"size=(28, 28), or one number; got {size!r}"
        )
    return int(width), int(height)


def _check_same_size(files, pictures, path):
    first, last = pictures[0].size, pictures[-1].size
    if first != last:
        one, other = files[0].name, files[len(pictures) - 1].name
        raise ValueError(
            f"pictures must have one size; {one} has {first[0]} x {first[1]} "
            f"pixels, {other} {last[0]} x {last[1]}. To scale them all: "
            f"data.from_folder({str(path)!r}, size=({first[1]}, {first[0]}))"
        )
