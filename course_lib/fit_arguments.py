"""What `training.fit` checks of its arguments, before the first step."""

import math
import numbers

from torch import nn

from course_lib.contract import check_loss
from course_lib.inputs import check_count, check_images, check_model


def check_arguments(model, loss, images, validation, steps, batch_size, lr):
    """Raise ValueError where these arguments of `fit` make no sense."""
    check_count(steps, "steps")
    check_count(batch_size, "batch_size")
    if (
        isinstance(lr, bool)
        or not isinstance(lr, numbers.Real)
        or not 0 < lr < math.inf
    ):
        raise ValueError(
            f"lr must be a positive number, such as lr=1e-3; got {lr!r}"
        )
    check_model(model)
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError(
            "no parameter of the model is to be trained: all have "
            "requires_grad=False. model.requires_grad_() sets them free."
        )
    check_images(images, model)
    if images.grad_fn is not None:
        raise ValueError(
            "the images were computed with gradients, which can be followed "
            "back only once: images = images.detach()"
        )
    if validation is not None:
        check_images(validation, model, "validation")
        check_loss(loss)
    check_batch_norm(model, len(images), batch_size, steps)


def check_schedules(loss, lr_schedule, schedules):
    """Raise ValueError unless schedules are functions that suit the loss."""
    if not (lr_schedule is None or callable(lr_schedule)):
        raise ValueError(
            f"lr_schedule must be a function of the part of the steps done, "
            f"such as lr_schedule=training.cosine; got {lr_schedule!r}"
        )
    if not isinstance(schedules, dict) or not all(
        callable(f) for f in schedules.values()
    ):
        raise ValueError(
            f"schedules must be a dict of functions of the step, such as "
            f'{{"beta": lambda step: min(1, step / 500)}}; got {schedules!r}'
        )
    check_loss(loss, schedules)


def check_batch_norm(model, n, batch_size, steps):
    """Raise ValueError where BatchNorm would see a batch of one of n images.

    It takes mean and variance over the batch. A linear layer's output then
    has a variance of 0, which PyTorch refuses, at the end of an epoch.
    """
    if (n - 1) % batch_size or steps < math.ceil(n / batch_size):
        return
    if not any(isinstance(m, nn.BatchNorm1d) for m in model.modules()):
        return
    larger = range(batch_size + 1, n + 1)
    better = next((size for size in larger if (n - 1) % size), None)
    raise ValueError(
        f"BatchNorm takes a mean and a variance over the batch, but of {n} "
        f"images in batches of {batch_size} the last batch has one. "
        + (
            f"batch_size={better} leaves none."
            if better
            else "Train on two images or more."
        )
    )
