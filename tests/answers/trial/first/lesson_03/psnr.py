"""Answers to psnr, written blind."""

import math

import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right ones


def flat_mean(x, y):
    return -10 * (x - y).square().flatten(1).mean(1).log10()


def image_loop(x, y):
    values = []
    for image, other in zip(x, y):
        mse = ((image - other) ** 2).mean()
        values.append(10 * torch.log10(1 / mse))
    return torch.stack(values)


def by_rmse(clean, noisy):
    n = clean[0].numel()
    rmse = torch.linalg.vector_norm(clean - noisy, dim=(1, 2, 3)) / n**0.5
    return -20 * torch.log10(rmse)


def by_einsum(x, y):
    gap = x - y
    mse = torch.einsum("bchw,bchw->b", gap, gap) / math.prod(x.shape[1:])
    return -10 * mse.log() / math.log(10)


def library_in_double(x, y):
    each = F.mse_loss(x.double(), y.double(), reduction="none")
    mse = each.mean(dim=(1, 2, 3))
    decibels = 10 * (torch.zeros_like(mse) - torch.log10(mse))
    return decibels.to(x.dtype)


# ---------------------------------------------------------------- wrong ones


def whole_batch(x, y):
    mse = F.mse_loss(x, y)
    psnr = 10 * torch.log10(1 / mse)
    return psnr.expand(len(x))


def natural_logarithm(x, y):
    mse = ((x - y) ** 2).mean(dim=(1, 2, 3))
    return 10 * torch.log(1 / mse)


def twenty(x, y):
    max_i = 1.0
    mse = ((x - y) ** 2).mean(dim=(1, 2, 3))
    return 20 * torch.log10(max_i / mse)


def summed(x, y):
    # squared error as in course_lib.losses
    mse = (x - y).square().flatten(1).sum(1)
    return -10 * mse.log10()


def peak_255(img1, img2):
    mse = torch.mean((img1 - img2) ** 2, dim=(1, 2, 3))
    PIXEL_MAX = 255.0
    return 20 * torch.log10(PIXEL_MAX / torch.sqrt(mse))


def negative(x, y):
    mse = (x - y).square().flatten(1).mean(1)
    return 10 * torch.log10(mse)


def own_peak(x, y):
    peak = x.flatten(1).max(dim=1).values
    mse = (x - y).square().flatten(1).mean(1)
    return 10 * torch.log10(peak**2 / mse)


def squeezed(x, y):
    mse = (x - y).square().mean((2, 3), keepdim=True)
    return -10 * mse.log10().squeeze()


def mean_of_logs(x, y):
    error = (x - y).square()
    decibels = -10 * torch.log10(error)
    return decibels.flatten(1).mean(1)


def mean_psnr(x, y):
    mse = (y.clamp(0, 1) - x).square().flatten(1).mean(1)
    return -10 * mse.log10().mean().item()


def variance(x, y):
    residual = (x - y).flatten(1)
    return -10 * torch.log10(residual.var(1, correction=0))


def subtracts_in_place(x, y):
    x -= y
    mse = (x**2).mean(dim=(1, 2, 3))
    return 10 * torch.log10(1.0 / mse)


RIGHT = [
    flat_mean,
    image_loop,
    by_rmse,
    by_einsum,
    library_in_double,
]

WRONG = [
    (
        "takes the mean squared error over the whole batch",
        "All images share one error: the",
        whole_batch,
    ),
    (
        "takes the natural logarithm",
        "Decibels need the logarithm to base",
        natural_logarithm,
    ),
    (
        "writes 20, which belongs to the root of the error",
        "The factor is",
        twenty,
    ),
    (
        "sums over the pixels instead of averaging",
        "You sum over the pixels: take",
        summed,
    ),
    ("takes 255 as the peak, though pixels end at 1", "The peak is", peak_255),
    (
        "wrong sign: the decibels of the error",
        "The sign is turned: a smaller",
        negative,
    ),
    (
        "takes each image's own largest value as the peak",
        "You take the largest pixel of",
        own_peak,
    ),
    (
        "squeezes: a batch of one loses its dimension",
        "Right in the ordinary cases, but",
        squeezed,
    ),
    (
        "takes the logarithm of each pixel's error, then the mean",
        "You take the logarithm of each",
        mean_of_logs,
    ),
    (
        "pastes the lesson's mean_psnr: the mean over images, a Python float",
        r"You return a Python number \(float\),",
        mean_psnr,
    ),
    (
        "takes the variance of the difference: a constant offset is lost",
        "You subtract the mean difference: an",
        variance,
    ),
    (
        "subtracts y from x in place",
        "You change the input x in",
        subtracts_in_place,
    ),
]
