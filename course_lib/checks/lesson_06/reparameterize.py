"""Lesson 06: the gradient through a sample."""

from functools import partial

import torch
from torch import Generator

from course_lib.checks import noise
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._samples import WRONG_SAMPLES, sample
from course_lib.checks.mistake import Mistake


def _heads(generator):
    normal = partial(torch.randn, generator=generator)
    rand = partial(torch.rand, generator=generator)
    few = (noise.paired(normal(3, 2)) for _ in range(2))
    yield "in the gradient", _inputs(*few)
    size, sign = 1 + rand(60, 20), (rand(60, 20) - 0.5).sign()
    many = map(noise.paired, (1 + 2 * normal(60, 20), sign * size))
    yield _inputs(*many)
    for label, size in [("row alone", (1, 3)), ("latent", (3, 1))]:
        yield f"for one {label}", _inputs(normal(size), torch.full(size, -9))


def _inputs(mu, logvar):
    return {"mu": mu, "logvar": logvar.to(mu)}


def _facts(reparameterize, mu, logvar):
    """What all right answers share, whatever the order of their draws."""
    torch.manual_seed(noise.SEED)
    is_tiny, is_many = logvar.max() < -5, mu.numel() > noise.MANY
    with_slopes = not (is_tiny or is_many or mu.dtype == torch.float64)
    leaves = [v.clone().requires_grad_(with_slopes) for v in (mu, logvar)]
    live = [leaf.clone() for leaf in leaves]
    z = reparameterize(*live, Generator().manual_seed(noise.SEED))
    if not noise.is_sample(z, mu) or is_tiny:  # then z is mu
        return {"z": z}
    sampled = z.detach().to(mu)
    if sampled.isfinite().all():
        _refuse_other_generator(reparameterize, sampled, mu, logvar)
    found = noise.finite("z", sampled)
    if is_many:
        found |= noise.statistics(sampled, mu, logvar)
    if with_slopes:
        found |= noise.slopes(sampled, mu, noise.gradients(z, leaves))
    return found


def _refuse_other_generator(reparameterize, z, mu, logvar):
    """Two rows, twice from one state, and then from the next one."""
    rows = mu[:2], logvar[:2]
    with torch.no_grad():
        bare = reparameterize(*rows, Generator().manual_seed(noise.SEED))
    if noise.is_mean(bare, rows[0]) and not noise.is_mean(z, mu):
        raise Mistake(
            "Without a gradient (under no_grad) there is no noise: z is a "
            "sample there too."
        )
    first = reparameterize(*rows, Generator().manual_seed(noise.SEED))
    generator = Generator().manual_seed(noise.SEED)
    again = reparameterize(*rows, generator)
    then = reparameterize(*rows, generator)
    noise.refuse_shared_noise(z, mu, is_drawn=not again.equal(then))
    if not first.equal(again):
        raise Mistake(
            "The generator is ignored: hand it to the function that draws "
            "(generator=generator), so that its state decides the result."
        )
    if again.equal(then):
        raise Mistake(
            "Two calls in a row give the same samples. Draw from the "
            "generator that you are given, as it is: no generator of your "
            "own, no seed."
        )


def _from(f):
    """The answer that makes z by f(mu, logvar, standard normal noise)."""

    def answer(mu, logvar, generator):
        eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
        return f(mu, logvar, eps)

    return answer


reparameterize = Exercise(
    """reparameterize(mu, logvar, generator) -> (B, K): one sample a row.

    mu, logvar: (B, K); the rows of z are from N(mu, diag exp(logvar)), with
    a gradient to both. All random numbers come from the generator.
    """,
    cases=_heads,
    experiment=_facts,
    answer=_from(sample),
    mistakes={
        sentence: [_from(f) for f in functions]
        for sentence, functions in WRONG_SAMPLES.items()
    }
    | {
        "The path is cut: the samples are right, but no gradient reaches mu "
        "and logvar. Use no torch.normal, sample(), detach or no_grad.": (
            torch.no_grad()(_from(sample))
        ),
        "The path is cut at mu: the samples are right, but no gradient "
        "reaches it. Use no detach.": _from(
            lambda mu, *rest: sample(mu.detach(), *rest)
        ),
        "The path is cut at sigma: the samples are right, but no gradient "
        "reaches logvar. Use no detach.": _from(
            lambda mu, logvar, eps: sample(mu, logvar.detach(), eps)
        ),
    },
    tolerance=0.1,
    sampled=True,
)
