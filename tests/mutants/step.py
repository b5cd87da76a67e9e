"""A test of a training step."""

import torch
import torch.nn.functional as F
from torch import nn

from course_lib.checks.mutation import TestExercise


def loss_of(logits, x):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return nll / len(x)


def step(model, optimizer, x, loss=lambda model, x: loss_of(model(x), x)):
    optimizer.zero_grad()
    value = loss(model, x)
    value.backward()
    optimizer.step()
    return value.item()


def without_gradients(model, optimizer, x):
    for p in model.parameters():
        p.grad = None
    value = loss_of(model(x), x)
    value.backward()
    optimizer.step()
    return float(value.detach())


def on(loss):
    return lambda model, optimizer, x: step(model, optimizer, x, loss)


def overwritten(model, x):
    x = model(x).sigmoid()
    return (x - x).square().sum() / len(x)


def accumulating(model, optimizer, x):
    value = loss_of(model(x), x)
    value.backward()
    optimizer.step()
    return value.item()


def no_step(model, optimizer, x):
    optimizer.zero_grad()
    value = loss_of(model(x), x)
    value.backward()
    return value.item()


def emptied_too_late(model, optimizer, x):
    value = loss_of(model(x), x)
    value.backward()
    optimizer.zero_grad()
    optimizer.step()
    return value.item()


def only_the_encoder(model, optimizer, x):
    optimizer.zero_grad()
    value = loss_of(model(x), x)
    value.backward()
    for p in model.decoder.parameters():
        p.grad = None
    optimizer.step()
    return value.item()


def only_the_decoder(model, x):
    return loss_of(model.decoder(model.encoder(x).detach()), x)


def uphill(model, optimizer, x):
    return -step(model, optimizer, x, lambda model, x: -loss_of(model(x), x))


def in_place(model, optimizer, x):
    value = step(model, optimizer, x)
    x.mul_(0.5)
    return value


EXERCISE = TestExercise(
    """test_step(step): asserts what must hold of a training step.

    step(model, optimizer, x) -> float, the loss before the step: the
    cross-entropy of model(x), logits, summed over pixels, averaged over the
    batch. x: (B, 1, 28, 28). The model has an encoder and a decoder.
    """,
    right={
        "zero_grad, backward, step": step,
        "gradients set to None": without_gradients,
    },
    mutants={
        "x is overwritten by its reconstruction": on(overwritten),
        "gradients pile up": accumulating,
        "only the decoder learns": on(only_the_decoder),
        "only the encoder learns": only_the_encoder,
        "no step": no_step,
        "zero_grad between backward and step": emptied_too_late,
        "uphill": uphill,
        "it trains on noise": lambda model, optimizer, x: step(
            model, optimizer, torch.rand_like(x)
        ),
        "only the first image": lambda model, optimizer, x: step(
            model, optimizer, x[:1]
        ),
        "the target is the neighbour's image": on(
            lambda model, x: loss_of(model(x), x.roll(1, 0))
        ),
        "the sum over the batch": on(
            lambda model, x: len(x) * loss_of(model(x), x)
        ),
        "the batch is changed in place": in_place,
    },
    hints={
        "gradients pile up": "the second step",
        "the target is the neighbour's image": "the value of the loss",
        "only the first image": "the value of the loss",
    },
)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 4))
        self.decoder = nn.Sequential(
            nn.ReLU(), nn.Linear(4, 784), nn.Unflatten(1, (1, 28, 28))
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


def batch():
    return (torch.rand(6, 1, 28, 28) < 0.2).float()


def the_loss_falls(step):
    model, x = Small(), batch()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    losses = [step(model, optimizer, x) for _ in range(20)]
    assert losses[-1] < losses[0]


def GOOD(step):
    model, x = Small(), batch()
    kept, lr = x.clone(), 1e-3
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for _ in range(2):
        weights = [p.detach().clone() for p in model.parameters()]
        loss = loss_of(model(x), x)
        slopes = torch.autograd.grad(loss, list(model.parameters()))
        assert abs(step(model, optimizer, x) - loss.item()) < 1e-2
        assert torch.equal(x, kept)
        rows = zip(model.parameters(), weights, slopes, strict=True)
        for p, before, slope in rows:
            assert not torch.equal(p, before)
            torch.testing.assert_close(
                p.detach(), before - lr * slope, rtol=1e-4, atol=1e-6
            )


WEAK = [(the_loss_falls, 8)]
