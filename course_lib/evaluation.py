"""What a trained model is measured by."""

import math

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from course_lib.environment import seeded
from course_lib.losses import log_weights
from course_lib.models import reparameterize

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
    """
    device = next(model.parameters()).device
    training, totals = model.training, {}
    model.eval()
    try:
        with seeded(seed + NOISE, device):
            for batch in images.split(batch_size):
                for name, term in loss(model, batch.to(device)).items():
                    # a mean is weighted by the batch it was taken over
                    sum_ = term.mean() * len(batch)
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

    model: a `models.VAE`; images: (N, 1, 28, 28), each pixel 0 or 1
    Errors: ValueError for grey pixels, for which p(x) is no probability.
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016.
    """
    if k < 1 or batch_size < 1:
        raise ValueError(
            f"k and batch_size must be at least 1; got {k} and {batch_size}"
        )
    device = next(model.parameters()).device
    training, estimates = model.training, []
    model.eval()
    try:
        with seeded(seed + NOISE, device):
            # either many images with all their codes, or one in many parts
            for batch in images.split(max(1, batch_size // k)):
                x = batch.to(device)
                _check_binary(x)
                mu, logvar = (h.unsqueeze(1) for h in model.encode(x))
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


def active_units(mu, threshold=0.01):
    """Return how many latents have a mean that varies with the image.

    A latent counts if the variance of mu over the images exceeds the
    threshold.
    mu: (N, K), the encoder's means of N images
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016, section 5.2.
    """
    if mu.dim() != 2 or len(mu) < 2:
        raise ValueError(
            f"mu must have shape (N, K), the means of two images or more; "
            f"got {tuple(mu.shape)}"
        )
    return int((mu.var(0) > threshold).sum())


def principal_angles(A, B):
    """Return the angles between two subspaces in radians, ascending, (K,).

    The subspaces are spanned by the columns of A and B, both (D, K). All
    angles are 0 where the subspaces are the same, whatever the columns.
    Source: Bjorck and Golub, Math. Comp. 27 (1973), 579-594.
    """
    QA, QB = torch.linalg.qr(A).Q, torch.linalg.qr(B).Q
    cosines = torch.linalg.svdvals(QA.T @ QB)
    return torch.acos(cosines.clamp(max=1))


def linear_probe(codes, labels, test_codes, test_labels):
    """Return the test accuracy, in [0, 1], of a linear classifier on codes.

    Multinomial logistic regression with an L2 penalty, whose strength is
    chosen by cross-validation on the training codes. All codes are divided
    by one number, the root mean square length of the training codes, so that
    the same strengths suit any codes. (Scaling each coordinate by its own
    spread would blow up pixels that hardly ever change.)

    codes, test_codes: (N, ...), one row an image; labels: (N,)
    Source: Alain and Bengio, Understanding intermediate layers using linear
    classifier probes, ICLR workshop 2017.
    """
    rows, test_rows = codes.flatten(1), test_codes.flatten(1)
    if not (rows.isfinite().all() and test_rows.isfinite().all()):
        raise ValueError("codes must be finite; they contain NaN or infinity")
    length = rows.square().sum(1).mean().sqrt()
    if length == 0:
        raise ValueError("all codes are 0: there is nothing to classify by")
    probe = GridSearchCV(
        LogisticRegression(max_iter=1000), {"C": [1, 10, 100]}, cv=3
    )
    probe.fit((rows / length).numpy(force=True), labels.numpy(force=True))
    test_rows = (test_rows / length).numpy(force=True)
    return float(probe.score(test_rows, test_labels.numpy(force=True)))
