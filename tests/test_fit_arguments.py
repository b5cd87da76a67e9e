"""What `fit` refuses before its first step."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from course_lib import losses, models
from course_lib.evaluation import evaluate
from course_lib.training import cosine, fit


@pytest.fixture
def images():
    return torch.rand(10, 3, generator=torch.Generator().manual_seed(0))


def refused(model, images, message, loss=None, **options):
    """Check that `fit` refuses, with a model that stays as it was."""
    called = []

    def squared(model, x, beta=1.0):
        called.append(x)
        return {"loss": (model(x) - x).square().sum(1)}

    options = {"steps": 20, **options}
    with pytest.raises(ValueError, match=message):
        fit(model, loss or squared, images, **options)
    assert not called
    assert not isinstance(model, nn.Module) or model.training


@pytest.mark.parametrize("name", ["steps", "batch_size"])
@pytest.mark.parametrize("value", [0, -3, 1.5, True, "9"])
def test_numbers_that_count_nothing(images, name, value):
    message = f"{name} must be (a whole number|at least 1).*; got {value!r}"
    refused(nn.Linear(3, 3), images, message, **{name: value})


@pytest.mark.parametrize(
    "lr", [0, -1e-3, math.inf, math.nan, True, "1e-3", None, cosine]
)
def test_a_rate_that_is_none(images, lr):
    refused(
        nn.Linear(3, 3), images, "lr must be a positive number.*1e-3", lr=lr
    )


@pytest.mark.parametrize("lr", [1, 1e-3, np.float32(1e-3)])
def test_rates(images, lr):
    def loss(model, x):
        return {"loss": (model(x) - x).square().sum(1)}

    fit(nn.Linear(3, 3), loss, images, steps=1, lr=lr)


def test_models_that_nothing_can_train(images):
    refused(lambda x: x, images, r"nn\.Module")
    refused(nn.Flatten(), images, "no parameters")
    frozen = nn.Linear(3, 3).requires_grad_(False)
    refused(frozen, images, r"no parameter.*model\.requires_grad_\(\)")


def test_images_and_validation(images):
    model = nn.Linear(3, 3)
    refused(model, images.numpy(), r"images = data\.from_arrays\(images\)")
    refused(model, images.double(), r"images = images\.float\(\)")
    refused(model, images[:0], "no images: images has")
    refused(
        model,
        images,
        r"validation = data\.from_arrays\(validation\)",
        validation=images.numpy(),
    )
    refused(
        model,
        images,
        r"validation = validation\.float\(\)",
        validation=images.double(),
    )
    refused(model, images, "no images: validation has", validation=images[:0])


def test_images_that_carry_a_graph(images):
    """The second step could not go back through it again."""
    encoder, model = nn.Linear(3, 3), nn.Linear(3, 3)
    codes = encoder(images)
    refused(model, codes, r"images = images\.detach\(\)")

    def loss(model, x):
        return {"loss": (model(x) - x).square().sum(1)}

    fit(model, loss, codes.detach(), steps=2, validation=codes)
    fit(model, loss, images.requires_grad_(), steps=2)


@pytest.mark.parametrize("schedule", [0.5, cosine(0.5), "cosine", [1, 0.5]])
def test_a_schedule_is_a_function(images, schedule):
    model = nn.Linear(3, 3)
    message = r"lr_schedule must be a function.*cosine; got "
    refused(model, images, message, lr_schedule=schedule)
    message = r"schedules must be a dict of functions.*lambda step.*; got "
    refused(model, images, message, schedules={"beta": schedule})
    refused(model, images, message, schedules=schedule)
    good = {"beta": float, "gamma": schedule}
    refused(model, images, message, schedules=good)


def test_a_schedule_of_what_the_loss_does_not_take(images):
    message = r"loss\(model, batch, gamma=\.\.\.\): got an unexpected.*gamma"
    refused(nn.Linear(3, 3), images, message, schedules={"gamma": float})


def test_validation_needs_a_default_of_what_is_scheduled(images):
    """Else it would fail after a tenth of the steps."""
    betas = []

    def loss(model, x, beta):
        betas.append(beta)
        return {"loss": beta * (model(x) - x).square().sum(1)}

    options = {"schedules": {"beta": lambda step: 1 + step}, "steps": 2}
    message = r"loss\(model, batch\): missing .*'beta'.*beta=1\.0\):"
    model = nn.Linear(3, 3)
    refused(model, images, message, loss, validation=images, **options)
    assert not betas
    fit(model, loss, images, **options)
    assert betas == [1, 2]


def unbatched(model, x):
    return {"loss": model(x).square().flatten(1).sum(1)}


NORMS = {
    "in a linear model": nn.BatchNorm1d(3),
    "in a part": nn.Sequential(nn.Sequential(nn.BatchNorm1d(3))),
}


@pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
@pytest.mark.parametrize(
    ("n", "batch_size", "better"),
    [(10, 3, 4), (10, 9, 10), (10, 1, 2), (9, 4, 5), (9, 2, 3), (13, 2, 5)],
)
def test_batch_norm_of_one_image(norm, n, batch_size, better):
    """PyTorch fails when it comes to it; here all is well until then."""
    images, model = torch.rand(n, 3), nn.Sequential(nn.Linear(3, 3), norm)
    message = (
        f"BatchNorm takes.* of {n} images in batches of {batch_size} the last "
        f"batch has one. batch_size={better} leaves none"
    )
    refused(model, images, message, batch_size=batch_size)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm.train()(torch.rand(1, 3))
    steps = 2 * math.ceil(n / better)  # two epochs of what is advised
    fit(model, unbatched, images, steps=steps, batch_size=better)


def test_batch_norm_of_all_there_is():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    for batch_size in 1, 16:
        message = "the last batch has one. Train on two images or more"
        refused(model, torch.rand(1, 3), message, batch_size=batch_size)


@pytest.mark.parametrize("batch_size", [2, 5, 10, 11, 128])
def test_batch_norm_of_more_images(images, batch_size):
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    fit(model, unbatched, images, steps=12, batch_size=batch_size)


def test_no_batch_norm_takes_batches_of_one(images):
    model = nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3))
    for batch_size in 1, 3, 9:
        fit(model, unbatched, images, steps=12, batch_size=batch_size)
    validated = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    fit(validated, unbatched, images, steps=2, validation=images[:1])


def test_batch_norm_that_never_meets_the_last_batch(images):
    """Ten images in batches of three: the fourth step would meet it."""
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    refused(model, images, "last batch has one", steps=4, batch_size=3)
    fit(model, unbatched, images, steps=3, batch_size=3)


def test_batch_norm_over_maps_takes_one_image():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    fit(model, unbatched, torch.rand(4, 1, 5, 5), steps=2, batch_size=3)


def test_validation_that_cannot_work_is_told_before_the_first_step():
    images = torch.rand(9, 1, 28, 28)
    model = models.Autoencoder(
        models.mlp_encoder(784, 2), models.mlp_decoder(2, 784)
    )
    before = model.decoder[0].weight.detach().clone()

    def squared(model, x):
        return {"loss": losses.squared_error(model.reconstruct(x), x)}

    for wrong, message in (
        (255 * images, "but the validation images reach from .* to 2"),
        (torch.rand(5, 1, 32, 32), r"got \(2, 1, 32, 32\)"),
    ):
        with pytest.raises(ValueError, match=message):
            fit(model, squared, images, steps=200, validation=wrong)
        assert torch.equal(model.decoder[0].weight, before)


def test_whole_numbers_of_numpy(images):
    model = nn.Linear(3, 3)
    history = fit(
        model, unbatched, images, steps=np.int64(3), batch_size=np.int64(4)
    )
    assert len(history) == 3
    assert evaluate(model, unbatched, images, batch_size=np.int64(3))
