"""One checker for each exercise of the course.

A lesson calls ``checks.sse(sse)`` after the learner has written ``sse``: it
prints *not attempted yet* or *passed*, or raises a ``Mistake`` that names what
went wrong. An exercise is one table, an ``Exercise``, in its lesson's module.
"""

from course_lib.checks.exercise import Exercise, Mistake
from course_lib.checks.lesson_00 import normal_logpdf, sse, standard_error
from course_lib.checks.lesson_01 import bce_logit_grad, train_step
from course_lib.checks.lesson_01_pca import pca_reconstruct, principal_angles

__all__ = [
    "Exercise",
    "Mistake",
    "bce_logit_grad",
    "normal_logpdf",
    "pca_reconstruct",
    "principal_angles",
    "sse",
    "standard_error",
    "train_step",
]
