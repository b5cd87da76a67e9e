"""Lesson 07: the VAE's forward pass."""

from functools import partial

import torch

from course_lib.checks import noise
from course_lib.checks.exercise import Exercise
from course_lib.checks.lesson_06._samples import WRONG_SAMPLES, sample
from course_lib.checks.lesson_07._linear_vae import LinearVAE
from course_lib.checks.mistake import Mistake

OUTPUTS = ("logits", "mu", "logvar")


def _images(generator):
    rand = partial(torch.rand, generator=generator)
    few = rand(3, 1, 4, 6).repeat_interleave(2, 0)
    yield "in the gradient", {"x": few, "K": 4}
    # 24,000 values at each width: five standard errors are 0.03 of a mean
    many = rand(600, 1, 9, 10).repeat_interleave(2, 0)
    yield {"x": many, "K": 40}
    yield "for one image alone", {"x": rand(1, 1, 4, 5), "K": 3}
    yield "for one latent", {"x": rand(4, 1, 5, 3), "K": 1}


def _facts(vae_forward, x, K):
    """What all right answers share, whatever the order of their draws."""
    torch.manual_seed(noise.SEED)
    vae = LinearVAE(x, K)
    result = _three(vae_forward(vae, x))
    likes = [x, *vae.true_heads(x)]
    fits = list(map(noise.is_sample, result, likes))
    if not all(fits):
        _refuse_other_shapes(result, likes)
    if not all(fits) or K % 2:
        is_random = fits[0] and not K % 2
        shown = [0 * result[0] if is_random else result[0], *result[1:]]
        return dict(zip(OUTPUTS, shown, strict=True))
    result = [part.to(x.dtype) for part in result]
    logits, mu, logvar = (part.detach() for part in result)
    z = vae.codes_of(logits, K)
    found = noise.finite("logits", logits) | {"mu": mu, "logvar": logvar}
    if z.numel() > noise.MANY:
        found |= noise.statistics(z, *likes[1:])
    elif x.dtype == torch.float32:
        found |= _slopes(vae, K, likes[1], *result)
    if z.isfinite().all():
        one, other = (vae_forward(vae, x[:2])[0] for _ in range(2))
        is_drawn = not one.equal(other)
        _refuse_silence(vae, vae_forward, x, K, likes[1], z)
        noise.refuse_shared_noise(z, likes[1], is_drawn)
        _refuse_other_outputs(vae, logits, mu, z)
    return found


def _refuse_silence(vae, vae_forward, x, K, mu, z):
    """Name it where a model in evaluation mode gets no noise."""
    vae.eval()
    with torch.no_grad():
        silent = vae.codes_of(vae_forward(vae, x)[0].to(x), K)
    if noise.is_mean(silent, mu) and not noise.is_mean(z, mu):
        raise Mistake(
            "In evaluation mode z is mu: one z is sampled for each image, in "
            "any mode."
        )


def _slopes(vae, K, true_mu, logits, mu, logvar):
    z = vae.codes_of(logits, K)
    found = noise.slopes(z.detach(), true_mu, vae.gradients(z, K))
    found["Slope of the returned mu"] = vae.gradients(mu, K)[0].mean()
    found["Slope of the returned logvar"] = vae.gradients(logvar, K)[1].mean()
    return found


def _three(result):
    asked = "return three tensors: logits, mu and logvar."
    if not isinstance(result, tuple | list):
        raise Mistake(f"You return one {type(result).__name__}; {asked}")
    if len(result) != len(OUTPUTS):
        values = "value" if len(result) == 1 else "values"
        raise Mistake(f"You return {len(result)} {values}; {asked}")
    return result


