"""Lesson 08: the beta that a loss's reductions amount to."""

from functools import partial
from itertools import product
from math import prod

from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_08._reductions import (
    COMMON,
    FORGOTTEN,
    TURNED,
)

_REDUCTIONS = ("rec_pixels", "rec_batch", "kl_latents", "kl_batch")


def _losses(_generator):
    """All reductions, then some with other numbers; the sizes are primes."""
    all_ = product(("mean", "sum"), repeat=4)
    rows = [
        (reductions, (3.0, 11, 5, 7))
        for reductions in sorted(all_, key=lambda r: -(r.count("sum") % 4))
    ]
    for means, numbers in [
        ("mean mean mean mean", (0.25, 13, 3, 2)),
        ("mean sum mean mean", (0.7, 17, 2, 5)),
        # Means of the squares, sums of the KL: found in several tutorials.
        ("mean mean sum sum", (1.0, 784, 20, 128)),
    ]:
        rows.append((means.split(), numbers))
    for reductions, numbers in rows:
        inputs = dict(zip(_REDUCTIONS, reductions, strict=True))
        names = ("weight", "D", "K", "B")
        yield inputs | dict(zip(names, numbers, strict=True))


def _beta(*inputs, power=(1, 1, 1, 1), weight=1, sizes="D B K B"):
    """Beta, with each factor 1/n to a power, and other sizes for n."""
    *reductions, w, D, K, B = inputs
    value = {"D": D, "K": K, "B": B}
    pixels, batch, latents, kl_batch = (
        prod(value[letter] for letter in size) ** -p if name == "mean" else 1.0
        for name, p, size in zip(reductions, power, sizes.split(), strict=True)
    )
    return w**weight * latents * kl_batch / (pixels * batch)


def _with(**changes):
    return partial(_beta, **changes)


def _reductions_gone_wrong():
    """A sentence for each way in which the four may count wrongly."""
    named = {}
    for power in product((1, 0, -1), repeat=4):
        said = [
            {0: FORGOTTEN, -1: TURNED}[p][place]
            for place, p in enumerate(power)
            if p < 1
        ]
        if said:
            sentence = COMMON.get(power, "\n".join(said))
            named[sentence] = _with(power=power)
    return named


def _only_one(*pairs, last=False):
    """Where both of a pair are means, only the first counts, or the last."""

    def beta(*inputs):
        power = [1] * 4
        for pair in pairs:
            means = [place for place in pair if inputs[place] == "mean"]
            for place in means[:-1] if last else means[1:]:
                power[place] = 0
        return _beta(*inputs, power=power)

    return beta


def _only_together(*inputs):
    """A mean counts only where both of a term are means."""
    power = [1] * 4
    for pair in ((0, 1), (2, 3)):
        if any(inputs[place] == "sum" for place in pair):
            power[pair[0]] = power[pair[1]] = 0
    return _beta(*inputs, power=power)


def _of_data(*inputs, **fixed):
    """With sizes of the lesson's data in place of those given."""
    names = ("weight", "D", "K", "B")
    given = dict(zip(names, inputs[4:], strict=True)) | fixed
    return _beta(*inputs[:4], *given.values())


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
    mistakes=_reductions_gone_wrong()
    | {
        "This is 1 divided by beta: beta is the KL's factor, relative to the "
        "reconstruction's.": _with(power=[-1] * 4, weight=-1),
        "The weight is forgotten.": _with(weight=0),
        "The weight is on the wrong side: it multiplies the KL, so beta "
        "grows with it.": _with(weight=-1),
        "The weight counts twice.": _with(weight=2),
        "Sum and mean are swapped.": _swapped,
        "You multiply by the size for each sum. A sum leaves the terms as "
        "they are; a mean divides.": lambda *i: _beta(*i) * i[6] / i[5],
        "Your result is the same for sum and mean, as if all four were "
        "means: a string that is not empty counts as True.": (
            lambda *inputs: _beta(*["mean"] * 4, *inputs[4:])
        ),
        "Where pixels and batch are both means, only one of the two factors "
        "counts: both make the reconstruction smaller.": [
            _only_one((0, 1)),
            _only_one((0, 1), last=True),
        ],
        "Where latents and batch are both means, only one of the two factors "
        "counts: both make the KL smaller.": [
            _only_one((2, 3)),
            _only_one((2, 3), last=True),
        ],
        "Where two reductions of a term are means, only one of their factors "
        "counts: they multiply.": [
            _only_one((0, 1), (2, 3)),
            _only_one((0, 1), (2, 3), last=True),
        ],
        "A mean counts in your result only where the other reduction of its "
        "term is one too: each counts by itself.": _only_together,
        "rec_pixels decides about pixels and batch in your result, and "
        "kl_latents about latents and batch: each reduction has a word for "
        "its own dimension.": _with(power=(1, 0, 1, 0), sizes="DB B KB B"),
        "Of several means only the first counts: does an elif or an early "
        "return leave out the others?": _only_one((0, 1, 2, 3)),
        "Sizes differ from one data set to another: take D, K and B as they "
        "are given.": [
            partial(_of_data, D=784),
            partial(_of_data, D=784, K=20),
            partial(_of_data, D=784, B=128),
            partial(_of_data, D=784, K=20, B=128),
        ],
        "D and K are exchanged: D counts pixels, K latents.": _with(
            sizes="K B D B"
        ),
        "A mean over the pixels divides by D alone.": [
            _with(sizes=f"{size} B K B") for size in ("K", "B", "DB")
        ],
        "A mean over the latents divides by K alone.": [
            _with(sizes=f"D B {size} B") for size in ("D", "B", "KB")
        ],
        "A mean over the batch divides by B alone.": [
            _with(sizes=f"D {rec} K {kl}")
            for rec in ("B", "D", "DB")
            for kl in ("B", "K", "KB", "D")
            if rec + kl != "BB"
        ],
        "There is a factor 1/2 too many. It belongs to the sigma^2 of a "
        "squared error, not to beta.": lambda *inputs: _beta(*inputs) / 2,
        "There is a factor 2 too many. It belongs to the sigma^2 of a "
        "squared error, not to beta.": lambda *inputs: 2 * _beta(*inputs),
    },
    tolerance=1e-5,  # some results are small
)
