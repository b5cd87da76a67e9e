"""Schematic drawings of models, for lessons and slides.

Each function draws a figure of its own, in the course's colours, and returns
its axes. Images are single ones, (1, H, W), in [0, 1].
"""

from course_lib.diagrams.autoencoders import (
    autoencoder,
    convolutional_autoencoder,
    denoising_autoencoder,
    sparse_autoencoder,
)
from course_lib.diagrams.latent_variables import (
    decoder_distribution,
    evidence_bars,
    latent_variable_model,
)
from course_lib.diagrams.variational import (
    sampling_graphs,
    variational_autoencoder,
)

__all__ = [
    "autoencoder",
    "convolutional_autoencoder",
    "decoder_distribution",
    "denoising_autoencoder",
    "evidence_bars",
    "latent_variable_model",
    "sampling_graphs",
    "sparse_autoencoder",
    "variational_autoencoder",
]
