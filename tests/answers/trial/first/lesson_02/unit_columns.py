"""Answers to unit_columns, written blind."""

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def normalize(W):
    return F.normalize(W, p=2, dim=0)


def clamped(W):
    length = W.norm(dim=0, keepdim=True)  # (1, K)
    return W / length.clamp(min=1e-12)


def column_by_column(W):
    columns = []
    for w in W.unbind(dim=1):
        length = torch.linalg.vector_norm(w)
        columns.append(w / length if length > 0 else w)
    return torch.stack(columns, dim=1)


def no_division_by_zero(matrix):
    length = torch.linalg.norm(matrix, dim=0)
    return matrix / torch.where(length == 0, torch.ones_like(length), length)


def by_gram(W):
    V = W.double()
    squares = torch.einsum("dm,dm->m", V, V)
    alive = squares > 0
    inverse = torch.where(alive, squares, 1.0).rsqrt()
    return (V @ torch.diag(inverse)).to(W.dtype)


# ---- wrong -----------------------------------------------------------------


def rows(W):
    lengths = torch.linalg.norm(W, dim=1, keepdim=True)
    return W / lengths.clamp(min=1e-12)


def whole_matrix(W):
    length = W.norm().clamp(min=1e-12)
    return W / length


def squared_length(W):
    sq = (W**2).sum(dim=0)
    return W / sq.clamp(min=1e-12)


def sum_of_absolutes(W):
    total = W.abs().sum(0)
    total[total == 0] = 1
    return W / total


def no_guard(W):
    norms = torch.sqrt((W * W).sum(0))
    return W / norms


def max_norm(W):
    # Keras: constraint = max_norm(1.0), axis 0
    norms = torch.sqrt(torch.sum(W**2, dim=0, keepdim=True))
    desired = norms.clamp(min=1.0)
    return W / desired


def centred(W):
    # scale(W) in R
    W = W - W.mean(dim=0, keepdim=True)
    length = W.norm(dim=0, keepdim=True)
    return W / length.clamp(min=1e-12)


def in_place(W):
    with torch.no_grad():
        W /= W.norm(dim=0).clamp(min=1e-12)
    return W


def length_detached(W):
    with torch.no_grad():
        norms = W.norm(dim=0, keepdim=True).clamp_min(1e-12)
    return W / norms


def broadcast_down(W):
    norms = W.norm(dim=0).clamp(min=1e-12)
    return W / norms[:, None]


def drops_zero_columns(W):
    norms = W.norm(dim=0)
    keep = norms > 0
    return W[:, keep] / norms[keep]


def eps_added(W):
    eps = 1e-3
    return W / (W.norm(dim=0, keepdim=True) + eps)


RIGHT = [
    normalize,
    clamped,
    column_by_column,
    no_division_by_zero,
    by_gram,
]

WRONG = [
    (
        "divides the rows instead of the columns",
        "You divide the rows by their",
        rows,
    ),
    (
        "divides by the length of the whole matrix",
        "You divide by the norm of",
        whole_matrix,
    ),
    (
        "divides by the squared length",
        "You divide by the squared length:",
        squared_length,
    ),
    (
        "divides by the sum of absolute values",
        "You divide by the sum of",
        sum_of_absolutes,
    ),
    (
        "does not guard against 0 / 0: NaN in zero columns",
        "A column of zeros becomes NaN:",
        no_guard,
    ),
    (
        "shortens long columns only, as Keras's max_norm",
        "Columns shorter than",
        max_norm,
    ),
    (
        "subtracts each column's mean first, as scale() in R",
        "You subtract the column's mean: only",
        centred,
    ),
    ("changes W in place", "You change the input W in", in_place),
    (
        "takes the length without gradient: the gradient is wrong",
        "The values are right, but part",
        length_detached,
    ),
    (
        "puts the lengths along the rows: broadcasts the wrong way",
        "Your function raises RuntimeError: The size",
        broadcast_down,
    ),
    (
        "leaves the zero columns out: the shape changes",
        "Right in the ordinary cases, but",
        drops_zero_columns,
    ),
    (
        "adds 0.001 to the length: short columns stay too short",
        "The number that keeps the divisor",
        eps_added,
    ),
]
