"""One checker for each exercise of the course.

A lesson calls ``checks.sse(sse)`` after the learner has written ``sse``: it
prints *not attempted yet* or *passed*, or raises a ``Mistake`` that names what
went wrong. An exercise is one table, an ``Exercise``, in its lesson's module.
"""

from course_lib.checks.exercise import Exercise, Mistake
from course_lib.checks.lesson_00 import normal_logpdf, sse, standard_error
from course_lib.checks.lesson_01 import train_step
from course_lib.checks.lesson_01_logit import bce_logit_grad
from course_lib.checks.lesson_01_pca import pca_reconstruct, principal_angles
from course_lib.checks.lesson_02 import topk, unit_columns
from course_lib.checks.lesson_02_rates import dead_units, kl_sparsity
from course_lib.checks.lesson_03 import salt_pepper
from course_lib.checks.lesson_03_psnr import psnr
from course_lib.checks.lesson_03_score import mixture_score, tweedie
from course_lib.checks.lesson_04 import conv_size, receptive_field, tconv_size
from course_lib.checks.lesson_04_shift import shift
from course_lib.checks.lesson_05 import ppca_posterior
from course_lib.checks.lesson_05_bounds import iwae, kl
from course_lib.checks.lesson_05_elbo import elbo
from course_lib.checks.lesson_06 import gaussian_kl, kl_full
from course_lib.checks.lesson_06_reparameterize import reparameterize
from course_lib.checks.lesson_06_score import score_grad
from course_lib.checks.lesson_07 import negative_elbo
from course_lib.checks.lesson_07_forward import vae_forward
from course_lib.checks.lesson_07_grid import prior_grid
from course_lib.checks.lesson_07_slerp import slerp
from course_lib.checks.lesson_08 import bce_normaliser
from course_lib.checks.lesson_08_beta import effective_beta
from course_lib.checks.lesson_08_gaussian import gaussian_nll
from course_lib.checks.lesson_08_mean import continuous_bernoulli_mean
from course_lib.checks.lesson_09 import free_bits, warm_up
from course_lib.checks.lesson_09_evaluation import active_units, log_likelihood

__all__ = [
    "Exercise",
    "Mistake",
    "active_units",
    "bce_logit_grad",
    "bce_normaliser",
    "continuous_bernoulli_mean",
    "conv_size",
    "dead_units",
    "effective_beta",
    "elbo",
    "free_bits",
    "gaussian_kl",
    "gaussian_nll",
    "iwae",
    "kl",
    "kl_full",
    "kl_sparsity",
    "log_likelihood",
    "mixture_score",
    "negative_elbo",
    "normal_logpdf",
    "pca_reconstruct",
    "ppca_posterior",
    "principal_angles",
    "prior_grid",
    "psnr",
    "receptive_field",
    "reparameterize",
    "salt_pepper",
    "score_grad",
    "shift",
    "slerp",
    "sse",
    "standard_error",
    "tconv_size",
    "topk",
    "train_step",
    "tweedie",
    "unit_columns",
    "vae_forward",
    "warm_up",
]
