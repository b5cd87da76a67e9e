"""What the library's functions check of the data they are given."""

import numbers
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


def check_unit_range(x, name="x"):
    """Raise ValueError unless all values of a tensor lie in [0, 1].

    name: what the caller calls x
    """
    if x.numel() == 0:
        raise ValueError(f"{name} is empty: its shape is {tuple(x.shape)}")
    low, high = torch.aminmax(x)
    if low >= 0 and high <= 1:  # NaN is neither
        return
    if low.isnan():
        raise ValueError(
            f"the values of {name} must lie in [0, 1]; some are NaN. "
            f"{name}.isnan().nonzero() says where, {name}.nan_to_num() "
            f"makes 0 of them."
        )
    if low > -0.01 and high < 1.01:
        raise ValueError(
            f"the values of {name} must lie in [0, 1]; they reach from "
            f"{low:.9g} to {high:.9g}. Is it rounding? {name}.clamp(0, 1)"
        )
    raise ValueError(
        f"the values of {name} must lie in [0, 1]; they reach from "
        f"{low:.3g} to {high:.3g}. Scale the images, e.g. divide bytes by "
        f"255; standardised images go with squared_error."
    )


def check_count(value, name):
    """Return a whole number of 1 or more as an int, or raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(
            f"{name} must be a whole number, such as {name}=100; got {value!r}"
        )
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value}")
    return int(value)


def check_model(model):
    """Raise ValueError unless a model is an ``nn.Module`` with parameters."""
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"the model must be an nn.Module, as "
            f"models.Autoencoder(encoder, decoder) makes one; got {model!r}"
        )
    if next(model.parameters(), None) is None:
        raise ValueError(
            f"the model has no parameters: {type(model).__name__}. Assign "
            f"layers in its __init__, self.layer = nn.Linear(784, 32); a list "
            f"of layers must be an nn.ModuleList."
        )


def check_images(images, model, name="images"):
    """Raise ValueError unless images are one tensor (N, ...) for a model.

    N is at least 1, the dtype that of the model's parameters. Integers are
    the indices of tokens, for a model with an ``nn.Embedding``.
    model: has passed `check_model`; name: what the caller calls the images
    """
    if not isinstance(images, torch.Tensor):
        raise ValueError(
            f"{name} must be one tensor (N, ...), not of type "
            f"{type(images).__name__}. {_tensor_from(images, name)}"
        )
    if images.dim() == 0 or len(images) == 0:
        raise ValueError(
            f"there are no images: {name} has shape {tuple(images.shape)}; "
            f"expected (N, ...)"
        )
    tables = nn.Embedding, nn.EmbeddingBag
    if images.dtype in (torch.int32, torch.int64) and any(
        isinstance(module, tables) for module in model.modules()
    ):
        return
    if not images.is_floating_point():
        line = f"{name} = {name}.float(), divided by the largest value"
        if images.dtype in (torch.uint8, torch.bool):
            line = f"{name} = data.from_arrays({name})"
        elif images.dim() == 1:
            line = "these look like labels: hand over the images"
        raise ValueError(
            f"{name} must be floating point; got {images.dtype}: {line}. "
            f"(Indices of tokens, int64, need a model with an nn.Embedding.)"
        )
    dtypes = [p.dtype for p in model.parameters() if p.is_floating_point()]
    if images.dtype not in dtypes:
        casts = {torch.float32: "float()", torch.float64: "double()"}
        cast = casts.get(dtypes[0], f"to({dtypes[0]})")
        raise ValueError(
            f"the model computes in {dtypes[0]}, {name} come in "
            f"{images.dtype}: {name} = {name}.{cast}"
        )


def _tensor_from(images, name):
    """Return what makes a tensor of images."""
    if hasattr(images, "train_images"):
        return "Take its images, dataset.train_images or dataset.test_images"
    if isinstance(images, DataLoader):
        return f"{name} = data.from_arrays(loader.dataset)"
    if isinstance(images, str | os.PathLike):
        return f"For a folder of pictures: {name} = data.from_folder(path)"
    if isinstance(images, tuple) and len(images) == 2:
        return f"Is it a pair? {name}, labels = ..., and hand over {name}"
    if isinstance(images, Dataset | list | tuple) or hasattr(images, "shape"):
        return f"{name} = data.from_arrays({name})"
    if callable(images):
        return "Are loss and images swapped? fit(model, loss, images, ...)"
    return f"{name} are images themselves, such as {name}=dataset.test_images"
