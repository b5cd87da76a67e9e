"""Lesson 01: a gradient by hand, that of the cross-entropy by the logit."""

import math
from functools import partial

import torch
from torch.nn import functional as F

from course_lib.checks.exercise import Exercise


def _logits(generator):
    def case(*shape):
        u, x = torch.rand(2, *shape, generator=generator)
        a = torch.where(u < 0.5, 0.3 + 7 * u, 3.2 - 7 * u)  # 0.3 to 3.8
        return {"a": a, "x": 0.05 + 0.9 * x}

    for shape in (3, 4), (5,), (2, 1, 8, 8):
        yield case(*shape)
    ends = torch.tensor([0.0, 1, 0, 1, 1, 0])
    yield "where x is 0 or 1", case(6) | {"x": ends}
    yield "at logit 0", case(6) | {"a": torch.zeros(6)}
    yield "for one logit alone, shape ()", case()
    a = torch.tensor([40.0, 40, 40, -40, -40, -40, 80, -80])
    x = torch.tensor([0.0, 1, 0.3, 0, 1, 0.3, 0.6, 0.6])
    yield "for large logits, where p rounds to 0 or 1", {"a": a, "x": x}


def _grad(a, x):
    return a.sigmoid() - x


def _of_p(change):
    """What is made of p and x."""
    return lambda a, x: change(a.sigmoid(), x)


def _by_autograd(loss):
    """What autograd makes of a loss of p and x."""

    def gradient(a, x):
        a = a.detach().clone().requires_grad_()
        return torch.autograd.grad(loss(a.sigmoid(), x).sum(), a)[0]

    return gradient


def _backward(make_loss):
    """A call of backward that fails, unless there is one logit alone."""

    def gradient(a, x):
        make_loss(a).backward()
        return _grad(a, x)

    return gradient


def _entropy(p, x):
    return -x * p.log() - (1 - x) * (1 - p).log()


_loss = partial(F.binary_cross_entropy_with_logits, reduction="none")


bce_logit_grad = Exercise(
    """bce_logit_grad(a, x): derivative of the cross-entropy in each logit.

    An entry's loss is -x log p - (1 - x) log(1 - p), with p = sigmoid(a).
    a: logits, any shape; x: targets in [0, 1] of that shape, like the result.
    """,
    cases=_logits,
    answer=_grad,
    mistakes={
        "The sign is turned: where p is larger than x, the loss grows with "
        "the logit.": lambda a, x: x - a.sigmoid(),
        "There is a factor p (1 - p) too many: the sigmoid's derivative "
        "cancels against the one of the logarithms.": _of_p(
            lambda p, x: (p - x) * p * (1 - p)
        ),
        "That is the gradient of the squared error, (1.4): the loss is the "
        "cross-entropy.": _of_p(lambda p, x: 2 * (p - x) * p * (1 - p)),
        "That is the derivative with respect to p, not to the logit: the "
        "chain rule's factor dp/da is missing.": _of_p(
            lambda p, x: (p - x) / (p * (1 - p))
        ),
        "There is no derivative by p in yours, only that of p by the logit: "
        "the chain rule has both.": _of_p(lambda p, x: p * (1 - p)),
        "You take x for 0 or 1: it may be grey, between them.": [
            _of_p(lambda p, x: p - (x > 0.5).to(p.dtype)),
            _of_p(lambda p, x: torch.where(x > 0.5, p - 1, p)),
            _of_p(lambda p, x: p - (x > 0).to(p.dtype)),
        ],
        "You compare the logit itself with x: p = sigmoid(a).": (
            lambda a, x: a - x
        ),
        "You turn x into a logit: compare pixels, p and x.": (
            lambda a, x: a - x.logit()
        ),
        "You take the sigmoid of x too: x is a pixel already.": (
            lambda a, x: a.sigmoid() - x.sigmoid()
        ),
        "You take the sigmoid of the difference: only the logit becomes a "
        "pixel.": lambda a, x: (a - x).sigmoid(),
        "You have 1 - p in place of p: look at the sign of a in the "
        "sigmoid.": (lambda a, x: (-a).sigmoid() - x),
        "You apply the sigmoid twice.": [
            _of_p(lambda p, x: p.sigmoid() - x),
            _of_p(lambda p, x: (p.sigmoid() - x) * p * (1 - p)),
        ],
        "A factor p or 1 - p is left: both cancel.": [
            _of_p(lambda p, x: (p - x) * p),
            _of_p(lambda p, x: (p - x) / p),
            _of_p(lambda p, x: (p - x) * (1 - p)),
            _of_p(lambda p, x: (p - x) / (1 - p)),
        ],
        "That is the derivative with respect to x, not to the logit.": (
            lambda a, x: -a
        ),
        "Functions of math take one number only: of a tensor take torch's.": (
            lambda a, x: math.exp(a)
        ),
        "That is the gradient of a softmax over several classes: each logit "
        "has a sigmoid of its own.": lambda a, x: a.softmax(-1) - x,
        "That is tanh in place of the sigmoid.": lambda a, x: a.tanh() - x,
        "You round p to 0 or 1: take the probability as it is.": _of_p(
            lambda p, x: p.round() - x
        ),
        "You return p: the derivative depends on x too.": _of_p(
            lambda p, x: p
        ),
        "You add x: where p equals x, the loss is smallest and its derivative "
        "is 0.": _of_p(lambda p, x: p + x),
        "You square the difference.": _of_p(lambda p, x: (p - x) ** 2),
        "You derive -x log p only: the other term depends on the logit too.": [
            _of_p(lambda p, x: x * (p - 1)),
            _of_p(lambda p, x: -x / p),
        ],
        "You derive -(1 - x) log(1 - p) only: the other term depends on the "
        "logit too.": [
            _of_p(lambda p, x: (1 - x) * p),
            _of_p(lambda p, x: (1 - x) / (1 - p)),
        ],
        "The sign of the term with 1 - x is wrong: 1 - p falls where p "
        "grows.": [
            _of_p(lambda p, x: x * (p - 1) - (1 - x) * p),
            _of_p(lambda p, x: -x / p - (1 - x) / (1 - p)),
        ],
        "The sign of the term with x is wrong: -x log p falls where p "
        "grows.": [
            _of_p(lambda p, x: x * (1 - p) + (1 - x) * p),
            _of_p(lambda p, x: x / p + (1 - x) / (1 - p)),
        ],
        "You average over the entries: each has a loss of its own, not "
        "divided by their number.": lambda a, x: _grad(a, x) / a.numel(),
        "That is the loss itself; return its derivative.": [
            _loss,
            lambda a, x: _loss(a, x).mean(),
            lambda a, x: _loss(a, x).sum(),
        ],
        "backward() asks for one number, and your loss has many entries: sum "
        "them first.": _backward(lambda a: a.clone().requires_grad_()),
        "No gradient is recorded for a: ask for it on a copy of your own, "
        "before you compute the loss.": _backward(torch.sum),
        "NaN where a logit is large: p rounds to 1, and you divide by 1 - p, "
        "which is 0. Simplify on paper: what cancels need not be computed.": [
            _of_p(lambda p, x: (p - x) / (p * (1 - p)) * (p * (1 - p))),
            _by_autograd(_entropy),
        ],
        "Your gradient fades to 0 where p rounds to 0 or 1, although the "
        "network is wrong there: something small is added, or clamped, to "
        "keep from dividing by 0. Simplify on paper: what cancels need not be "
        "computed.": _by_autograd(
            partial(F.binary_cross_entropy, reduction="none")
        ),
    },
    no_gradient="autograd.grad of the loss",
)
