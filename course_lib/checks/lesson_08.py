"""Lesson 08: likelihoods of grey pixels."""

from functools import partial
from math import log, pi

import torch
from torch.distributions import ContinuousBernoulli

from course_lib.checks.exercise import Exercise


def _logits(generator):
    # In (0, 1), where a logit can be taken once more.
    low, high = 0.15 + 0.25 * torch.rand(2, 3, 2, generator=generator)
    yield {"logits": torch.cat([low, 1.05 - low, high], 1)}
    # Undecided: exactly, and so nearly that 2 lambda - 1 keeps no digits.
    yield {"logits": torch.tensor([0.0, 1e-6, -2e-6, 1.5, -3.0])}
    yield {"logits": torch.tensor([150.0, -150.0, 2.0])}


def _value_and_gradient(f, logits):
    result = f(logits)
    if not isinstance(result, torch.Tensor):
        return {"Value": result, "Gradient": 0 * logits}
    leaf = logits.detach().clone().requires_grad_()
    total = f(leaf.clone()).sum()
    if not total.requires_grad:
        return {"Value": result, "Gradient": 7 + 0 * logits}
    (gradient,) = torch.autograd.grad(total, leaf, materialize_grads=True)
    return {"Value": result.detach(), "Gradient": gradient}


def _where_small(logits, near, far):
    """near(logits) where they are small, far(logits) elsewhere, safely."""
    small = logits.abs() < 1e-2
    safe = torch.where(small, torch.ones_like(logits), logits)
    return torch.where(small, near(logits), far(safe))


def _normaliser(logits):
    return _where_small(
        logits, lambda a: 0.5 - a**2 / 24, lambda a: torch.tanh(a / 2) / a
    )


def _twice_lambda(a):
    return (2 * a.sigmoid() - 1) / a


def _where_zero(f):
    return lambda a: torch.where(a == 0, 0.5 * torch.ones_like(a), f(a))


def _by_exp(a):
    return torch.expm1(a) / (a * (1 + a.exp()))


bce_normaliser = Exercise(
    "bce_normaliser",
    """bce_normaliser(logits) -> (...): the integral, for each logit.

    logits: any shape (...). The integral over x in [0, 1] of
    lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits), with a finite
    gradient.
    """,
    cases=_logits,
    experiment=_value_and_gradient,
    answer=_normaliser,
    mistakes={
        "0/0: at lambda = 1/2 the logit is 0. The limit there is 1/2.": [
            lambda a: torch.tanh(a / 2) / a,
            _twice_lambda,
        ],
        "At logit 0 the value is right, but its gradient is NaN: torch.where "
        "computes both sides. Put a harmless number in place of small logits "
        "before you divide.": _where_zero(lambda a: torch.tanh(a / 2) / a),
        "Near lambda = 1/2 the difference 2 lambda - 1 keeps no digits in "
        "float32. It is a tanh, which does.": [
            _where_zero(_twice_lambda),
            lambda a: _twice_lambda(torch.where(a == 0, 1e-6, a)),
            lambda a: _twice_lambda(torch.where(a == 0, 1e-8, a)),
            lambda a: _twice_lambda(a + 1e-8),
            lambda a: _twice_lambda(a + 1e-8 * (a == 0)),
        ],
        "This is the reciprocal, what the density has to be multiplied by: "
        "return the integral itself.": lambda a: 1 / _normaliser(a),
        "This is a logarithm of the integral, or minus it: return the "
        "integral itself.": [
            lambda a: _normaliser(a).log(),
            lambda a: -_normaliser(a).log(),
        ],
        "The input is the logit, not lambda: no logit is taken of it.": (
            lambda a: (2 * a - 1) / torch.logit(a, eps=1e-3)
        ),
        "The tanh is of half the logit.": (
            lambda a: _where_small(
                a, torch.ones_like, lambda a: torch.tanh(a) / a
            )
        ),
        "The division by the logit is missing.": lambda a: torch.tanh(a / 2),
        "The sign is turned: an integral of positive numbers is positive.": (
            lambda a: -_normaliser(a)
        ),
        "e^a overflows for large logits, and infinity by infinity is NaN: "
        "use tanh or sigmoid.": lambda a: _where_small(
            a, lambda a: 0.5 - a**2 / 24, _by_exp
        ),
        "The values are right, but no gradient reaches the logits: use "
        "torch's functions, no detach, item, numpy.": (
            lambda a: _normaliser(a).detach()
        ),
    },
)


def _exact_mean(a):
    return 1 / -torch.expm1(-a) - 1 / a


def _by_artanh(a):
    p = a.sigmoid()
    return p / (2 * p - 1) + 1 / (2 * torch.atanh(1 - 2 * p))


def _mean(logits):
    return _where_small(logits, lambda a: 0.5 + a / 12, _exact_mean)


def _with_zero(far):
    return partial(_where_small, near=lambda a: 0.5 + a / 12, far=far)


