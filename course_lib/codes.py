"""What codes are measured by; lessons call `evaluation.linear_probe` etc."""

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV


def active_units(mu, threshold=0.01):
    """Return how many latents have a mean that varies with the image.

    A latent counts if the variance of mu over the images exceeds the
    threshold.
    mu: (N, K), the encoder's means of N images
    Source: Burda, Grosse and Salakhutdinov, ICLR 2016, section 5.2.
    """
    _check_matrix(mu, "mu")
    if len(mu) < 2:
        raise ValueError(
            f"mu must hold the means of two images or more; it has shape "
            f"{tuple(mu.shape)}"
        )
    return int((mu.var(0) > threshold).sum())


def principal_angles(A, B):
    """Return the angles between two subspaces in radians, ascending, (K,).

    The subspaces are spanned by the columns of A and B, (D, K) each; the
    smaller number of columns counts. All angles are 0 where the subspaces
    are the same, whatever the columns.
    Errors: ValueError where columns depend on each other, for such a matrix
    spans fewer dimensions than it has columns.
    Source: Bjorck and Golub, Math. Comp. 27 (1973), 579-594.
    """
    QA, QB = _basis(A, "A"), _basis(B, "B")
    if len(QA) != len(QB) or QA.dtype != QB.dtype:
        raise ValueError(
            f"A and B must have as many rows and the same dtype; got "
            f"{tuple(A.shape)} in {A.dtype} and {tuple(B.shape)} in {B.dtype}"
        )
    cosines = torch.linalg.svdvals(QA.T @ QB)
    return torch.acos(cosines.clamp(max=1))


def linear_probe(codes, labels, test_codes, test_labels):
    """Return the test accuracy, in [0, 1], of a linear classifier on codes.

    Multinomial logistic regression with an L2 penalty, whose strength is
    chosen by cross-validation on the training codes. All codes are divided
    by one number, the root mean square length of the training codes, so that
    the same strengths suit any codes. (Scaling each coordinate by its own
    spread would blow up pixels that hardly ever change.)

    codes, test_codes: (N, ...), one row an image; labels: (N,), of two
        classes at least, and three codes in one of them
    Source: Alain and Bengio, Understanding intermediate layers using linear
    classifier probes, ICLR workshop 2017.
    """
    rows = _check_codes(codes, labels, "codes", "labels")
    test_rows = _check_codes(
        test_codes, test_labels, "test_codes", "test_labels"
    )
    if rows.shape[1] != test_rows.shape[1]:
        raise ValueError(
            f"codes have {rows.shape[1]} numbers an image and test_codes "
            f"{test_rows.shape[1]}: one encoder must make both"
        )
    counts = labels.unique(return_counts=True)[1]
    if len(counts) < 2 or counts.max() < 3:
        raise ValueError(
            f"labels must be of two classes or more, one with three codes at "
            f"least; got {len(counts)}, of {counts.max()} codes at most. "
            f"Take more images, in random order: torch.randperm(N)"
        )
    length = rows.square().sum(1).mean().sqrt()
    if length == 0:
        raise ValueError("all codes are 0: there is nothing to classify by")
    probe = GridSearchCV(
        LogisticRegression(max_iter=1000),
        {"C": [1, 10, 100]},
        cv=3,
        error_score="raise",
    )
    probe.fit((rows / length).numpy(force=True), labels.numpy(force=True))
    test_rows = (test_rows / length).numpy(force=True)
    return float(probe.score(test_rows, test_labels.numpy(force=True)))


def _check_codes(codes, labels, name, labels_name):
    """Return the codes as rows, (N, K), or say what is wrong with them."""
    for called, value in {name: codes, labels_name: labels}.items():
        if not isinstance(value, torch.Tensor):
            raise ValueError(
                f"{called} must be a tensor; got {type(value).__name__}: "
                f"torch.as_tensor({called})"
            )
    shape = codes.shape
    if len(shape) < 2 or labels.shape != shape[:1] or len(labels) == 0:
        raise ValueError(
            f"{name} must be (N, ...) and {labels_name} (N,), one a code, "
            f"N > 0; got {tuple(shape)} and {tuple(labels.shape)}"
        )
    rows = codes.flatten(1)
    _check_matrix(rows, name)
    return rows


def _basis(A, name):
    """Return an orthonormal basis of the space that the columns span."""
    _check_matrix(A, name)
    Q, R = torch.linalg.qr(A)
    # what is left of each column beside those before it, and of which length
    left, length = R.diagonal().abs(), A.norm(dim=0)[: len(R)]
    rounding = 100 * torch.finfo(A.dtype).eps
    if A.shape[1] > len(A) or (left <= rounding * length).any():
        raise ValueError(
            f"the columns of {name}, {tuple(A.shape)}, depend on each other: "
            f"leave out those that are sums of others"
        )
    return Q


def _check_matrix(A, name):
    """Raise ValueError unless A is a finite, real matrix, a tensor."""
    if not isinstance(A, torch.Tensor) or not A.is_floating_point():
        given = A.dtype if isinstance(A, torch.Tensor) else type(A).__name__
        raise ValueError(
            f"{name} must be a tensor of floating point; got {given}: "
            f"torch.as_tensor({name}).float()"
        )
    if A.dim() != 2:
        raise ValueError(
            f"{name} must be a matrix, of shape (N, K); got {tuple(A.shape)}"
        )
    if not A.isfinite().all():
        raise ValueError(f"{name} must be finite; it has NaN or infinity")
