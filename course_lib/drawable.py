"""What can be drawn, and what to do about the rest."""

import math

import torch

from course_lib.shapes import check_tensor


def check_images(images, name):
    """Raise ValueError unless images (N, C, H, W) can be drawn.

    name: what the caller calls them
    """
    check_tensor(images, name)
    shape = tuple(images.shape)
    if len(shape) != 4 or shape[1] not in (1, 3) or 0 in shape:
        raise ValueError(
            f"{name} must have the shape (N, 1, H, W), grey, or (N, 3, H, W), "
            f"colour; got {shape}. {_shape_advice(shape)}"
        )
    check_finite(images, name)
    low, high = torch.aminmax(images.detach())
    # less than half of one of 256 greys cannot be seen: rounding may do that
    if not (low >= -1 / 512 and high <= 1 + 1 / 512):
        raise ValueError(
            f"{name} must lie in [0, 1]; they reach from {low:.3g} to "
            f"{high:.3g}. images.clamp(0, 1) draws what lies beyond as white "
            f"or black, torch.sigmoid(logits) makes pixels of logits, "
            f"images / 255 brings bytes into it, and "
            f"plotting.signed(images) draws numbers of any sign"
        )


def _shape_advice(shape):
    if 0 in shape:
        return "There is nothing to draw"
    if len(shape) == 3 and shape[0] == 3:
        return (
            "Three grey images get their channel by images.unsqueeze(1); one "
            "in colour becomes a batch of one by images[None]"
        )
    if len(shape) == 3 and shape[0] == 1:
        return "A single image needs a batch of one: images[None]"
    if len(shape) == 3:
        return "Grey images get their channel by images.unsqueeze(1)"
    if len(shape) != 4:
        return "From pixels in rows: images.reshape(-1, 1, height, width)"
    if shape[3] in (1, 3):
        return "The channels come first: images.permute(0, 3, 1, 2)"
    return "One channel: images[:, :1]"


def check_range(pair, name):
    """Return (lowest, highest) as floats, or say what is wrong with it."""
    try:
        low, high = map(float, pair)
    except (TypeError, ValueError, RuntimeError):
        low = high = math.nan
    if not -math.inf < low < high < math.inf:
        raise ValueError(
            f"{name} must be a pair (lowest, highest) of finite numbers, such "
            f"as (-3, 3); got {pair!r}"
        )
    return low, high


def check_finite(x, name):
    """Raise ValueError if a tensor holds NaN or infinity."""
    if not x.isfinite().all():
        raise ValueError(
            f"{name} must be finite; they hold NaN or infinity: did the "
            f"training diverge?"
        )


def described(x):
    """Return what something is, for an error: its type, or its shape."""
    if isinstance(x, torch.Tensor):
        return f"{x.dtype} {tuple(x.shape)}"
    return type(x).__name__
