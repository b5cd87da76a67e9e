"""What the library's functions check of the data they are given."""

import numbers

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
    if not (low >= 0 and high <= 1):  # written so that NaN fails too
        if low.isnan():
            raise ValueError(
                f"{name} must lie in [0, 1]; it contains NaN. "
                f"{name}.isnan().nonzero() says where, {name}.nan_to_num() "
                f"makes 0 of it."
            )
        raise ValueError(
            f"{name} must lie in [0, 1]; it reaches from {low:.3g} to "
            f"{high:.3g}. Scale the images, e.g. divide bytes by 255; "
            f"standardised images go with squared_error."
        )


def check_count(value, name):
    """Raise ValueError unless a value is a whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(
            f"{name} must be a whole number, such as {name}=100; got {value!r}"
        )
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value}")


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
            f"{type(images).__name__}: {_tensor_from(images, name)}"
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
        scaled = images.dtype == torch.uint8
        line = f"data.from_arrays({name})" if scaled else f"{name}.float()"
        raise ValueError(
            f"{name} must be floating point; got {images.dtype}: {name} = "
            f"{line}. (Indices of tokens, int64, need a model with an "
            f"nn.Embedding.)"
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
    """Return the line of code that makes a tensor of images."""
    if hasattr(images, "train_images"):
        return "take its images, dataset.train_images or dataset.test_images"
    source = name
    if isinstance(images, DataLoader):
        source = "[image for image, _ in loader.dataset]"
    elif isinstance(images, Dataset):
        source = "[image for image, _ in dataset]"
    return f"{name} = data.from_arrays({source})"
