"""Answers to salt_pepper, written blind."""

import torch


def two_draws(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    white = torch.randint(0, 2, x.shape, generator=generator)
    result = x.clone()
    result[hit] = white[hit].to(x.dtype)
    return result


def three_outcomes(images, p, generator):
    """0: pepper, 1: salt, 2: the pixel stays."""
    chances = torch.tensor([p / 2, p / 2, 1 - p])
    outcome = torch.multinomial(
        chances, images.numel(), replacement=True, generator=generator
    ).view(images.shape)
    options = torch.stack(
        [torch.zeros_like(images), torch.ones_like(images), images]
    )
    return options.gather(0, outcome[None])[0]


def both_with_p(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    y = torch.where(u < p, 0.0, x)
    y = torch.where(u > 1 - p, 1.0, y)
    return y


def same_u_again(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    hit = u < p
    salt = (u < 0.5).to(x.dtype)
    return torch.where(hit, salt, x)


def one_pattern(x, p, generator):
    u = torch.rand(x.shape[1:], generator=generator)
    pepper = u < p / 2
    salt = u > 1 - p / 2
    out = x.masked_fill(pepper, 0.0)
    return out.masked_fill(salt, 1.0)


def salt_after_pepper(x, p, generator):
    pepper = torch.rand(x.shape, generator=generator) < p / 2
    out = torch.where(pepper, 0.0, x)
    salt = torch.rand(x.shape, generator=generator) < p / 2
    out = torch.where(salt, 1.0, out)
    return out


def grey(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    noise = torch.rand(x.shape, generator=generator).to(x.dtype)
    return torch.where(hit, noise, x)


def global_coin(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    coin = torch.rand_like(x) < 0.5
    return torch.where(hit, coin.to(x.dtype), x)


RIGHT = [
    two_draws,
    three_outcomes,
]

WRONG = [
    (
        "p for pepper and p again for salt, so 2p of the pixels are hit",
        "You use p for each of",
        both_with_p,
    ),
    (
        "decides between salt and pepper by the same number that decided the hit, so for p <= 0.5 there is only salt",
        "Every hit pixel becomes white: half",
        same_u_again,
    ),
    (
        "draws one noise pattern and puts it on all images of the batch",
        "All images of the batch get",
        one_pattern,
    ),
    (
        "pepper first, then salt by a second independent draw that also overwrites pepper: fewer than p are hit, and more salt than pepper",
        "You draw once for each colour,",
        salt_after_pepper,
    ),
    (
        "a hit pixel becomes a random grey value instead of 0 or 1",
        "A hit pixel becomes any number",
        grey,
    ),
    (
        "draws salt or pepper from the global generator",
        "The generator is ignored: hand it",
        global_coin,
    ),
]
