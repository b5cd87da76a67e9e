"""Answers to salt_pepper, written blind."""

import torch

# ---------------------------------------------------------------- right ones


def one_uniform(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    return torch.where(u < p / 2, 0.0, torch.where(u < p, 1.0, x))


def mask_assignment(images, p, generator):
    # NumPy style: copy, then write through boolean masks
    out = images.clone()
    hit = torch.rand(images.shape, generator=generator) < p
    salt = torch.rand(images.shape, generator=generator) < 0.5
    out[hit & salt] = 1
    out[hit & ~salt] = 0
    return out


def bernoulli_arithmetic(x, p, generator):
    hit = torch.bernoulli(torch.full_like(x, p), generator=generator)
    value = torch.randint(0, 2, x.shape, generator=generator).to(x.dtype)
    return (1 - hit) * x + hit * value


def pixel_loop(x, p, generator):
    pixels = []
    for pixel in x.reshape(-1):
        u = torch.rand(1, generator=generator).item()
        if u < p / 2:
            pixels.append(torch.zeros_like(pixel))
        elif u < p:
            pixels.append(torch.ones_like(pixel))
        else:
            pixels.append(pixel)
    return torch.stack(pixels).reshape(x.shape)


def three_way_draw(x, p, generator):
    # 0: pepper, 1: salt, 2: leave it
    shares = torch.tensor([p / 2, p / 2, 1 - p], dtype=torch.float64)
    kind = torch.multinomial(
        shares, num_samples=x.numel(), replacement=True, generator=generator
    )
    kind = kind.view_as(x)
    out = x.masked_fill(kind == 0, 0.0)
    return out.masked_fill(kind == 1, 1.0)


# ---------------------------------------------------------------- wrong ones


def p_for_each(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    noisy = x.clone()
    noisy[u < p] = 0.0
    noisy[u > 1 - p] = 1.0
    return noisy


def global_generator(x, p, generator):
    u = torch.rand_like(x)  # below p/2: pepper; above 1 - p/2: salt
    return torch.where(u < p / 2, 0.0, torch.where(u > 1 - p / 2, 1.0, x))


def writes_into_x(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    x[u < p / 2] = 0
    x[u > 1 - p / 2] = 1
    return x


def one_kind_per_image(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    value = torch.randint(0, 2, (len(x), 1, 1, 1), generator=generator)
    value = value.to(x.dtype).expand_as(x)
    return torch.where(hit, value, x)


def one_mask_for_all(x, p, generator):
    height, width = x.shape[-2:]
    u = torch.rand(height, width, generator=generator)
    noisy = torch.where(u < p / 2, 0.0, x)
    return torch.where(u > 1 - p / 2, 1.0, noisy)


def same_uniform_twice(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    hit = u < p
    salt = u < 0.5
    noisy = x.clone()
    noisy[hit & salt] = 1.0
    noisy[hit & ~salt] = 0.0
    return noisy


def reseeds(x, p, generator):
    generator.manual_seed(0)  # reproducible
    u = torch.rand(x.shape, generator=generator)
    return torch.where(u < p / 2, 0.0, torch.where(u > 1 - p / 2, 1.0, x))


def second_over_first(x, p, generator):
    salt = torch.rand(x.shape, generator=generator) < p / 2
    pepper = torch.rand(x.shape, generator=generator) < p / 2
    noisy = torch.where(salt, 1.0, x)
    noisy = torch.where(pepper, 0.0, noisy)
    return noisy


def coordinates_with_replacement(x, p, generator):
    # adapted from a forum: draw coordinates for salt, then for pepper
    out = x.clone()
    flat = out.view(-1)
    num = round(p * x.numel())
    coords = torch.randint(0, x.numel(), (num,), generator=generator)
    salt = torch.rand(num, generator=generator) < 0.5
    flat[coords[salt]] = 1
    flat[coords[~salt]] = 0
    return out


def extremes_of_x(x, p, generator):
    low, high = x.min(), x.max()
    u = torch.rand(x.shape, generator=generator)
    noisy = torch.where(u < p / 2, low, x)
    noisy = torch.where(u > 1 - p / 2, high, noisy)
    return noisy


def only_28(x, p, generator):
    u = torch.rand(len(x), 1, 28, 28, generator=generator)
    y = x.clone()
    y[u < p / 2] = 0.0
    y[u > 1 - p / 2] = 1.0
    return y


def normal_numbers(x, p, generator):
    u = torch.randn(x.shape, generator=generator)
    pepper = u < p / 2
    salt = u > 1 - p / 2
    return torch.where(pepper, 0.0, torch.where(salt, 1.0, x))


RIGHT = [
    one_uniform,
    mask_assignment,
    bernoulli_arithmetic,
    pixel_loop,
    three_way_draw,
]

WRONG = [
    (
        "hits with p for pepper and p for salt, 2p in all",
        "You use p for each of",
        p_for_each,
    ),
    (
        "ignores the generator and draws with rand_like",
        "The generator is ignored: hand it",
        global_generator,
    ),
    (
        "writes the noise into x itself",
        "You change the input x in",
        writes_into_x,
    ),
    (
        "draws salt or pepper once for each image",
        "All hit pixels of an image",
        one_kind_per_image,
    ),
    (
        "uses one and the same mask for all images of the batch",
        "All images of the batch get",
        one_mask_for_all,
    ),
    (
        "decides hit and salt by the same uniform: for p < 1/2 only salt",
        "Every hit pixel becomes white: half",
        same_uniform_twice,
    ),
    (
        "seeds the given generator anew in each call",
        "You give the generator a seed",
        reseeds,
    ),
    (
        "draws salt and pepper independently, so that pepper overwrites salt",
        "You draw once for each colour,",
        second_over_first,
    ),
    (
        "draws p n coordinates with replacement: repeated ones are lost",
        "Share of pixels hit:",
        coordinates_with_replacement,
    ),
    (
        "takes x's own smallest and largest value for 0 and 1",
        "Largest pixel:",
        extremes_of_x,
    ),
    (
        "works for images of 28 x 28 only",
        "Your function raises IndexError: The shape",
        only_28,
    ),
    (
        "draws normal instead of uniform numbers",
        "Share of pixels hit:",
        normal_numbers,
    ),
]
