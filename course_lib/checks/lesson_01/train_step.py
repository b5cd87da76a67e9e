"""Lesson 01: a training step."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.checks.compare import agree
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_01._model import CountingSGD, TiedAutoencoder
from course_lib.checks.lesson_01._steps import (
    loss_after,
    loss_of,
    on,
    squashed,
    sse,
    step,
    sum_each,
    unpack,
)
from course_lib.checks.mistake import Mistake

TOLERANCE = 1e-4
RATE = 0.3


def _batches(generator):
    """Images (B, ...) and a first weight, (D, 3)."""
    for label, *shape in [
        ("", 5, 1, 12, 10),
        ("", 3, 1, 28, 28),
        ("for images with three channels", 4, 3, 6, 5),
        ("for images without a channel, (B, H, W)", 3, 7, 5),
        ("for images that are rows of numbers, (B, D)", 4, 20),
        ("for one image alone", 1, 1, 6, 6),
    ]:
        x = torch.rand(shape, generator=generator)
        D = x[0].numel()
        weight = torch.randn(D, 3, generator=generator) / D**0.5
        yield label, {"x": x, "weight": weight}


def _two_steps(train_step, x, weight):
    """Two steps: what the first leaves behind shows in the second."""
    seen, graph = _seen(train_step, x, weight)
    if graph and agree(seen, _seen(step(), x, weight)[0], TOLERANCE):
        raise Mistake(
            "You return the loss with its graph: whoever keeps it, in a list "
            "for a plot, keeps the whole computation in memory. Return the "
            "number alone."
        )
    return seen


def _seen(train_step, x, weight):
    """The losses, the gradients behind the moves, and whether a graph is."""
    model = TiedAutoencoder(weight, x.shape[1:])
    optimizer = CountingSGD(model.parameters(), lr=RATE)
    seen, graph, loss = {}, False, loss_of(model(x), x).detach()
    for which in ("first", "second"):
        before = model.weight.detach().clone()
        given = train_step(model, optimizer, x)
        if isinstance(given, Tensor):
            graph, given = graph or given.requires_grad, given.detach()
        moved = (before - model.weight.detach()) / RATE
        seen[f"Loss of the {which} step"] = given
        seen[f"Gradient by which the weights move in the {which} step"] = moved
    first, second = (seen[key] for key in seen if key.startswith("Gradient"))
    _say_number(optimizer.steps / 2, len(x), bool(first.any()))
    still = not first.any() and not second.any()
    if still and agree(seen["Loss of the first step"], loss, TOLERANCE):
        _say_why_still(optimizer.steps)
    return seen, graph


def _say_number(steps, B, moved):
    """Refuse another number of the optimizer's steps in a call than one."""
    if moved and not steps:
        raise Mistake(
            "The weights move, but not by the optimizer that you are given: "
            "make no other, and let this one step."
        )
    if steps > 1:
        raise Mistake(
            f"The optimizer steps {steps:g} times in one call, here with "
            f"{B} images: one step is asked for, on the mean over the batch."
        )


def _say_why_still(steps):
    if not steps:
        raise Mistake(
            "The weights do not move: the optimizer never steps. Is the call "
            "missing, or are its parentheses?"
        )
    raise Mistake(
        "The weights do not move: when the optimizer steps, there are no "
        "gradients. Old ones are cleared first; then backward() computes new "
        "ones, from a loss that is not detached; then comes the step."
    )


_entropy = F.binary_cross_entropy_with_logits


train_step = Exercise(
    """train_step(model, optimizer, x) -> (): the loss before the step.

    One step of the optimizer on the squared error of sigmoid(model(x)),
    summed over pixels, averaged over the batch. x: (B, ...) images;
    model(x): logits of x's shape. The loss is a scalar without a graph.
    """,
    cases=_batches,
    experiment=_two_steps,
    answer=step(),
    mistakes={
        "Your loss is 0: x is overwritten with its reconstruction, then "
        "compared with itself. Give the reconstruction a name of its own.": (
            step(lambda a, x: sse(a, a))
        ),
        "Gradients accumulate: your second step still has the first one's "
        "in it. Clear them in every step (mind the parentheses of the "
        "call).": step(calls="backward step"),
        "You step before backward(): each step goes by the gradients of the "
        "call before.": step(calls="step zero backward"),
        "You go up the gradient: the loss itself is made smaller, not its "
        "negative.": [
            step(trained=lambda loss: -loss),
            step(trained=lambda loss: -loss, returned=lambda loss: -loss),
        ],
        "The loss is detached (detach, item, no_grad) before backward(), so "
        "no gradient can flow: detach only what you return.": [
            step(lambda a, x: loss_of(a, x).detach()),
            step(lambda a, x: loss_of(a, x).item()),
        ],
        "backward() asks for one number, and you hand it one for each image, "
        "or pixel: sum over pixels, then average over the batch.": (
            step(lambda a, x: sum_each((a.sigmoid() - x).square()))
        ),
        "x is a tensor of images, not a pair (images, labels): take it "
        "whole, with no unpacking.": [
            step(read=unpack),
            step(read=lambda x: [images for images, _ in x]),
        ],
        "You average over pixels; sum over them, and average over the batch "
        "only (the reduction rule).": on(F.mse_loss),
        "You sum over the batch and average over the pixels: the reduction "
        "rule has it the other way round.": on(
            lambda y, x: (y - x).square().flatten(1).mean(1).sum()
        ),
        "You sum over the batch too; sum over pixels, then average over the "
        "batch (the reduction rule).": on(lambda y, x: (y - x).square().sum()),
        "The differences are not squared.": on(
            lambda y, x: sum_each(y - x).mean(),
            lambda y, x: sum_each(x - y).mean(),
            lambda y, x: sum_each((y - x).abs()).mean(),
        ),
        "You sum first and square the sum, so errors of opposite sign "
        "cancel: square each difference, then sum.": on(
            lambda y, x: sum_each(y - x).square().mean()
        ),
        "You take a square root: the squared error has none.": on(
            lambda y, x: sum_each((y - x).square()).sqrt().mean(),
            lambda y, x: sse(y, x).sqrt(),
            lambda y, x: F.mse_loss(y, x).sqrt(),
            lambda y, x: (y - x).square().sum().sqrt(),
        ),
        "That is the cross-entropy: the squared error is asked for.": [
            step(_entropy),
            step(lambda a, x: _entropy(a, x, reduction="sum")),
            step(lambda a, x: _entropy(a, x, reduction="sum") / len(x)),
        ],
        "The model returns logits, and you compare them with x as they are: "
        "a sigmoid makes pixels of them first.": step(sse),
        "You apply the sigmoid twice.": squashed(
            lambda a: a.sigmoid().sigmoid()
        ),
        "You take the sigmoid of x too: x has pixels already, only the "
        "model's logits need it.": on(lambda y, x: sse(y, x.sigmoid())),
        "It is the sigmoid that makes pixels of logits, here another "
        "function does.": squashed(
            lambda a: a.clamp(0, 1), torch.relu, torch.tanh
        ),
        "You return the loss after the step; return the one before it, whose "
        "gradient you follow.": loss_after,
    },
    tolerance=TOLERANCE,
    no_gradient="the loss is asked for detached",
)
