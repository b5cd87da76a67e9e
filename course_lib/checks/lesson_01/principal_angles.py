"""Lesson 01: the angles between two subspaces."""

from functools import partial

import torch
from torch import Tensor
from torch.linalg import eigvals, eigvalsh, qr, svdvals

from course_lib.checks.compare import agree
from course_lib.checks.exercise import Exercise
from course_lib.checks.mistake import Mistake

TOLERANCE = 5e-3  # the arccosine near 1 has half of float32's digits


def _subspaces(generator):
    normal = partial(torch.randn, generator=generator)

    def mixing(K):
        """A matrix that makes columns neither orthogonal nor of length 1."""
        U, V = qr(normal(2, K, K)).Q
        return U @ torch.linspace(0.4, 0.9, K).diag() @ V

    def pair(D, angles):
        K = len(angles)
        Q = qr(normal(D, 2 * K)).Q
        other = Q[:, :K] * angles.cos() + Q[:, K:] * angles.sin()
        return {"A": Q[:, :K] @ mixing(K), "B": other @ mixing(K)}

    for D, K in [(20, 3), (15, 2), (12, 4)]:
        u = torch.rand(K, generator=generator)
        yield pair(D, torch.linspace(0.4, 1.3, K) + 0.1 * u)
    yield "for lines, K = 1", pair(10, torch.tensor([0.7]))
    right = torch.tensor([0.0, torch.pi / 2])
    yield "for planes at right angles that share a line", pair(6, right)
    for _ in range(4):  # rounding gives cosines above 1
        yield "for one subspace in two bases", pair(50, torch.zeros(8))


def _angles(A, B):
    """The angles, if the columns of A and those of B are orthonormal."""
    return svdvals(A.mT @ B).clamp(max=1).acos()


def _basis(A):
    return qr(A).Q


def _right(A, B):
    return _angles(_basis(A), _basis(B))


def _measured(f, A, B):
    """What f gives; without the slope where an angle is 0: it is infinite."""
    given, right = f(A, B), _right(A, B).detach()
    if not isinstance(given, Tensor):
        return given
    if given.shape == A.shape[:1]:
        raise Mistake(
            f"You return D = {len(A)} angles, and there are K: each of the K "
            "columns of one basis is multiplied with each of the other. Look "
            "at the shapes of your bases, and of their product."
        )
    meeting = right < 2 * TOLERANCE
    if given.shape == right.shape and _unclamped(f, A, given, right, meeting):
        raise Mistake(
            "NaN where the subspaces meet: rounding makes a cosine a little "
            "larger than 1. Clamp the cosines before the arccosine."
        )
    return given.detach() if meeting.any() else given


def _unclamped(f, A, given, right, meeting):
    """Whether all is right but small angles, some of which are NaN.

    Which of them is rounding's choice.
    """
    nan = given.isnan() & meeting
    if not nan.any() or not agree(given.masked_fill(nan, 0), right, TOLERANCE):
        return False
    apart = A + A.roll(3, 0)
    return agree(f(A, apart), _right(A, apart), TOLERANCE)


def _with(change_a, change_b):
    """Something else in place of bases; clamped or not."""

    def cosines(A, B):
        return svdvals(change_a(A).mT @ change_b(B))

    return [
        lambda A, B: cosines(A, B).clamp(max=1).acos(),
        lambda A, B: cosines(A, B).acos(),
    ]


def _same(A):
    return A


def _unit(A):
    return A / A.norm(dim=0)


def _of_matrix(cosines):
    """What is made of the products of two orthonormal bases, (K, K)."""
    return _sorted_or_not(lambda A, B: cosines(_basis(A).mT @ _basis(B)))


def _sorted_or_not(cosines):
    """The arccosines, of the cosines or of their absolute values."""
    return [
        lambda A, B: cosines(A, B).acos(),
        lambda A, B: cosines(A, B).acos().sort()[0],
        lambda A, B: cosines(A, B).abs().acos(),
        lambda A, B: cosines(A, B).abs().acos().sort()[0],
    ]


def _of_angles(change):
    return lambda A, B: change(_right(A, B))


principal_angles = Exercise(
    """principal_angles(A, B) -> (K,): the angles between two subspaces.

    A, B: (D, K), whose columns span the subspaces (not orthonormal). The
    angles are in radians, in [0, pi/2], the smallest first.
    """,
    cases=_subspaces,
    experiment=_measured,
    answer=_right,
    mistakes={
        "The columns of A and B are not orthonormal: put an orthonormal "
        "basis of each subspace in their place first.": _with(_same, _same),
        "The columns of B are not orthonormal: B needs a basis too.": [
            *_with(_basis, _same),
            *_with(_basis, _unit),
        ],
        "The columns of A are not orthonormal: A needs a basis too.": [
            *_with(_same, _basis),
            *_with(_unit, _basis),
        ],
        "Columns of length 1 are not orthonormal yet: they have to be at "
        "right angles too.": _with(_unit, _unit),
        "You divide by the norm of the whole matrix, and its columns stay as "
        "they are to each other: they have to be orthonormal.": _with(
            lambda A: A / A.norm(), lambda B: B / B.norm()
        ),
        "These are the angles between the columns of A and of B, one by one: "
        "they depend on the bases, not on the subspaces alone.": (
            _sorted_or_not(lambda A, B: (_unit(A) * _unit(B)).sum(0))
        ),
        "You take the diagonal: the cosines are the singular values of the "
        "matrix of products.": _of_matrix(torch.diagonal),
        "You take the arccosine of each product: the cosines are the "
        "singular values of that matrix.": (
            lambda A, B: (_basis(A).mT @ _basis(B)).acos()
        ),
        "You return the cosines of the angles: an arccosine is missing.": (
            _of_angles(torch.cos)
        ),
        "You take the arcsine: the singular values are cosines.": _of_angles(
            lambda angles: angles.cos().asin()
        ),
        "You return the sines of the angles.": _of_angles(torch.sin),
        "You take eigenvalues of the products with their transpose, which "
        "are squares of the cosines: a root is missing.": [
            _of_angles(lambda angles: angles.cos().square().acos()),
            _of_angles(lambda angles: angles.cos().square().acos().flip(0)),
        ],
        "You take eigenvalues: the matrix of products is not symmetric, and "
        "the cosines are its singular values.": [
            *_of_matrix(lambda M: eigvals(M).abs()),
            *_of_matrix(lambda M: eigvals(M).real),
            *_of_matrix(eigvalsh),
        ],
        "You return degrees; return radians, and convert where you print.": (
            _of_angles(torch.rad2deg)
        ),
        "You convert to radians what is in radians already.": _of_angles(
            torch.deg2rad
        ),
        "The angles are right, but not sorted from small to large.": (
            _of_angles(lambda angles: angles.flip(0))
        ),
    },
    gradient=["A", "B"],
    tolerance=TOLERANCE,
)
