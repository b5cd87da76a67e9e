"""Lesson 07: the cross-entropy of images, and wrong forms of it."""

from functools import partial
from math import log

import torch
import torch.nn.functional as F
from torch.distributions import Normal

from course_lib.checks import sentences


def bce(logits, x):
    """In nats for each pixel, (B, D)."""
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return nll.flatten(1)


def _parts(black, white):
    """Factors at the two terms of the cross-entropy."""
    return lambda logits, x: (
        -(
            black * x * F.logsigmoid(logits)
            + white * (1 - x) * F.logsigmoid(-logits)
        )
        .flatten(1)
        .sum(1)
    )


def _of_probabilities(logits, x, p=torch.sigmoid):
    nll = F.binary_cross_entropy(p(logits), x, reduction="none")
    return nll.flatten(1).sum(1)


def _log_of_sigmoid(logits, x, eps):
    p = logits.sigmoid()
    nll = x * (p + eps).log() + (1 - x) * (1 - p + eps).log()
    return -nll.flatten(1).sum(1)


def _rounded(logits, x):
    return bce(logits, (x > 0.5).to(x.dtype)).sum(1)


def _one_scale(logits, x):
    return -Normal(logits.mean(), logits.std()).log_prob(x).flatten(1).sum(1)


def _errors(power):
    reductions = (
        lambda values: values.sum(1),
        lambda values: 0.5 * values.sum(1),
        lambda values: values.mean(1),
        lambda values: values.mean(),
        lambda values: values.sum(),
    )
    return [
        lambda logits, x, p=p, reduce=reduce: reduce(
            (p(logits) - x).flatten(1).abs() ** power
        )
        for p in (torch.sigmoid, lambda logits: logits)
        for reduce in reductions
    ]


SQUARED = _errors(2)

# functions of logits and x, which give (B,) or a number
WRONG_RECONSTRUCTIONS = {
    "You round the images to 0 or 1: grey pixels count as they are.": [
        _rounded,
        lambda logits, x: bce(logits, x.round()).sum(1),
    ],
    "The reconstruction term has the wrong sign: the loss is the "
    "cross-entropy, plus the rate.": [lambda a, x: -bce(a, x).sum(1)],
    "You take the mean over the pixels: sum them, or the KL outweighs them by "
    "a factor D.": [lambda a, x: bce(a, x).mean(1)],
    "The pixels of the whole batch are summed: every image gets its own "
    "reconstruction term.": [lambda a, x: bce(a, x).sum()],
    "The reconstruction term is averaged over the batch: every image gets its "
    "own.": [lambda a, x: bce(a, x).sum(1).mean()],
    "Logits and images are swapped: the logits come first.": [
        lambda a, x: bce(x, a).sum(1),
        lambda a, x: _of_probabilities(x, a.sigmoid(), p=lambda x: x),
    ],
    "The sigmoid is taken twice: the ..._with_logits function contains it.": [
        lambda a, x: bce(a.sigmoid(), x).sum(1)
    ],
    "The logits are taken for probabilities, without a sigmoid.": [
        partial(_of_probabilities, p=lambda a: a),
        partial(_of_probabilities, p=lambda a: a.clamp(0, 1)),
    ],
    "Only black ink counts: the second term of the cross-entropy is "
    "missing.": [_parts(1, 0)],
    "Only white paper counts: the first term of the cross-entropy is "
    "missing.": [_parts(0, 1)],
    "The two terms of the cross-entropy have different signs.": [
        _parts(1, -1),
        _parts(-1, 1),
    ],
    "In the second form of (7.1), with softplus, a sign is wrong.": [
        lambda a, x: (F.softplus(a) + x * a).flatten(1).sum(1),
        lambda a, x: (F.softplus(-a) - x * a).flatten(1).sum(1),
    ],
    sentences.BITS: [lambda a, x: bce(a, x).sum(1) / log(2)],
    "The reconstruction term is a squared error, a Gaussian's; here p(x|z) is "
    "Bernoulli.": [
        *SQUARED,
        lambda a, x: -Normal(a.sigmoid(), 1).log_prob(x).flatten(1).sum(1),
        lambda a, x: -Normal(a, 1).log_prob(x).flatten(1).sum(1),
    ],
    "The reconstruction term is an absolute error; here p(x|z) is "
    "Bernoulli.": _errors(1),
    "Mean and standard deviation over the batch are no likelihood: each pixel "
    "has its own logit.": [_one_scale],
    "A sigmoid and then a log lose large logits: the sigmoid is 0 or 1 in "
    "float32. Use the function that takes logits.": [
        _of_probabilities,
        *(
            partial(_log_of_sigmoid, eps=eps)
            for eps in (0, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
        ),
    ],
}
