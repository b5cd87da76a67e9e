"""Show that both sides of an equation agree, or fail.

A cell under an equation computes both sides independently and ends in one of
these. ``equal`` is for sides that are exactly equal, ``at_most`` for an
inequality, ``sampled`` for one side that is a mean of random draws.
"""

import torch

TOLERANCE = 1e-8  # of two float64 computations of one quantity
STANDARD_ERRORS = 4  # further away, a mean is off once in 16,000 times


def equal(tag, left, right):
    """Print to how many digits both sides of an equation agree.

    tag: the equation's number, such as "5.11"
    left, right: numbers, or float64 tensors of one shape

    Their distance is taken relative to the right side where that is above
    1 in size, and absolute elsewhere. Errors: AssertionError where it is
    above 1e-8 anywhere, or a side is not finite; ValueError for sides that
    can't be compared.
    """
    left, right = _float64(tag, left), _float64(tag, right)
    _refuse_unlike(tag, left, right)
    distance = (left - right).abs() / right.abs().clamp(min=1)
    if not (distance <= TOLERANCE).all():  # written so that NaN fails too
        place = _worst(distance.nan_to_num(nan=torch.inf))
        raise AssertionError(
            f"({tag}) the sides differ{_where(place)}: left "
            f"{left[place].item():.10g}, right {right[place].item():.10g}"
        )
    largest = distance.max().item()
    agree = f"agree to {largest:.0e}" if largest else "are the same number"
    print(f"({tag}) both sides {agree}")


def at_most(tag, left, right, *, reached=False):
    """Print by how much the left side of an inequality is the smaller one.

    tag: the inequality's number, such as "5.10"
    left, right: numbers, or float64 tensors of one shape; a number is
        compared with every entry of the other side
    reached: the sides must be equal somewhere, too

    Errors: AssertionError where the left side is above the right one by more
    than rounding, 1e-8 as in `equal`, where a side is not finite, or where
    the bound is not reached; ValueError for sides that can't be compared.
    """
    left, right = _float64(tag, left), _float64(tag, right)
    if 0 in (left.dim(), right.dim()):
        left, right = torch.broadcast_tensors(left, right)
    _refuse_unlike(tag, left, right)
    below = right - left
    slack = TOLERANCE * right.abs().clamp(min=1)
    if not (below.isfinite() & (below >= -slack)).all():
        place = _worst((-below / slack).nan_to_num(nan=torch.inf))
        raise AssertionError(
            f"({tag}) the left side is not at most the right{_where(place)}: "
            f"left {left[place].item():.10g}, right {right[place].item():.10g}"
        )
    least, most = below.clamp(min=0).aminmax()
    if reached and not (below <= slack).any():
        raise AssertionError(
            f"({tag}) the sides are equal nowhere: the right side is larger "
            f"by {least:.2g} or more"
        )
    least = 0.0 if reached else least.item()
    span = f"{least:.2g}" + (f" to {most:.2g}" if below.numel() > 1 else "")
    print(f"({tag}) left ≤ right: the right side is larger by {span}")


def sampled(tag, samples, expected):
    """Print how far the mean of samples is from what is expected of it.

    tag: the equation's number, such as "9.7"
    samples: (n, ...), n independent draws of a number or of a tensor
    expected: a number, or a tensor of the shape of one draw

    The distance is given in standard errors of the mean, the largest one of
    several entries. Errors: AssertionError where it is above four;
    ValueError for samples of which no error can be told.
    """
    samples = torch.as_tensor(samples).detach().double()
    expected = torch.as_tensor(expected).detach().double()
    if samples.dim() == 0 or len(samples) < 2:
        raise ValueError(f"({tag}) samples must be two draws or more, (n, …)")
    if samples[0].shape != expected.shape or expected.numel() == 0:
        raise ValueError(
            f"({tag}) one draw has the shape {tuple(samples[0].shape)}, what "
            f"is expected {tuple(expected.shape)}; they must be the same"
        )
    mean, error = samples.mean(0), samples.std(0) / len(samples) ** 0.5
    if not (error > 0).all():
        raise ValueError(
            f"({tag}) some draws are all alike, or not finite, so that their "
            f"mean has no standard error"
        )
    distance = (mean - expected) / error
    place = _worst(distance.abs().nan_to_num(nan=torch.inf))
    numbers = (
        f"mean {mean[place].item():.6g}, expected "
        f"{expected[place].item():.6g}, standard error "
        f"{error[place].item():.2g}"
    )
    if not abs(distance[place]) <= STANDARD_ERRORS:
        raise AssertionError(
            f"({tag}) the mean of {len(samples):,} samples is "
            f"{distance[place].item():+.1f} standard errors from the formula"
            f"{_where(place)}: {numbers}"
        )
    several = f", the furthest of {mean.numel()}" if mean.numel() > 1 else ""
    signed = f"{distance[place].item():+.1f}".replace("-", "−")
    print(
        f"({tag}) {signed} standard errors from the formula{several} "
        f"({numbers})"
    )


def _refuse_unlike(tag, left, right):
    """Raise for two tensors that can't be compared entry by entry."""
    if left.shape != right.shape:
        raise ValueError(
            f"({tag}) the sides have the shapes {tuple(left.shape)} and "
            f"{tuple(right.shape)}; compare like with like"
        )
    if left.numel() == 0:
        raise ValueError(f"({tag}) there is nothing to compare: no entries")


def _float64(tag, side):
    """Return a side as a tensor; refuse the digits that float32 lacks."""
    if isinstance(side, torch.Tensor) and side.is_floating_point():
        if side.dtype != torch.float64:
            raise ValueError(
                f"({tag}) a side is {side.dtype}, which has too few digits "
                f"for this comparison: compute it in float64, from x.double()"
            )
        return side.detach().cpu()
    return torch.as_tensor(side, dtype=torch.float64).cpu()


def _worst(distance):
    """Return the place of the largest entry, as an index."""
    flat = distance.flatten().argmax()
    return tuple(int(i) for i in torch.unravel_index(flat, distance.shape))


def _where(place):
    return f" at {list(place)}" if place else ""
