"""Lesson 03: the error of a linear denoiser, without the clean image."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import SIGMA_FOR_VARIANCE


def _denoisers(generator):
    for B, D, sigma in [(4, 6, 0.6), (7, 3, 1.4)]:
        yield _denoiser(generator, B, D, sigma)
    yield "for one image alone", _denoiser(generator, 1, 5, 0.7)
    inputs = _denoiser(generator, 3, 4, 0.8)
    same = inputs | {"A": torch.eye(4)}
    yield "where the denoiser changes nothing", same
    near = inputs["mean"] + 0.1 * inputs["y"]
    negative = inputs | {"A": 0.1 * inputs["A"], "y": near}
    yield "where the estimate is negative", negative


def _denoiser(generator, B, D, sigma):
    y, A = torch.randn(B + D, D, generator=generator).split([B, D])
    mean = 1 + torch.rand(D, generator=generator)
    return {"y": y, "A": 0.4 * A, "mean": mean, "sigma": sigma}


def _applied(y, A, mean):
    return mean + (y - mean) @ A.T


def _residual(r, y, mean):
    return (r - y).square().sum(1)


def _estimate(
    y,
    A,
    mean,
    sigma,
    trace=torch.trace,
    num_pixels=lambda y: y.shape[1],
    of_trace=2.0,
    of_pixels=-1.0,
    power=2,
    r=_applied,
    residual=_residual,
):
    added = of_trace * trace(A) + of_pixels * num_pixels(y)
    return residual(r(y, A, mean), y, mean) + sigma**power * added


def _with(**changes):
    return partial(_estimate, **changes)


def _diagonal_mean(A):
    return A.diagonal().mean()


unseen_error = Exercise(
    """unseen_error(y, A, mean, sigma) -> (B,): estimates of squared errors.

    y: (B, D), x plus sigma times standard normal noise; A: (D, D) and mean:
    (D,) of the denoiser r(y) = mean + A (y - mean). Each number is computed
    from y alone, and its mean over the noise is that of |r(y) - x|^2, summed
    over pixels.
    """,
    cases=_denoisers,
    answer=_estimate,
    mistakes={
        "This is the residual, the distance from y: the error is the "
        "distance from x, which differs from y by the noise.": (
            _with(of_trace=0, of_pixels=0)
        ),
        "The mixed term is missing: r(y) - y holds the same eps, so their "
        "product has a mean that is not 0.": _with(of_trace=0, of_pixels=1),
        "The mixed term of an expanded square has a factor 2.": [
            _with(of_trace=1),
            _with(of_trace=1, of_pixels=0),
        ],
        "The last term is missing: sigma^2 |eps|^2 has a mean too.": (
            _with(of_pixels=-2)
        ),
        "In the mixed term, the noisy part of r(y) - y is A - I times sigma "
        "eps, not A times it: y itself is noisy.": _with(of_pixels=1),
        "Only the trace of A is added: the number of pixels comes in too, "
        "from the trace of I and from |eps|^2.": _with(of_pixels=0),
        "The trace of A is missing: r(y) - y holds eps twice, in A y and in "
        "y.": _with(of_trace=0),
        "The sign of the mixed term is turned: x is y minus sigma eps.": (
            _with(of_trace=-2, of_pixels=3)
        ),
        "The sign of all that is added to the residual is turned.": (
            _with(of_trace=-2, of_pixels=1)
        ),
        "The sign of the trace is turned.": _with(of_trace=-2),
        SIGMA_FOR_VARIANCE: _with(power=1),
        "You square the variance: sigma is the standard deviation.": (
            _with(power=4)
        ),
        "The variance is missing: what is added grows with the noise.": (
            _with(power=0)
        ),
        "A stands on the wrong side, or is transposed: y has an image in "
        "each row, and A multiplies columns.": (
            _with(r=lambda y, A, mean: mean + (y - mean) @ A)
        ),
        "The mean is forgotten: subtract it before A, and add it again.": [
            _with(r=lambda y, A, mean: y @ A.T),
            _with(r=lambda y, A, mean: mean + y @ A.T),
            _with(r=lambda y, A, mean: (y - mean) @ A.T),
        ],
        "You measure the residual from the mean: it goes from y to r(y).": [
            _with(residual=lambda r, y, mean: _residual(r, mean, mean)),
            _with(residual=lambda r, y, mean: _residual(mean, y, mean)),
        ],
        "The residual is not squared: the squared length belongs here.": [
            _with(residual=lambda r, y, mean: (r - y).norm(dim=1)),
            _with(residual=lambda r, y, mean: (r - y).abs().sum(1)),
            _with(residual=lambda r, y, mean: (r - y).sum(1)),
        ],
        "You take means over pixels: sum over them, and so for the trace "
        "and for |eps|^2.": [
            lambda y, *rest: _estimate(y, *rest) / y.shape[1],
            _with(residual=lambda r, y, mean: (r - y).square().mean(1)),
            _with(trace=_diagonal_mean),
            _with(num_pixels=lambda y: 1),
            _with(trace=_diagonal_mean, num_pixels=lambda y: 1),
        ],
        "You take the number of images for that of pixels.": (
            _with(num_pixels=len)
        ),
        "You average over the images: one number is asked for each.": [
            lambda *inputs: _estimate(*inputs).mean(),
            _with(residual=lambda *inputs: _residual(*inputs).mean()),
        ],
        "You sum over the images: one number is asked for each.": [
            lambda *inputs: _estimate(*inputs).sum(),
            _with(residual=lambda *inputs: _residual(*inputs).sum()),
        ],
        "You add up the whole matrix: the trace is the sum of its "
        "diagonal.": _with(trace=torch.sum),
        "You add up the squares of A: the trace of A itself belongs here.": [
            _with(trace=lambda A: A.square().sum()),
            _with(trace=lambda A: torch.trace(A @ A)),
        ],
        "You take the determinant: the trace is the sum of the diagonal.": (
            _with(trace=torch.linalg.det)
        ),
        "You clip the estimate at 0: an estimate may be negative, and its "
        "mean is right only if it may.": (
            lambda *inputs: _estimate(*inputs).clamp(min=0)
        ),
        "You take its size: an estimate may be negative, and its mean is "
        "right only if it may.": lambda *inputs: _estimate(*inputs).abs(),
    },
    gradient=["y", "A"],
)
