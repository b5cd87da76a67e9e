"""Lesson 07: the VAE's loss."""

from functools import partial

import torch
import torch.nn.functional as F
from torch.distributions import Normal

from course_lib.checks.exercise import Exercise


def _outputs(generator):
    normal = partial(torch.randn, generator=generator)
    for B, K in [(3, 40), (2, 2)]:
        x = torch.rand(B, 1, 28, 28, generator=generator)
        logits = 2 * normal(x.shape)
        mu, logvar = 4 * normal(B, K), normal(B, K)
        yield {"logits": logits, "x": x, "mu": mu, "logvar": logvar}
    # Logits so large that the sigmoid is 0 or 1 in float32.
    heads = torch.zeros(2, 2)
    yield {"logits": 60 * logits, "x": x, "mu": heads, "logvar": heads}


def _bce(logits, x):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return nll.flatten(1)


def _rate(mu, logvar):
    return 0.5 * (mu**2 + torch.expm1(logvar) - logvar)


def _loss(logits, x, mu, logvar, rate=1.0):
    return _bce(logits, x).sum(1) + rate * _rate(mu, logvar).sum(1)


def _with(rate):
    return partial(_loss, rate=rate)


def _reconstruction(f, rate=1.0):
    """A loss with another reconstruction term."""

    def loss(logits, x, mu, logvar):
        return f(logits, x) + rate * _rate(mu, logvar).sum(1)

    return loss


def _log_of_sigmoid(logits, x, eps=0.0):
    p = logits.sigmoid()
    nll = x * (p + eps).log() + (1 - x) * (1 - p + eps).log()
    return -nll.flatten(1).sum(1)


def _clamped_log_of_sigmoid(logits, x):
    p = logits.sigmoid()
    return F.binary_cross_entropy(p, x, reduction="none").flatten(1).sum(1)


def _log_softmax(mu):
    return mu.log_softmax(1).sum(1)


def _squared(logits, x):
    return (logits.sigmoid() - x).square().flatten(1).sum(1)


def _one_scale(logits, x):
    return -Normal(logits.mean(), logits.std()).log_prob(x).flatten(1).sum(1)


negative_elbo = Exercise(
    """negative_elbo(logits, x, mu, logvar) -> (B,): a loss in nats an image.

    logits, x: (B, 1, H, W), the decoder's output and the images in [0, 1];
    mu, logvar: (B, K), the encoder's output. The prior is N(0, I).
    """,
    cases=_outputs,
    answer=_loss,
    mistakes={
        "This is the ELBO itself: it is maximised, so the loss is minus "
        "it.": lambda *inputs: -_loss(*inputs),
        "The reconstruction term has the wrong sign: the loss is the "
        "cross-entropy, plus the rate.": (
            _reconstruction(lambda a, x: -_bce(a, x).sum(1))
        ),
        "The KL has the wrong sign: the loss is minus the ELBO, and in it "
        "the rate is added.": _with(rate=-1),
        "There is no KL term: this trains a plain autoencoder.": [
            _with(rate=0),
            _reconstruction(_squared, rate=0),
        ],
        "The -1 of the KL is missing: the rate of the prior is 0.": (
            lambda logits, x, mu, logvar: (
                _loss(logits, x, mu, logvar) + 0.5 * mu.shape[1]
            )
        ),
        "A log-probability of the code stands in place of the KL: that is no "
        "rate.": [
            lambda a, x, mu, _: _bce(a, x).sum(1) - _log_softmax(mu),
            lambda a, x, mu, _: _bce(a, x).sum(1) + _log_softmax(mu),
        ],
        "The factor 1/2 of the KL is missing, or applied twice.": [
            _with(rate=2),
            _with(rate=0.5),
        ],
        "You take the mean over the pixels: sum them, or the KL outweighs "
        "them by a factor D.": [
            _reconstruction(lambda logits, x: _bce(logits, x).mean(1)),
            _reconstruction(lambda logits, x: _bce(logits, x).mean()),
        ],
        "The pixels of the whole batch are summed: every image gets its "
        "own reconstruction term.": (
            _reconstruction(lambda logits, x: _bce(logits, x).sum())
        ),
        "Logits and images are swapped: the logits come first.": (
            _reconstruction(lambda logits, x: _bce(x, logits).sum(1))
        ),
        "The KL is averaged over the latents: sum them, each is paid for.": (
            lambda logits, x, mu, logvar: (
                _bce(logits, x).sum(1) + _rate(mu, logvar).mean(1)
            )
        ),
        "The sigmoid is taken twice: the ..._with_logits function contains "
        "it.": _reconstruction(lambda a, x: _bce(a.sigmoid(), x).sum(1)),
        "The logits are taken for probabilities, without a sigmoid.": (
            _reconstruction(
                lambda a, x: _clamped_log_of_sigmoid(a.clamp(0, 1).logit(), x)
            )
        ),
        "The reconstruction term is a squared error; here p(x|z) is "
        "Bernoulli.": [
            _reconstruction(_squared),
            _reconstruction(lambda a, x: (a - x).square().flatten(1).sum(1)),
        ],
        "Mean and standard deviation over the batch are no likelihood: each "
        "pixel has its own logit.": _reconstruction(_one_scale),
        "The KL is summed over the batch too: every image gets its own.": (
            lambda logits, x, mu, logvar: (
                _bce(logits, x).sum(1) + _rate(mu, logvar).sum()
            )
        ),
        "A sigmoid and then a log lose large logits: the sigmoid is 0 or 1 "
        "in float32. Use the function that takes logits.": [
            _reconstruction(_clamped_log_of_sigmoid),
            _reconstruction(_log_of_sigmoid),
            _reconstruction(partial(_log_of_sigmoid, eps=1e-8)),
            _reconstruction(partial(_log_of_sigmoid, eps=1e-10)),
        ],
    },
    gradient=["logits", "mu", "logvar"],
    tolerance=1e-3,
)
