"""Answers to shift, written blind."""

import torch
import torch.nn.functional as F

# ---------------------------------------------------------------- right ones


def generous_padding(x, dy, dx):
    a, b = abs(dy), abs(dx)
    H, W = x.shape[-2:]
    return F.pad(x, (b, b, a, a))[
        ..., a - dy : a - dy + H, b - dx : b - dx + W
    ]


def roll_then_clear(x, dy, dx):
    H, W = x.shape[2:]
    rows = torch.arange(H) - dy  # where each row came from
    columns = torch.arange(W) - dx
    inside_rows = (rows >= 0) & (rows < H)
    inside_columns = (columns >= 0) & (columns < W)
    keep = inside_rows[:, None] & inside_columns[None, :]
    return torch.roll(x, shifts=(dy, dx), dims=(2, 3)).masked_fill(~keep, 0)


def pixel_loop(images, dy, dx):
    out = torch.zeros_like(images)
    height, width = images.shape[-2], images.shape[-1]
    for i in range(height):
        for j in range(width):
            from_i, from_j = i - dy, j - dx
            if 0 <= from_i < height and 0 <= from_j < width:
                out[:, :, i, j] = images[:, :, from_i, from_j]
    return out


def two_matrices(x, dy, dx):
    i, j = torch.arange(x.shape[2]), torch.arange(x.shape[3])
    down = (i[:, None] == i + dy).to(x.dtype)  # (H, H)
    right = (j[:, None] == j + dx).to(x.dtype)  # (W, W)
    return torch.einsum("ih,bchw,jw->bcij", down, x, right)


def slices(x, dy, dx):
    H, W = x.shape[2], x.shape[3]
    y = torch.zeros_like(x)
    if abs(dy) < H and abs(dx) < W:
        target = (
            slice(max(dy, 0), H + min(dy, 0)),
            slice(max(dx, 0), W + min(dx, 0)),
        )
        source = (
            slice(max(-dy, 0), H - max(dy, 0)),
            slice(max(-dx, 0), W - max(dx, 0)),
        )
        y[:, :, target[0], target[1]] = x[:, :, source[0], source[1]]
    return y


# ---------------------------------------------------------------- wrong ones


def rolls(x, dy, dx):
    return torch.roll(x, shifts=(dy, dx), dims=(2, 3))


def swapped(x, dy, dx):
    H, W = x.shape[-2:]
    m = max(abs(dy), abs(dx))
    padded = F.pad(x, (m, m, m, m))
    top = m - dx
    left = m - dy
    return padded[:, :, top : top + H, left : left + W]


def up_and_left(x, dy, dx):
    H, W = x.shape[-2:]
    m = max(abs(dy), abs(dx))
    padded = F.pad(x, (m, m, m, m))
    return padded[:, :, m + dy : m + dy + H, m + dx : m + dx + W]


def moved_only_forwards(x, dy, dx):
    # the lesson's moved(), with rows
    return F.pad(x, (dx, 0, dy, 0))[..., : x.shape[-2], : x.shape[-1]]


def minus_zero(x, dy, dx):
    out = torch.zeros_like(x)
    rows = x
    if dy >= 0:
        rows = x[:, :, :-dy, :]
    else:
        rows = x[:, :, -dy:, :]
    if dx >= 0:
        part = rows[:, :, :, :-dx]
    else:
        part = rows[:, :, :, -dx:]
    top, left = max(dy, 0), max(dx, 0)
    h, w = part.shape[-2:]
    out[:, :, top : top + h, left : left + w] = part
    return out


def repeats_the_edge(x, dy, dx):
    H, W = x.shape[-2:]
    a, b = abs(dy), abs(dx)
    padded = F.pad(x, (b, b, a, a), mode="replicate")
    return padded[:, :, a - dy : a - dy + H, b - dx : b - dx + W]


def into_x(x, dy, dx):
    H, W = x.shape[-2:]
    a, b = abs(dy), abs(dx)
    padded = F.pad(x, (b, b, a, a)).clone()
    x[:] = padded[:, :, a - dy : a - dy + H, b - dx : b - dx + W]
    return x


def never_cuts(x, dy, dx):
    # left, right, top, bottom
    left, right = max(dx, 0), max(-dx, 0)
    top, bottom = max(dy, 0), max(-dy, 0)
    return F.pad(x, (left, right, top, bottom))


def only_28(x, dy, dx):
    padded = F.pad(x, (28, 28, 28, 28))
    return padded[:, :, 28 - dy : 56 - dy, 28 - dx : 56 - dx]


def one_axis_at_a_time(x, dy, dx):
    if dy != 0:
        return F.pad(x, (0, 0, dy, -dy))
    return F.pad(x, (dx, -dx, 0, 0))


def channels_last(x, dy, dx):
    # (batch, height, width, channels)
    H, W = x.shape[1], x.shape[2]
    a, b = abs(dy), abs(dx)
    padded = F.pad(x, (0, 0, b, b, a, a))
    return padded[:, a - dy : a - dy + H, b - dx : b - dx + W, :]


def affine(x, dy, dx):
    # from a chatbot: translate by a sampling grid
    B, C, H, W = x.shape
    theta = torch.tensor(
        [[1.0, 0.0, -2 * dx / W], [0.0, 1.0, -2 * dy / H]], dtype=x.dtype
    )
    theta = theta.expand(B, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=True)
    return F.grid_sample(x, grid, align_corners=True, padding_mode="zeros")


RIGHT = [
    generous_padding,
    roll_then_clear,
    pixel_loop,
    two_matrices,
    slices,
]

WRONG = [
    (
        "torch.roll: what leaves comes back on the other side",
        "What leaves on one side comes",
        rolls,
    ),
    ("swaps dy and dx", "The axes are swapped: dy goes", swapped),
    (
        "wrong sign: moves up and to the left",
        "The sign is turned: positive dy",
        up_and_left,
    ),
    (
        "the lesson's moved() with rows: wrong for negative shifts",
        "It works for positive shifts alone:",
        moved_only_forwards,
    ),
    (
        "slices with :-0, which is empty: fails for a shift of 0",
        "A shift of",
        minus_zero,
    ),
    (
        "repeats the edge instead of zeros",
        "The free pixels repeat the edge:",
        repeats_the_edge,
    ),
    ("writes the result into x", "You change the input x in", into_x),
    (
        "pads without cutting off: the images grow",
        r"Your result has shape \(",
        never_cuts,
    ),
    ("cuts 28 x 28 whatever the size", r"Your result has shape \(", only_28),
    (
        "moves along one axis only if both shifts are given",
        "Nothing moves right or left: dx",
        one_axis_at_a_time,
    ),
    (
        "takes x as (B, H, W, C), as in Keras",
        r"168 of 288 entries are wrong\.",
        channels_last,
    ),
    (
        "a sampling grid with the wrong unit (2 / W with align_corners): blurs",
        r"240 of 288 entries are wrong\.",
        affine,
    ),
]
