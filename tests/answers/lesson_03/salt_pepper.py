"""Answers to salt_pepper, in forms that learners write."""

import numpy as np
import torch


def noise_where(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    noisy = torch.where(u < p / 2, torch.zeros_like(x), x)
    return torch.where(u > 1 - p / 2, torch.ones_like(x), noisy)


def noise_masked(x, p, generator):
    noisy = x.clone()
    hit = torch.rand(x.shape, generator=generator) < p
    coins = torch.randint(2, x.shape, generator=generator).to(x)
    noisy[hit] = coins[hit]
    return noisy


def noise_bernoulli(x, p, generator):
    hit = torch.bernoulli(torch.full_like(x, p), generator=generator)
    coin = torch.bernoulli(torch.full_like(x, 0.5), generator=generator)
    return x * (1 - hit) + coin * hit


def noise_loop(x, p, generator):
    return torch.stack([noise_where(image, p, generator) for image in x])


def noise_both_kinds(x, p, generator):
    u = torch.rand_like(x, generator=generator)
    return torch.where(u < p, 0.0, torch.where(u > 1 - p, 1.0, x))


def noise_two_masks(x, p, generator):
    salt = torch.rand(x.shape, generator=generator) < p
    pepper = torch.rand(x.shape, generator=generator) < p
    return x.masked_fill(salt, 1.0).masked_fill(pepper, 0.0)


def noise_one_mask(x, p, generator):
    hit = torch.rand(x.shape[1:], generator=generator) < p
    coin = torch.rand(x.shape, generator=generator) < 0.5
    return torch.where(hit, coin.to(x), x)


def noise_global(x, p, generator):
    hit = torch.rand_like(x) < p
    return torch.where(hit, (torch.rand_like(x) < 0.5).to(x), x)


def noise_numpy(x, p, generator):
    hit = torch.from_numpy(np.random.rand(*x.shape) < p)
    coin = torch.from_numpy(np.random.rand(*x.shape) < 0.5)
    return torch.where(hit, coin.to(x), x)


def noise_in_place(x, p, generator):
    x[torch.rand(x.shape, generator=generator) < p] = 0.0
    return x


def noise_salt_only(x, p, generator, value=1.0):
    return x.masked_fill(torch.rand(x.shape, generator=generator) < p, value)


def noise_negative(x, p, generator):
    return torch.where(torch.rand(x.shape, generator=generator) < p, 1 - x, x)


def noise_colour(x, p, generator):
    noisy = []
    for image in x:
        colour = float(torch.rand(1, generator=generator) < 0.5)
        noisy.append(noise_salt_only(image, p, generator, colour))
    return torch.stack(noisy)


def noise_pixels(x, p, generator):
    noisy = x.clone().flatten()
    for i in range(noisy.numel()):
        if torch.rand((), generator=generator) < p:
            noisy[i] = float(torch.rand((), generator=generator) < 0.5)
    return noisy.view_as(x)


def noise_added(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    coin = torch.rand(x.shape, generator=generator) < 0.5
    return x + hit * (2.0 * coin - 1)


RIGHT = [
    noise_where,
    noise_masked,
    noise_bernoulli,
    noise_loop,
    noise_pixels,
]

WRONG = [
    ("each of the two kinds", noise_both_kinds),
    ("each of the two kinds", noise_two_masks),
    ("same mask", noise_one_mask),
    ("in place", noise_in_place),
    ("generator is ignored", noise_global),
    ("generator is ignored|same result", noise_numpy),
    ("becomes white", noise_salt_only),
    ("becomes black", lambda *inputs: noise_salt_only(*inputs, value=0.0)),
    ("turned round", noise_negative),
    ("one colour", noise_colour),
    ("half of the pixels", lambda x, p, g: noise_where(x, p / 2, g)),
    ("whatever it was", noise_added),
    (
        "should stay",
        lambda x, p, g: noise_where(x, 1 - p, g),
    ),
    (
        "generator of your own",
        lambda x, p, g: noise_where(x, p, torch.Generator()),
    ),
    ("gradient", torch.no_grad()(noise_masked)),
    ("neither 0 nor 1", lambda x, p, g: x + p * torch.rand_like(x)),
]
