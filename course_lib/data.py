"""The course's images: MNIST or, with no network, scikit-learn's digits.

`from_arrays` and `from_folder` make such tensors of your own data.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from course_lib import mnist
from course_lib.arrays import from_arrays
from course_lib.pictures import from_folder

__all__ = ["ImageDataset", "folder", "from_arrays", "from_folder", "load"]

NAMES = ("auto", "mnist", "digits")


@dataclass(frozen=True, eq=False, repr=False)
class ImageDataset:
    """Images, float32 in [0, 1], (N, 1, 28, 28), and labels, int64, (N,)."""

    name: str
    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor

    def __repr__(self):
        return (
            f"ImageDataset({self.name!r}: {len(self.train_images):,} training "
            f"and {len(self.test_images):,} test images, each "
            f"{tuple(self.train_images.shape[1:])}, values in [0, 1])"
        )


def load(name="auto"):
    """Return images of handwritten digits as an `ImageDataset`.

    "mnist": 60,000 training and 10,000 test images, downloaded once (12 MB)
        into `folder`; checked whenever they are loaded
    "digits": 1,297 training and 500 test images, bundled with scikit-learn;
        8x8 pixels enlarged to 28x28, so they span at most 64 dimensions
    "auto": what the environment variable COURSE_DATASET names; where that
        is not set, MNIST if it can be had, else the digits, saying why

    Errors: ValueError for an unknown name; RuntimeError if a file of MNIST
    is damaged; OSError if "mnist" is asked for and cannot be had.
    Sources: LeCun, Cortes and Burges, The MNIST database of handwritten
    digits; Alpaydin and Kaynak, Optical Recognition of Handwritten Digits,
    UCI Machine Learning Repository, 1998.
    """
    origin = "the argument of data.load"
    if name == "auto" and os.environ.get("COURSE_DATASET"):
        name = os.environ["COURSE_DATASET"]
        origin = "the environment variable COURSE_DATASET"
    if name not in NAMES:
        raise ValueError(
            f"no data set is called {name!r} ({origin}); expected one of "
            f"{', '.join(map(repr, NAMES))}"
        )
    if name == "digits":
        return _digits()
    try:
        return ImageDataset("mnist", *mnist.tensors(folder()))
    except OSError as error:
        if name == "mnist":
            raise OSError(
                f"{error}. Connect to the internet, or set COURSE_DATA to a "
                f"folder that holds MNIST or that you may write to. "
                f"data.load('digits') needs neither."
            ) from error
        print(
            f"{error}: using scikit-learn's digits (1,297 training images) "
            f"instead."
        )
        return _digits()


def folder():
    """Return where MNIST is kept: COURSE_DATA, or a cache folder of yours.

    Errors: OSError where that depends on a home folder that is not known.
    """
    name = "autoencoder-course"
    place = os.environ.get("COURSE_DATA")  # needs no home
    try:
        place = place or platformdirs.user_cache_dir(name, appauthor=False)
        return Path(place).expanduser()
    except RuntimeError as error:
        raise OSError(
            f"no folder for MNIST is known, for {place or 'your cache'} lies "
            f"in a home folder, and there is none ({error})"
        ) from error


def _digits():
    """Return scikit-learn's digits, split and ordered always the same way."""
    bundled = load_digits()
    small = torch.from_numpy(bundled.images).float().unsqueeze(1) / 16
    images = F.interpolate(small, size=(28, 28), mode="bilinear").clamp(0, 1)
    labels = torch.from_numpy(bundled.target).long()
    order = np.random.RandomState(0).permutation(len(labels))
    train, test = order[:1297], order[1297:]
    return ImageDataset(
        "digits", images[train], labels[train], images[test], labels[test]
    )