continuous_bernoulli_mean = Exercise(
    "continuous_bernoulli_mean",
    """continuous_bernoulli_mean(logits) -> (...): the mean, for each logit.

    logits: any shape (...). The mean of x in [0, 1] with a density
    proportional to lambda^x (1 - lambda)^(1 - x), lambda = sigmoid(logits).
    """,
    cases=_logits,
    answer=_mean,
    mistakes={
        "This is lambda itself: the mean of a binary pixel, not of this "
        "density on [0, 1].": torch.sigmoid,
        "0/0: at lambda = 1/2 the logit is 0, and the mean is 1/2.": [
            _exact_mean,
            lambda a: a.sigmoid() / (2 * a.sigmoid() - 1) - 1 / a,
            _by_artanh,
        ],
        "Near lambda = 1/2 two huge numbers are subtracted, and no digits "
        "are left in float32: use 1/2 + a/12 for small logits.": [
            _where_zero(_exact_mean),
            _where_zero(lambda a: 1 / (1 - torch.exp(-a)) - 1 / a),
            _where_zero(lambda a: a.sigmoid() / (2 * a.sigmoid() - 1) - 1 / a),
        ],
        "ContinuousBernoulli keeps lambda 1e-7 away from 0 and 1, and its "
        "mean is wrong for large logits. Use the formula.": (
            lambda a: ContinuousBernoulli(logits=a).mean
        ),
        "The sign of 1/a is turned: the mean has to lie between 0 and 1.": (
            _with_zero(lambda a: 1 / -torch.expm1(-a) + 1 / a)
        ),
        "The term 1/a is missing.": _with_zero(lambda a: 1 / -torch.expm1(-a)),
        "A factor 2 is off in 1/a: twice the artanh of 2 lambda - 1 is the "
        "logit.": [
            _with_zero(lambda a: 1 / -torch.expm1(-a) - 2 / a),
            _with_zero(lambda a: 1 / -torch.expm1(-a) - 0.5 / a),
        ],
        "This is 1 minus the mean: a large logit means a dark pixel, near "
        "1.": lambda a: 1 - _mean(a),
        "lambda is multiplied or divided by the normaliser: that is no mean. "
        "Integrate x times the density.": [
            lambda a: a.sigmoid() / _normaliser(a),
            lambda a: a.sigmoid() * _normaliser(a),
        ],
        "The integral of x times lambda^x (1 - lambda)^(1 - x) is not divided "
        "by the normaliser.": lambda a: _mean(a) * _normaliser(a),
        "The input is the logit, not lambda: no logit is taken of it.": (
            lambda a: a / (2 * a - 1) - 1 / torch.logit(a, eps=1e-3)
        ),
        "e^a overflows for large logits, and infinity by infinity is NaN: "
        "divide by it first, so that e^-a is left.": _with_zero(
            lambda a: (a * a.exp() - torch.expm1(a)) / (a * torch.expm1(a))
        ),
    },
)


def _images(generator):
    for B, side, log_sigma2 in [(3, 4, 0.8), (2, 5, -1.3)]:
        x, mean = torch.rand(2, B, 1, side, side, generator=generator)
        log_sigma2 = torch.tensor(log_sigma2)
        yield {"x": x, "mean": mean, "log_sigma2": log_sigma2}


def _nll_terms(x, mean, log_var, square=0.5, log_=0.5, constant=0.5):
    scaled = (x - mean) ** 2 / log_var.exp()
    return square * scaled + log_ * log_var + constant * log(2 * pi)


def _nll(x, mean, log_var, **factors):
    return _nll_terms(x, mean, log_var, **factors).flatten(1).sum(1)


def _nll_with(**factors):
    return partial(_nll, **factors)


def _constants_once(x, mean, log_var):
    squares = _nll(x, mean, log_var, log_=0, constant=0)
    return squares + 0.5 * (log_var + log(2 * pi))


def _not_squared(x, mean, log_var):
    absolute = 0.5 * (x - mean).abs() / log_var.exp()
    rest = _nll_terms(x, mean, log_var, square=0)
    return (absolute + rest).flatten(1).sum(1)


gaussian_nll = Exercise(
    "gaussian_nll",
    """gaussian_nll(x, mean, log_sigma2) -> (B,): nats an image.

    x, mean: (B, 1, H, W); log_sigma2: a tensor of shape (), the log of the
    variance of all pixels.
    """,
    cases=_images,
    answer=_nll,
    mistakes={
        "Is log_sigma2 the log of sigma, or sigma, or sigma^2? It is log "
        "sigma^2, and the variance is its exponential.": [
            lambda x, m, v: _nll(x, m, 2 * v),
            lambda x, m, v: _nll(x, m, v.log()),
            lambda x, m, v: _nll(x, m, 2 * v.abs().log()),
        ],
        "The square is divided by sigma or by sigma to the fourth, in place "
        "of sigma^2.": [
            lambda x, m, v: _nll(x, m, v, square=0.5 * (v / 2).exp()),
            lambda x, m, v: _nll(x, m, v, square=0.5 * (-v).exp()),
        ],
        "The square is not divided by the variance.": (
            lambda x, m, v: _nll(x, m, v, square=0.5 * v.exp())
        ),
        "The constant with log(2 pi) is missing: then it is not minus the "
        "log of a density.": _nll_with(constant=0),
        "The term with log sigma^2 is missing: a learned sigma would grow "
        "without end.": [_nll_with(log_=0), _nll_with(log_=0, constant=0)],
        "A factor 1/2 is missing.": [
            _nll_with(square=1),
            _nll_with(log_=1),
            _nll_with(constant=1),
            _nll_with(log_=1, constant=1),
            lambda *inputs: 2 * _nll(*inputs),
        ],
        "The sign is turned: this is the log-density. Return minus it.": (
            lambda *inputs: -_nll(*inputs)
        ),
        "A sign is turned: a larger sigma makes the square's term smaller "
        "and the log's term larger.": [
            _nll_with(log_=-0.5),
            _nll_with(square=-0.5),
            lambda x, m, v: _nll(x, m, -v),
        ],
        "You take the mean over the pixels: sum them.": (
            lambda x, m, v: _nll(x, m, v) / x[0].numel()
        ),
        "The constants are added once an image: each pixel has them.": (
            _constants_once
        ),
        "The error is not squared.": _not_squared,
        "You reduce the batch: return one number for each image.": (
            lambda x, *_: x.new_empty((), device="meta")
        ),
    },
    gradient=["mean", "log_sigma2"],
)
