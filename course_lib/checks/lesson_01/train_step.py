"""Lesson 01: a training step."""

import torch
from torch import nn

from course_lib.checks.exercise import Exercise


class _TiedAutoencoder(nn.Module):
    """The smallest autoencoder: one matrix (784, K), used on both sides."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight.clone())

    def forward(self, x):
        return (x.flatten(1) @ self.weight @ self.weight.mT).view_as(x)


def _batches(generator):
    """Images (B, 1, 28, 28) and a first weight, for two batch sizes."""
    for batch_size in (5, 3):
        x = torch.rand(batch_size, 1, 28, 28, generator=generator)
        yield {"x": x, "weight": torch.randn(784, 3, generator=generator) / 28}


def _two_steps(train_step, x, weight):
    """The effects of two steps: what the first leaves shows in the second."""
    model, seen = _TiedAutoencoder(weight), {}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for step in ("first", "second"):
        seen[f"Loss of the {step} step"] = train_step(model, optimizer, x)
        weights = model.weight.detach().clone()
        seen[f"Weights after the {step} step"] = weights
    return seen


def _step(loss, zero_grad=True, move=True, read=lambda batch: batch):
    """A step on ``loss(logits, x)``, with parts left out where asked."""

    def train_step(model, optimizer, batch):
        x = read(batch)
        value = loss(model(x), x)
        if zero_grad:
            optimizer.zero_grad()
        value.backward()
        if move:
            optimizer.step()
        return value.detach()

    return train_step


def _loss(logits, x):
    return _sse(logits.sigmoid(), x)


def _sse(x_hat, x):
    return (x_hat - x).square().flatten(1).sum(1).mean()


def _unpack(batch):
    images, _labels = batch
    return images


def _loss_after(model, optimizer, x):
    _step(_loss)(model, optimizer, x)
    return _loss(model(x), x)


train_step = Exercise(
    """train_step(model, optimizer, x) -> (): the loss before the step.

    One step of gradient descent on the squared error of sigmoid(model(x)),
    summed over pixels, averaged over the batch. x: (B, 1, 28, 28) images;
    model(x): logits of x's shape. The loss is a detached scalar.
    """,
    cases=_batches,
    experiment=_two_steps,
    answer=_step(_loss),
    mistakes={
        "Your loss is 0: x is overwritten with its reconstruction, then "
        "compared with itself. Give the reconstruction a name of its own.": (
            _step(lambda a, x: _sse(a, a))
        ),
        "Gradients accumulate: your second step still has the first one's "
        "in it. Call optimizer.zero_grad() in every step.": (
            _step(_loss, zero_grad=False)
        ),
        "The weights do not move. First empty the gradients, then call "
        "backward() on the loss, then step the optimizer.": (
            _step(_loss, move=False)
        ),
        "The loss is detached (detach, item, no_grad) before backward(), so "
        "no gradient can flow: detach only what you return.": [
            _step(lambda a, x: _loss(a, x).detach()),
            _step(lambda a, x: _loss(a, x).item()),
        ],
        "x is a tensor of images, not a pair (images, labels): take it "
        "whole, with no unpacking and no index.": [
            _step(_loss, read=_unpack),
            _step(_loss, read=lambda x: [images for images, _ in x]),
            _step(_loss, read=lambda x: x[0]),
        ],
        "You average over pixels; sum over them, and average over the batch "
        "only (the reduction rule).": (
            _step(lambda a, x: (a.sigmoid() - x).square().mean())
        ),
        "You sum over the batch too; sum over pixels, then average over the "
        "batch (the reduction rule).": (
            _step(lambda a, x: (a.sigmoid() - x).square().sum())
        ),
        "The model returns logits, and you compare them with x as they are: "
        "a sigmoid makes pixels of them first.": _step(_sse),
        "You return the loss after the step; return the one before it, whose "
        "gradient you follow.": _loss_after,
    },
    no_gradient="the loss is asked for detached",
)