def _refuse_other_shapes(result, likes):
    shapes = [list(getattr(part, "shape", ())) for part in result]
    asked = [list(like.shape) for like in likes]
    if shapes != asked and sorted(shapes) == sorted(asked):
        raise Mistake(
            "You return the results in another order: first the logits, then "
            "mu, then logvar."
        )
    if shapes[1] == [len(likes[0]) // 2, 2 * likes[1].shape[1]]:
        raise Mistake("You halve the batch: the heads lie side by side.")


def _refuse_other_outputs(vae, logits, mu, z):
    if torch.allclose(mu, z, atol=1e-4):
        raise Mistake("You return z in the place of mu: the KL needs mu.")
    outside = logits - vae.decoder(z)
    if outside.abs().max() < 1e-2:
        return
    if logits.min() >= 0 and logits.max() <= 1:
        raise Mistake("You return images: return the logits, no sigmoid.")
    raise Mistake(
        "The logits are not what the decoder makes of a code of K numbers: "
        "is something else decoded, or are they changed afterwards?"
    )


def _forward(vae, x, split=lambda heads: heads.chunk(2, 1), draw=sample):
    mu, logvar = split(vae.encoder(x))
    z = draw(mu, logvar, torch.randn_like(mu))
    return vae.decoder(z), mu, logvar


def _splitting(*splits):
    return [partial(_forward, split=split) for split in splits]


def _drawing(*draws):
    return [partial(_forward, draw=draw) for draw in draws]


def _returning(change):
    return lambda vae, x: change(*_forward(vae, x))


vae_forward = Exercise(
    """vae_forward(vae, x) -> logits (B, 1, H, W), mu (B, K), logvar (B, K).

    x: (B, 1, H, W), images; vae.encoder(x): (B, 2 K), mu and logvar side by
    side; vae.decoder(z): codes (B, K) to logits (B, 1, H, W). One z is
    sampled for each image.
    """,
    cases=_images,
    experiment=_facts,
    answer=_forward,
    outputs=OUTPUTS,
    mistakes={
        sentence: _drawing(*draws) for sentence, draws in WRONG_SAMPLES.items()
    }
    | {
        "One head serves as both mu and logvar: the encoder's output has two "
        "halves.": _splitting(
            lambda heads: (heads.chunk(2, 1)[0],) * 2,
            lambda heads: (heads.chunk(2, 1)[1],) * 2,
            lambda heads: (heads, heads),
        ),
        "mu and logvar are swapped: mu is the first half.": _splitting(
            lambda heads: heads.chunk(2, 1)[::-1]
        ),
        "You take every other column for mu: it is the first half of them.": (
            _splitting(lambda heads: (heads[:, ::2], heads[:, 1::2]))
        ),
        "A ReLU on the heads forces mu >= 0 and sigma >= 1: take them as they "
        "are.": _splitting(lambda heads: heads.relu().chunk(2, 1)),
        "A ReLU on mu leaves no negative codes: take it as it is.": _splitting(
            lambda heads: (heads.chunk(2, 1)[0].relu(), heads.chunk(2, 1)[1])
        ),
        "A ReLU on logvar forces sigma >= 1: take it as it is.": _splitting(
            lambda heads: (heads.chunk(2, 1)[0], heads.chunk(2, 1)[1].relu())
        ),
        "You return logvar before mu.": _returning(
            lambda logits, mu, logvar: (logits, logvar, mu)
        ),
        "You return exp(logvar): return logvar itself.": _returning(
            lambda logits, mu, logvar: (logits, mu, logvar.exp())
        ),
        "You return sigma: return logvar itself.": _returning(
            lambda logits, mu, logvar: (logits, mu, (0.5 * logvar).exp())
        ),
        "z is detached: no gradient reaches the encoder through the "
        "decoder.": _drawing(torch.no_grad()(sample)),
        "mu is detached in z: no gradient reaches it through the decoder.": (
            _drawing(lambda mu, *rest: sample(mu.detach(), *rest))
        ),
        "sigma is detached in z: no gradient reaches logvar through the "
        "decoder.": _drawing(
            lambda mu, logvar, eps: sample(mu, logvar.detach(), eps)
        ),
        "mu and logvar are returned detached: the KL has to train them.": (
            _returning(
                lambda logits, *heads: (logits, *[h.detach() for h in heads])
            )
        ),
        "All results are detached: no gradient reaches the encoder. Use no "
        "detach, item or no_grad.": torch.no_grad()(_forward),
    },
    tolerance=0.03,
    sampled=True,
)
