"""What a trained model is measured by.

What its codes are measured by is written in `codes`.
"""

import math

import torch

from course_lib.codes import active_units, linear_probe, principal_angles
from course_lib.contract import check_loss, check_terms, squashing_refused
from course_lib.environment import seeded
from course_lib.inputs import check_count, check_images, check_model
from course_lib.losses import encode, log_weights
from course_lib.models import reparameterize

__all__ = [
    "active_units",
    "evaluate",
    "linear_probe",
    "log_likelihood",
    "principal_angles",
]

NOISE = 2_000_003  # apart from the streams of start and training


@torch.no_grad()
def evaluate(model, loss, images, *, batch_size=1000, seed=0):
    """Return the mean over all images of each term of a loss, as floats.

    The model runs in evaluation mode, without gradients, where its
    parameters are, and is left in the mode it was in. A loss that draws
    random numbers draws the same ones at each call (``seed``), and the
    random numbers of the caller are left as they were.

    loss: ``loss(model, batch)`` -> dict of terms, as for `training.fit`
    images: tensor (N, ...)
    Errors: ValueError for arguments or terms that make no sense
    """
    check_model(model)
    check_images(images, model)
    batch_size = check_count(batch_size, "batch_size")
    check_loss(loss)
    device = next(model.parameters()).device
    training, totals, names = model.training, {}, None
    model.eval()
    try:
        with seeded(seed + NOISE, device), squashing_refused(model, images):
            for batch in images.split(batch_size):
                terms = loss(model, batch.to(device))
                names = check_terms(terms, len(batch), names)
                for name in names:
                    # a mean is weighted by the batch it was taken over
                    sum_ = terms[name].mean() * len(batch)
                    totals[name] = totals.get(name, 0) + sum_
    finally:
        model.train(training)
    return {name: float(sum_) / len(images) for name, sum_ in totals.items()}


@torch.no_grad()
def log_likelihood(model, images, k, *, seed=0, batch_size=2000):
    """Return estimates of log p(x) in nats by importance sampling, (N,).

    log 1/k sum_s p(x | z_s) p(z_s) / q(z_s | x), z_s from q(z | x). In
    expectation each is below log p(x), and rises to it with k. Any k will
    do: no more than ``batch_size`` codes are decoded at once.

    The random numbers depend on ``seed`` alone, and those of the caller are
    left as they were; the model is left in the mode it was in.

    model: a `models.VAE`; images: (N, ...), each pixel 0 or 1
    Errors: ValueError for grey pixels, for which p(x) is no probability.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """
    k = check_count(k, "k")
    batch_size = check_count(batch_size, "batch_size")
    check_model(model)
    check_images(images, model)
    _check_binary(images)
    device = next(model.parameters()).device
    training, estimates = model.training, []
    model.eval()
    try:
        with seeded(seed + NOISE, device):
            # either many images with all their codes, or one in many parts
            for batch in images.split(max(1, batch_size // k)):
                x = batch.to(device)
                mu, logvar = (h.unsqueeze(1) for h in encode(model, x))
                total = mu.new_full((len(x),), -math.inf)
                for start in range(0, k, batch_size):
                    part = min(batch_size, k - start)
                    z = reparameterize(mu.expand(-1, part, -1), logvar)
                    copies = x.repeat_interleave(part, 0)
                    log_w = log_weights(model, copies, z, mu, logvar)
                    total = torch.logaddexp(total, log_w.logsumexp(1))
                estimates.append(total - math.log(k))
    finally:
        model.train(training)
    return torch.cat(estimates)


def _check_binary(x):
    if not ((x == 0) | (x == 1)).all():
        raise ValueError(
            "log p(x) needs pixels that are 0 or 1; these images have "
            "others. torch.bernoulli(images) draws binary ones from grey."
        )
