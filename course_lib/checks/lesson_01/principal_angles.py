"""Lesson 01: the angles between two subspaces."""

from functools import partial

import torch

from course_lib.checks.exercise import Exercise


def _subspaces(generator):
    normal = partial(torch.randn, generator=generator)
    for D, K in [(20, 3), (15, 2)]:
        A, B = 0.1 * normal(2, D, K).cumsum(2)  # far from orthogonal
        yield {"A": A, "B": B}
    for _ in range(6):  # one subspace twice: rounding gives cosines above 1
        A = normal(50, 8)
        yield {"A": A, "B": A @ normal(8, 8)}


def _angles(A, B):
    """The angles, if the columns of A and those of B are orthonormal."""
    return torch.linalg.svdvals(A.mT @ B).clamp(max=1).acos()


def _basis(A):
    return torch.linalg.qr(A).Q


def _right_angles(A, B):
    return _angles(_basis(A), _basis(B))


def _unclamped(A, B):
    """Which of the small angles become NaN is rounding's choice."""
    angles = _right_angles(A, B)
    return angles.masked_fill(angles < 0.01, torch.nan)


principal_angles = Exercise(
    """principal_angles(A, B) -> (K,): the angles between two subspaces.

    A, B: (D, K), whose columns span the subspaces (not orthonormal). The
    angles are in radians, in [0, pi/2], the smallest first.
    """,
    cases=_subspaces,
    answer=_right_angles,
    mistakes={
        "The columns of A and B are not orthonormal: put an orthonormal "
        "basis of each subspace (qr or svd) in their place first.": [
            _angles,
            lambda A, B: _angles(_basis(A), B),
            lambda A, B: _angles(A, _basis(B)),
            lambda A, B: _angles(A / A.norm(dim=0), B / B.norm(dim=0)),
        ],
        "You return the cosines of the angles: an arccosine is missing.": (
            lambda A, B: _right_angles(A, B).cos()
        ),
        "You return degrees; return radians, and convert where you print.": (
            lambda A, B: _right_angles(A, B).rad2deg()
        ),
        "The angles are right, but not sorted from small to large.": (
            lambda A, B: _right_angles(A, B).flip(0)
        ),
        "NaN where the subspaces meet: rounding makes a cosine a little "
        "larger than 1. Clamp the cosines before the arccosine.": (_unclamped),
    },
    gradient=["A", "B"],
    tolerance=5e-3,
)
