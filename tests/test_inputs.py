"""What the library says of data that it can't use."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from course_lib import inputs


@pytest.mark.parametrize("x", [[0.0, 1.0], [0.5], [[0, 1]]])
def test_the_unit_range_holds_its_ends(x):
    inputs.check_unit_range(torch.tensor(x))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([-0.25, 1], "pixels must lie in [0, 1]; they reach from -0.25 to 1."),
        ([0, 2.5], "pixels must lie in [0, 1]; they reach from 0 to 2.5."),
        (
            [-1e-6, 1],
            "pixels must lie in [0, 1]; they reach from -9.99999997e-07 to 1.",
        ),
        (
            [0, 1 + 1e-6],
            "pixels must lie in [0, 1]; they reach from 0 to 1.00000095.",
        ),
        ([0, torch.nan], "pixels must lie in [0, 1]; some are NaN. "),
        ([], "pixels is empty: its shape is (0,)"),
    ],
)
def test_the_unit_range_is_exact(x, message):
    with pytest.raises(ValueError) as error:
        inputs.check_unit_range(torch.tensor(x), "pixels")
    values = "" if "empty" in message else "the values of "
    assert str(error.value).startswith(values + message)


def test_what_mends_the_range():
    with pytest.raises(ValueError, match=r"x must.*bytes by 255; stand.*sq"):
        inputs.check_unit_range(torch.tensor([255.0]))
    with pytest.raises(ValueError, match=r"pixels\.nan_to_num\(\)"):
        inputs.check_unit_range(torch.tensor([torch.nan]), "pixels")
    for rounded in (1 + 1e-6, -1e-6, 1.009, -0.009):
        with pytest.raises(ValueError, match=r"rounding\? y\.clamp\(0, 1\)$"):
            inputs.check_unit_range(torch.tensor([rounded]), "y")
    for other in (1.02, -0.02):
        with pytest.raises(ValueError, match="divide bytes by 255"):
            inputs.check_unit_range(torch.tensor([other]))


@pytest.mark.parametrize("value", [1, 2, 10**9, np.int64(3)])
def test_counts(value):
    inputs.check_count(value, "steps")


@pytest.mark.parametrize("value", [1.5, 2.0, True, "3", None, np.float64(2)])
def test_what_is_no_whole_number(value):
    with pytest.raises(ValueError, match="steps must be a whole number") as e:
        inputs.check_count(value, "steps")
    assert f"steps=100; got {value!r}" in str(e.value)


@pytest.mark.parametrize("value", [0, -1])
def test_what_is_no_count(value):
    with pytest.raises(ValueError, match=f"k must be at least 1; got {value}"):
        inputs.check_count(value, "k")


def test_models():
    inputs.check_model(nn.Linear(2, 2))
    inputs.check_model(nn.Linear(2, 2).requires_grad_(False))


@pytest.mark.parametrize("model", [nn.Linear, lambda x: x, None, {}])
def test_what_is_no_model(model):
    with pytest.raises(ValueError, match=r"an nn\.Module.*Autoencoder") as e:
        inputs.check_model(model)
    assert repr(model) in str(e.value)


def test_a_model_of_nothing():
    with pytest.raises(ValueError, match=r"no parameters: Flatten.*self\."):
        inputs.check_model(nn.Flatten())


X = torch.rand(6, 4, generator=torch.Generator().manual_seed(0))


def images_error(images, model=None, name="images"):
    """Return what check_images says."""
    with pytest.raises(ValueError) as error:
        inputs.check_images(images, model or nn.Linear(4, 4), name)
    return str(error.value)


class Loaded:
    """As `data.ImageDataset`."""

    train_images = test_images = X


DATASET = TensorDataset(X, X)


@pytest.mark.parametrize(
    ("images", "line"),
    [
        (X.numpy(), "test = data.from_arrays(test)"),
        (X.tolist(), "test = data.from_arrays(test)"),
        ((X, X), "Is it a pair? test, labels = ..., and hand over test"),
        ((X, X, X), "test = data.from_arrays(test)"),
        (None, "test are images themselves, such as test=dataset.test_images"),
        (0.1, "test are images themselves, such as test=dataset.test_images"),
        ("a", "For a folder of pictures: test = data.from_folder(path)"),
        (len, "Are loss and images swapped? fit(model, loss, images, ...)"),
        (DATASET, "test = data.from_arrays(test)"),
        (DataLoader(DATASET), "test = data.from_arrays(loader.dataset)"),
        (
            Loaded(),
            "Take its images, dataset.train_images or dataset.test_images",
        ),
    ],
)
def test_what_makes_a_tensor_of_images(images, line):
    kind = type(images).__name__
    assert images_error(images, name="test") == (
        f"test must be one tensor (N, ...), not of type {kind}. {line}"
    )


@pytest.mark.parametrize("shape", [(), (0,), (0, 4), (0, 1, 28, 28)])
def test_no_images(shape):
    message = images_error(torch.zeros(shape), name="validation")
    assert message.startswith("there are no images: validation has shape ")
    assert str(shape) in message


def test_images_of_any_shape():
    for shape in (1,), (1, 4), (6, 2, 2), (6, 3, 5, 7):
        inputs.check_images(torch.zeros(shape), nn.Linear(4, 4))


@pytest.mark.parametrize(
    ("dtype", "line"),
    [
        (torch.uint8, "x = data.from_arrays(x)"),
        (torch.bool, "x = data.from_arrays(x)"),
        (torch.int64, "x = x.float(), divided by the largest value"),
        (torch.complex64, "x = x.float(), divided by the largest value"),
    ],
)
def test_images_that_are_no_floats(dtype, line):
    message = images_error(X.to(dtype), name="x")
    assert message.startswith(f"x must be floating point; got {dtype}: {line}")
    assert "nn.Embedding" in message


@pytest.mark.parametrize("table", [nn.Embedding, nn.EmbeddingBag])
def test_indices_of_tokens_are_for_models_that_embed_them(table):
    model = nn.Sequential(table(10, 4), nn.Linear(4, 4))
    for dtype in torch.int32, torch.int64:
        inputs.check_images(torch.zeros(6, 5, dtype=dtype), model)
    inputs.check_images(X, model)  # as a vector-quantised model's are
    assert "from_arrays" in images_error(X.byte(), model)
    assert "from_arrays" in images_error(X.bool(), model)


@pytest.mark.parametrize(
    ("of_model", "of_images", "cast"),
    [
        (torch.float32, torch.float64, "float()"),
        (torch.float64, torch.float32, "double()"),
        (torch.bfloat16, torch.float32, "to(torch.bfloat16)"),
    ],
)
def test_images_in_another_precision_than_the_model(of_model, of_images, cast):
    model = nn.Linear(4, 4).to(of_model)
    inputs.check_images(X.to(of_model), model)
    assert images_error(X.to(of_images), model) == (
        f"the model computes in {of_model}, images come in {of_images}: "
        f"images = images.{cast}"
    )


def test_a_model_of_two_precisions_takes_both():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4).double())
    inputs.check_images(X, model)
    inputs.check_images(X.double(), model)
    assert "images.float()" in images_error(X.half(), model)
