"""Lesson 08: the beta that a loss's reductions amount to."""

from functools import partial

from course_lib.checks.exercise import Exercise

_REDUCTIONS = ("rec_pixels", "rec_batch", "kl_latents", "kl_batch")


def _losses(_generator):
    means = ["", *_REDUCTIONS, "rec_pixels rec_batch kl_batch"]
    for mean in [*means, " ".join(_REDUCTIONS)]:
        reductions = {
            name: "mean" if name in mean.split() else "sum"
            for name in _REDUCTIONS
        }
        yield {**reductions, "weight": 3.0, "D": 10, "K": 4, "B": 7}
    # Means of the squares, sums of the KL: found in several tutorials.
    reductions = dict(
        zip(_REDUCTIONS, ("mean", "mean", "sum", "sum"), strict=True)
    )
    yield {**reductions, "weight": 1.0, "D": 784, "K": 20, "B": 128}


def _factors(*reductions, D, K, B):
    sizes = (D, B, K, B)
    pairs = zip(reductions, sizes, strict=True)
    return [1 / n if name == "mean" else 1.0 for name, n in pairs]


def _beta(*inputs, power=(1, 1, 1, 1), weight=1, factor=1.0):
    *reductions, w, D, K, B = inputs
    factors = _factors(*reductions, D=D, K=K, B=B)
    pixels, batch, latents, kl_batch = (
        f**p for f, p in zip(factors, power, strict=True)
    )
    return factor * w**weight * latents * kl_batch / (pixels * batch)


def _with(**changes):
    return partial(_beta, **changes)


def _swapped(*inputs):
    other = {"sum": "mean", "mean": "sum"}
    return _beta(*(other.get(value, value) for value in inputs))


effective_beta = Exercise(
    """effective_beta(rec_pixels, rec_batch, kl_latents, kl_batch, weight,
    D, K, B) -> a number.

    The first four are "sum" or "mean": how -log p of each pixel and image,
    (B, D), and the KL of each latent and image, (B, K), are reduced.
    weight: a float, the factor of the KL as written; D, K, B: ints
    """,
    cases=_losses,
    answer=_beta,
    mistakes={
        "Inverted: a mean makes its term smaller. In the reconstruction that "
        "makes beta larger, in the KL smaller.": [
            lambda *inputs: 1 / _beta(*inputs),
            _with(power=(-1, -1, -1, -1)),
            _with(power=(-1, 1, 1, 1)),
            _with(power=(1, -1, 1, 1)),
            _with(power=(1, 1, -1, 1)),
            _with(power=(1, 1, 1, -1)),
        ],
        "The weight is forgotten.": _with(weight=0),
        "There is a factor 1/2 or 2 too many. It belongs to the sigma^2 of "
        "a squared error, not to beta.": [
            _with(factor=0.5),
            _with(factor=2.0),
        ],
        "Sum and mean are swapped.": _swapped,
        "D is forgotten: a mean over the pixels makes the reconstruction D "
        "times smaller, and so beta larger.": _with(power=(0, 1, 1, 1)),
        "B is forgotten: a mean over the batch in one term only changes "
        "beta.": [
            _with(power=(1, 0, 1, 0)),
            _with(power=(1, 0, 1, 1)),
            _with(power=(1, 1, 1, 0)),
        ],
        "K is forgotten: a mean over the latents makes the KL K times "
        "smaller.": _with(power=(1, 1, 0, 1)),
    },
)
