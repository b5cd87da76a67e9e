"""What a trained model is measured by."""

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from course_lib.environment import seeded

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
