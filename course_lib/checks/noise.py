"""What is compared of answers that draw random numbers.

Right answers draw in any order: they share statistics and slopes, no values.
"""

import torch

from course_lib.checks.mistake import Mistake

# One that no learner sets, so that setting a seed shows; with it, the answers'
# statistics lie within half a standard error of the exact ones.
SEED = 20_241
MANY = 1000  # of more samples, statistics are compared


def paired(values):
    """Each row and each column twice: (B, K) to (2 B, 2 K).

    Where samples of equal rows or columns agree, they share their noise,
    whatever is done with it.
    """
    return values.repeat_interleave(2, 0).repeat_interleave(2, 1)


def is_sample(z, like):
    """Whether z can be examined: a tensor of real numbers, shaped alike."""
    if not isinstance(z, torch.Tensor) or z.shape != like.shape:
        return False
    if not (z.is_floating_point() or z.is_complex()):
        raise Mistake(
            f"You return numbers of {z.dtype}: look for int(), a rounding or "
            "a comparison."
        )
    return z.is_floating_point()


def finite(name, z):
    """The shape of a sample, and whether there is NaN in it."""
    return {
        name: torch.zeros_like(z),
        f"Number of entries of {name} that are NaN or infinite": (
            (~z.isfinite()).sum()
        ),
    }


def is_mean(z, mu):
    """Whether nothing was added to mu."""
    return z.shape == mu.shape and _alike(z.to(mu), mu)


def refuse_shared_noise(z, mu, is_drawn):
    """Name it where equal rows, or equal columns, got the same noise.

    is_drawn: whether another call gives other samples.
    """
    if is_mean(z, mu):
        raise Mistake("There is no noise: z is mu, so nothing is sampled.")
    rows = _alike(z[0::2], z[1::2])
    latents = _alike(z[:, 0::2], z[:, 1::2])
    if rows and latents and not is_drawn:
        raise Mistake("Nothing is drawn: each call gives the same z.")
    if rows and latents:
        raise Mistake(
            "One random number serves for all entries of z: each needs its "
            "own, so draw as many as mu has."
        )
    if rows or latents:
        shared = "rows" if rows else "latents"
        raise Mistake(
            f"All {shared} share one noise: draw anew for each, as many "
            "numbers as mu has entries."
        )


def _alike(a, b):
    return torch.allclose(a, b, rtol=1e-4, atol=1e-4)


def statistics(z, mu, logvar):
    """What many samples of N(mu, exp(logvar)) share.

    Mean and spread are taken apart where sigma is small and where it is
    large. With 2,400 values in each part, five standard errors are 0.10 for
    the mean and for the slope, 0.07 for the standard deviation, and 3 for
    the percentage. Mean and percentage are taken in units of the spread, so
    that they are as sure for samples that are spread wrongly.
    """
    eps = (z - mu) / (0.5 * logvar).exp()
    found = {}
    for words, where in {"below": logvar < 0, "above": logvar > 0}.items():
        part = eps[where]
        of = f"of (z - mu) / sigma, where sigma is {words} 1"
        found[f"Standard deviation {of}"] = part.std()
        found[f"Mean, in standard deviations, {of}"] = part.mean() / part.std()
    near = (eps - eps.mean()).abs() < eps.std()
    percentage = "Percentage of (z - mu) / sigma within a standard deviation"
    found[percentage] = 100 * near.double().mean()
    found["Slope of log |z - mu| over log sigma"] = _slope(
        (z - mu).abs().clamp(min=1e-12).log(), 0.5 * logvar
    )
    return found


def _slope(y, x):
    """Of the line through points, by least squares."""
    return ((x - x.mean()) * y).mean() / x.var()


def slopes(z, mu, gradients):
    """How samples move with mu and with logvar.

    Any right sample has dz/dmu = 1 and dz/dlogvar = (z - mu) / 2 in each
    entry, so these are without an error of sampling.
    """
    by_mu, by_logvar = gradients
    half = 0.5 * (z - mu)
    return {
        "Slope of z by mu": by_mu.mean(),
        "Slope of z by logvar, in units of (z - mu) / 2": (
            (by_logvar * half).sum() / half.square().sum()
        ),
    }


def gradients(result, leaves):
    """Of the sum of the result; 0 where none arrives."""
    if not result.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    total = result.sum()
    return torch.autograd.grad(
        total, leaves, retain_graph=True, materialize_grads=True
    )
