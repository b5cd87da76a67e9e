"""Lesson 04: the output size of a convolution, for both size exercises."""

import math

DEFAULT = "where an argument is left out"
CHANGED_PLACES = (
    "Two of the arguments have changed places: look at which letter stands "
    "for which, and at the order of the arguments."
)


def output_size(n, k, s=1, p=0, d=1, one=1, pads=2, whole=math.floor):
    return whole((n + pads * p - d * (k - 1) - 1) / s + one)
