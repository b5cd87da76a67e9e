"""A test of an evaluation in batches."""

import contextlib

import torch
from torch import nn

from course_lib.checks.mutation import TestExercise


def evaluate(model, loss, images, batch_size):
    training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            total += loss(model, x).sum().item()
    model.train(training)
    return total / len(images)


def joined(losses, images):
    return torch.cat(losses).mean()


def version(
    result=joined, mode=False, restore=True, graph=False, whole_only=False
):
    """Evaluation with another result of the batches' losses, or an effect."""

    def wrong(model, loss, images, batch_size):
        training = model.training
        if mode is not None:
            model.train(mode)
        batches = images.split(batch_size)
        if whole_only:
            batches = [x for x in batches if len(x) == batch_size]
        with contextlib.nullcontext() if graph else torch.no_grad():
            value = result([loss(model, x) for x in batches], images)
        if restore:
            model.train(training)
        return value if graph else float(value)

    return wrong


EXERCISE = TestExercise(
    """test_evaluate(evaluate): asserts what must hold of an evaluation.

    evaluate(model, loss, images, batch_size) -> float: the mean over all
    images of loss(model, x) -> (B,), in evaluation mode, without a graph; the
    model's mode is the same afterwards.
    """,
    right={"a running sum": evaluate, "one tensor of losses": version()},
    mutants={
        "the last batch's loss": version(lambda p, _: p[-1].mean()),
        "the first batch's loss": version(lambda p, _: p[0].mean()),
        "the mean of the batches' means": version(
            lambda p, _: torch.stack([q.mean() for q in p]).mean()
        ),
        "sums divided by the number of batches": version(
            lambda p, _: torch.stack([q.sum() for q in p]).mean()
        ),
        "the sum of the means": version(lambda p, _: sum(q.mean() for q in p)),
        "training mode": version(mode=True),
        "the mode is left as it is": version(mode=None),
        "the mode is not restored": version(restore=False),
        "the incomplete batch is dropped": version(whole_only=True),
        "the graph is kept": version(graph=True),
        "divided by batches times batch size": version(
            lambda p, _: torch.cat(p).sum() / (len(p) * len(p[0]))
        ),
    },
    hints={
        "the mean of the batches' means": "an incomplete last batch",
        "training mode": "a model with dropout",
        "the mode is left as it is": "a model with dropout, in both modes",
        "the mode is not restored": "model.training afterwards",
        "the graph is kept": "whether the result requires a gradient",
    },
    own=["course_lib.evaluation.evaluate"],
)


class Dropping(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x) * self.weight


def loss(model, x):
    return model(x).flatten(1).sum(1)


def one_batch_size(evaluate):
    model, images = Dropping().eval(), torch.rand(12, 1, 2, 2)
    mean = images.flatten(1).sum(1).mean()
    assert abs(evaluate(model, loss, images, 4) - mean) < 1e-4


def GOOD(evaluate):
    for mode in (True, False):
        model, images = Dropping().train(mode), torch.rand(11, 1, 2, 2)
        mean = images.flatten(1).sum(1).mean().item()
        for batch_size in (4, 11, 5):
            value = evaluate(model, loss, images, batch_size)
            assert not getattr(value, "requires_grad", False)
            assert abs(value - mean) < 1e-4
            assert model.training is mode


WEAK = [(one_batch_size, 6)]
